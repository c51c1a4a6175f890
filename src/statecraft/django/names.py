"""System checks: no field, relation or manager has a name that the workflow of its model has.

Relations of other apps come to a model when all are loaded, so that nobody can know before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core import checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.apps import AppConfig

    from statecraft.spec import WorkflowSpec

CLASH = "statecraft.E001"


def check_names(
    *, app_configs: Sequence[AppConfig] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Return an error for each name that two things have."""
    models: list[Any] = [*apps.get_models()]
    if app_configs is not None:
        models = [one for config in app_configs for one in config.get_models()]
    stored = [one for one in models if hasattr(one, "_workflow_columns")]
    return [error for model in stored for error in _clashes(model)]


def _clashes(model: Any) -> Iterator[checks.CheckMessage]:
    spec: WorkflowSpec | None = getattr(model, "workflow_spec", None)
    if spec is None:
        return
    owned = names_of(spec)
    for name, thing, hint in _names_of_django(model):
        if name in owned:
            yield checks.Error(
                f"{thing} and {owned[name]} hide one another.",
                hint=f"{hint} Or keep the workflow apart from the model, as an attached one.",
                obj=model,
                id=CLASH,
            )


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
