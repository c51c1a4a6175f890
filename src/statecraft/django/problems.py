"""What is wrong with the fields of a model, or with the values that they are to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from statecraft.django.fields import plain
from statecraft.errors import Problem, WorkflowDefinitionError
from statecraft.persistence import remembered_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.spec import WorkflowSpec


def require_columns(workflow: Any, model: Any) -> None:
    """Raise ``WorkflowDefinitionError`` if the table has no room for what the workflow stores."""
    problems = [*_problems_of_fields(workflow, model)]
    if problems:
        raise WorkflowDefinitionError(problems)


def _problems_of_fields(workflow: Any, model: Any) -> Iterator[Problem]:
    spec: WorkflowSpec = workflow.workflow_spec
    try:
        state: Any = model._meta.get_field(spec.state_field)
    except FieldDoesNotExist:
        what = f"{model.__name__} has no such field. Add it, or name another one: state_field"
        yield Problem(spec.name, spec.state_field, what)
        return
    if not isinstance(state, models.Field) or state.is_relation:
        what = "it is a relation, and cannot hold the stored value. Give state_field another name"
        yield Problem(spec.name, spec.state_field, what)
        return
    yield from _problems_of_values(spec, state)
    owner = state.model
    if any(one.history for one in spec.states.values()):
        yield from _missing(spec, remembered_field(spec), "models.TextField(null=True)", owner)
    if workflow._logs() and len(owner._meta.pk_fields) > 1:
        what = "a record belongs to an object by a key of one field, and this one has several"
        yield Problem(spec.name, "log", what)
    if workflow.version_field is not None:
        kind = "models.PositiveIntegerField(default=0)"
        yield from _missing(spec, workflow.version_field, kind, owner)


def _missing(spec: WorkflowSpec, name: str, kind: str, owner: Any) -> Iterator[Problem]:
    try:
        found = owner._meta.get_field(name)
    except FieldDoesNotExist:
        found = None
    if found is None or found.model is not owner:
        what = f"it is to be a field of {owner.__name__}. Add {name} = {kind} there"
        yield Problem(spec.name, name, what)


def _problems_of_values(spec: WorkflowSpec, field: Any) -> Iterator[Problem]:
    for leaf in spec.leaves:
        for value in leaf.stored_values:
            if not _holds(field, plain(value)):
                what = (
                    f"its value {value!r} does not fit into the field {field.name!r}, which is a"
                    f" {type(field).__name__}. Give the state another value, or declare another"
                    " field"
                )
                yield Problem(spec.name, leaf.name, what, leaf.place)


def _holds(field: Any, value: Any) -> bool:
    """Whether a field can hold ``value``; nobody knows what a user's own kind does."""
    if isinstance(field, (models.CharField, models.TextField)):
        longest = field.max_length if isinstance(field, models.CharField) else None
        return isinstance(value, str) and (longest is None or len(value) <= longest)
    if isinstance(field, models.IntegerField):
        return isinstance(value, int)
    return True
