"""What is wrong with the columns of a mapped class, or with the values that they are to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum as EnumType
from sqlalchemy import Integer, String, Table
from sqlalchemy.types import NullType, TypeDecorator

from statecraft.errors import Problem
from statecraft.names import did_you_mean
from statecraft.persistence import remembered_field
from statecraft.sqlalchemy.log_table import problems_of_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Mapper

    from statecraft.spec import WorkflowSpec


def problems_of_columns(workflow: Any, mapper: Mapper[Any]) -> Iterator[Problem]:
    """Yield what is missing, or cannot hold what is to be stored."""
    spec: WorkflowSpec = workflow.workflow_spec
    name, field = mapper.class_.__name__, spec.state_field
    columns: Any = mapper.columns
    if field not in columns:
        hint = did_you_mean(field, columns.keys())
        what = (
            f"{name} has no such column.{hint} Add {field}: Mapped[str | None], or name another one"
            ' in the class statement: state_field="status"'
        )
        yield Problem(spec.name, field, what)
        return
    table: Any = columns[field].table
    if not isinstance(columns[field].table, Table):
        what = f"{name} is mapped to something else than a table, and cannot be stored there"
        yield Problem(spec.name, field, what)
        return
    yield from _problems_of_values(spec, columns[field].type)
    if workflow._logs():  # noqa: SLF001 - the library's own
        yield from problems_of_log(spec.name, table)
    if any(state.history for state in spec.states.values()):
        yield from _missing(spec, remembered_field(spec), "Mapped[str | None]", columns, table)
    if workflow.version_field is not None:
        yield from _missing(spec, workflow.version_field, "Mapped[int]", columns, table)
        version = columns.get(workflow.version_field)
        if version is not None and not isinstance(version.type, Integer):
            what = f"it counts transitions, and cannot be {version.type!r}. Make it Mapped[int]"
            yield Problem(spec.name, workflow.version_field, what)


def _missing(
    spec: WorkflowSpec, field: str, annotation: str, columns: Any, table: Any
) -> Iterator[Problem]:
    found = columns.get(field)
    if found is None or found.table is not table:
        what = f"it is to be a column of the table {table.name}. Add {field}: {annotation}"
        yield Problem(spec.name, field, what)


def _problems_of_values(spec: WorkflowSpec, kind: Any) -> Iterator[Problem]:
    for leaf in spec.leaves:
        for value in leaf.stored_values:
            if not _holds(kind, value):
                what = (
                    f"its value {value!r} does not fit into the column {spec.state_field!r}, which"
                    f" is {kind!r}. Give the state another value, or the column another type"
                )
                yield Problem(spec.name, leaf.name, what, leaf.place)


def _holds(kind: Any, value: Any) -> bool:
    """Whether a column of this type can hold ``value``; nobody knows what a user's type does."""
    if isinstance(kind, (TypeDecorator, NullType)):
        return True
    if isinstance(kind, EnumType):
        members: Any = kind.enum_class
        return value in kind.enums if members is None else isinstance(value, members)
    if isinstance(kind, String):
        return isinstance(value, str) and (kind.length is None or len(value) <= kind.length)
    try:
        return isinstance(value, kind.python_type)
    except NotImplementedError:  # pragma: no cover - of SQLAlchemy 2.0; 2.1 says object
        return True
