"""A form for the arguments of an event, made from the signature of its handler.

Each parameter is a field, after its type: ``str``, ``int``, ``bool``, ``float``, ``Decimal``,
``date``, ``datetime``, ``time``, ``UUID``, an Enum, a ``Literal``, a model, or any of these or
``None``. ``Annotated[str, forms.CharField(widget=forms.Textarea)]`` says it oneself.
"""

from __future__ import annotations

import inspect
import sys
from copy import deepcopy
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin
from uuid import UUID

from django import forms
from django.db import models

from statecraft.errors import UnknownEvent, WorkflowError

_EMPTY = inspect.Parameter.empty
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_FIELDS: dict[Any, type[forms.Field]] = {
    str: forms.CharField,
    int: forms.IntegerField,
    float: forms.FloatField,
    Decimal: forms.DecimalField,
    UUID: forms.UUIDField,
}
# with the browser's own way to choose one
_INPUTS: dict[Any, tuple[Any, Any, str, str]] = {
    date: (forms.DateField, forms.DateInput, "date", "%Y-%m-%d"),
    datetime: (forms.DateTimeField, forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M:%S"),
    time: (forms.TimeField, forms.TimeInput, "time", "%H:%M:%S"),
}


class Arguments(NamedTuple):
    """What an event is fired with."""

    positional: tuple[Any, ...]
    keywords: dict[str, Any]


class EventForm(forms.Form):
    """The arguments of one event."""

    required_css_class = "required"
    parameters: tuple[inspect.Parameter, ...] = ()

    def arguments(self) -> Arguments:
        """Return what was given; what was left empty is the default of its parameter."""
        given = {one.name: self._given(one) for one in self.parameters}
        keyword_only = [one.name for one in self.parameters if one.kind is one.KEYWORD_ONLY]
        positional = tuple(value for name, value in given.items() if name not in keyword_only)
        return Arguments(positional, {name: given[name] for name in keyword_only})

    def _given(self, parameter: inspect.Parameter) -> Any:
        field, value = self.fields[parameter.name], self.cleaned_data[parameter.name]
        is_text = type(field) is forms.CharField and value is not None
        if parameter.default is _EMPTY or is_text or value not in field.empty_values:
            return value
        return parameter.default


def form_for(workflow: Any, event: str) -> type[EventForm]:
    """Return the form for an event of a workflow class.

    Raises ``UnknownEvent`` for a name that is none, and ``WorkflowError`` if a parameter is of a
    type that no field is known for.
    """
    known = workflow.workflow_spec
    if event not in known.events:
        raise UnknownEvent(event, known=tuple(known.events), workflow_name=known.name)
    handler: Any = inspect.unwrap(getattr(workflow, event))
    first, *others = inspect.signature(handler).parameters.values()
    del first  # self
    parameters = tuple(one for one in others if one.kind not in _VARIADIC)
    body: dict[str, Any] = {"parameters": parameters}
    for one in parameters:
        kind = _resolved(one.annotation, handler)
        field = _field_for(kind, required=one.default is _EMPTY)
        if field is None:
            raise _no_field(workflow, event, one)
        if one.default is not _EMPTY and field.initial is None:
            field.initial = one.default.name if isinstance(one.default, Enum) else one.default
        if one.default is None and isinstance(field, forms.CharField):
            field.empty_value = None
        body[one.name] = field
    return type(f"{event.title()}Form", (EventForm,), body)


def _no_field(workflow: Any, event: str, parameter: inspect.Parameter) -> WorkflowError:
    return WorkflowError(
        f"{event!r} of {workflow.workflow_spec.name} cannot be fired from a form: there is no"
        f" field for {parameter}. Annotate it with one: Annotated[…, forms.CharField()], imported"
        " where the module can see it when it runs"
    )


def _resolved(annotation: Any, handler: Any) -> Any:
    """Return the type that an annotation names; one that is not known when it runs stays a text."""
    if not isinstance(annotation, str):
        return annotation
    names = vars(sys.modules[handler.__module__])
    try:
        return eval(annotation, dict(names))  # noqa: S307 # as typing.get_type_hints does, but of one
    except (NameError, AttributeError):
        return annotation


def _field_for(kind: Any, *, required: bool) -> forms.Field | None:
    """Return a field for a type, or ``None`` if there is none."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        named = _named_field(arguments[1:], required=required)
        return named or _field_for(arguments[0], required=required)
    if origin in {Union, UnionType}:
        kinds = [one for one in arguments if one is not NoneType]
        return _optional(kinds[0]) if len(kinds) == 1 else None
    if origin is Literal:
        return _choice({str(one): (one, str(one)) for one in arguments}, required=required)
    if kind is _EMPTY or kind is Any or kind is object:
        return forms.CharField(required=required)
    return _field_for_class(kind, required=required) if isinstance(kind, type) else None


def _named_field(notes: tuple[Any, ...], *, required: bool) -> forms.Field | None:
    """Return the field among what ``Annotated`` says, an object or a class."""
    for one in notes:
        if isinstance(one, forms.Field):
            return deepcopy(one)
        if isinstance(one, type) and issubclass(one, forms.Field):
            return one(required=required)
    return None


def _optional(kind: Any) -> forms.Field | None:
    field = _field_for(kind, required=False)
    if isinstance(field, forms.CharField):
        field.empty_value = None
    return field


def _field_for_class(kind: type, *, required: bool) -> forms.Field | None:
    if issubclass(kind, Enum):
        labels = {one.name: (one, str(getattr(one, "label", one.name))) for one in kind}
        return _choice(labels, required=required)
    if issubclass(kind, models.Model):
        return forms.ModelChoiceField(kind._default_manager.all(), required=required)
    if kind is bool:
        return forms.BooleanField(required=False)
    if kind in _INPUTS:
        field, widget, type_name, layout = _INPUTS[kind]
        attributes = {"type": type_name, "step": "any"}
        made: forms.Field = field(required=required, widget=widget(format=layout, attrs=attributes))
        return made
    known = _FIELDS.get(kind)
    return None if known is None else known(required=required)


def _choice(values: dict[str, tuple[Any, str]], *, required: bool) -> forms.Field:
    """Return a field of what is known by a text, and read by another one."""
    choices = [(name, label) for name, (_, label) in values.items()]
    return forms.TypedChoiceField(
        choices=[("", "---------"), *choices],
        coerce=lambda name: values[name][0],
        empty_value=None,
        required=required,
    )
