"""What the shop has when it opens."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import User

from storefront.models import PaymentMethod, Product

CUSTOMER, PASSWORD = "ada", "lovelace"
PRODUCTS = (
    ("tea", "Assam, second flush", "Strong and malty, 250 g in a tin.", "12.80", 40),
    ("pot", "Teapot", "Cast iron, for six cups. It keeps warm for an hour.", "59.00", 5),
    ("cup", "Cup", "Thrown by hand, each a little different.", "14.50", 3),
    ("kettle", "Kettle", "Knows at which temperature to stop.", "89.00", 0),
)


def make_products() -> None:
    """Put products on the shelf, those that are not there yet."""
    for sku, name, description, price, stock in PRODUCTS:
        values = {"name": name, "description": description, "price": Decimal(price), "stock": stock}
        Product.objects.get_or_create(sku=sku, defaults=values)


def make_customer() -> User:
    """Return a customer who has paid before; she is made if she is not there yet."""
    customer, is_new = User.objects.get_or_create(
        username=CUSTOMER, defaults={"email": "ada@example.com"}
    )
    if is_new:
        customer.set_password(PASSWORD)
        customer.save()
        PaymentMethod.objects.create(owner=customer, label="Card ending in 1881")
    return customer
