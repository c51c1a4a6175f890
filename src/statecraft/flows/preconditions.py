"""Preconditions: what has to hold before an action is shown, and when it is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import resolve_url
from django.template.response import TemplateResponse

if TYPE_CHECKING:
    from django.http import HttpResponseBase


class Precondition:
    """Something that the task has to have; subclass it for one of your own."""

    def holds(self, task: Any) -> bool:
        """Return whether it holds for a task; it is asked often, and changes nothing."""
        message = f"{type(self).__qualname__} has no method holds"
        raise NotImplementedError(message)

    def respond(self, action: Any) -> HttpResponseBase:
        """Return what is sent instead of an action for which it does not hold."""
        message = f"{type(self).__qualname__} has no method respond"
        raise NotImplementedError(message)

    def __str__(self) -> str:
        return type(self).__name__


class RequiredState(Precondition):
    """Some keys have to be in the state of the task; else a page says what is missing: 422."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def holds(self, task: Any) -> bool:
        """Return whether all of them are there; an empty value counts as there."""
        return not self._missing(task)

    def _missing(self, task: Any) -> list[str]:
        return [name for name in self.names if task.state.get(name) is None]

    def respond(self, action: Any) -> HttpResponseBase:
        """Return a page that says what is missing."""
        flow = action.flow
        context = {
            "missing": self._missing(action.task),
            "continue_url": flow.back_url,
            "flow": flow,
        }
        return TemplateResponse(action.request, "flows/required_state.html", context, status=422)

    def __str__(self) -> str:
        return f"needs {', '.join(self.names)}"


class LoginRequired(Precondition):
    """Somebody has to be logged in; else the login page of the site asks for it, and leads back.

    ``login_url`` is where to log in; default: the setting ``LOGIN_URL``.
    """

    def __init__(self, login_url: str | None = None) -> None:
        self.login_url = login_url

    def holds(self, task: Any) -> bool:
        """Return whether somebody is logged in."""
        return task.user is not None and bool(task.user.is_authenticated)

    def respond(self, action: Any) -> HttpResponseBase:
        """Redirect to the login, and from there back to this action."""
        from django.contrib.auth.views import redirect_to_login  # noqa: PLC0415 - an app of its own

        login_url = None if self.login_url is None else resolve_url(self.login_url)
        return redirect_to_login(action.flow.address, login_url)

    def __str__(self) -> str:
        return "needs a login"
