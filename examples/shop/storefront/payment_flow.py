"""How do you pay? As before, by card, from a bank account, or at PayPal."""

from __future__ import annotations

from typing import Any

from django.shortcuts import redirect

from fake_paypal.protocol import Demand, payment_url
from statecraft.flows import COMPLETE, Action, Choice, Linear, LoginRequired, Scaffold
from storefront.basket import saved_methods_of, total_of
from storefront.payment_forms import (
    AccountForm,
    AddressForm,
    CardForm,
    KindForm,
    PayPalForm,
    SavedMethodForm,
)


def pays_for_the_first_time(task: Any) -> bool:
    """Whether there is no way to pay to choose from."""
    return not saved_methods_of(task).exists()


class SavedMethod(Action):
    """One that was used before."""

    url, label = "saved/", "How you pay"
    form_class, template_name = SavedMethodForm, "storefront/saved_step.html"
    links_to = ["NewMethod"]
    skip_if = pays_for_the_first_time

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form what there is to choose from."""
        return super().get_form_kwargs() | {"methods": saved_methods_of(self.task)}


class Kind(Action):
    """Which kind of a new one."""

    url, label = "", "How you pay"
    form_class, template_name = KindForm, "storefront/step.html"
    moves_to, completes = ["Card", "Bank", "PayPal"], False
    pure = True

    def form_valid(self, form: Any) -> Any:
        """Go there."""
        return form.cleaned_data["kind"]


class Card(Action):
    """A credit card: its number goes no further than this page."""

    url, label = "card/", "Your card"
    form_class, template_name = CardForm, "storefront/step.html"
    stores = ("holder", "expires", "last_four", "remember")


class Account(Action):
    """A bank account."""

    url, label = "", "Your bank account"
    form_class, template_name = AccountForm, "storefront/step.html"


class Address(Action):
    """The address that belongs to it."""

    url, label = "address/", "The address that your bank knows"
    form_class, template_name = AddressForm, "storefront/step.html"


class Bank(Scaffold):
    """A bank account, and the address that belongs to it."""

    url, transition = "bank/", Linear
    action_set = [Account, Address]


class PayPal(Action):
    """Over to the provider, and back with what it has signed.

    The way back is a GET, and changes nothing: it shows that it is paid, and the answer is given by
    the button below that.
    """

    url, label = "paypal/", "PayPal"
    form_class, template_name = PayPalForm, "storefront/paypal_step.html"
    pure = True  # leaving for the provider changes nothing here

    def get_form_kwargs(self) -> dict[str, Any]:
        """Bind the form to what the provider has put into the address, or to what is known."""
        kwargs = super().get_form_kwargs()
        if self.request.method != "POST":
            known = kwargs["initial"].get("result", "")
            kwargs["data"] = {"result": self.request.GET.get("result", known)}
        return kwargs | {"reference": self.task.id, "amount": str(total_of(self.task))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show whether it is paid."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        paid = form.cleaned_data["result"] if form.is_valid() else ""
        return context | {"amount": form.amount, "paid": paid}

    def form_valid(self, form: Any) -> Any:
        """Go on if it is paid, and to the provider if not."""
        if form.cleaned_data["result"]:
            return COMPLETE
        return_url = self.request.build_absolute_uri(self.flow.address)
        return redirect(payment_url(Demand(form.reference, form.amount, return_url)))


class NewMethod(Scaffold):
    """One that was not used before."""

    url, label, transition = "new/", "Pay in another way", Choice
    action_set = [Kind, Card, Bank, PayPal]


class ChoosePayment(Scaffold):
    """Only for those whom we know."""

    url, label, transition = "payment/", "How you pay", Choice
    action_set = [SavedMethod, NewMethod]
    preconditions = [LoginRequired()]
