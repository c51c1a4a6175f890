"""The check-out: buy, say who you are, choose how to pay, confirm."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from statecraft.flows import Action, Linear, Scaffold
from storefront.account_flow import GetUserAccount
from storefront.basket import paid_by, product_of, quantity_of, remembered, total_of
from storefront.forms import ConfirmForm, OfferForm
from storefront.models import Order, Product
from storefront.payment_flow import ChoosePayment


class Offer(Action):
    """Do you want to buy this? Judged once more at the end: it may be sold out by then."""

    url, label = "offer/", "What you buy"
    form_class, template_name = OfferForm, "storefront/offer_step.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the product as it is now."""
        return super().get_form_kwargs() | {"product": product_of(self.task)}


class Confirm(Action):
    """Everything once more, and the button that buys it."""

    url, label = "confirm/", "Confirm and pay"
    form_class, template_name = ConfirmForm, "storefront/confirm_step.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show everything."""
        task = self.task
        summary = {
            "You buy": f"{quantity_of(task)} of {product_of(task)}",
            "You are": task.user.get_username(),
            "You pay by": paid_by(task),
            "In all": f"{total_of(task)} €",
        }
        return super().get_context_data(summary=summary, **kwargs)


class Purchase(Scaffold):
    """From a product to an order."""

    transition = Linear
    action_set = [Offer, GetUserAccount, ChoosePayment, Confirm]

    def prepare(self) -> None:
        """Sell only what there is."""
        if not Product.objects.filter(sku=self.kwargs["sku"]).exists():
            raise Http404

    def completed(self, task: Any) -> Order:
        """Make the order, and lead to it: one, as the id of the task is its key."""
        return Order.place(
            task.id,
            customer=task.user,
            product=product_of(task),
            quantity=quantity_of(task),
            total=total_of(task),
            paid_by=paid_by(task),
            remember=remembered(task),
        )
