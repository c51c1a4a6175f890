"""System checks: no field, relation or manager has a name that the workflow of its model has.

Relations of other apps come to a model when all are loaded, so that nobody can know before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core import checks
from django.db.models import Model

from statecraft.attached import Attached
from statecraft.checks.subject import is_of_library
from statecraft.spec import WorkflowSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.apps import AppConfig

WORKFLOWS = "_workflow_columns"  # in a model: the columns of its workflows, by their state fields
ATTACHED = "_workflow_attached"  # in a model: the names of those that are attached to it
CLASH = "statecraft.E001"


def check_names(
    *, app_configs: Sequence[AppConfig] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Return an error for each name that two things have."""
    models: list[Any] = [*apps.get_models()]
    if app_configs is not None:
        models = [one for config in app_configs for one in config.get_models()]
    return [error for model in models for error in _clashes(model)]


def _clashes(model: Any) -> Iterator[checks.CheckMessage]:
    owned = _names_of_workflows(model)
    for name, thing, hint in _names_of_django(model) if owned else ():
        if name in owned:
            if name not in getattr(model, ATTACHED, ()):
                hint += " Or keep the workflow apart from the model, as an attached one."  # noqa: PLW2901 # it goes on
            message = f"{thing} and {owned[name]} hide one another."
            yield checks.Error(message, hint=hint, obj=model, id=CLASH)


def attached_names(model: type) -> tuple[str, ...]:
    """Return the names of the workflows that are attached to a model."""
    named = ((name, one) for klass in model.__mro__ for name, one in vars(klass).items())
    return tuple(name for name, one in named if isinstance(one, Attached))


def _names_of_workflows(model: Any) -> dict[str, str]:
    """Return the names that the workflows of a model need, and what each of them is.

    By now a relation may be in the place of any of them, and so of the spec.
    """
    attached: tuple[str, ...] = getattr(model, ATTACHED, ())
    owned = {name: f"the attached workflow {name!r}" for name in attached}
    if getattr(model, WORKFLOWS, None):
        lineage: tuple[type[Any], ...] = model.__mro__
        for klass in lineage:
            if is_of_library(klass) and klass is not object and not issubclass(klass, Model):
                names = [name for name in vars(klass) if not name.startswith("_")]
                owned |= {name: f"{name!r} of every workflow" for name in names}
    spec: WorkflowSpec | None = getattr(model, "workflow_spec", None)
    return owned | names_of(spec) if isinstance(spec, WorkflowSpec) else owned


def names_of(spec: WorkflowSpec) -> dict[str, str]:
    """Return the names that a workflow brings to its model, and what each of them is."""
    owned: dict[str, str] = {}
    for name, state in spec.states.items():
        what = f"the state {name!r}"
        owned[state.identifier] = what
        for method in ("is_{}", "with_{}_state", "without_{}_state"):
            method_name = method.format(state.identifier)
            owned[method_name] = f"{method_name}() of {what}"
    for name in spec.events:
        owned[name] = f"the event {name!r}"
        owned[f"can_{name}"] = f"can_{name}() of the event {name!r}"
    return owned


def _names_of_django(model: Any) -> Iterator[tuple[str, str, str]]:
    options = model._meta
    for field in options.get_fields():
        if field.auto_created and not field.concrete:
            name = field.get_accessor_name()
            other = field.related_model._meta.label
            what = f"the relation {name!r} from {other}.{field.field.name}"
            yield name, what, "Give that field another related_name."
        else:
            for name in {field.name, getattr(field, "attname", field.name)}:
                yield name, f"the field {name!r}", "Rename one of them."
    for manager in options.managers:
        yield manager.name, f"the manager {manager.name!r}", "Rename one of them."
