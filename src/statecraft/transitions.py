"""The transitions and events of a spec: frozen, resolved, as they are read later."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from statecraft.predicates import Condition, Frozen, Guard, Labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from statecraft.states import State


class TransitionSpec(Frozen):
    """One arrow of one event: ``source``, ``target``, ``conditions``, ``guards``, ``internal``.

    Source and target are as they were declared: either may be a compound. ``on_done`` says that
    it starts at the final states inside of its source, and fires by itself.
    """

    __slots__ = ("conditions", "event", "guards", "internal", "on_done", "source", "target")
    event: str
    source: State
    target: State
    conditions: tuple[Condition, ...]
    guards: tuple[Guard, ...]
    internal: bool
    on_done: bool

    def __init__(
        self,
        event: str,
        source: State,
        target: State,
        conditions: tuple[Condition, ...],
        guards: tuple[Guard, ...],
        *,
        internal: bool,
        on_done: bool = False,
    ) -> None:
        self._write(
            event=event,
            source=source,
            target=target,
            conditions=conditions,
            guards=guards,
            internal=internal,
            on_done=on_done,
        )

    @property
    def leaves(self) -> tuple[State, ...]:
        """The states from which it may lead away: an object is in one of them."""
        if self.on_done:
            return tuple(state for state in self.source.states.values() if state.final)
        return self.source.leaves

    def _key(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in TransitionSpec.__slots__)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, TransitionSpec) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.event, self.source, self.target))

    def __repr__(self) -> str:
        return f"<{self.event}: {self.source} -> {self.target}>"


class EventSpec(Labelled):
    """One event: ``name``, ``transitions`` in order, ``meta``, ``label`` and its ``handler``.

    ``handler`` is a function, or the name of one in a spec that came from data, or ``None``;
    ``argument_count`` says how many positional arguments an event without a handler takes;
    ``note`` which arguments the transition log keeps; ``lock`` whether a store locks the row before
    code of the event runs, ``None`` leaving that to the class.
    """

    __slots__ = (
        "_label",
        "argument_count",
        "handler",
        "lock",
        "meta",
        "name",
        "note",
        "transitions",
    )
    name: str
    transitions: tuple[TransitionSpec, ...]
    meta: Mapping[str, Any]
    handler: Callable[..., Any] | str | None
    argument_count: int
    note: tuple[str, ...]
    lock: bool | None
    _label: object

    def __init__(
        self,
        name: str,
        transitions: tuple[TransitionSpec, ...],
        *,
        meta: Mapping[str, Any],
        label: object,
        handler: Callable[..., Any] | str | None,
        argument_count: int,
        note: tuple[str, ...] = (),
        lock: bool | None = None,
    ) -> None:
        self._write(
            name=name,
            transitions=transitions,
            meta=MappingProxyType(dict(meta)),
            handler=handler,
            argument_count=argument_count,
            note=note,
            lock=lock,
            _label=label,
        )

    @property
    def handler_name(self) -> str | None:
        """The name of the handler: what the spec says of it as data."""
        if self.handler is None or isinstance(self.handler, str):
            return self.handler
        return getattr(self.handler, "__name__", None)

    @property
    def asks(self) -> bool:
        """Whether more than the stored value decides where it leads."""
        return any(
            one.conditions or one.guards or any(state.history for state in one.target.subtree)
            for one in self.transitions
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the states it leaves, each once, in the order of the transitions."""
        return tuple(dict.fromkeys(transition.source.name for transition in self.transitions))

    def _key(self) -> tuple[object, ...]:
        return (
            self.name,
            self.transitions,
            self.meta,
            self._label,
            self.handler_name,
            self.argument_count,
            self.note,
            self.lock,
        )

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, EventSpec) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.transitions))

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Event {self.name}>"
