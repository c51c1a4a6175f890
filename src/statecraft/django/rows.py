"""The row of one object: read, locked, compared and stored, and what the object knows of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import Error, connections, router

from statecraft.django.explaining import gone, no_row
from statecraft.django.fields import plain
from statecraft.django.following import MARKS, follow, forget_undone
from statecraft.django.log import Log
from statecraft.django.losing import is_lost, unknown
from statecraft.errors import WorkflowError
from statecraft.stored_rows import Found, StoredRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.backends.base.base import BaseDatabaseWrapper

    from statecraft.django.columns import Columns, Statements
    from statecraft.spec import WorkflowSpec
    from statecraft.stored_rows import Move


def log_model_of(spec: WorkflowSpec, columns: Columns) -> Any:
    """Return the model of a log; raise ``WorkflowError`` where there is none."""
    if columns.log_model is None:
        message = f"{spec.name} keeps no log: define it with log=True"
        raise WorkflowError(message)
    return columns.log_model


class Row(StoredRow["Columns"]):
    """The row of the object that ``workflow`` moves, in the database that it is written to."""

    __slots__ = ("columns", "connection", "instance", "workflow")

    connection: BaseDatabaseWrapper

    def __init__(self, workflow: Any, columns: Columns) -> None:
        self.workflow = workflow
        self.columns = columns
        self.instance: Any = workflow._stored_object
        self.connection = connections[router.db_for_write(columns.owner, instance=self.instance)]

    @property
    def is_new(self) -> bool:
        """Whether the object has no row yet, or none any more."""
        instance: Any = self.instance
        return instance._state.adding or not instance._is_pk_set()  # Django's own

    @property
    def is_followed(self) -> bool:
        """Whether Django knows of the transaction that is open, or that each statement is one."""
        return self.connection.in_atomic_block or self.connection.get_autocommit()

    def require(self) -> None:
        """Raise ``WorkflowError`` if the object has no row."""
        if self.is_new:
            raise no_row(self.instance)

    @property
    def statements(self) -> Statements:
        """The statements for the database that the row is in."""
        return self.columns.statements(self.connection)

    @property
    def key(self) -> list[Any]:
        """The parameters that name the row."""
        return self.columns.key_of(self.instance, self.connection)

    @property
    def log(self) -> Log:
        """The log of the object; raise ``WorkflowError`` if its class keeps none."""
        model = log_model_of(self.workflow.workflow_spec, self.columns)
        [key] = self.key
        return Log(model, self.columns.spec.state_field, key, self.connection)

    # -- what the object knows -------------------------------------------------------------------

    def known(self, field: str) -> Any:
        """Return an attribute; what was forgotten or never loaded is read."""
        known: dict[str, Any] = self.instance.__dict__
        if MARKS in known:
            forget_undone(known)
        return getattr(self.instance, field)

    def state(self) -> Any:
        """Return the value of the state that the object knows."""
        return self.columns.value_of(self.known(self.columns.field))

    def held(self) -> Any:
        """Return the value that an object without a row has for its INSERT."""
        return self.state()

    def hold(self, told: dict[str, Any]) -> None:
        """Let the object know what is stored now; if that is undone, it reads its row again."""
        known: dict[str, Any] = self.instance.__dict__
        known.update((field, plain(value)) for field, value in told.items())
        follow(self.instance, self.columns.names, self.connection)

    # -- what is stored --------------------------------------------------------------------------

    def memory(self, remembered: Mapping[str, str]) -> str:
        """Return what is stored for what compounds remember."""
        return json.dumps(dict(remembered))

    def compare(self, move: Move) -> bool:
        """Compare and store in one statement; return whether the row was what is expected."""
        stored, connection = self.columns.stored, self.connection
        parameters: list[Any] = [stored(move.value, connection)] if move.moves else []
        parameters += [] if move.remembered is None else [move.remembered]
        parameters += [*self.key, *(stored(one, connection) for one in move.values)]
        parameters += [] if move.version is None else [move.version]
        with connection.cursor() as cursor:
            before = connection.connection
            try:
                cursor.execute(self.statements.comparing(move.shape), parameters)
            except Error as error:
                commits = self.is_followed and not connection.in_atomic_block
                if commits and is_lost(connection, before):
                    raise unknown(self, error) from error
                raise
            return bool(cursor.rowcount)

    def found(self) -> tuple[Any, Any]:
        """Return the value and the version that the row has now; the object knows them, too."""
        row = self._read(self.statements.locking)
        if row is None:
            return Found.NO_ROW, None
        self.instance.__dict__.update(row)
        return self.state(), row.get(str(self.columns.version_field))

    def _read(self, statement: str) -> dict[str, Any] | None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, self.key)
            row = cursor.fetchone()
        return None if row is None else self.statements.read_values(row, self.connection)

    def lock(self) -> None:
        """Lock the row, and let the object know the state that is in it now."""
        if not self.connection.features.has_select_for_update:
            with self.connection.cursor() as cursor:
                cursor.execute(self.statements.touching, self.key)
        row = self._read(self.statements.locking)
        if row is None:
            raise gone(self.instance)
        self.instance.__dict__.update(row)
