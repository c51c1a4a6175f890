"""The life of a payment, which is attached to its order."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - the form of the event looks for it
from typing import Annotated

from django import forms
from django.db.models import TextChoices

from statecraft import Event, Guard, State, Workflow

LongText = Annotated[str, forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))]


class Method(TextChoices):
    """How a customer can pay."""

    TRANSFER = "transfer", "Bank transfer"
    CARD = "card", "Credit card"


class Payment(Workflow):
    """A payment: what arrives in full makes its order a paid one, in the same transaction."""

    due = State(meta={"colour": "amber"})
    received = State(meta={"colour": "green"})
    refunded = State(final=True)

    @Event(
        due.to(received),
        guard=Guard("is_wanted", because="its order was cancelled", code="cancelled"),
        note=("amount", "method"),
    )
    def receive(self, amount: Decimal, method: Method = Method.TRANSFER) -> None:
        """Take the money, if it is enough."""
        missing = self.subject.total - amount
        if missing > 0:
            self.halt(f"{missing} € are missing")

    @Event(
        received.to(refunded),
        guard=[
            Guard.permission("orders.refund_order", because="only accountants give money back"),
            Guard("is_called_off", because="its order is neither cancelled nor returned"),
        ],
        note=("why",),
    )
    def refund(self, why: LongText) -> None:
        """Give the money back; the log keeps why."""

    def is_wanted(self) -> bool:
        """Whether its order still waits for it."""
        return bool(self.subject.is_placed())

    def is_called_off(self) -> bool:
        """Whether the money belongs to the customer again."""
        return bool(self.subject.is_cancelled() or self.subject.is_returned())

    def on_received_entry(self) -> None:
        """Move the order."""
        self.subject.pay()
