"""A flow for the tests: an offer, an account, a way to pay, and an order at the end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User

from statecraft.flows import (
    COMPLETE,
    Action,
    Choice,
    Linear,
    RequiredState,
    Scaffold,
)


class OfferForm(forms.Form):
    """How many are wanted, and by when."""

    quantity = forms.IntegerField(min_value=1, max_value=9)
    wanted_by = forms.DateField(
        required=False, widget=forms.SelectDateWidget(years=range(2030, 2040))
    )
    note = forms.CharField(required=False)


class LoginForm(forms.Form):
    """Who it is."""

    username = forms.CharField()
    password = forms.CharField(widget=forms.PasswordInput)

    def clean(self) -> dict[str, Any]:
        """Find the user."""
        cleaned = super().clean() or self.cleaned_data
        self.user = authenticate(username=cleaned.get("username"), password=cleaned.get("password"))
        if self.user is None:
            raise forms.ValidationError("That is nobody")
        return cleaned


class EmailForm(forms.Form):
    """Whose password is forgotten."""

    email = forms.EmailField()


class CodeForm(forms.Form):
    """The code of the letter."""

    code = forms.CharField()


class PasswordForm(forms.Form):
    """Another password."""

    password = forms.CharField(widget=forms.PasswordInput)


class KindForm(forms.Form):
    """Which new way to pay."""

    kind = forms.ChoiceField(choices=[("Card", "Card"), ("Bank", "Bank")])


class CardForm(forms.Form):
    """A card."""

    number = forms.CharField()


class TextForm(forms.Form):
    """Some text."""

    text = forms.CharField()


class Offer(Action):
    """What is bought."""

    form_class = OfferForm


class Login(Action):
    """Log in."""

    form_class = LoginForm
    links_to = ("Register", "ForgotPassword")
    stores = ()

    def form_valid(self, form: Any) -> Any:
        """Log in."""
        login(self.request, form.user)
        return COMPLETE


class Register(Action):
    """Make an account."""

    form_class = LoginForm
    stores = ("username",)


class AskEmail(Action):
    """Ask whose password it is."""

    form_class = EmailForm
    links_to = ("Register",)

    def form_valid(self, form: Any) -> Any:
        """Keep it for the next step."""
        self.state["email"] = form.cleaned_data["email"]
        return COMPLETE


class ConfirmCode(Action):
    """Ask for the code."""

    form_class = CodeForm
    stores = ()
    preconditions = (RequiredState("email"),)


class ResetPassword(Action):
    """Ask for another one."""

    form_class = PasswordForm
    stores = ()

    def form_valid(self, form: Any) -> Any:
        """Set it."""
        user = User.objects.get(email=self.state["email"])
        user.set_password(form.cleaned_data["password"])
        user.save()
        return COMPLETE


class ForgotPassword(Scaffold):
    """The way to another password."""

    url, transition = "forgot/", Linear
    action_set = (AskEmail, ConfirmCode, ResetPassword)
    on_complete = "Login"


def signed_in(task: Any) -> bool:
    """Whether somebody is logged in."""
    return bool(task.user.is_authenticated)


class GetUserAccount(Scaffold):
    """Who it is."""

    url, transition = "account/", Choice
    action_set = (Login, Register, ForgotPassword)
    skip_if = signed_in


class Kind(Action):
    """Card or bank."""

    form_class = KindForm
    moves_to, completes = ("Card", "Bank"), False

    def form_valid(self, form: Any) -> Any:
        """Go there."""
        return form.cleaned_data["kind"]


class Card(Action):
    """A card."""

    form_class = CardForm


class Account(Action):
    """An account."""

    form_class = TextForm


class Address(Action):
    """Its address."""

    form_class = TextForm


class Bank(Scaffold):
    """A bank account."""

    url, transition = "bank/", Linear
    action_set = (Account, Address)


class NewMethod(Scaffold):
    """A new way to pay."""

    url, transition = "new/", Choice
    action_set = (Kind, Card, Bank)


class Confirm(Action):
    """Look at everything."""


class Purchase(Scaffold):
    """A purchase."""

    transition = Linear
    action_set = (Offer, GetUserAccount, NewMethod, Confirm)

    orders: list[Any] = []

    def completed(self, task: Any) -> Any:
        """Order it."""
        Purchase.orders.append(
            (task.id, {path: dict(values) for path, values in task.answers.items()})
        )
        return "/who/"
