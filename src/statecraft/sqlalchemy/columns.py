"""Where a class has its state: the table, its key, the columns, and the statements on them.

The statements name the key and the columns of the workflow, and nothing else, so that what the
application has declared about other columns (``onupdate`` above all) has no part in them. They are
built once for each mapped class.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, MetaData, Table, and_, bindparam, func, or_, select, update
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.visitors import iterate

from statecraft.persistence import remembered_field
from statecraft.sqlalchemy.log import LogStatements
from statecraft.sqlalchemy.log_table import like, log_table_beside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Select, Update
    from sqlalchemy.orm import Mapper

    from statecraft.spec import WorkflowSpec
    from statecraft.stored_rows import Shape


class Columns:
    """The columns of one workflow of one mapped class, and the statements on them.

    ``table`` is the mapped table that has the state; ``bare`` is the same table with the key and
    the columns of the workflow alone.
    """

    def __init__(
        self, mapper: Mapper[Any], spec: WorkflowSpec, version_field: str | None, *, logs: bool
    ) -> None:
        self.mapper = mapper
        self.bind = {"mapper": mapper}
        self.field = spec.state_field
        self.version_field = version_field
        self.remembered_field = remembered_field(spec)
        state: Any = mapper.columns[self.field]
        self.table: Table = state.table
        self.bare = Table(self.table.name, MetaData(), schema=self.table.schema)
        self.keys = [self._bare_key(key) for key in mapper.primary_key]
        self.key_names = [f"statecraft_key_{number}" for number in range(len(self.keys))]
        self.state: Column[Any] = self._bare(state)
        self.version = self._bare_field(version_field)
        self.remembered = self._bare_field(self.remembered_field)
        self.log: LogStatements | None = None
        if logs:
            log = log_table_beside(self.table, self.keys)
            keys = dict(zip(self.key_names, self.keys, strict=True))
            self.log = LogStatements(log, state.name, keys)
        self._updates: dict[Shape, Update] = {}
        self.fresh_read = self._read()
        self.locking_read = self.fresh_read.with_for_update()
        self.reading = self.fresh_read.with_for_update(read=True)
        # changes nothing: for databases on which that is the lock
        self.touching = update(self.bare).where(self._of_row).values({self.state: self.state})

    def _bare_key(self, key: Any) -> Column[Any]:
        """Return a column of the key, as the table has it that has the state."""
        same = _same_columns(self.mapper, key)
        return self._bare(next(one for one in same if one.table is self.table))

    def _bare_field(self, field: str | None) -> Column[Any] | None:
        found: Any = None if field is None else self.mapper.columns.get(field)
        return None if found is None or found.table is not self.table else self._bare(found)

    def _bare(self, column: Column[Any]) -> Column[Any]:
        """Return a column of the bare table, like one of the mapped table."""
        bare: Column[Any] = Column(column.name, like(column), key=column.name)
        self.bare.append_column(bare)
        return bare

    @property
    def _of_row(self) -> ColumnElement[bool]:
        pairs = zip(self.keys, self.key_names, strict=True)
        return and_(*(key == bindparam(name, type_=key.type) for key, name in pairs))

    def _read(self) -> Select[Any]:
        version = [] if self.version is None else [self.version]
        return select(self.state, *version).where(self._of_row)

    def comparing(self, shape: Shape) -> Update:
        """Return the statement that compares and stores."""
        if shape not in self._updates:
            self._updates[shape] = self._comparing(shape)
        return self._updates[shape]

    def _comparing(self, shape: Shape) -> Update:
        state = self.state
        tests: list[ColumnElement[bool]] = [
            state == bindparam(f"statecraft_expected_{number}", type_=state.type)
            for number in range(shape.values)
        ]
        tests += [state.is_(None)] if shape.nothing else []
        new = bindparam("statecraft_value", type_=state.type) if shape.moves else state
        setting: dict[Any, Any] = {state: new}
        where = [self._of_row, or_(*tests)]
        if shape.counts and self.version is not None:
            known = bindparam("statecraft_version", type_=self.version.type)
            where.append(func.coalesce(self.version, 0) == known)
            setting[self.version] = known + 1
        if shape.remembers and self.remembered is not None:
            memory = bindparam("statecraft_remembered", type_=self.remembered.type)
            setting[self.remembered] = memory
        return update(self.bare).where(*where).values(setting)

    def remembering(self, memory: Mapping[str, str]) -> Any:
        """Return what is stored for a memory: JSON, or a text of it."""
        is_json = self.remembered is not None and isinstance(self.remembered.type, JSON)
        return dict(memory) if is_json else json.dumps(dict(memory))

    def parameters_of(self, identity: Sequence[Any]) -> dict[str, Any]:
        """Return the parameters that name the row."""
        return dict(zip(self.key_names, identity, strict=True))


def _same_columns(mapper: Mapper[Any], key: Any) -> list[Any]:
    """Return the columns that joined tables have in the place of one of the key, and itself."""
    same = [key]
    for one in reversed([*mapper.iterate_to_root()]):  # from the base on
        condition = one.inherit_condition
        for pair in () if condition is None else iterate(condition):
            if isinstance(pair, BinaryExpression):
                sides: list[Any] = [pair.left, pair.right]
                same += sides if any(side is one for side in sides for one in same) else []
    return same
