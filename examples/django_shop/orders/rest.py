"""The orders behind Django REST framework: one address for all events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.decorators import api_view
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from orders.models import Order
from orders.refusals import REFUSALS, body_of, require_done, status_of
from statecraft.django.event_forms import form_for

if TYPE_CHECKING:
    from rest_framework.request import Request


def answered(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a refusal; settings name this function as the ``EXCEPTION_HANDLER``."""
    if not isinstance(error, REFUSALS):
        return exception_handler(error, context)
    set_rollback()  # what else the request has stored goes with it, under ATOMIC_REQUESTS
    return Response(body_of(error), status=status_of(error))


@api_view(["GET"])
def show(_: Request, number: int) -> Response:
    """Return an order, and what its reader may do with it."""
    return Response(described(get_object_or_404(Order, pk=number)))


@api_view(["POST"])
def fire(request: Request, number: int, event: str) -> Response:
    """Fire an event; the form of the event checks the arguments, as in the admin."""
    order = get_object_or_404(Order, pk=number)
    given: Any = request.data if isinstance(request.data, dict) else {}  # JSON may be a list
    form = form_for(Order, event)(given)
    if not form.is_valid():
        return Response(form.errors.get_json_data(), status=400)
    arguments = form.arguments()
    order.fire(event, *arguments.positional, **arguments.keywords)
    require_done(order)
    return Response(described(order))


def described(order: Order) -> dict[str, Any]:
    """Return what a client is to know of an order."""
    return {
        "id": order.pk,
        "state": order.current_state.name,
        "events": list(order.allowed_events()),
    }
