"""Tools for the tests of programs that use statecraft; this module needs nothing but statecraft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from statecraft.async_workflow import AsyncWorkflowMixin
from statecraft.compiler.questions import settled
from statecraft.errors import StaleState, WorkflowError
from statecraft.persistence import Persistence
from statecraft.workflow import AnyWorkflow, WorkflowMixin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator

__all__ = ["place"]


@overload
def place(workflow: WorkflowMixin, state: object) -> None: ...
@overload
def place(workflow: AsyncWorkflowMixin, state: object) -> Awaitable[None]: ...
def place(workflow: Any, state: object) -> Awaitable[None] | None:
    """Put an object into ``state`` (a State, its name or its value), and store it there.

    Nothing is fired, asked, compared or logged. On an async workflow it is to be awaited; if the
    state is kept in an attribute, the object is in the state at once, and need not be. Raises
    ``UnknownState`` for what is no state, and then nothing moves.
    """
    if not isinstance(workflow, AnyWorkflow):
        message = f"place takes an object that is a workflow, and not {workflow!r}"
        raise TypeError(message)
    value = workflow.workflow_spec.value_of(state)
    if isinstance(workflow, AsyncWorkflowMixin) and not _is_in_attribute(type(workflow)):
        return _placed(workflow, value)
    try:
        workflow.persist_state(value, expected=(workflow.load_state(),))
    except StaleState as stale:  # the object knew an older state
        workflow.persist_state(value, expected=(stale.found,))
    _require_stored(workflow, value)
    return _Done() if isinstance(workflow, AsyncWorkflowMixin) else None


def _is_in_attribute(cls: type[AnyWorkflow]) -> bool:
    methods = (cls.load_state, cls.persist_state)
    return methods == (Persistence.load_state, Persistence.persist_state)


async def _placed(workflow: AsyncWorkflowMixin, value: object) -> None:
    found = await settled(workflow.load_state())
    try:
        await settled(workflow.persist_state(value, expected=(found,)))
    except StaleState as stale:
        await settled(workflow.persist_state(value, expected=(stale.found,)))
    await workflow.refresh_state()
    _require_stored(workflow, value)


def _require_stored(workflow: AnyWorkflow, value: object) -> None:
    found = workflow.current_state.value
    if found != value:
        message = (
            f"{type(workflow).__name__} was to be placed in {value!r}, and load_state still finds"
            f" {found!r}: persist_state has to store what load_state reads"
        )
        raise WorkflowError(message)


class _Done:
    """What is awaited where there is nothing to wait for."""

    def __await__(self) -> Generator[None, None, None]:
        yield from ()
