"""What sync and async workflows of SQLAlchemy have in common: where they are stored, and scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.spec import WorkflowSpec
from statecraft.sqlalchemy.columns import Columns
from statecraft.sqlalchemy.following import when_committed
from statecraft.sqlalchemy.mapping import guard, mapper_of, require_columns, when_mapped
from statecraft.sqlalchemy.rows import Row
from statecraft.sqlalchemy.scopes import in_states, not_in_states, scopes_of
from statecraft.sqlalchemy.units import Unit
from statecraft.workflow import AnyWorkflow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from statecraft.persistence import Change, Plan
    from statecraft.states import State


class AnySQLAlchemyWorkflow(AnyWorkflow):
    """What sync and async workflows of SQLAlchemy have in common."""

    __slots__ = ()
    persistence_postpones_checks = True
    version_field: ClassVar[str | None] = None
    _columns: ClassVar[dict[type, Columns]] = {}

    def __init_subclass__(cls, *, version_field: str | None = None, **options: Any) -> None:
        if version_field is not None:
            cls.version_field = version_field
        cls._columns = {}
        super().__init_subclass__(**options)
        _when_defined(cls)

    @classmethod
    def in_state(cls, *states: State | str) -> ColumnElement[bool]:
        """Return what is true, in SQL, for the rows in one of ``states``: ``where(...)`` takes it.

        A compound means all that is inside of it; a row without a value is in the initial state.
        """
        return in_states(cls._state_attribute(), cls.workflow_spec, states)

    @classmethod
    def not_in_state(cls, *states: State | str) -> ColumnElement[bool]:
        """Return what is true, in SQL, for all other rows."""
        return not_in_states(cls._state_attribute(), cls.workflow_spec, states)

    @classmethod
    def _state_attribute(cls) -> Any:
        return getattr(cls, cls.workflow_spec.state_field)

    def _row(self) -> Row:
        mapped: type[Any] = self._stored_object.__class__
        columns = self._columns.get(mapped)
        if columns is None:
            columns = self._columns[mapped] = _columns_of(self, mapped)
        return Row(self, columns)

    def _unit(self, plan: Plan) -> Unit:
        return Unit(self._row(), locks=plan.before and plan.lock is not False)

    def _move(self, change: Change) -> None:
        row = self._row()
        row.session  # noqa: B018 - an object without one cannot move
        row.move(
            change.value,
            change.expected,
            moves=not change.internal,
            memory=change.remembered,
        )

    def when_committed(self, call: Any) -> Any:
        """Call it after the commit of the outermost transaction of the session."""
        return when_committed(self._row().session, call)


def _columns_of(workflow: Any, mapped: type) -> Columns:
    mapper = mapper_of(mapped)
    assert mapper is not None  # noqa: S101 - objects of classes that are not mapped have no rows
    return Columns(mapper, workflow.workflow_spec, workflow.version_field)


def _when_defined(cls: Any) -> None:
    """Give a class what it needs as soon as it is both a workflow and mapped."""
    own: dict[str, Any] = cls.__dict__
    spec = own.get("workflow_spec")
    if not isinstance(spec, WorkflowSpec):
        return
    for name, scope in scopes_of(spec).items():
        if name not in own:
            setattr(cls, name, scope)
    mapper = mapper_of(cls)
    if mapper is not None:
        from statecraft.definition import check_attributes_of  # noqa: PLC0415 - see creation.py

        require_columns(cls, mapper)
        check_attributes_of(cls)
        guard(mapper, cls)


when_mapped(AnySQLAlchemyWorkflow, _when_defined)
