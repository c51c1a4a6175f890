"""The forms by which customers say who they are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none is read as another one


def new_code() -> str:
    """Return a code that is easy to type, and takes a while to guess: 40 bits."""
    return get_random_string(8, LETTERS)


def hash_of(code: str, task_id: str) -> str:
    """Return what a task may keep of a code."""
    return salted_hmac("storefront.code", f"{task_id}:{code}", algorithm="sha256").hexdigest()


class RegisterForm(UserCreationForm):  # type: ignore[type-arg] # pyright: ignore[reportMissingTypeArgument] # of a User
    """A new account."""

    email = forms.EmailField(label="E-mail")

    class Meta(UserCreationForm.Meta):
        """What it asks for, besides a password."""

        fields = ("username", "email")


class EmailForm(forms.Form):
    """The address to which a code is sent."""

    email = forms.EmailField(label="Your e-mail address")


class CodeForm(forms.Form):
    """The code that was sent."""

    code = forms.CharField(label="Code from the e-mail", max_length=16)

    def __init__(self, *args: Any, code_hash: str, task_id: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code_hash, self.task_id = code_hash, task_id
        self.fields["code"].widget.attrs |= {"autocomplete": "one-time-code"}

    def clean_code(self) -> str:
        """Refuse another one."""
        code: str = self.cleaned_data["code"].strip().upper()
        if not constant_time_compare(hash_of(code, self.task_id), self.code_hash):
            message = "This is not the code that we sent. Please look again."
            raise forms.ValidationError(message)
        return code
