"""The view of a place of a flow: it tells GET from POST, and says so where a task cannot be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections, transaction
from django.http import HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt

from statecraft.flows import pages
from statecraft.flows.csrf import is_stale, rejection, why_rejected
from statecraft.flows.errors import StateStoreUnavailable, StateTooLarge, UnreadableState
from statecraft.flows.finding import Expired, shown_by
from statecraft.flows.mounts import START_NAME, Mount
from statecraft.flows.receiving import receive
from statecraft.flows.showing import show
from statecraft.flows.visits import Visit

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from statecraft.flows.tree import Place, Tree


def view_of(tree: Tree, place: Place | None) -> Any:
    """Return the view of a place, ``None`` for the start; it has its ``flow`` and its ``place``."""

    def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        response = _answered(request, tree, place, kwargs)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    view.flow = tree.root.component  # type: ignore[attr-defined] # for checks and tools
    view.place = place  # type: ignore[attr-defined]
    # the cross-site check is made in here, since an old token is answered with a page of the flow
    exempt = csrf_exempt(view)
    for alias in connections:  # a step is a transaction of its own
        exempt = transaction.non_atomic_requests(using=alias)(exempt)
    return exempt


def _answered(
    request: HttpRequest, tree: Tree, place: Place | None, kwargs: dict[str, Any]
) -> HttpResponseBase:
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    reason = why_rejected(request)
    if reason is not None and not is_stale(request, reason):
        return rejection(request, reason)
    try:
        visit = Visit(request, tree, place, kwargs)
        is_answered = request.method == "POST"
        return receive(visit, is_stale=reason is not None) if is_answered else show(visit)
    except (Expired, UnreadableState, StateTooLarge, StateStoreUnavailable) as error:
        return _apology(request, error, Mount(tree, request), kwargs)


def _apology(
    request: HttpRequest, error: Exception, mount: Mount, kwargs: dict[str, Any]
) -> HttpResponseBase:
    """Return the page for a task that cannot be had, or be stored."""
    typed = pages.sent_pairs(request)
    if isinstance(error, StateTooLarge):
        match: Any = request.resolver_match
        here = mount.url_of(match.url_name, kwargs, shown_by(request))
        return pages.page(request, "too_large", 413, limit=error.limit, continue_url=here)
    if isinstance(error, StateStoreUnavailable):
        response = pages.page(request, "unavailable", 503, typed=typed)
        response.headers["Retry-After"] = "5"
        return response
    return pages.expired(request, mount.url_of(START_NAME, kwargs, None), typed)
