"""The arrows that are drawn between states in a class body, and where they may start."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from statecraft.predicates import Condition, Frozen, Guard, conditions_from, guards_from

if TYPE_CHECKING:
    from statecraft.predicates import Guards, Tests
    from statecraft.states import State


class Arrow(Frozen):
    """What ``new.to(awaiting_review)`` says: from where, to where, under which conditions.

    ``sources`` are states or their names; ``target`` is ``None`` for an internal transition;
    ``on_done`` starts at the final states inside of a compound.
    """

    __slots__ = ("conditions", "guards", "on_done", "sources", "target")
    sources: Sources
    target: State | str | None
    conditions: tuple[Condition, ...]
    guards: tuple[Guard, ...]
    on_done: bool

    def __init__(
        self,
        sources: Sources,
        target: State | str | None,
        conditions: tuple[Condition, ...],
        guards: tuple[Guard, ...],
        *,
        on_done: bool = False,
    ) -> None:
        self._write(
            sources=sources,
            target=target,
            conditions=conditions,
            guards=guards,
            on_done=on_done,
        )

    def guarded(self, guards: tuple[Guard, ...]) -> Arrow:
        """Return the same arrow with guards of its event, which are asked first."""
        guards = (*guards, *self.guards)
        return Arrow(self.sources, self.target, self.conditions, guards, on_done=self.on_done)

    def __repr__(self) -> str:
        target = "itself" if self.target is None else str(self.target) or repr(self.target)
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
        return Arrow(
            self, target_of_arrow(target), conditions_from(if_, unless), guards_from(guard)
        )

    def internal(self, *, if_: Tests = None, unless: Tests = None, guard: Guards = None) -> Arrow:
        """Draw an internal transition: it runs the handler, leaves nothing and enters nothing."""
        return Arrow(self, None, conditions_from(if_, unless), guards_from(guard))

    def __or__(self, other: Sources | str) -> StateUnion:
        return StateUnion((*_members(self), *_members(other)))

    def __ror__(self, other: str) -> StateUnion:
        return StateUnion((*_members(other), *_members(self)))


def is_state(value: object) -> TypeGuard[State]:
    """Whether an arrow can lead to it: it is no union, and not ``ANY``."""
    return isinstance(value, Sources) and not isinstance(value, (StateUnion, AnyState))


def target_of_arrow(target: State | str) -> State | str:
    """Return ``target`` if an arrow can lead to it, else raise ``TypeError``."""
    if not is_state(target) and not isinstance(target, str):
        message = f"the target of a transition is a State or its name, not {target!r}"
        raise TypeError(message)
    return target


def _members(sources: Sources | str) -> tuple[State | str, ...]:
    if isinstance(sources, StateUnion):
        return sources.members
    if is_state(sources) or isinstance(sources, str):
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
