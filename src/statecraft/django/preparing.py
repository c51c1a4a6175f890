"""A model that is complete gets what its workflow needs: fields, guarded attributes, scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models.signals import class_prepared

from statecraft.definition import check_attributes_of
from statecraft.django.attributes import StateAttribute
from statecraft.django.columns import Columns
from statecraft.django.fields import no_form_field, remembered_field_of, state_field_of
from statecraft.django.problems import require_columns
from statecraft.django.querysets import scopes_of
from statecraft.django.targets import workflows_of
from statecraft.persistence import remembered_field

if TYPE_CHECKING:
    from django.db import models

    from statecraft.spec import WorkflowSpec

WORKFLOWS = "_workflow_columns"  # in a model: the columns of its workflows, by their state fields


def prepare(sender: Any, **_: Any) -> None:
    """Prepare a model that is complete, if it has a workflow and belongs to no migration."""
    if sender.__module__ == "__fake__" or not hasattr(sender, WORKFLOWS):
        return
    setattr(sender, WORKFLOWS, dict(getattr(sender, WORKFLOWS)))
    for workflow in workflows_of(sender).values():
        _prepare_for(sender, workflow)


def _prepare_for(model: Any, workflow: Any) -> None:
    spec: WorkflowSpec = workflow.workflow_spec
    _add_field(model, spec.state_field, state_field_of(spec))
    if any(state.history for state in spec.states.values()):
        _add_field(model, remembered_field(spec), remembered_field_of())
    require_columns(workflow, model)
    columns = Columns(model, spec, workflow.version_field, logs=workflow._logs())
    getattr(model, WORKFLOWS)[spec.state_field] = columns
    for field in columns.fields:
        field.formfield = no_form_field
        setattr(model, field.attname, StateAttribute(field))
    check_attributes_of(workflow)
    if workflow is model:
        _add_scopes(model, spec)


def _add_field(model: Any, name: str, field: models.Field[Any, Any]) -> None:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        model.add_to_class(name, field)


def _add_scopes(model: Any, spec: WorkflowSpec) -> None:
    own: dict[str, Any] = model.__dict__
    for name, scope in scopes_of(spec).items():
        if name not in own:
            setattr(model, name, scope)


class_prepared.connect(prepare, dispatch_uid="statecraft")
