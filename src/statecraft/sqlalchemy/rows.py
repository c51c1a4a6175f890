"""The row of one object: read, locked, compared and stored, and what the object knows of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value
from sqlalchemy.orm.exc import DetachedInstanceError, ObjectDeletedError
from sqlalchemy.util.concurrency import in_greenlet

from statecraft.errors import WorkflowError
from statecraft.sqlalchemy.explaining import (
    GONE,
    MUST_WAIT,
    cannot_read,
    must_wait,
    named,
    no_session,
)
from statecraft.sqlalchemy.following import when_undone
from statecraft.sqlalchemy.log import Log, LogStatements
from statecraft.stored_rows import Found, StoredRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection
    from sqlalchemy.orm import InstanceState, Session

    from statecraft.log_entries import Entry
    from statecraft.sqlalchemy.columns import Columns
    from statecraft.stored_rows import Move


_ABSENT: Any = object()
_WAITING = "statecraft_waiting"  # in state.info


class Row(StoredRow["Columns"]):
    """The row of the object that ``workflow`` moves, as its session sees it."""

    __slots__ = ("columns", "instance", "state", "workflow")

    def __init__(self, workflow: Any, columns: Columns) -> None:
        self.workflow = workflow
        self.columns = columns
        self.instance: Any = workflow._stored_object  # noqa: SLF001 - the library's own
        self.state: InstanceState[Any] = instance_state(self.instance)

    # -- where it is -----------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session that the object is in; raise ``WorkflowError`` if it is in none."""
        session = self.state.session
        if session is None or self.state.deleted:
            raise no_session(self.state)
        return session

    @property
    def knows(self) -> bool:
        """Whether the object knows its state, and nothing has to be loaded."""
        return self.columns.field in instance_dict(self.instance)

    @property
    def is_new(self) -> bool:
        """Whether the object has no row yet."""
        return self.state.key is None

    @property
    def connection(self) -> Connection:
        """The connection of the transaction that the session is in; nothing is flushed."""
        session = self.session
        if self._must_wait:
            raise WorkflowError(MUST_WAIT.format(named(self.state)))
        return session.connection(bind_arguments=self.columns.bind)

    @property
    def _must_wait(self) -> bool:
        """Whether the database can be asked only where that is awaited, and here it is not."""
        return not in_greenlet() and self.session.get_bind(self.columns.mapper).dialect.is_async

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that name the row."""
        identity = self.state.key
        assert identity is not None  # noqa: S101 - asked of stored rows only
        return self.columns.parameters_of(identity[1])

    # -- what the object knows -------------------------------------------------------------------

    def known(self, field: str) -> Any:
        """Return an attribute; one that is expired is loaded."""
        known = instance_dict(self.instance)
        if field in known:
            return known[field]
        if self.state.persistent and self._must_wait:
            waits = self.workflow._is_async  # noqa: SLF001 - the library's own
            raise must_wait(self.state, field, waits=waits)
        try:
            return getattr(self.instance, field)
        except (DetachedInstanceError, ObjectDeletedError) as error:
            raise cannot_read(self.state, field, error) from error

    def refresh(self) -> None:
        """Read the state again."""
        if self.is_new:
            return
        row = self.connection.execute(self.columns.fresh_read, self.parameters).first()
        if row is None:
            raise WorkflowError(GONE.format(named(self.state)))
        self._take(row)

    def held(self) -> Any:
        """Return the value that an object without a row has for its INSERT."""
        return instance_dict(self.instance).get(self.columns.field)

    def hold(self, told: dict[str, Any]) -> None:
        """Let the object know what is stored now; if that is undone, it knows what was before."""
        for field, value in told.items():
            old = instance_dict(self.instance).get(field, _ABSENT)
            set_committed_value(self.instance, field, value)
            session = self.state.session
            if session is not None:
                when_undone(session, partial(_restore, self.instance, field, old))

    # -- what is stored --------------------------------------------------------------------------

    def memory(self, remembered: Mapping[str, str]) -> Any:
        """Return what is stored for what compounds remember: JSON, or a text of it."""
        return self.columns.remembering(remembered)

    def compare(self, move: Move) -> bool:
        """Compare and store in one statement; return whether the row was what is expected."""
        parameters = self.parameters
        for number, one in enumerate(move.values):
            parameters[f"statecraft_expected_{number}"] = one
        if move.moves:
            parameters["statecraft_value"] = move.value
        if move.version is not None:
            parameters["statecraft_version"] = move.version
        if move.remembered is not None:
            parameters["statecraft_remembered"] = move.remembered
        return self.connection.execute(self.columns.comparing(move.shape), parameters).rowcount != 0

    def found(self) -> tuple[Any, Any]:
        """Return the value and the version that the row has now; the object knows them, too."""
        row: Any = self.connection.execute(self.columns.reading, self.parameters).first()
        if row is None:
            return Found.NO_ROW, None
        self._take(row)
        return row[0], row[-1]

    def _take(self, row: Any) -> None:
        """Let the object know what was read."""
        set_committed_value(self.instance, self.columns.field, row[0])
        if self.columns.version_field is not None:
            set_committed_value(self.instance, self.columns.version_field, row[1])

    # -- the log ---------------------------------------------------------------------------------

    def log(self, statements: LogStatements) -> Log:
        """Return the log of the row; a new object is flushed for it, as for a query."""
        if self.is_new:
            self.session.flush()
        return Log(statements, self.connection, self.parameters)

    def write(self, statements: LogStatements, entry: Entry) -> None:
        """Write a record; that of an object without a row is written after its INSERT."""
        if not self.is_new:
            self.log(statements).append(entry)
            return
        waiting = waiting_records(self.state, self.columns.field)
        waiting.append(entry)
        when_undone(self.session, partial(waiting.remove, entry))

    # -- locking ---------------------------------------------------------------------------------

    def lock(self) -> None:
        """Lock the row, and let the object know the state that is in it now.

        Where the object knew another one, or has forgotten anything, all of it is read again.
        """
        connection = self.connection
        if connection.dialect.name == "sqlite":
            connection.execute(self.columns.touching, self.parameters)
        if not self._is_expired:
            row = connection.execute(self.columns.locking_read, self.parameters).first()
            if row is not None and self._knows(row):
                return
        try:
            self.session.refresh(self.instance, self._loaded, with_for_update=True)
        except InvalidRequestError as error:
            raise WorkflowError(GONE.format(named(self.state))) from error

    def _knows(self, row: Any) -> bool:
        known: Mapping[str, Any] = instance_dict(self.instance)
        field, version = self.columns.field, self.columns.version_field
        return known.get(field) == row[0] and (version is None or known.get(version) == row[1])

    @property
    def _is_expired(self) -> bool:
        return not self.knows or bool(self.state.expired_attributes)

    @property
    def _loaded(self) -> list[str]:
        """The column attributes that the object has, or has forgotten."""
        known = self.state.expired_attributes.union(instance_dict(self.instance))
        columns = self.columns
        return [columns.field, *known.intersection(columns.mapper.column_attrs.keys())]


def waiting_records(state: InstanceState[Any], field: str) -> list[Entry]:
    """Return the records that are to be written after the INSERT of an object."""
    waiting: dict[str, list[Entry]] = state.info.setdefault(_WAITING, {})
    return waiting.setdefault(field, [])


def _restore(instance: object, field: str, value: Any) -> None:
    """Let an object know again what it knew before, unless it was told to forget it."""
    known = instance_dict(instance)
    if field not in known:
        return
    if value is _ABSENT:
        del known[field]
    else:
        set_committed_value(instance, field, value)
