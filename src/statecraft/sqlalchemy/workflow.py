"""The classes that people inherit from: ``SQLAlchemyWorkflow``, and the same made async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.errors import NoTransitionAllowed, TransitionHalted, WorkflowError
from statecraft.once import fired_with
from statecraft.sqlalchemy.base import AnySQLAlchemyWorkflow
from statecraft.workflow import WorkflowMixin

if TYPE_CHECKING:
    from statecraft.persistence import Attempt, Change, Plan
    from statecraft.sqlalchemy.units import Unit
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
        refused: WorkflowError | None = None
        answer: Any = None
        with self._locked():
            for first in self._answer(once, event):
                return first
            try:
                with fired_with(self, event, once):
                    answer = getattr(self, event)(*args, **kwargs)
            except (NoTransitionAllowed, TransitionHalted) as error:
                refused = error  # a record of the refusal is to stay
        if refused is not None:
            raise refused
        return answer

    def transition_log(self) -> TransitionLog:
        """Return the records of this object, in order: those of a class with ``log=True``."""
        return self._records()
