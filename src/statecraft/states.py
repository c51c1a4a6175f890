"""States: declared in a class body, and the same when they are read later."""

from __future__ import annotations

import sys
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from statecraft.arrows import Arrow, Sources, target_of_arrow
from statecraft.errors import UnknownState
from statecraft.places import Place, place_of_caller
from statecraft.predicates import Labelled, conditions_from, flag_of, guards_from, mapping_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from typing import Self

    from statecraft.predicates import Guards, Tests
    from statecraft.transitions import TransitionSpec

    Hook = TypeVar("Hook", bound=Callable[..., Any])

HOOK_MARK = (
    "__workflow_hooks__"  # on a function: the (direction, state) pairs it was decorated with
)
_NAMED_LATER: Any = object()
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class State(Labelled, Sources):
    """A state of a workflow: declared in a class body, and the same when it is read later.

    ``value`` is what gets stored, any hashable (default: the name); ``was`` lists older values that
    mean this state as well: they are read, and written anew by the next transition; ``meta`` is a
    mapping for your own use; ``label`` a text for people, lazily translated if you like; a
    ``final`` state is left by no event. For equality and hash a state is its name:
    ``state == "accepted"``. A state inside of a compound has a qualified one:
    ``"under_review.legal"``; ``parent`` is the compound. What a compound has inside are its
    ``states``, by the names that they have there; it may have a ``history``.
    """

    __slots__ = (
        "_label",
        "_spans",
        "entry_hook",
        "events",
        "exit_hook",
        "final",
        "history",
        "meta",
        "name",
        "owner",
        "parent",
        "states",
        "value",
        "value_is_name",
        "was",
        "written",
    )
    name: str
    value: Hashable
    was: tuple[Hashable, ...]
    meta: Mapping[str, Any]
    final: bool
    events: Mapping[str, tuple[TransitionSpec, ...]]
    entry_hook: str | None
    exit_hook: str | None
    owner: type | None
    parent: State | None
    value_is_name: bool
    written: Place | str | None
    _label: object
    _spans: Mapping[str, tuple[int, int]]
    states: Mapping[str, State]
    history: bool

    def __init__(
        self,
        value: Hashable = _NAMED_LATER,
        *,
        was: Iterable[Hashable] = (),
        meta: Mapping[str, Any] | None = None,
        label: object = None,
        final: bool = False,
    ) -> None:
        self._write(
            name="",
            value=None if value is _NAMED_LATER else value,
            value_is_name=value is _NAMED_LATER,
            was=(was,) if isinstance(was, str) else tuple(was),
            meta=mapping_of(meta),
            final=flag_of("final", final),
            events=_NOTHING,
            entry_hook=None,
            exit_hook=None,
            owner=None,
            parent=None,
            states=_NOTHING,
            history=False,
            written=place_of_caller(),
            _label=label,
            _spans=_NOTHING,
        )

    def __set_name__(self, owner: type, name: str) -> None:
        if not self.name:
            self._write(name=name)

    def named(self, name: str, **changes: object) -> Self:
        """Return a copy of this name, with other changes: a state of one spec."""
        copy = object.__new__(type(self))
        write = object.__setattr__
        for field in State.__slots__:
            write(copy, field, getattr(self, field))
        if self.value_is_name:
            write(copy, "value", name)
        copy._write(name=name, **changes)
        return copy

    def join(
        self, spans: Mapping[str, tuple[int, int]], events: dict[str, tuple[TransitionSpec, ...]]
    ) -> None:
        """Take its place in a spec, which is making it: called once."""
        self._write(_spans=spans, events=MappingProxyType(events))

    @property
    def identifier(self) -> str:
        """The name as methods and hooks have it in theirs: ``is_under_review_legal``."""
        return self.name.replace(".", "_")

    @property
    def subtree(self) -> tuple[State, ...]:
        """Itself, and all states inside of it, each before those inside of that."""
        return (self,)

    @property
    def leaves(self) -> tuple[State, ...]:
        """The states in which an object can be that is in this one."""
        return (self,)

    @property
    def initial_leaf(self) -> State:
        """The state in which an object is that enters this one, unless a history knows better."""
        return self

    @property
    def path(self) -> tuple[State, ...]:
        """The compounds that it is in, the outermost first, and itself."""
        return (self,) if self.parent is None else (*self.parent.path, self)

    @property
    def stored_values(self) -> tuple[Hashable, ...]:
        """The values that mean this state: its own, and those that it had before."""
        return (self.value, *self.was)

    @property
    def place(self) -> str | None:
        """Where it was declared: ``file.py:12``, or a path in the data it came from."""
        return None if self.written is None else str(self.written)

    def on_done(
        self,
        target: State | str,
        *,
        if_: Tests = None,
        unless: Tests = None,
        guard: Guards = None,
    ) -> Arrow:
        """Draw the arrow of an event that fires by itself when a compound has come to its end.

        It fires right after the transition that entered a final state inside of the compound, in
        the same transaction, unless its conditions or guards say no.
        """
        tests = conditions_from(if_, unless), guards_from(guard)
        return Arrow(self, target_of_arrow(target), *tests, on_done=True)

    def on_entry(self, hook: Hook) -> Hook:
        """Make the decorated method run after this state is entered."""
        return self._mark("entry", hook)

    def on_exit(self, hook: Hook) -> Hook:
        """Make the decorated method run before this state is left."""
        return self._mark("exit", hook)

    def _mark(self, direction: str, hook: Hook) -> Hook:
        marks = getattr(hook, HOOK_MARK, ())
        hook.__dict__[HOOK_MARK] = (*marks, (direction, self))
        return hook

    def _span(self, state: State | str) -> tuple[int, int]:
        if not self.name:
            message = (
                "states are compared when their class exists; an arrow is drawn by new.to(done)"
            )
            raise TypeError(message)
        name = state.name if isinstance(state, State) else state
        if name not in self._spans:
            owner = self.owner.__name__ if self.owner is not None else "this workflow"
            raise UnknownState(name, known=tuple(self._spans), workflow_name=owner)
        return self._spans[name]

    def between(self, first: State | str, last: State | str) -> bool:
        """Whether it was declared from ``first`` to ``last``, both included."""
        return self >= first and self <= last

    # A compound reaches from the first of its leaves to the last: what is inside of it is neither
    # less nor greater.

    def __lt__(self, other: State | str) -> bool:
        return self._span(self)[1] < self._span(other)[0]

    def __le__(self, other: State | str) -> bool:
        return not self > other

    def __gt__(self, other: State | str) -> bool:
        return self._span(self)[0] > self._span(other)[1]

    def __ge__(self, other: State | str) -> bool:
        return not self < other

    def __eq__(self, other: object) -> bool:
        if isinstance(other, State):
            return self.name == other.name if self.name else self is other
        if isinstance(other, str):
            return self.name == other
        if isinstance(type(other), type(Enum)):
            message = (
                f"the state {self.name!r} is compared with {other!r}, which it can never equal:"
                " compare its value, or compare it with a name or a State"
            )
            raise TypeError(message)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def __bool__(self) -> NoReturn:
        who = f"the state {self.name!r}" if self.name else "a State"
        message = (
            f"{who} has no truth value: every state would be true."
            f" Ask the object: is_{self.identifier or '<state>'}()"
        )
        raise TypeError(message)

    def __str__(self) -> str:
        return self.name

    def __format__(self, specification: str) -> str:
        return format(self.name, specification)

    def __repr__(self) -> str:
        return f"<State {self.name or '(not named yet)'}>"

    def __reduce__(self) -> tuple[Callable[..., State], tuple[Any, ...]]:
        details = (
            self.name,
            self.value,
            self.was,
            dict(self.meta),
            self._label,
            self.final,
            dict(self._spans),
        )
        return _state_again, (importable(self.owner), *details)


def importable(owner: type | None) -> type | None:
    """Return the class if pickle can name it; one made in a function it cannot."""
    if owner is None:
        return None
    found: Any = sys.modules.get(owner.__module__)
    for part in owner.__qualname__.split("."):
        found = getattr(found, part, None)
    return owner if found is owner else None


def _state_again(  # noqa: PLR0917 - pickle passes what __reduce__ returned
    owner: Any,
    name: str,
    value: Hashable,
    was: tuple[Hashable, ...],
    meta: dict[str, Any],
    label: object,
    final: bool,  # noqa: FBT001 - as above
    spans: dict[str, tuple[int, int]],
) -> State:
    if owner is not None and name in owner.workflow_spec.states:
        known: State = owner.workflow_spec.states[name]
        return known
    state = State(value, was=was, meta=meta, label=label, final=final).named(name)
    state.join(spans, {})
    return state
