"""The row of one object: read, locked, compared and stored, and what the object knows of it."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db import connections, router

from statecraft.django.columns import Columns, Shape, remembered_text
from statecraft.django.explaining import gone, no_row
from statecraft.django.fields import plain
from statecraft.django.following import MARKS, follow, forget_undone
from statecraft.django.log import Log
from statecraft.errors import StaleState, WorkflowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.backends.base.base import BaseDatabaseWrapper

    from statecraft.django.columns import Statements
    from statecraft.spec import WorkflowSpec


class Found(Enum):
    """What is found where no state is: ``StaleState.found`` of an object whose row is gone."""

    NO_ROW = "no row"

    def __repr__(self) -> str:
        return "gone: its row was deleted"


def log_model_of(spec: WorkflowSpec, columns: Columns) -> Any:
    """Return the model of a log; raise ``WorkflowError`` where there is none."""
    if columns.log_model is None:
        message = f"{spec.name} keeps no log: define it with log=True"
        raise WorkflowError(message)
    return columns.log_model


class Row:
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

    def known(self, field: Any) -> Any:
        """Return an attribute; what was forgotten or never loaded is read."""
        known: dict[str, Any] = self.instance.__dict__
        if MARKS in known:
            forget_undone(known)
        return getattr(self.instance, field.attname)

    def state(self) -> Any:
        """Return the value of the state that the object knows."""
        return self.columns.value_of(self.known(self.columns.state))

    def remembered(self) -> dict[str, str]:
        """Return what compounds with history remember."""
        kept = self.known(self.columns.remembered)
        found: dict[str, str] = json.loads(kept) if kept else {}
        return found

    # -- what is stored --------------------------------------------------------------------------

    def move(
        self,
        value: Any,
        expected: tuple[Any, ...],
        *,
        moves: bool = True,
        memory: Mapping[str, str] | None = None,
    ) -> None:
        """Store ``value`` if what is stored is expected, in one statement; else ``StaleState``.

        If it does not move, the row is compared and locked. An object without a row keeps the
        value for its INSERT.
        """
        told: dict[str, Any] = {self.columns.state.attname: plain(value)} if moves else {}
        if memory is not None:
            told[self.columns.remembered.attname] = remembered_text(memory)
        if self.is_new:
            found = self.state()
            if found not in expected:
                raise StaleState(self.workflow, expected=expected, found=found)
        else:
            told |= self._update(value, expected, moves=moves, memory=memory)
        if told:
            self.instance.__dict__.update(told)
            follow(self.instance, self.columns.names, self.connection)

    def _update(
        self,
        value: Any,
        expected: tuple[Any, ...],
        *,
        moves: bool,
        memory: Mapping[str, str] | None,
    ) -> dict[str, Any]:
        columns, connection = self.columns, self.connection
        values = [columns.stored(one, connection) for one in expected if one is not None]
        counts = moves and bool(columns.version)
        shape = Shape(len(values), len(values) < len(expected), moves, counts, memory is not None)
        parameters: list[Any] = [columns.stored(value, connection)] if moves else []
        parameters += [] if memory is None else [remembered_text(memory)]
        parameters += [*self.key, *values]
        version = (self.known(columns.version) or 0) if counts else None
        parameters += [version] if counts else []
        with connection.cursor() as cursor:
            cursor.execute(self.statements.comparing(shape), parameters)
            changed = cursor.rowcount
        if not changed:
            raise self._stale(expected, version)
        return {} if version is None else {columns.version.attname: version + 1}

    def _stale(self, expected: tuple[Any, ...], version: int | None) -> StaleState:
        """Return the error of a writer who came too late; the object knows what is there now."""
        row = self._read(self.statements.locking)
        if row is None:
            return StaleState(self.workflow, expected=expected, found=Found.NO_ROW)
        self.instance.__dict__.update(row)
        found = self.state()
        error = StaleState(self.workflow, expected=expected, found=found)
        if version is not None and found in expected:
            now = row[self.columns.version.attname]
            error.add_note(f"Its version was {version}, and is {now} now.")
        return error

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
