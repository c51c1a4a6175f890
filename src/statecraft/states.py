"""States, and the arrows that are drawn between them in a class body."""

from __future__ import annotations

import sys
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from statecraft.errors import UnknownState
from statecraft.places import Place, place_of_caller
from statecraft.predicates import (
    Condition,
    Frozen,
    Guard,
    Labelled,
    conditions_from,
    guards_from,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    from statecraft.predicates import Guards, Tests
    from statecraft.transitions import TransitionSpec

    Hook = TypeVar("Hook", bound=Callable[..., Any])

HOOK_MARK = (
    "__workflow_hooks__"  # on a function: the (direction, state) pairs it was decorated with
)
_NAMED_LATER: Any = object()
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Arrow(Frozen):
    """What ``new.to(awaiting_review)`` says: from where, to where, under which conditions.

    ``sources`` are states or their names; ``target`` is ``None`` for an internal transition.
    """

    __slots__ = ("conditions", "guards", "sources", "target")
    sources: Sources
    target: State | str | None
    conditions: tuple[Condition, ...]
    guards: tuple[Guard, ...]

    def __init__(
        self,
        sources: Sources,
        target: State | str | None,
        conditions: tuple[Condition, ...],
        guards: tuple[Guard, ...],
    ) -> None:
        self._write(sources=sources, target=target, conditions=conditions, guards=guards)

    def __repr__(self) -> str:
        target = "itself" if self.target is None else self.target
        return f"<transition {self.sources!r} -> {target}>"


class Sources(Frozen):
    """Where an arrow may start: a state, a union of states, or ``ANY``."""

    __slots__ = ()

    def to(
        self,
        target: State | str,
        *,
        if_: Tests = None,
        unless: Tests = None,
        guard: Guards = None,
    ) -> Arrow:
        """Draw an arrow to ``target``: a state, or the name of a later or inherited one.

        ``if_`` and ``unless`` are names of attributes or methods, or callables on the object,
        one or several; ``guard`` is a ``Guard`` or a list of them.
        """
        if not isinstance(target, (State, str)):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"the target of a transition is a State or its name, not {target!r}"
            raise TypeError(message)
        return Arrow(self, target, conditions_from(if_, unless), guards_from(guard))

    def internal(self, *, if_: Tests = None, unless: Tests = None, guard: Guards = None) -> Arrow:
        """Draw an internal transition: it runs the handler, leaves nothing and enters nothing."""
        return Arrow(self, None, conditions_from(if_, unless), guards_from(guard))

    def __or__(self, other: Sources | str) -> StateUnion:
        return StateUnion((*_members(self), *_members(other)))

    def __ror__(self, other: str) -> StateUnion:
        return StateUnion((*_members(other), *_members(self)))


def _members(sources: Sources | str) -> tuple[State | str, ...]:
    if isinstance(sources, StateUnion):
        return sources.members
    if isinstance(sources, (State, str)):
        return (sources,)
    message = f"only states and their names can be united by |, not {sources!r}"
    raise TypeError(message)


class StateUnion(Sources):
    """``a | b``: an arrow from it starts at each of its members."""

    __slots__ = ("members",)
    members: tuple[State | str, ...]

    def __init__(self, members: tuple[State | str, ...]) -> None:
        self._write(members=members)

    def __repr__(self) -> str:
        return " | ".join(map(str, self.members))


class AnyState(Sources):
    """``ANY``: every state that is not final and not the target, less the exceptions."""

    __slots__ = ("exceptions",)
    exceptions: tuple[State | str, ...]

    def __init__(self, exceptions: tuple[State | str, ...] = ()) -> None:
        self._write(exceptions=exceptions)

    def except_(self, *exceptions: State | StateUnion | str) -> AnyState:
        """Return the same without these states."""
        members = [member for one in exceptions for member in _members(one)]
        return AnyState((*self.exceptions, *members))

    def __repr__(self) -> str:
        excepted = ", ".join(map(str, self.exceptions))
        return f"ANY.except_({excepted})" if excepted else "ANY"


ANY = AnyState()


class State(Labelled, Sources):
    """A state of a workflow: declared in a class body, and the same when it is read later.

    ``value`` is what gets stored, any hashable (default: the name); ``was`` lists older values that
    mean this state as well: they are read, and written anew by the next transition; ``meta`` is a
    mapping for your own use; ``label`` a text for people, lazily translated if you like; a
    ``final`` state is left by no event. For equality and hash a state is its name:
    ``state == "accepted"``.
    """

    __slots__ = (
        "_label",
        "_names",
        "entry_hook",
        "events",
        "exit_hook",
        "final",
        "meta",
        "name",
        "owner",
        "value",
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
    written: Place | str | None
    _label: object
    _names: Mapping[str, int]

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
            value=value,
            was=(was,) if isinstance(was, str) else tuple(was),
            meta=MappingProxyType(dict(meta or {})),
            final=final,
            events=_NOTHING,
            entry_hook=None,
            exit_hook=None,
            owner=None,
            written=place_of_caller(),
            _label=label,
            _names=_NOTHING,
        )

    def __set_name__(self, owner: type, name: str) -> None:
        if not self.name:
            self._write(name=name)

    def named(self, name: str, **changes: object) -> State:
        """Return a copy of this name, with other changes: a state of one spec."""
        copy = object.__new__(State)
        write = object.__setattr__
        for field in State.__slots__:
            write(copy, field, getattr(self, field))
        if self.value is _NAMED_LATER:
            write(copy, "value", name)
        copy._write(name=name, **changes)
        return copy

    def join(self, names: Mapping[str, int], events: dict[str, tuple[TransitionSpec, ...]]) -> None:
        """Take its place in a spec, which is making it: called once."""
        self._write(_names=names, events=MappingProxyType(events))

    @property
    def stored_values(self) -> tuple[Hashable, ...]:
        """The values that mean this state: its own, and those that it had before."""
        return (self.value, *self.was)

    @property
    def leaves(self) -> tuple[State, ...]:
        """The states in which an object can be that is in this one."""
        return (self,)

    @property
    def place(self) -> str | None:
        """Where it was declared: ``file.py:12``, or a path in the data it came from."""
        return None if self.written is None else str(self.written)

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

    def _position(self, other: State | str) -> int:
        if not self.name:
            message = (
                "states are compared when their class exists; an arrow is drawn by new.to(done)"
            )
            raise TypeError(message)
        name = other.name if isinstance(other, State) else other
        if name not in self._names:
            owner = self.owner.__name__ if self.owner is not None else "this workflow"
            raise UnknownState(name, known=tuple(self._names), workflow_name=owner)
        return self._names[name]

    def between(self, first: State | str, last: State | str) -> bool:
        """Whether it was declared from ``first`` to ``last``, both included."""
        return self._position(first) <= self._position(self) <= self._position(last)

    def __lt__(self, other: State | str) -> bool:
        return self._position(self) < self._position(other)

    def __le__(self, other: State | str) -> bool:
        return self._position(self) <= self._position(other)

    def __gt__(self, other: State | str) -> bool:
        return self._position(self) > self._position(other)

    def __ge__(self, other: State | str) -> bool:
        return self._position(self) >= self._position(other)

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
            f" Ask the object: is_{self.name or '<state>'}()"
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
            dict(self._names),
        )
        return _state_again, (_importable(self.owner), *details)


def _importable(owner: type | None) -> type | None:
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
    names: dict[str, int],
) -> State:
    if owner is not None and name in owner.workflow_spec.states:
        known: State = owner.workflow_spec.states[name]
        return known
    state = State(value, was=was, meta=meta, label=label, final=final).named(name)
    state.join(names, {})
    return state


class States:
    """Several states under one name: ``states = States.from_enum(Status)``, then ``states.NEW``."""

    def __init__(self, members: Mapping[str, State]) -> None:
        self.members: Mapping[str, State]
        self.__dict__["members"] = MappingProxyType(dict(members))

    @classmethod
    def from_enum(cls, enum: type[Enum]) -> States:
        """Declare one state per member: the name in lower case, the member as the value."""
        place = place_of_caller()
        members = {
            member.name: State(member).named(member.name.lower(), written=place) for member in enum
        }
        return cls(members)

    def joined(self, states: Mapping[str, State]) -> States:
        """Return the same group with the states of a spec in it."""
        return States({name: states[state.name] for name, state in self.members.items()})

    def __getattr__(self, name: str) -> State:
        members: Mapping[str, State] = self.__dict__.get("members", {})
        if name not in members:
            known = ", ".join(members)
            message = f"no state is called {name!r} here; there are {known}"
            raise AttributeError(message)
        return members[name]

    def __iter__(self) -> Iterator[State]:
        return iter(self.members.values())

    def __setattr__(self, name: str, value: object) -> NoReturn:
        message = f"States is immutable: {name!r} cannot be set"
        raise AttributeError(message)
