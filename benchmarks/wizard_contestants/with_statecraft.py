"""The wizard as a flow."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from benchmarks.wizard_contestants.forms import AddressForm, ConfirmForm, OfferForm, PaymentForm
from statecraft.flows import Action, Linear, Scaffold, flow_urls


class Offer(Action):
    """What is bought."""

    form_class = OfferForm


class Address(Action):
    """Where it is sent."""

    form_class = AddressForm


class Payment(Action):
    """How it is paid."""

    form_class = PaymentForm


class Confirm(Action):
    """That everything is right."""

    form_class = ConfirmForm


class Buying(Scaffold):
    """All four, one after the other."""

    transition = Linear
    action_set = (Offer, Address, Payment, Confirm)

    def completed(self, task: Any) -> str:
        """Look at the answers."""
        assert len(task.answers) == 4
        return "/done/"


urlpatterns = [path("flow/", include(flow_urls(Buying)))]
START = "/flow/"
PREFIXED = False
