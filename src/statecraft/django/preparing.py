"""A model that is complete gets what its workflow needs: fields, guarded attributes, scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models.manager import ManagerDescriptor
from django.db.models.query_utils import DeferredAttribute

from statecraft.definition import check_attributes_of
from statecraft.django.attributes import StateAttribute
from statecraft.django.columns import Columns
from statecraft.django.fields import no_form_field, remembered_field_of, state_field_of
from statecraft.django.names import ATTACHED, WORKFLOWS, attached_names
from statecraft.django.problems import require_columns
from statecraft.django.querysets import is_scope, scopes_of
from statecraft.django.targets import workflows_of
from statecraft.errors import Problem, WorkflowDefinitionError
from statecraft.persistence import remembered_field
from statecraft.signatures import ABSENT, looked_up
from statecraft.spec import WorkflowSpec

if TYPE_CHECKING:
    from django.db import models


def prepare(sender: Any, **_: Any) -> None:
    """Prepare a model that is complete, if it has a workflow and belongs to no migration."""
    attached = attached_names(sender)
    if attached:
        setattr(sender, ATTACHED, attached)
    if sender.__module__ == "__fake__" or not hasattr(sender, WORKFLOWS):
        return
    setattr(sender, WORKFLOWS, dict(getattr(sender, WORKFLOWS)))
    for workflow in workflows_of(sender).values():
        _prepare_for(sender, workflow)


def _prepare_for(model: Any, workflow: Any) -> None:
    spec = workflow.workflow_spec
    if not isinstance(spec, WorkflowSpec):
        what = "the field is in the place of the spec of the workflow. Rename it"
        raise WorkflowDefinitionError([Problem(model.__name__, "workflow_spec", what)])
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
    problems: list[Problem] = []
    for name, scope in scopes_of(spec).items():
        found = looked_up(model, name)
        if found is ABSENT or is_scope(found):
            setattr(model, name, scope)
        elif not isinstance(found, (DeferredAttribute, ManagerDescriptor)):  # the checks find these
            what = (
                f"what the model has and {name}() of a state hide one another. Rename one of them."
                " Or keep the workflow apart from the model, as an attached one"
            )
            problems.append(Problem(spec.name, name, what))
    if problems:
        raise WorkflowDefinitionError(problems)
