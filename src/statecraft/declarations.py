"""What people write in a class body beside its states: events and the handlers of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.arrows import Arrow
from statecraft.event_types import Arguments, EventType, Result
from statecraft.places import Place, place_of_caller
from statecraft.predicates import guards_from, mapping_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from statecraft.predicates import Guards
    from statecraft.transitions import EventSpec

HANDLES_MARK = "__workflow_handles__"  # on a function: the name of the event that it handles


def _no_transition(given: object) -> str:
    if isinstance(given, (tuple, list)):
        return "an Event takes its transitions one by one, and not in a list: put a * before it"
    return f"an Event takes transitions, such as new.to(done), and not {given!r}"


class Event(EventType[Arguments, Result]):
    """An event: its transitions, tried in this order, and its handler, if it decorates one.

    ``guard`` is a ``Guard`` or a list of them, for all of these transitions; ``meta`` a mapping
    for your own use; ``label`` a text for people. ``note`` names the arguments that the transition
    log keeps, and ``lock`` says whether a store locks the row before code of this event runs; both
    are for stores that can do it. ``Event[[int], bool](...)`` declares the
    arguments of an event without a handler.
    """

    def __init__(
        self,
        *transitions: Arrow,
        guard: Guards = None,
        meta: Mapping[str, Any] | None = None,
        label: object = None,
        note: Iterable[str] = (),
        lock: bool | None = None,
    ) -> None:
        for one in transitions:
            if not isinstance(one, Arrow):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(_no_transition(one))
        guards = guards_from(guard)
        if guards:
            transitions = tuple(one.guarded(guards) for one in transitions)
        self.transitions = transitions
        self.meta = mapping_of(meta)
        self.label = label
        self.note = (note,) if isinstance(note, str) else tuple(note)
        self.lock = lock
        self.handler: Callable[..., Any] | None = None
        self.place: Place | str | None = place_of_caller()
        self._declared_count: int | None = None

    def declare(self, argument_count: int | None) -> None:
        """Take how many arguments an annotation, or a spec, says that it has."""
        self._declared_count = argument_count

    @classmethod
    def from_spec(cls, spec: EventSpec) -> Event[..., Any]:
        """Declare again what a spec describes, without its handler."""
        event: Event[..., Any] = cls(
            *(
                Arrow(
                    one.source,
                    None if one.internal else one.target,
                    one.conditions,
                    one.guards,
                    on_done=one.on_done,
                )
                for one in spec.transitions
            ),
            meta=spec.meta,
            label=spec.own_label,
            note=spec.note,
            lock=spec.lock,
        )
        event.declare(spec.argument_count)
        event.place = None
        return event

    @property
    def argument_count(self) -> int | None:
        """How many arguments ``Event[[int], bool]`` names; ``None`` if it was not written so."""
        alias = getattr(self, "__orig_class__", None)
        if alias is None:
            return self._declared_count
        if not isinstance(alias.__args__[0], tuple):
            message = "name the arguments of an event one by one: Event[[int, str], bool](...)"
            raise TypeError(message)
        return len(alias.__args__[0])

    def __repr__(self) -> str:
        return f"Event({', '.join(map(repr, self.transitions))})"

    if TYPE_CHECKING:
        ...  # EventType says what the decorated method becomes
    else:

        def __call__(self, handler: Callable[..., Any]) -> Event:
            """Take the decorated method as the handler of this event."""
            if self.handler is not None:
                message = f"this Event has a handler already: {self.handler.__qualname__}"
                raise TypeError(message)
            if isinstance(handler, staticmethod) or not callable(handler):
                message = f"the handler of an event is a function that takes self, not {handler!r}"
                raise TypeError(message)
            self.handler = handler
            return self


if TYPE_CHECKING:

    def handles(event: str) -> Event[..., Any]:
        """Give an event its handler apart from its declaration, in a subclass too."""
        ...
else:

    def handles(event: str) -> Callable[..., Any]:
        """Give an event its handler apart from its declaration, in a subclass too.

        ``event`` is the name of the event. The decorated method may have the name of the event,
        or one of its own, under which a subclass can call it by ``super()``.
        """
        if not isinstance(event, str):
            message = f'handles takes the name of an event, as in @handles("reject"), not {event!r}'
            raise TypeError(message)

        def mark(handler: Callable[..., Any]) -> Callable[..., Any]:
            handler.__dict__[HANDLES_MARK] = event
            return handler

        return mark
