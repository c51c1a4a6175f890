"""The forms of the shop that have nothing to do with money or passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    from storefront.models import Product


class CurrentPrice(forms.HiddenInput):
    """A hidden field that always says the price of now: sending it is agreeing to it."""

    def __init__(self, price: Any) -> None:
        super().__init__()
        self.price = price

    def format_value(self, value: Any) -> str:  # noqa: ARG002 - whatever was agreed to before
        """Return the price of now."""
        return str(self.price)


class OfferForm(forms.Form):
    """How many of a product, at the price that is shown.

    It is valid as long as the offer is: it is judged again at the end, as every answer that has no
    effect of its own.
    """

    quantity = forms.IntegerField(label="How many?", min_value=1, max_value=99, initial=1)
    price = forms.DecimalField(max_digits=8, decimal_places=2)

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product = product
        self.fields["price"].widget = CurrentPrice(product.price)
        self.fields["price"].error_messages["invalid"] = "Please agree to the price below."

    def clean_quantity(self) -> int:
        """Refuse more than there are."""
        quantity: int = self.cleaned_data["quantity"]
        stock = self.product.stock
        if stock == 0:
            message = f"{self.product} is sold out. Please choose something else."
            raise forms.ValidationError(message, code="sold_out")
        if quantity > stock:
            message = f"There are only {stock} left. Please take fewer."
            raise forms.ValidationError(message, code="too_many")
        return quantity

    def clean(self) -> dict[str, Any]:
        """Refuse another price than the one that was agreed to."""
        values: dict[str, Any] = super().clean() or {}
        if "price" in values and values["price"] != self.product.price:
            message = f"The price has changed: it is {self.product.price} € now."
            raise forms.ValidationError(message, code="price")
        return values


class ConfirmForm(forms.Form):
    """The last word."""

    agreed = forms.BooleanField(
        label="I want to buy this",
        error_messages={"required": "Please say that you want to buy this."},
    )
