"""The text of one generated function: lines in blocks, and the constants that they name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from statecraft.bundles import Bundle

if TYPE_CHECKING:
    from collections.abc import Hashable
    from types import TracebackType
    from typing import TypeAlias

    from statecraft.signatures import Signature
    from statecraft.states import State

    Fact: TypeAlias = tuple[str, Any, str]  # a kind, a value of it, and how people read it

_LITERAL_TYPES = (str, int, bool, type(None))  # what reads best as it is written
_INLINED = frozenset({"event", "expected", "state", "value"})  # hashable, and never called


def fact_of_function(name: str) -> Fact:
    """Return what a text calls its function: a name that the function does not keep."""
    return "function", None, name


def fact_of_event(name: str) -> Fact:
    """Return the name of an event, as a constant."""
    return "event", name, repr(name)


def fact_of_handler(name: str, handler: object) -> Fact:
    """Return the handler of an event, as a constant."""
    return "handler", handler, f"_handle_{name}"


def fact_of_answers(name: str, table: dict[Hashable, bool]) -> Fact:
    """Return whether an event leaves a state, by the stored value, as a constant."""
    return "answers", table, f"_answers_{name}"


def fact_of_value(value: Hashable, state: State) -> Fact:
    """Return a stored value of a state, as a constant."""
    literal = type(value) in _LITERAL_TYPES
    return "value", value, repr(value) if literal else f"_value_{state.identifier}"


def fact_of_state(state: State) -> Fact:
    """Return a State of the spec, as a constant."""
    return "state", state, f"_state_{state.identifier}"


def fact_of_expected(state: State, expected: tuple[Hashable, ...]) -> Fact:
    """Return the stored values that mean a state, as a constant."""
    return "expected", expected, f"_expected_{state.identifier}"


class Source:
    """Lines of Python, written one below the other; ``with source.block(...)`` indents them.

    Constants go by the order in which they are first used, so that functions which differ in
    nothing else have the same text, and are compiled once.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indent = ""
        self._opened: list[str] = []
        self._facts: dict[str, Fact] = {}  # by the name that holds their place in the text
        self._codes: dict[tuple[str, int], str] = {}

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
        if key not in self._codes:
            name = f"_{kind}_{len(self._codes) + 1}"
            self._facts[name] = (kind, value, shown)
            self._codes[key] = repr(name) if kind in _INLINED else name
        return self._codes[key]

    def value(self, state: State) -> str:
        """Return the code for the stored value of a state."""
        return self.constant(*fact_of_value(state.value, state))

    def tests(self, state: State, expected: tuple[Hashable, ...]) -> list[str]:
        """Return the code that asks for each of the stored values that mean a state."""
        return [
            "_value is None"
            if value is None
            else f"_value == {self.constant(*fact_of_value(value, state))}"
            for value in expected
        ]

    def state(self, state: State) -> str:
        """Return the code for a State of the spec."""
        return self.constant(*fact_of_state(state))

    @property
    def text(self) -> str:
        """What is compiled."""
        return "\n".join(self._lines) + "\n"

    @property
    def written(self) -> Written:
        """The text together with its constants."""
        return Written(text=self.text, places=tuple(self._facts), facts=(*self._facts.values(),))


class Written(Bundle):
    """The text of a function, and the facts that its ``places`` stand for."""

    text: str
    places: tuple[str, ...]
    facts: tuple[Fact, ...]

    def readable(self) -> str:
        """Return the text with its constants as people want to read them."""
        shown = {place: fact[2] for place, fact in zip(self.places, self.facts, strict=True)}
        place = r"'(_[a-z]+_\d+)'|\b_[a-z]+_\d+\b"
        return re.sub(place, lambda match: shown.get(match[1] or match[0], match[0]), self.text)


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
