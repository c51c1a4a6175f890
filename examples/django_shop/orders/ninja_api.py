"""The orders behind django-ninja: async views, and a schema that checks what an event takes."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - schemas look for it when they are made
from decimal import Decimal  # noqa: TC003 - as above
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest  # noqa: TC002 - as above
from django.shortcuts import aget_object_or_404
from ninja import NinjaAPI, Schema
from ninja.security import django_auth

from orders.models import Carrier, Order
from orders.payments import Method
from orders.refusals import REFUSALS, body_of, require_done, status_of

if TYPE_CHECKING:
    from django.http import HttpResponse

api = NinjaAPI(title="The shop", auth=django_auth)


class Packed(Schema):
    """What ``pack`` takes."""

    weight: Decimal


class Shipped(Schema):
    """What ``ship`` takes."""

    carrier: Carrier
    tracking: str
    on: date | None = None


class Received(Schema):
    """What arrives from a payment provider; the number is the same when it is sent again."""

    number: str
    amount: Decimal
    method: Method = Method.TRANSFER


def answered(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer a refusal."""
    return api.create_response(request, body_of(error), status=status_of(error))


for refusal in REFUSALS:
    api.add_exception_handler(refusal, answered)


@api.get("/orders/{order}/")
async def show(request: HttpRequest, order: int) -> dict[str, Any]:
    """Return an order, and what its reader may do with it."""
    return await described(await aget_object_or_404(Order, pk=order))


@api.post("/orders/{order}/pack/")
async def pack(request: HttpRequest, order: int, given: Packed) -> dict[str, Any]:
    """Pack an order."""
    return await fired(order, "pack", **given.dict())


@api.post("/orders/{order}/ship/")
async def ship(request: HttpRequest, order: int, given: Shipped) -> dict[str, Any]:
    """Ship an order."""
    return await fired(order, "ship", **given.dict())


@api.post("/orders/{order}/payment/")
async def receive(request: HttpRequest, order: int, given: Received) -> dict[str, Any]:
    """Take a payment once, however often the provider tells of it."""
    found = await aget_object_or_404(Order, pk=order)
    payment: Any = found.payment
    await payment.afire("receive", given.amount, given.method, once=given.number)
    require_done(payment)
    return await described(found)


async def fired(number: int, event: str, **arguments: Any) -> dict[str, Any]:
    """Fire an event of an order, and return what has become of it."""
    order = await aget_object_or_404(Order, pk=number)
    await order.afire(event, **arguments)
    require_done(order)
    return await described(order)


async def described(order: Order) -> dict[str, Any]:
    """Return what a client is to know; a guard may ask the database, so it has a thread."""
    events = await sync_to_async(order.allowed_events)()
    return {"id": order.pk, "state": order.current_state.name, "events": list(events)}
