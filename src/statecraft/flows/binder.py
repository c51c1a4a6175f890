"""To whom a task belongs: a secret of the session, or whatever a function of the request says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.flows.signing import derived, new_nonce

if TYPE_CHECKING:
    from django.http import HttpRequest

_KEY = "_statecraft_flows"


class SessionBinder:
    """Binds a task to a secret inside of the session: it survives a login, and goes with a logout.

    A binder of one's own is a function of the request that returns a text, or ``None`` or an empty
    one if there is nothing to bind to. If it has a method ``issue``, that is asked for one at the
    first answer.
    """

    def __call__(self, request: HttpRequest) -> str | None:
        """Return the secret of the session, if it has one."""
        secret: str | None = request.session.get(_KEY)
        return secret

    def derive(self, request: HttpRequest, nonce: str) -> str:
        """Return the secret that a session without one would get for a form with this nonce.

        Two requests of one browser with one form get the same: all that a browser without a session
        has to itself is its CSRF cookie.
        """
        cookie = request.META.get("CSRF_COOKIE") or new_nonce()
        return derived("owner", nonce, cookie)

    def issue(self, request: HttpRequest, nonce: str) -> str:
        """Put the secret into the session, which is made if there is none, and return it."""
        request.session[_KEY] = secret = self.derive(request, nonce)
        return secret


session_binder = SessionBinder()
