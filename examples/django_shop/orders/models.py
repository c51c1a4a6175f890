"""An order on its way to the customer."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from django import forms
from django.core.mail import send_mail
from django.db import models
from django.urls import reverse
from django.utils import timezone

from orders.payments import LongText, Payment
from statecraft import Event, Guard, State, Transition
from statecraft.django import WorkflowModel

if TYPE_CHECKING:
    from typing import TypeAlias

    Text: TypeAlias = models.Field[str, str]
    Money: TypeAlias = models.Field[Decimal, Decimal]
    Day: TypeAlias = models.Field[date | None, date | None]
    Key: TypeAlias = models.Field[uuid.UUID, uuid.UUID]

Weight = Annotated[Decimal, forms.DecimalField(label="Weight in kg", min_value=Decimal("0.01"))]
DAYS_TO_RETURN = 14
BY_CUSTOMER = {"customer": True}  # events that are on the page of the customer


class Carrier(models.TextChoices):
    """Who carries a parcel."""

    POST = "post", "The post"
    COURIER = "courier", "A courier"


class Order(WorkflowModel, log=True):
    """An order: the staff moves it in the admin, and its customer on a page of its own."""

    key: Key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer: Text = models.CharField(max_length=80)
    email: Text = models.EmailField()
    address: Text = models.TextField(blank=True)
    total: Money = models.DecimalField(max_digits=8, decimal_places=2)
    shipped_on: Day = models.DateField(null=True, blank=True, editable=False)
    payment = Payment.attached("payment_state")

    placed = State()
    paid = State(meta={"colour": "amber"})
    packed = State(meta={"colour": "amber"})
    shipped = State(meta={"colour": "green"})
    cancelled = State(final=True)
    returned = State(meta={"colour": "red"}, final=True)

    pay = Event(placed.to(paid), guard=Guard("is_covered", because="nobody has paid for it yet"))

    @Event(
        paid.to(packed),
        guard=[
            Guard.permission("orders.pack_order", because="only those who pack may do that"),
            Guard("address", because="nobody knows where to send it", code="no-address"),
        ],
        note=("weight",),
    )
    def pack(self, weight: Weight) -> None:
        """Put it into a parcel that somebody can carry."""
        if weight > 30:
            self.halt("a parcel weighs 30 kg at most: make two of it")

    @Event(packed.to(shipped), note=("carrier", "tracking"))
    def ship(self, carrier: Carrier, tracking: str, on: date | None = None) -> None:
        """Give it to a carrier, today if nothing else is said."""
        self.shipped_on = on or timezone.localdate()
        self.save(update_fields=["shipped_on"])

    @Event(
        (placed | paid | packed).to(cancelled),
        note=("why",),
        meta=BY_CUSTOMER,
    )
    def cancel(self, why: LongText) -> None:
        """Call it off; the log keeps why."""

    @Event(
        shipped.to(returned),
        label="Send back",
        guard=Guard(
            "is_recent",
            because=f"it was shipped more than {DAYS_TO_RETURN} days ago",
            code="too-late",
        ),
        note=("why",),
        meta=BY_CUSTOMER,
    )
    def send_back(self, why: LongText) -> None:
        """Take it back; the log keeps why."""

    class Meta:
        """Who may do what."""

        permissions = (("pack_order", "Can pack an order"), ("refund_order", "Can refund an order"))

    def __str__(self) -> str:
        """Return what people call it."""
        return f"Order {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address of the customer's page."""
        return reverse("order", args=[self.key])

    def is_covered(self) -> bool:
        """Whether the money is there."""
        return self.payment.current_state == "received"

    def is_recent(self) -> bool:
        """Whether the customer may still send it back."""
        first = timezone.localdate() - timedelta(days=DAYS_TO_RETURN)
        return self.shipped_on is not None and self.shipped_on >= first

    def after_commit(self, transition: Transition) -> None:
        """Tell the customer: a mail cannot be called back, so it waits for the commit."""
        about = f"{self} is {transition.target.label}"
        text = f"See {self.get_absolute_url()}"
        send_mail(about, text, "shop@example.org", [self.email])
