"""The classes that people inherit from: ``SQLAlchemyWorkflow``, and the same made async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.sqlalchemy.base import AnySQLAlchemyWorkflow
from statecraft.workflow import WorkflowMixin

if TYPE_CHECKING:
    from statecraft.persistence import Change, Plan
    from statecraft.sqlalchemy.units import Unit


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
        self._move(change)

    def persistence_unit(self, plan: Plan) -> Unit:
        """Return a savepoint in which the row is locked before code runs."""
        return self._unit(plan)
