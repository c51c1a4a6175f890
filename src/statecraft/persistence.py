"""How the state of an object is loaded and stored: the interface, and the attribute as default."""

from __future__ import annotations

from contextlib import nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.bundles import NamedTuple
from statecraft.errors import StaleState, WorkflowError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from datetime import datetime

    from statecraft.errors import Problem
    from statecraft.spec import WorkflowSpec
    from statecraft.states import State


class Transition(NamedTuple):
    """What is happening: the event by name, the states, and the arguments as they were bound.

    ``args`` holds the positional arguments, ``kwargs`` the keyword-only ones, defaults filled in.
    """

    event: str
    source: State
    target: State
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Attempt(NamedTuple):
    """An event that was fired and could not be: what ``on_unavailable_transition`` gets."""

    event: str
    source: State
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    refusal: Any


class Change(NamedTuple):
    """What a store that keeps more than the value is told: see ``persist_change``.

    ``value`` is to be stored if what is stored is one of ``expected``; ``result`` is what the
    handler returned, ``noted`` the arguments that the event notes, by name; an ``internal`` change
    leaves the value as it is, and is there for the log; ``once`` is the key that makes it happen
    once; ``remembered`` is what ``load_remembered`` shall return from now on, or ``None`` where
    that stays as it is.
    """

    value: Hashable
    expected: tuple[Hashable, ...]
    transition: Transition
    result: Any = None
    noted: Mapping[str, Any] = MappingProxyType({})
    internal: bool = False
    once: str | None = None
    entered_at: datetime | None = None
    remembered: Mapping[str, str] | None = None

    @property
    def answer(self) -> Any:
        """What the event returns, and returns again when its key comes again."""
        return True if self.result is None else self.result


class Plan(NamedTuple):
    """What an event is about to run in one unit: see ``persistence_unit``.

    ``event`` is its name; ``before`` says whether code of the user runs before the state is
    stored, ``after`` whether some runs afterwards; ``lock`` is what the class or the event says
    about locking, or ``None``.
    """

    event: str
    before: bool
    after: bool
    lock: bool | None = None


def remembered_field(spec: WorkflowSpec) -> str:
    """Return the attribute in which an object remembers, beside the one that holds its state."""
    return f"{spec.state_field}_remembered"


class Persistence:
    """Keeps the value in the attribute ``state_field`` of the object; override it for a store.

    A store overrides ``load_state`` and ``persist_state``, and the rest where it can do more.
    """

    __slots__ = ()
    workflow_spec: ClassVar[WorkflowSpec]
    _is_attached: ClassVar[bool] = False
    if TYPE_CHECKING:
        subject: Any  # of an attached workflow; models with fields would take it for one
    persistence_keeps_log: ClassVar[bool] = False
    """Whether ``persist_change`` writes a log for a class that is defined with ``log=True``."""
    persistence_wants_change: ClassVar[bool] = True
    """Whether a store that overrides ``persist_change`` needs it called, and not only
    ``persist_state``: known when the class is created."""
    persistence_postpones_checks: ClassVar[bool] = False
    """Whether attributes come to the class later: the store calls ``check_attributes`` then."""

    persistence_for_async: ClassVar[type | None] = None
    """What takes the place of this store where an asynchronous workflow is attached, if anything
    has to."""

    @property
    def _stored_object(self) -> Any:
        """The object that the state belongs to: itself, or the owner of an attached workflow."""
        return self.subject if self._is_attached else self

    def _described(self) -> str:
        """Return what messages call the object, without running code of the user."""
        return object.__repr__(self)

    def load_state(self) -> Any:
        """Return the stored value, or ``None`` if nothing is stored: then it is initial."""
        return getattr(self._stored_object, self.workflow_spec.state_field, None)

    def load_remembered(self) -> Any:
        """Return what compounds with history remember: the name of the leaf of each, by its name.

        A store that can keep this overrides it together with ``persist_change``.
        """
        return getattr(self._stored_object, remembered_field(self.workflow_spec), {})

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> Any:
        """Store ``value`` if what is stored is one of ``expected``, else raise ``StaleState``.

        ``expected`` holds ``None`` where nothing may be stored yet. Comparing and storing must be
        one step, which no other writer can come between.
        """
        holder, field = self._stored_object, self.workflow_spec.state_field
        found = getattr(holder, field, None)
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)
        setattr(holder, field, value)

    def persist_change(self, change: Change) -> Any:
        """Store ``change.value`` like ``persist_state``, and whatever else a store keeps."""
        return self.persist_state(change.value, expected=change.expected)

    def persistence_unit(self, plan: Plan) -> Any:
        """Return a context manager in which an event with code of the user runs as one unit.

        From loading to ``after_transition``; what leaves it as an exception has to undo all of
        it, and where the plan says that code runs before the state is stored, the row is to be
        locked before the state is loaded. The default is never entered: a store that does not
        override it pays nothing. Asynchronous workflows enter it with ``async with``.
        """
        del plan
        return nullcontext()

    def when_committed(self, call: Callable[[], Any]) -> Any:
        """Call ``call`` when what was stored is stored for good, or never if it is undone.

        It runs ``after_commit`` and raises nothing. The default calls it at once, and returns what
        it returns: a coroutine in an asynchronous workflow whose hook is one.
        """
        return call()

    def persist_refusal(self, attempt: Attempt) -> Any:
        """Keep a refused attempt, for a class that is defined with ``log="refusals"``."""
        del attempt

    def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Fire ``event`` unless ``once`` was its key before: then return the first answer."""
        del args, kwargs
        message = (
            f"{type(self).__name__} keeps no log, so it cannot know whether {event!r} was fired"
            f" with the key {once!r} before. Take a store that keeps one, with log=True"
        )
        raise WorkflowError(message)

    @classmethod
    def persistence_problems(cls, spec: WorkflowSpec) -> Iterable[Problem]:
        """Return what this store cannot do for ``spec``: asked while the class is being created."""
        del spec
        return ()
