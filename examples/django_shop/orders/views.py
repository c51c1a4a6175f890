"""What a customer sees of an order, and can do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from orders.models import Order
from statecraft.django.event_forms import form_for
from statecraft.django.outcomes import fired_as

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


def show(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show an order; the template asks it for the events that are allowed."""
    return render(request, "orders/order.html", {"order": get_object_or_404(Order, key=key)})


def fire(request: HttpRequest, key: UUID, event: str) -> HttpResponse:
    """Ask for the arguments of an event that is there for customers, and fire it."""
    order = get_object_or_404(Order, key=key)
    known = Order.workflow_spec.events.get(event)
    if known is None or "customer" not in known.meta:
        raise Http404
    form = form_for(Order, event)(request.POST or None)
    if not form.is_valid():
        return render(request, "orders/event.html", {"order": order, "event": known, "form": form})
    outcome = fired_as(request.user, order, event, form.arguments())
    level = messages.SUCCESS if outcome.happened else messages.ERROR
    messages.add_message(request, level, outcome.text)
    return redirect(order)
