"""The four forms of the wizard."""

from __future__ import annotations

from django import forms


class OfferForm(forms.Form):
    """What is bought."""

    quantity = forms.IntegerField(min_value=1)
    note = forms.CharField(required=False)


class AddressForm(forms.Form):
    """Where it is sent."""

    name = forms.CharField()
    street = forms.CharField()
    city = forms.CharField()
    delivery = forms.DateField()


class PaymentForm(forms.Form):
    """How it is paid."""

    method = forms.ChoiceField(choices=[("invoice", "Invoice"), ("card", "Card")])


class ConfirmForm(forms.Form):
    """That everything is right."""

    agreed = forms.BooleanField()


STEPS = (OfferForm, AddressForm, PaymentForm, ConfirmForm)
FILLED_IN = (
    {"quantity": "3", "note": "With a ribbon, please"},
    {"name": "Ada", "street": "St James's Square 12", "city": "London", "delivery": "2031-05-04"},
    {"method": "invoice"},
    {"agreed": "on"},
)
