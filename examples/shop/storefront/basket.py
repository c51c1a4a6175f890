"""What a task has in its basket so far: read from its answers, wherever in the flow they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_paypal.protocol import result_of
from storefront.models import PaymentMethod, Product

if TYPE_CHECKING:
    from decimal import Decimal

    from django.db.models import QuerySet


def product_of(task: Any) -> Product:
    """Return what is bought, as it is offered now."""
    return Product.objects.get(sku=task.kwargs["sku"])


def quantity_of(task: Any) -> int:
    """Return how many of it."""
    quantity: int = task.answers["Offer"]["quantity"]
    return quantity


def total_of(task: Any) -> Decimal:
    """Return what it costs now."""
    return quantity_of(task) * product_of(task).price


def saved_methods_of(task: Any) -> QuerySet[PaymentMethod]:
    """Return the ways to pay that the customer has used before."""
    owner = task.user if task.user.is_authenticated else None
    return PaymentMethod.objects.filter(owner=owner)


def paid_by(task: Any) -> str:
    """Return how it is paid, without what nobody needs to see."""
    answers = task.answers
    if "Card" in answers:
        return f"Card ending in {answers['Card']['last_four']}"
    if "Account" in answers:
        return f"Account ending in {answers['Account']['iban'][-4:]}"
    if "PayPal" in answers:
        return f"PayPal, payment {result_of(answers['PayPal']['result']).transaction}"
    return str(saved_methods_of(task).get(pk=answers["SavedMethod"]["method"]))


def remembered(task: Any) -> str:
    """Return what a way to pay is to be called next time, if the customer wants it remembered."""
    wanted = any(
        task.answers[name]["remember"] for name in ("Card", "Account") if name in task.answers
    )
    return paid_by(task) if wanted else ""
