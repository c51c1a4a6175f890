"""The text of generated functions: lines, indented by the blocks that they stand in."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FunctionType

    from statecraft.signatures import Signature


_REQUIRED = object()


class Source:
    """Lines of Python, written one below the other."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._indent = ""

    def add(self, *lines: str) -> None:
        """Write lines at the present depth."""
        self.lines += [self._indent + line for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write the line that opens a block; what is written inside belongs to it."""
        self.add(head)
        outer = self._indent
        self._indent += "    "
        yield
        self._indent = outer

    @contextmanager
    def block_if(self, needed: object, head: str) -> Iterator[None]:
        """Write a block, or the same lines without one."""
        if needed:
            with self.block(head):
                yield
        else:
            yield

    @property
    def text(self) -> str:
        """All that was written."""
        return "\n".join(self.lines) + "\n"


class Parameters:
    """The arguments of one event: how its functions declare them, and how they are passed on."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.names = frozenset(signature.names)

    def declared(self, *, optional: bool = False) -> str:
        """Return the parameters as a ``def`` writes them; ``fit`` puts in the real defaults."""
        signature = self.signature
        defaults = signature.keyword_defaults or {}
        parts = ["self"]
        if signature.positional_only == 1:
            parts.append("/")
        for position, name in enumerate(signature.positional[1:], start=1):
            has_default = optional or position >= signature.required
            parts.append(f"{name}=None" if has_default else name)
            if position + 1 == signature.positional_only:
                parts.append("/")
        if signature.variadic:
            parts.append(f"*{signature.variadic}")
        elif signature.keyword_only:
            parts.append("*")
        for name in signature.keyword_only:
            parts.append(f"{name}=None" if optional or name in defaults else name)
        if signature.keywords:
            parts.append(f"**{signature.keywords}")
        return ", ".join(parts)

    def fit(self, function: FunctionType, *, missing: object = _REQUIRED) -> None:
        """Give ``function`` the defaults of the signature, and ``missing`` where it has none."""
        signature = self.signature
        defaults, keyword_defaults = signature.positional_defaults, signature.keyword_defaults or {}
        if missing is not _REQUIRED:
            required = len(signature.positional[1:]) - len(defaults)
            defaults = (missing,) * max(required, 0) + defaults
            keyword_defaults = dict.fromkeys(signature.keyword_only, missing) | keyword_defaults
        function.__defaults__ = defaults or None
        function.__kwdefaults__ = keyword_defaults or None

    @property
    def passed(self) -> str:
        """The arguments of a call that passes all of them on."""
        signature = self.signature
        parts = ["self", *signature.positional[1:]]
        parts += [f"*{signature.variadic}"] if signature.variadic else []
        parts += [f"{name}={name}" for name in signature.keyword_only]
        parts += [f"**{signature.keywords}"] if signature.keywords else []
        return ", ".join(parts)

    @property
    def args(self) -> str:
        """The code of a tuple of the positional arguments."""
        signature = self.signature
        parts = list(signature.positional[1:])
        parts += [f"*{signature.variadic}"] if signature.variadic else []
        return f"({', '.join(parts)},)" if parts else "()"

    @property
    def kwargs(self) -> str:
        """The code of a dictionary of the keyword-only arguments."""
        signature = self.signature
        parts = [f"{name!r}: {name}" for name in signature.keyword_only]
        parts += [f"**{signature.keywords}"] if signature.keywords else []
        return f"{{{', '.join(parts)}}}"
