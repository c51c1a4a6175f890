"""Who are you? Log in, register, or get a new password and log in with that."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.models import User
from django.core import mail

from statecraft.flows import COMPLETE, Action, Choice, Linear, RequiredState, Scaffold
from storefront.account_forms import CodeForm, EmailForm, RegisterForm, hash_of, new_code


def signed_in(task: Any) -> bool:
    """Whether we know already who it is."""
    return bool(task.user.is_authenticated)


class Login(Action):
    """An existing account."""

    url, label = "login/", "Log in"
    form_class, template_name = AuthenticationForm, "storefront/login_step.html"
    links_to = ["Register", "ForgotPassword"]
    stores = ()  # a password is not for keeping

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form what it counts attempts by."""
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: Any) -> Any:
        """Log in: the key of the session changes, and the task goes on."""
        login(self.request, form.get_user())
        return COMPLETE


class Register(Action):
    """A new account."""

    url, label = "register/", "Create an account"
    form_class, template_name = RegisterForm, "storefront/register_step.html"
    links_to = ["Login"]
    stores = ("username", "email")

    def form_valid(self, form: Any) -> Any:
        """Make the account, and log in with it."""
        user = form.save(commit=False)
        user.email = form.cleaned_data["email"]
        user.save()
        login(self.request, user)
        return COMPLETE


class AskEmail(Action):
    """The address to which a code is sent; a stranger does not learn whether we know it."""

    url, label = "", "Forgot your password?"
    form_class, template_name = EmailForm, "storefront/step.html"
    skip_on_back = True  # once somebody is logged in, this is over
    extra_context = {"lead": "We send you a code. With it, you choose a new password."}

    def form_valid(self, form: Any) -> Any:
        """Send a code to the one who has the address, and keep what is needed to know it again."""
        email, code = form.cleaned_data["email"], new_code()
        self.state.update(email=email, code_hash=hash_of(code, self.task.id))
        self.state.pop("is_confirmed", None)
        if User.objects.filter(email__iexact=email).exists():
            text = f"Your code for a new password is {code}."
            mail.send_mail("Your code", text, None, [email])
        return COMPLETE


class ConfirmCode(Action):
    """The code from the e-mail."""

    url, label = "code/", "Your code"
    form_class, template_name = CodeForm, "storefront/code_step.html"
    preconditions = [RequiredState("email", "code_hash")]
    stores = ()

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form what it knows the code by."""
        known = {"code_hash": self.state.get("code_hash", ""), "task_id": self.task.id}
        return super().get_form_kwargs() | known

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the mail in the demo, which sends none."""
        sent = getattr(mail, "outbox", ()) if settings.DEBUG else ()
        mine = [one.body for one in sent if self.state["email"] in one.to]
        return super().get_context_data(mail=mine[-1] if mine else "", **kwargs)

    def form_valid(self, form: Any) -> Any:  # noqa: ARG002 - a valid code says it all
        """Take the code once."""
        self.state.update(is_confirmed=True, code_hash="")
        return COMPLETE


class ResetPassword(Action):
    """A new password."""

    url, label = "password/", "A new password"
    form_class, template_name = SetPasswordForm, "storefront/step.html"
    preconditions = [RequiredState("email", "is_confirmed")]
    stores = ()

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form whose password it is."""
        user = User.objects.filter(email__iexact=self.state.get("email", "")).first()
        return super().get_form_kwargs() | {"user": user}

    def form_valid(self, form: Any) -> Any:
        """Set it."""
        form.save()
        return COMPLETE


class ForgotPassword(Scaffold):
    """A new password, by e-mail; then back to the login."""

    url, label, transition = "forgot/", "Forgot your password?", Linear
    action_set = [AskEmail, ConfirmCode, ResetPassword]
    on_complete = "Login"


class GetUserAccount(Scaffold):
    """Whoever is logged in does not come by here."""

    url, label, transition = "account/", "Who you are", Choice
    action_set = [Login, Register, ForgotPassword]
    skip_if = signed_in
