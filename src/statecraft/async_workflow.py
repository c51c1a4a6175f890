"""The classes that people inherit from whose events are awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.creation import NoSpec
from statecraft.event_types import asks_about_event
from statecraft.workflow import AnyWorkflow, WorkflowMeta, target_by_state

if TYPE_CHECKING:
    from typing import ClassVar

    from statecraft.errors import Refusal
    from statecraft.spec import WorkflowSpec
    from statecraft.states import State
    from statecraft.workflow import Judged


class AsyncWorkflowMixin(AnyWorkflow):
    """A workflow whose events are awaited; hooks may each be ``def`` or ``async def``."""

    __slots__ = ()
    _is_async = True
    if TYPE_CHECKING:
        workflow_spec: ClassVar[WorkflowSpec]
    else:
        workflow_spec = NoSpec()  # an abstract class has none

    @property
    def current_state(self) -> State:
        """The State that the object holds; ``refresh_state`` fetches it from a store."""
        return self.workflow_spec.state_of(self._held_value(), self)

    def _held_value(self) -> Any:
        context = self._context
        if context is not None and context.load is not None and not context.load.is_async:
            return self.load_state()
        return getattr(self._stored_object, self.workflow_spec.state_field, None)

    async def refresh_state(self) -> State:
        """Load the state from the store, and return it."""
        return self.workflow_spec.state_of(await self._loaded(), self)

    async def _loaded(self) -> Any:
        value = self.load_state()
        if not hasattr(value, "__await__"):
            return value
        value = await value
        self._hold_value(value)
        return value

    def _hold_value(self, value: Any) -> None:
        setattr(self._stored_object, self.workflow_spec.state_field, value)

    @asks_about_event
    async def can(self, event: Any, /, *args: Any, **kwargs: Any) -> bool:
        """Whether ``event`` (its name, or ``Article.review``) would be accepted now."""
        name = self._event_name(event)
        answer: bool = await getattr(self, f"can_{name}")(*args, **kwargs)
        return answer

    async def fire(self, event: str, /, *args: Any, once: str | None = None, **kwargs: Any) -> Any:
        """Fire an event by its name; do what the event does, or raise ``UnknownEvent``.

        ``once`` is a key, unique for this object: where a store keeps a log, the event fires with
        it exactly once, and a repeat returns the first answer and changes nothing.
        """
        name = self._event_name(event)
        if once is not None:
            return await self.fire_once(name, once, args, kwargs)
        return await getattr(self, name)(*args, **kwargs)

    @asks_about_event
    async def refusal(self, event: Any, /, *args: Any, **kwargs: Any) -> Refusal | None:
        """Return why ``event`` would be refused now, or ``None`` if it would be accepted."""
        name = self._event_name(event)
        state, target, unmet = await self._judged(name, args, kwargs)
        return None if target is not None else self.workflow_spec.refusal(name, state, unmet)

    @asks_about_event
    async def target_of(self, event: Any, /, *args: Any, **kwargs: Any) -> State | None:
        """Return the State that ``event`` would lead to now, or ``None``; changes nothing."""
        _, target, _ = await self._judged(self._event_name(event), args, kwargs)
        return target

    async def _judged(self, event: str, args: Any, kwargs: Any) -> Judged:
        judge = self._judges.get(event)
        if judge is not None:
            value, target, unmet = await judge(self, *args, **kwargs)
            return self.workflow_spec.state_of(value, self), target, unmet
        if args or kwargs:
            await self.can(event, *args, **kwargs)  # raises the TypeError of a wrong call
        state = await self.refresh_state()
        return state, target_by_state(state, event), ()

    async def allowed_events(self) -> tuple[str, ...]:
        """Return the names of the events that would be accepted now, in declaration order."""
        state = await self.refresh_state()
        return tuple([name for name in state.events if await self.can(name)])


class AsyncWorkflow(AsyncWorkflowMixin, metaclass=WorkflowMeta):
    """The same with events that are awaited."""

    __slots__ = ()
