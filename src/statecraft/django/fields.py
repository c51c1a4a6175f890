"""The fields that a workflow brings, where the model does not declare them.

To migrations they are plain fields of Django, of a fixed length and without choices or a default:
a state more or less changes no column.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from statecraft.errors import UnknownState
from statecraft.states import State

if TYPE_CHECKING:
    from typing import TypeAlias

    from statecraft.spec import WorkflowSpec

    CharField: TypeAlias = models.CharField[Any, Any]
    IntegerField: TypeAlias = models.IntegerField[Any, Any]
else:
    CharField, IntegerField = models.CharField, models.IntegerField

_OF_WORKFLOW = ("choices", "default", "editable")


def plain(value: Any) -> Any:
    """Return what a column stores for a value: what it stands for, if it is a member of an Enum."""
    return value.value if isinstance(value, Enum) else value


def no_form_field(**_: Any) -> None:
    """Return what a form shows of a state: nothing, because nobody assigns it."""


def _deconstructed(field: Any, deconstructed: Any) -> Any:
    """Return what a migration writes: a field of Django, and nothing that a state changes."""
    name, _, arguments, keywords = deconstructed
    kept = {key: value for key, value in keywords.items() if key not in _OF_WORKFLOW}
    kind: Any = type(field).__base__
    return name, f"django.db.models.{kind.__name__}", arguments, kept


def _stored(value: Any) -> Any:
    return plain(value.initial_leaf.value if isinstance(value, State) else value)


def _require_state(field: Any, value: Any, instance: Any) -> None:
    """Refuse what is no state of the object, whose class may have more than the field knows."""
    try:
        instance._workflow_columns[field.name].spec.state_of(value)
    except UnknownState as error:
        raise ValidationError(str(error), code="invalid_choice") from error


class StateCharField(CharField):
    """A column of texts for the states of one workflow."""

    def deconstruct(self) -> Any:
        """Return a plain field."""
        return _deconstructed(self, super().deconstruct())

    def get_prep_value(self, value: Any) -> Any:
        """Take a State and a member of an Enum for what they are stored as, in queries too."""
        return super().get_prep_value(_stored(value))

    def validate(self, value: Any, model_instance: Any) -> None:
        """Refuse what is no state of the object."""
        _require_state(self, value, model_instance)


class StateIntegerField(IntegerField):
    """A column of numbers for the states of one workflow."""

    def deconstruct(self) -> Any:
        """Return a plain field."""
        return _deconstructed(self, super().deconstruct())

    def get_prep_value(self, value: Any) -> Any:
        """Take a State and a member of an Enum for what they are stored as, in queries too."""
        return super().get_prep_value(_stored(value))

    def validate(self, value: Any, model_instance: Any) -> None:
        """Refuse what is no state of the object."""
        _require_state(self, value, model_instance)


def state_field_of(spec: WorkflowSpec) -> models.Field[Any, Any]:
    """Return a field for the states of a workflow."""
    options: dict[str, Any] = {"null": True, "blank": True, "editable": False}
    options["choices"] = [(plain(leaf.value), leaf.label) for leaf in spec.leaves]
    if all(isinstance(plain(leaf.value), int) for leaf in spec.leaves):
        return StateIntegerField(**options)
    return StateCharField(max_length=255, **options)


def remembered_field_of() -> models.Field[Any, Any]:
    """Return a field for what compounds with history remember."""
    return models.TextField(null=True, blank=True, editable=False)
