"""Where a model has its state: the table, its key, the columns, and the statements on them.

The statements name the key and the columns of the workflow, and nothing else. They are written once
for each kind of database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.django.fields import plain
from statecraft.django.log_models import log_model_beside
from statecraft.persistence import remembered_field

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from statecraft.spec import WorkflowSpec
    from statecraft.stored_rows import Shape


class Columns:
    """The columns of one workflow of one model.

    ``owner`` is the model whose table has the state: a parent, of a proxy or of a child with a
    table of its own.
    """

    def __init__(
        self, model: Any, spec: WorkflowSpec, version_field: str | None, *, logs: bool
    ) -> None:
        self.model = model
        self.spec = spec
        self.field = spec.state_field
        self.version_field = version_field
        self.remembered_field = remembered_field(spec)
        self.state: Any = model._meta.get_field(self.field)
        self.owner: Any = self.state.model
        options = self.owner._meta
        self.keys: tuple[Any, ...] = tuple(options.pk_fields)
        own = {field.name: field for field in options.local_concrete_fields}
        self.version: Any = None if version_field is None else own[version_field]
        self.remembered: Any = own.get(self.remembered_field)
        self.fields = [one for one in (self.state, self.version, self.remembered) if one]
        self.log_model = log_model_beside(self.owner, model) if logs else None
        self.names = tuple(one.attname for one in self.fields)
        values = (value for leaf in spec.leaves for value in leaf.stored_values)
        self.values = {plain(value): value for value in values}
        self._statements: dict[str, Statements] = {}

    def statements(self, connection: BaseDatabaseWrapper) -> Statements:
        """Return the statements for a database."""
        found = self._statements.get(connection.vendor)
        if found is None:
            found = self._statements[connection.vendor] = Statements(self, connection)
        return found

    def key_of(self, instance: Any, connection: BaseDatabaseWrapper) -> list[Any]:
        """Return the parameters that name the row of an object; they are ``None`` without one."""
        return [
            key.get_db_prep_value(getattr(instance, key.attname), connection) for key in self.keys
        ]

    def value_of(self, stored: Any) -> Any:
        """Return the value of a state for what the column has."""
        found = plain(stored)
        return self.values.get(found, found)

    def stored(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return the parameter for a value of a state."""
        return self.state.get_db_prep_save(plain(value), connection)


class Statements:
    """The statements on the columns of a model, for one kind of database."""

    def __init__(self, columns: Columns, connection: BaseDatabaseWrapper) -> None:
        quoted = connection.ops.quote_name
        self._columns = columns
        self._updates: dict[Shape, str] = {}
        self._table = quoted(columns.owner._meta.db_table)  # Django's public name
        self._state = quoted(columns.state.column)
        # MariaDB takes "a", "A" and "a " for the same, unless it compares bytes
        is_exact = connection.vendor != "mysql" or not _is_text(columns.state, connection)
        self._compared = self._state if is_exact else f"BINARY CONVERT({self._state} USING utf8mb4)"
        self._version = quoted(columns.version.column) if columns.version else ""
        self._remembered = quoted(columns.remembered.column) if columns.remembered else ""
        self._of_row = " AND ".join(f"{quoted(key.column)} = %s" for key in columns.keys)
        names = ", ".join(quoted(field.column) for field in columns.fields)
        self.locking = f"SELECT {names} FROM {self._table} WHERE {self._of_row}"  # noqa: S608 - our names
        if connection.features.has_select_for_update:
            self.locking += f" {connection.ops.for_update_sql()}"
        # changes nothing: for a database on which that is the lock
        self.touching = self._updated([f"{self._state} = {self._state}"], [self._of_row])

    def comparing(self, shape: Shape) -> str:
        """Return the statement that compares and stores."""
        if shape not in self._updates:
            self._updates[shape] = self._comparing(shape)
        return self._updates[shape]

    def _comparing(self, shape: Shape) -> str:
        setting = [f"{self._state} = {'%s' if shape.moves else self._state}"]
        if shape.counts:
            setting.append(f"{self._version} = COALESCE({self._version}, 0) + 1")
        if shape.remembers:
            setting.append(f"{self._remembered} = %s")
        tests = [f"{self._compared} IN ({', '.join(['%s'] * shape.values)})"] * bool(shape.values)
        tests += [f"{self._state} IS NULL"] * shape.nothing
        where = [self._of_row, f"({' OR '.join(tests)})"]
        if shape.counts:
            where.append(f"COALESCE({self._version}, 0) = %s")
        return self._updated(setting, where)

    def _updated(self, setting: list[str], where: list[str]) -> str:
        tests = " AND ".join(where)
        return f"UPDATE {self._table} SET {', '.join(setting)} WHERE {tests}"  # noqa: S608 - our names

    def read_values(self, row: Any, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """Return what the attributes are to know of a row that was read."""
        found: dict[str, Any] = {}
        for field, value in zip(self._columns.fields, row, strict=True):
            column = field.cached_col
            converters = [*connection.ops.get_db_converters(column)]
            converters += column.get_db_converters(connection)
            for convert in converters:
                value = convert(value, column, connection)  # noqa: PLW2901 # as Django does it
            found[field.attname] = value
        return found


def _is_text(field: Any, connection: BaseDatabaseWrapper) -> bool:
    kind: str = field.db_type(connection) or ""
    return "char" in kind or "text" in kind
