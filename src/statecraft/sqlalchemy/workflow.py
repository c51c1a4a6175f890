"""The classes that people inherit from: ``SQLAlchemyWorkflow``, and the same made async."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.util import greenlet_spawn

from statecraft.async_workflow import AsyncWorkflowMixin
from statecraft.once import fired_once, fired_once_awaited
from statecraft.sqlalchemy.base import AnySQLAlchemyWorkflow
from statecraft.sqlalchemy.units import AsyncUnit, Unit
from statecraft.workflow import WorkflowMixin

if TYPE_CHECKING:
    from statecraft.persistence import Attempt, Change, Plan
    from statecraft.states import State
    from statecraft.transition_log import TransitionLog


class SQLAlchemyWorkflow(AnySQLAlchemyWorkflow, WorkflowMixin):
    """Keeps the state in a column of a mapped class: ``class Order(SQLAlchemyWorkflow, Base)``.

    The column is ``workflow_state``, or what ``state_field`` names. An event compares and stores
    in the transaction of the session that the object is in; whoever has begun that commits it.
    ``version_field`` names a column that counts the transitions, and is compared as well.
    """

    __slots__ = ()

    def load_state(self) -> Any:
        """Return what the object knows of its row; what is expired is loaded."""
        return self._row().known(self.workflow_spec.state_field)

    def load_remembered(self) -> dict[str, str]:
        """Return where each compound with history was left, both by name."""
        return self._row().remembered()

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store in one statement, or raise ``StaleState``."""
        self._row().move(value, expected)

    def persist_change(self, change: Change) -> None:
        """Do the same, and write the log if the class has one."""
        self._store(change)

    def persistence_unit(self, plan: Plan) -> Unit:
        """Return a savepoint in which the row is locked before code runs."""
        return self._unit(plan)

    def persist_refusal(self, attempt: Attempt) -> None:
        """Write a record of a refused attempt, in the transaction in which it happened."""
        self._refuse(attempt)

    def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Fire ``event`` unless ``once`` was its key before: then return the first answer."""
        if not self._logs():
            return super().fire_once(event, once, args, kwargs)
        fire = partial(getattr(self, event), *args, **kwargs)
        return fired_once(self, event, once, fire, unit=self._locked(), answer=self._answer)

    def transition_log(self) -> TransitionLog:
        """Return the records of this object, in order: those of a class with ``log=True``."""
        return self._records()


class AsyncSQLAlchemyWorkflow(AnySQLAlchemyWorkflow, AsyncWorkflowMixin):
    """The same with events that are awaited, for objects in an ``AsyncSession``."""

    __slots__ = ()

    async def load_state(self) -> Any:
        """Return what the object knows of its row; what is expired is loaded."""
        row, field = self._row(), self.workflow_spec.state_field
        return row.known(field) if row.knows else await greenlet_spawn(row.known, field)

    async def refresh_state(self) -> State:
        """Read the state of the row again, and return it."""
        await greenlet_spawn(self._row().refresh)
        return self.workflow_spec.state_of(self._held_value(), self)

    def _held_value(self) -> Any:
        return self._row().known(self.workflow_spec.state_field)

    def _hold_value(self, value: Any) -> None:
        """Do nothing: what is loaded and stored is known."""

    async def load_remembered(self) -> dict[str, str]:
        """Return where each compound with history was left, both by name."""
        return await greenlet_spawn(self._row().remembered)

    async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store in one statement, or raise ``StaleState``."""
        await greenlet_spawn(self._row().move, value, expected)

    async def persist_change(self, change: Change) -> None:
        """Do the same, and write the log if the class has one."""
        await greenlet_spawn(self._store, change)

    def persistence_unit(self, plan: Plan) -> AsyncUnit:
        """Return a savepoint in which the row is locked before code runs."""
        return AsyncUnit(self._unit(plan))

    async def persist_refusal(self, attempt: Attempt) -> None:
        """Write a record of a refused attempt, in the transaction in which it happened."""
        await greenlet_spawn(self._refuse, attempt)

    async def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Fire ``event`` unless ``once`` was its key before: then return the first answer."""
        if not self._logs():
            return super().fire_once(event, once, args, kwargs)
        fire = partial(getattr(self, event), *args, **kwargs)
        answer = partial(greenlet_spawn, self._answer)
        unit = AsyncUnit(self._locked())
        return await fired_once_awaited(self, event, once, fire, unit=unit, answer=answer)

    async def transition_log(self) -> TransitionLog:
        """Return the records of this object, in order: those of a class with ``log=True``."""
        return await greenlet_spawn(self._records)
