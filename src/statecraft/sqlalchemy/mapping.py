"""A class that is mapped gets what its workflow needs: a state that events alone can move.

The state attribute is guarded: it can be given when an object is created, by value or by name, and
not be assigned later, so that no flush of a stale object undoes a transition. A new row is stored
with the initial state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import event, inspect
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value

from statecraft.errors import WorkflowDefinitionError, WorkflowError
from statecraft.log_entries import entry_of_creation
from statecraft.sqlalchemy.explaining import named
from statecraft.sqlalchemy.log import Log
from statecraft.sqlalchemy.problems import problems_of_columns
from statecraft.sqlalchemy.rows import waiting_records

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from sqlalchemy.orm import Mapper

    from statecraft.spec import WorkflowSpec
    from statecraft.sqlalchemy.columns import Columns

# the workflows of each mapped class that is guarded itself, by the fields that have their states
_guarded: WeakKeyDictionary[type, dict[str, Any]] = WeakKeyDictionary()


def mapper_of(cls: type) -> Mapper[Any] | None:
    """Return the mapper of a class that is mapped itself, or ``None``."""
    mapper: Mapper[Any] | None = inspect(cls, raiseerr=False)
    return mapper


def require_columns(workflow: Any, mapper: Mapper[Any]) -> None:
    """Raise ``WorkflowDefinitionError`` if the table has no room for what the workflow stores."""
    problems = [*problems_of_columns(workflow, mapper)]
    if problems:
        raise WorkflowDefinitionError(problems)


def guard(mapper: Mapper[Any], workflow: Any) -> None:
    """Let the state of the objects of a mapped class be moved by ``workflow`` alone."""
    cls, field = mapper.class_, workflow.workflow_spec.state_field
    known = workflows_of(cls)
    _guarded.setdefault(cls, {})[field] = workflow
    if field not in known:
        event.listen(getattr(cls, field), "set", _set, retval=True, propagate=True)
    if not known:
        event.listen(cls, "before_insert", _before_insert, propagate=True)
        event.listen(cls, "after_insert", _after_insert, propagate=True)


def workflows_of(cls: type) -> dict[str, Any]:
    """Return the workflows of a mapped class, by the fields that have their states."""
    found: dict[str, Any] = {}
    for klass in reversed(cls.__mro__):
        found |= _guarded.get(klass, {})
    return found


def _set(target: Any, value: Any, _: Any, initiator: Any) -> Any:
    """Return what an assignment is to store: a value of a state, for an object that is new."""
    state, field = instance_state(target), initiator.key
    known = instance_dict(target)
    if field in known and value == known[field]:
        return value
    spec: WorkflowSpec = workflows_of(state.class_)[field].workflow_spec
    if state.transient:
        return None if value is None else spec.value_of(value)
    message = (
        f"{field!r} of {named(state)} is not assigned: events move it. Fire one; in a test, put the"
        " object into a state with statecraft.testing.place"
    )
    raise WorkflowError(message)


def _before_insert(_: Mapper[Any], __: Connection, target: Any) -> None:
    """Let a new row be stored with the initial state, where none was given."""
    known = instance_dict(target)
    for field, workflow in workflows_of(instance_state(target).class_).items():
        if known.get(field) is None:
            set_committed_value(target, field, workflow.workflow_spec.initial.value)


def _after_insert(_: Mapper[Any], connection: Connection, target: Any) -> None:
    """Write the record of the creation, and those of events that were fired before the INSERT."""
    state = instance_state(target)
    for field, workflow in workflows_of(state.class_).items():
        columns: Columns = workflow._columns_of(state.class_)  # noqa: SLF001 - our own
        if columns.log is None:
            continue
        waiting = waiting_records(state, field)
        spec: WorkflowSpec = workflow.workflow_spec
        first = waiting[0].source if waiting else spec.state_of(instance_dict(target)[field])
        identity = columns.mapper.primary_key_from_instance(target)
        log = Log(columns.log, connection, columns.parameters_of(identity))
        log.create(entry_of_creation(str(first)))
        for entry in waiting:
            log.append(entry)
        waiting.clear()


def when_mapped(base: type, call: Callable[[type], None]) -> None:
    """Call ``call`` with each subclass of ``base`` that is mapped, as soon as it is."""

    def constructed(_: Mapper[Any], cls: type) -> None:
        call(cls)

    event.listen(base, "after_mapper_constructed", constructed, propagate=True)
