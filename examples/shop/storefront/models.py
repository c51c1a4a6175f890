"""What is sold, how customers pay, and what they have ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse

from statecraft import Event, State
from statecraft.django import WorkflowModel

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import TypeAlias

    Text: TypeAlias = models.Field[str, str]
    Number: TypeAlias = models.Field[int, int]
    Money: TypeAlias = models.Field[Decimal, Decimal]
    Reference: TypeAlias = models.ForeignKey[Any, Any]


class Product(models.Model):
    """Something on the shelf."""

    sku: Text = models.SlugField(unique=True)
    name: Text = models.CharField(max_length=80)
    description: Text = models.CharField(max_length=200)
    price: Money = models.DecimalField(max_digits=8, decimal_places=2)
    stock: Number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class PaymentMethod(models.Model):
    """A way to pay that a customer has used before: never enough of it to pay elsewhere."""

    owner: Reference = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    label: Text = models.CharField(max_length=80)

    def __str__(self) -> str:
        """Return what its owner knows it by."""
        return self.label


class Order(WorkflowModel, log=True):
    """An order; ``key`` is the id of the task that it comes from, so that there is one of it."""

    key: Text = models.CharField(max_length=64, unique=True)
    customer: Reference = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    product: Reference = models.ForeignKey(Product, on_delete=models.PROTECT)
    quantity: Number = models.PositiveIntegerField()
    total: Money = models.DecimalField(max_digits=8, decimal_places=2)
    paid_by: Text = models.CharField(max_length=80)

    placed = State()
    confirmed = State()
    waiting = State(label="Waiting for new stock")
    sent = State(final=True)
    cancelled = State(final=True)

    confirm = Event((placed | waiting).to(confirmed))
    wait = Event(placed.to(waiting))
    send = Event(confirmed.to(sent))
    cancel = Event((placed | waiting | confirmed).to(cancelled))

    def __str__(self) -> str:
        """Return what people call it."""
        return f"Order {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the page that its customer sees."""
        return reverse("order", args=[self.pk])

    @classmethod
    def place(cls, key: str, *, remember: str = "", **values: Any) -> Order:
        """Make the order of ``key`` and fire its first event; return the old one if there is one.

        ``remember`` is what the way to pay is to be called next time; nothing means: forget it.
        """
        with transaction.atomic():
            order, is_new = cls.objects.get_or_create(key=key, defaults=values)
            if is_new:
                order.fire("confirm" if order.takes_from_stock() else "wait")
                if remember:
                    PaymentMethod.objects.get_or_create(owner=order.customer, label=remember)
        return order

    def takes_from_stock(self) -> bool:
        """Take the goods from the shelf, if they are there, and return whether they were."""
        shelf = Product.objects.filter(pk=self.product.pk, stock__gte=self.quantity)
        return shelf.update(stock=models.F("stock") - self.quantity) == 1
