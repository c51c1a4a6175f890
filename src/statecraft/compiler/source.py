"""The text of one generated function: lines in blocks, and the constants that they name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable
    from types import TracebackType

    from statecraft.signatures import Signature
    from statecraft.states import State

_LITERAL_TYPES = (str, int, bool, type(None))  # what reads best as it is written
_INLINED = frozenset({"event", "expected", "state", "value"})  # hashable, and never called


class Source:
    """Lines of Python, written one below the other; ``with source.block(...)`` indents them.

    Constants go by the order in which they are first used, so that functions which differ in
    nothing else have the same text, and are compiled once. ``shown`` says how people read them.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indent = ""
        self._opened: list[str] = []
        self.constants: dict[str, Any] = {}  # by global name
        self.inlined: dict[Any, Any] = {}  # by the text that holds their place in the code
        self.shown: dict[str, str] = {}
        self._names: dict[tuple[str, object], str] = {}

    def add(self, *lines: str) -> None:
        """Write lines at the present depth."""
        for line in lines:
            self._lines.append(self._indent + line)

    def block(self, head: str) -> Source:
        """Write the line that opens a block; what is written inside ``with`` belongs to it."""
        self._lines.append(self._indent + head)
        self._opened.append("    ")
        return self

    def block_if(self, needed: object, head: str) -> Source:
        """Write a block, or the same lines without one."""
        if needed:
            return self.block(head)
        self._opened.append("")
        return self

    def __enter__(self) -> None:
        self._indent += self._opened[-1]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._indent = self._indent.removesuffix(self._opened.pop())

    def constant(self, kind: str, value: object, shown: str) -> str:
        """Return the code for ``value``; people read ``shown`` in its place."""
        key = (kind, id(value))
        if key not in self._names:
            name = f"_{kind}_{len(self._names) + 1}"
            inlined = kind in _INLINED
            (self.inlined if inlined else self.constants)[name] = value
            self._names[key] = repr(name) if inlined else name
            self.shown[name] = shown
        return self._names[key]

    def value(self, state: State) -> str:
        """Return the code for the stored value of a state."""
        return self._stored(state.value, state)

    def tests(self, state: State, expected: tuple[Hashable, ...]) -> list[str]:
        """Return the code that asks for each of the stored values that mean a state."""
        return [
            "_value is None" if value is None else f"_value == {self._stored(value, state)}"
            for value in expected
        ]

    def _stored(self, value: Hashable, state: State) -> str:
        literal = type(value) in _LITERAL_TYPES
        shown = repr(value) if literal else f"_value_{state.name}"
        return self.constant("value", value, shown)

    def state(self, state: State) -> str:
        """Return the code for a State of the spec."""
        return self.constant("state", state, f"_state_{state.name}")

    @property
    def text(self) -> str:
        """What is compiled."""
        return "\n".join(self._lines) + "\n"


def readable(text: str, shown: dict[str, str]) -> str:
    """Return ``text`` with its constants as people want to read them."""
    constant = r"'(_[a-z]+_\d+)'|\b_[a-z]+_\d+\b"
    return re.sub(constant, lambda match: shown.get(match[1] or match[0], match[0]), text)


class Parameters:
    """The arguments of one event: how its functions declare them, and how they are passed on."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.names = frozenset(signature.names)

    def declared(self, source: Source, *, optional: bool = False) -> str:
        """Return the parameters as a ``def`` writes them; ``optional`` ones may be missing.

        The defaults stand in the ``def``: Python 3.13 never again calls a function fast whose
        defaults were assigned afterwards.
        """
        signature = self.signature
        defaults = self._defaults(source)

        def written(name: str) -> str:
            default = defaults.get(name, "_missing" if optional else None)
            return name if default is None else f"{name}={default}"

        parts = ["self"]
        if signature.positional_only == 1:
            parts.append("/")
        for position, name in enumerate(signature.positional[1:], start=1):
            parts.append(written(name))
            if position + 1 == signature.positional_only:
                parts.append("/")
        if signature.variadic:
            parts.append(f"*{signature.variadic}")
        elif signature.keyword_only:
            parts.append("*")
        parts += [written(name) for name in signature.keyword_only]
        if signature.keywords:
            parts.append(f"**{signature.keywords}")
        return ", ".join(parts)

    def _defaults(self, source: Source) -> dict[str, str]:
        signature = self.signature
        defaults = dict(signature.keyword_defaults or {})
        with_default = signature.positional[signature.required :]
        defaults.update(zip(with_default, signature.positional_defaults, strict=True))
        return {
            name: source.constant("default", default, repr(default))
            for name, default in defaults.items()
        }

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
