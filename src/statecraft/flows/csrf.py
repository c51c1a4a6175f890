"""Cross-site requests: refused as Django does, but a stale token of our own page is told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import get_callable

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


class _Judge(CsrfViewMiddleware):
    """Django's own judgement, without the page that it answers with."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:  # noqa: ARG002 - Django calls it
        return reason


_judge = _Judge(HttpResponse)  # which is never asked: only ``process_view`` is called


def why_rejected(request: HttpRequest) -> str | None:
    """Return the reason for which Django would refuse this request, or ``None``."""
    reason: Any = _judge.process_view(request, HttpResponse, (), {})
    return None if reason is None else str(reason)


def is_stale(request: HttpRequest, reason: str) -> bool:
    """Whether it comes from a page of this site whose token is older than the last login."""
    known_origin = "HTTP_ORIGIN" in request.META or request.is_secure()  # Django has compared it
    return known_origin and reason.endswith(" incorrect.")


def rejection(request: HttpRequest, reason: str) -> HttpResponseBase:
    """Return the page that Django answers a rejected request with."""
    response: HttpResponseBase = get_callable(settings.CSRF_FAILURE_VIEW)(request, reason=reason)
    return response
