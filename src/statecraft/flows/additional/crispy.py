"""Forms of flows for django-crispy-forms: a helper that adds what such a form has to send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper  # type: ignore[import-untyped] # it has no types
from crispy_forms.layout import Submit  # type: ignore[import-untyped]
from django.utils.translation import gettext_lazy

from statecraft.flows.templatetags.flows import flow_fields

if TYPE_CHECKING:
    from statecraft.flows.context import FlowContext


class FlowFields:
    """A part of a layout: the hidden fields that a form of a flow needs."""

    def render(self, form: Any, context: Any, **_: Any) -> str:  # noqa: ARG002 - crispy gives it
        """Return the fields, from the ``flow`` in the context."""
        return flow_fields(context)


class FlowHelper(FormHelper):  # type: ignore[misc] # it has no types
    """A helper for the form of an action: ``form.helper = FlowHelper(form, self.flow)``.

    It sends the form where ``{% flow_form %}`` would, with the same hidden fields, and has a button
    that says ``submit``. A layout of your own takes ``FlowFields()`` as its first part.
    """

    def __init__(self, form: Any, flow: FlowContext | None, submit: Any = None) -> None:
        super().__init__(form)  # pyright: ignore[reportUnknownMemberType] # it has no types
        helper: Any = self
        if flow is not None:  # a form that is only judged again is not shown
            self.form_action = flow.action_url
        self.disable_csrf = True  # the token is among the hidden fields
        helper.layout.insert(0, FlowFields())
        helper.add_input(Submit("submit", submit or gettext_lazy("Continue")))
