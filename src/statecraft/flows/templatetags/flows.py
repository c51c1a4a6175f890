"""Tags for the templates of actions: ``{% load flows %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.utils.html import format_html

from statecraft.flows.finding import RECEIPT_PARAM

register = template.Library()


@register.inclusion_tag("flows/tags/progress.html", takes_context=True)
def flow_progress(context: Any) -> dict[str, Any]:
    """Render the steps of the flow, and which of them is the present one."""
    return {"flow": context.get("flow")}


@register.inclusion_tag("flows/tags/back.html", takes_context=True)
def flow_back(context: Any) -> dict[str, Any]:
    """Render a link to the action before, if there is one to go back to."""
    return {"flow": context.get("flow")}


@register.inclusion_tag("flows/tags/form.html", takes_context=True)
def flow_form(context: Any, submit: Any = None) -> dict[str, Any]:
    """Render the whole form: hidden fields, problems, fields, and a button that says ``submit``."""
    _focus_first_error(context["form"])
    names = ("flow", "form", "request", "csrf_token")
    return {name: context.get(name) for name in names} | {"submit": submit}


def _focus_first_error(form: Any) -> None:
    """Let the cursor stand in the first field that has to be looked at again."""
    fields = [field for one in getattr(form, "forms", [form]) for field in one.visible_fields()]
    wrong = next((field for field in fields if field.errors), None)
    if wrong is not None:
        for field in fields:
            field.field.widget.attrs.pop("autofocus", None)
        wrong.field.widget.attrs["autofocus"] = True


@register.simple_tag(takes_context=True)
def flow_fields(context: Any) -> str:
    """Render the hidden fields that a form of a flow needs, for one that is written by hand."""
    flow, request = context["flow"], context["request"]
    hidden = format_html(
        '<input type="hidden" name="{}" value="{}">', "csrfmiddlewaretoken", get_token(request)
    )
    for name, value in ((flow.task_param, flow.task_id), (RECEIPT_PARAM, flow.receipt)):
        hidden += format_html('<input type="hidden" name="{}" value="{}">', name, value)
    return hidden


@register.simple_tag(takes_context=True)
def flow_link(context: Any, name: Any) -> str:
    """Return the address of an action that this one links to."""
    address: str = context["flow"].link(name)
    return address
