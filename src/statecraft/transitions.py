"""The transitions and events of a spec: frozen, resolved, as they are read later."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from statecraft.predicates import Condition, Frozen, Guard, Labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from statecraft.states import State


class TransitionSpec(Frozen):
    """One arrow of one event: ``source``, ``target``, ``conditions``, ``guards``, ``internal``."""

    __slots__ = ("conditions", "event", "guards", "internal", "source", "target")
    event: str
    source: State
    target: State
    conditions: tuple[Condition, ...]
    guards: tuple[Guard, ...]
    internal: bool

    def __init__(
        self,
        event: str,
        source: State,
        target: State,
        conditions: tuple[Condition, ...],
        guards: tuple[Guard, ...],
        *,
        internal: bool,
    ) -> None:
        self._write(
            event=event,
            source=source,
            target=target,
            conditions=conditions,
            guards=guards,
            internal=internal,
        )

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
    ``argument_count`` says how many positional arguments an event without a handler takes.
    """

    __slots__ = ("_label", "argument_count", "handler", "meta", "name", "transitions")
    name: str
    transitions: tuple[TransitionSpec, ...]
    meta: Mapping[str, Any]
    handler: Callable[..., Any] | str | None
    argument_count: int
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
    ) -> None:
        self._write(
            name=name,
            transitions=transitions,
            meta=MappingProxyType(dict(meta)),
            handler=handler,
            argument_count=argument_count,
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
        """Whether any of its transitions has a condition or a guard."""
        return any(one.conditions or one.guards for one in self.transitions)

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
        )

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, EventSpec) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.transitions))

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Event {self.name}>"
