"""What sync and async workflows of SQLAlchemy have in common: where they are stored, and scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.errors import WorkflowError
from statecraft.log_entries import entry_of_change, entry_of_refusal
from statecraft.spec import WorkflowSpec
from statecraft.sqlalchemy.columns import Columns
from statecraft.sqlalchemy.explaining import named
from statecraft.sqlalchemy.following import when_committed
from statecraft.sqlalchemy.log import pruning
from statecraft.sqlalchemy.mapping import guard, mapper_of, require_columns, when_mapped
from statecraft.sqlalchemy.rows import Row
from statecraft.sqlalchemy.scopes import in_states, not_in_states, scopes_of
from statecraft.sqlalchemy.units import Unit
from statecraft.transition_log import TransitionLog
from statecraft.workflow import AnyWorkflow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.orm import Session

    from statecraft.persistence import Attempt, Change, Plan
    from statecraft.sqlalchemy.log import LogStatements
    from statecraft.states import State


class AnySQLAlchemyWorkflow(AnyWorkflow):
    """What sync and async workflows of SQLAlchemy have in common."""

    __slots__ = ()
    persistence_postpones_checks = True
    persistence_keeps_log = True
    version_field: ClassVar[str | None] = None
    _owner: ClassVar[type | None] = None
    _columns: ClassVar[dict[type, Columns]] = {}

    def __init_subclass__(cls, *, version_field: str | None = None, **options: Any) -> None:
        if version_field is not None:
            cls.version_field = version_field
        cls._columns = {}
        super().__init_subclass__(**options)
        _defined(cls)

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
        return getattr(cls._mapped_class(), cls.workflow_spec.state_field)

    @classmethod
    def log_table(cls) -> Table:
        """Return the table of the log, for queries and for a migration: ``orders_log``.

        Raises ``WorkflowError`` for a class that is defined without ``log=True``.
        """
        return cls._log_statements(cls._mapped_class()).table

    @classmethod
    def _mapped_class(cls) -> Any:
        """Return the class whose objects are moved: itself, or the owner of an attached one."""
        return cls._owner or cls

    @classmethod
    def _logs(cls) -> bool:
        return cls._context is not None and cls._context.logs

    @classmethod
    def _columns_of(cls, mapped: type) -> Columns:
        columns = cls._columns.get(mapped)
        if columns is None:
            mapper = mapper_of(mapped)
            assert mapper is not None  # noqa: S101 - its objects have rows
            spec = cls.workflow_spec
            columns = Columns(mapper, spec, cls.version_field, logs=cls._logs())
            cls._columns[mapped] = columns
        return columns

    @classmethod
    def _log_statements(cls, mapped: type) -> LogStatements:
        statements = cls._columns_of(mapped).log
        if statements is None:
            message = f"{cls.__name__} keeps no log: define it with log=True"
            raise WorkflowError(message)
        return statements

    @classmethod
    def attached_options(cls) -> dict[str, Any]:
        """Return the options with which an attached workflow is stored as this class is."""
        if cls._context is None:  # it has no states
            return {}
        log = "refusals" if cls._context.logs_refusals else cls._context.logs or None
        return {"log": log, "lock": cls._context.lock}

    def _described(self) -> str:
        row = self._row()
        return f"{named(row.state)} in the table {row.columns.table.name}"

    def _row(self) -> Row:
        mapped: type[Any] = self._stored_object.__class__
        return Row(self, self._columns.get(mapped) or self._columns_of(mapped))

    def _unit(self, plan: Plan) -> Unit:
        return Unit(self._row(), locks=plan.before and plan.lock is not False)

    def _locked(self) -> Unit:
        return Unit(self._row(), locks=True)

    def _answer(self, once: str, event: str) -> tuple[Any, ...]:
        row = self._row()
        return row.log(self._log_statements(row.state.class_)).answer(once, event)

    def _store(self, change: Change) -> None:
        row = self._row()
        log = row.columns.log
        entry = None if log is None else entry_of_change(change, self.workflow_spec)
        row.session  # noqa: B018 - an object without one cannot move
        row.move(change.value, change.expected, moves=not change.internal, memory=change.remembered)
        if log is not None and entry is not None:
            row.write(log, entry)

    def _refuse(self, attempt: Attempt) -> None:
        entry = entry_of_refusal(attempt, self.workflow_spec)
        row = self._row()
        statements = self._log_statements(row.state.class_)
        with Unit(row, locks=True):
            row.write(statements, entry)

    def _records(self) -> TransitionLog:
        row = self._row()
        records = row.log(self._log_statements(row.state.class_)).records()
        return TransitionLog(records, spec=self.workflow_spec)

    def when_committed(self, call: Any) -> None:
        """Call it after the commit of the outermost transaction of the session."""
        when_committed(self._row().session, call)


when_defined: list[Any] = []
"""What is called with each class of workflows when it is defined, and with each that is mapped."""


def _defined(cls: Any) -> None:
    """Give a class what it needs as soon as it is both a workflow and mapped."""
    own: dict[str, Any] = cls.__dict__
    spec = own.get("workflow_spec")
    if isinstance(spec, WorkflowSpec):
        _equip(cls, spec)
    if spec is not None:
        for call in when_defined:
            call(cls)


def _equip(cls: Any, spec: WorkflowSpec) -> None:
    own: dict[str, Any] = cls.__dict__
    for name, scope in scopes_of(spec).items():
        if name not in own:  # of what somebody has written, theirs stays
            setattr(cls, name, scope)
    mapped = cls._mapped_class()
    mapper = mapper_of(mapped)
    if mapper is not None:
        from statecraft.definition import check_attributes_of  # noqa: PLC0415 - see creation.py

        require_columns(cls, mapper)
        check_attributes_of(cls)
        cls._columns_of(mapped)  # the table of the log is in the metadata from now on
        if mapped is cls:
            guard(mapper, cls)


when_mapped(AnySQLAlchemyWorkflow, _defined)


def prune_log(session: Session, workflow: type[AnySQLAlchemyWorkflow], *, before: datetime) -> int:
    """Delete the records of the log that were written before a moment; return how many.

    Those of all rows in the table of ``workflow``, in the transaction of the session. Of each row,
    the record stays with which its present state was entered, and all that came after it. Keys of
    ``once`` go with their records. With an AsyncSession:
    ``await session.run_sync(prune_log, Order, before=...)``.
    """
    cls: Any = workflow
    mapped = cls._mapped_class()
    statement = pruning(cls._log_statements(mapped), before)
    connection = session.connection(bind_arguments={"mapper": mapper_of(mapped)})
    return connection.execute(statement).rowcount
