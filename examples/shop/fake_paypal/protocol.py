"""What the shop and the provider say to each other: signed, so that nobody else can say it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac


class Demand(NamedTuple):
    """What the shop wants: an amount, for something that it calls ``reference``."""

    reference: str
    amount: str
    return_url: str

    @property
    def transaction(self) -> str:
        """The number of the payment: whoever pays twice for one thing pays once."""
        paid = f"{self.reference}|{self.amount}"
        return salted_hmac("fake-paypal.number", paid, algorithm="sha256").hexdigest()[:12]


class Result(NamedTuple):
    """What the provider says about a demand; no ``transaction``: it was called off."""

    reference: str
    amount: str
    transaction: str


def signed(value: Demand | Result) -> str:
    """Return it as a text for a URL."""
    salt = f"fake-paypal.{type(value).__name__}"
    return signing.dumps(list(value), key=settings.FAKE_PAYPAL_KEY, salt=salt)


def demand_of(text: str) -> Demand:
    """Return what the shop has signed. Raises ``BadSignature`` for anything else."""
    return Demand(*_read(text, Demand))


def result_of(text: str) -> Result:
    """Return what the provider has signed. Raises ``BadSignature`` for anything else."""
    return Result(*_read(text, Result))


def _read(text: str, kind: type[Demand | Result]) -> list[str]:
    salt = f"fake-paypal.{kind.__name__}"
    found: list[str] = signing.loads(text, key=settings.FAKE_PAYPAL_KEY, salt=salt, max_age=3600)
    return found


def payment_url(demand: Demand) -> str:
    """Return the page of the provider on which a demand is paid."""
    return f"{reverse('fake_paypal')}?{urlencode({'demand': signed(demand)})}"
