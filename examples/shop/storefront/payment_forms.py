"""The forms for ways to pay: of a card, no more than four digits are ever kept."""

from __future__ import annotations

import re
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.signing import BadSignature
from django.core.validators import RegexValidator

from fake_paypal.protocol import result_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from storefront.models import PaymentMethod

KINDS = (("card", "Credit card"), ("bank", "Bank account"), ("pay_pal", "PayPal"))
REMEMBER = "Remember this for my next order"


class SavedMethodForm(forms.Form):
    """One of the ways to pay that the customer has used before."""

    method: forms.ModelChoiceField[PaymentMethod] = forms.ModelChoiceField(
        queryset=None, label="Pay with", widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args: Any, methods: QuerySet[PaymentMethod], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["method"]
        field.queryset = methods


class KindForm(forms.Form):
    """Which kind of a new way to pay."""

    kind = forms.ChoiceField(label="Pay by", choices=KINDS, widget=forms.RadioSelect)


def passes_luhn(digits: str) -> bool:
    """Whether the last digit of a card's number fits the others."""
    products = (int(digit) * (1 + index % 2) for index, digit in enumerate(digits[::-1]))
    return sum(sum(divmod(product, 10)) for product in products) % 10 == 0


class CardForm(forms.Form):
    """A credit card. ``last_four`` is what is left of its number."""

    holder = forms.CharField(label="Name on the card", max_length=80)
    number = forms.CharField(
        label="Card number", max_length=23, help_text="For a try: 4111 1111 1111 1111"
    )
    expires = forms.CharField(
        label="Valid until (MM/YY)",
        validators=[RegexValidator(r"^(0[1-9]|1[0-2])/\d\d$", "Write it like 09/29.")],
    )
    security_code = forms.CharField(
        label="Security code",
        max_length=4,
        validators=[RegexValidator(r"^\d{3,4}$", "Three or four digits, on the back of the card.")],
    )
    remember = forms.BooleanField(label=REMEMBER, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, purpose in (
            ("holder", "cc-name"),
            ("number", "cc-number"),
            ("expires", "cc-exp"),
            ("security_code", "cc-csc"),
        ):
            self.fields[name].widget.attrs["autocomplete"] = purpose
        for name in ("number", "security_code"):
            self.fields[name].widget.attrs["inputmode"] = "numeric"

    def clean_number(self) -> str:
        """Refuse what is no number of a card."""
        digits = re.sub(r"[ -]", "", self.cleaned_data["number"])
        if not re.fullmatch(r"[0-9]{12,19}", digits) or not passes_luhn(digits):
            message = "This is not the number of a card. Please look for a slip."
            raise forms.ValidationError(message)
        return digits

    def clean(self) -> dict[str, Any]:
        """Add what may be kept of the number."""
        values: dict[str, Any] = super().clean() or {}
        return values | {"last_four": values.get("number", "")[-4:]}


class AccountForm(forms.Form):
    """A bank account, by its IBAN."""

    iban = forms.CharField(
        label="IBAN", max_length=42, help_text="For a try: DE89 3704 0044 0532 0130 00"
    )
    remember = forms.BooleanField(label=REMEMBER, required=False)

    def clean_iban(self) -> str:
        """Refuse one whose check digits do not fit."""
        iban: str = re.sub(r"\s", "", self.cleaned_data["iban"]).upper()
        if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban):
            message = "An IBAN begins with two letters and two digits."
            raise forms.ValidationError(message)
        turned = iban[4:] + iban[:4]
        number = "".join(
            str(ascii_uppercase.find(one) + 10) if one.isalpha() else one for one in turned
        )
        if int(number) % 97 != 1:
            message = "There is a slip in this IBAN. Please compare it with your card."
            raise forms.ValidationError(message)
        return iban


class AddressForm(forms.Form):
    """The address that the bank knows."""

    street = forms.CharField(label="Street and number", max_length=80)
    postal_code = forms.CharField(label="Postal code", max_length=12)
    town = forms.CharField(label="Town", max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, purpose in (
            ("street", "street-address"),
            ("postal_code", "postal-code"),
            ("town", "address-level2"),
        ):
            self.fields[name].widget.attrs["autocomplete"] = purpose


class PayPalForm(forms.Form):
    """What the provider has signed: that this amount was paid, for this task. Nothing: not yet.

    The signature is judged again at the end. So is the amount, and with it the offer.
    """

    result = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, reference: str, amount: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reference, self.amount = reference, amount

    def clean_result(self) -> str:
        """Refuse what the provider did not sign, and what was paid for something else."""
        text: str = self.cleaned_data["result"]
        if not text:
            return ""
        try:
            result = result_of(text)
        except BadSignature as error:
            message = "This did not come from PayPal. Nothing was paid by it."
            raise forms.ValidationError(message, code="forged") from error
        if (result.reference, result.amount) != (self.reference, self.amount):
            message = "This was paid for something else, or the amount has changed."
            raise forms.ValidationError(message, code="other")
        if not result.transaction:
            message = "You called the payment off. Nothing was paid."
            raise forms.ValidationError(message, code="cancelled")
        return text
