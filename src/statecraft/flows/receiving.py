"""POST: what a form sends is taken once.

The receipt in the form says on which path it was shown. If that still is the path, the answer is
taken; the same form again gets the first answer again; another path is a conflict, and a page.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpResponseNotAllowed

from statecraft.errors import NoTransitionAllowed, TransitionHalted
from statecraft.flows import pages
from statecraft.flows.answering import keeps_all, same_answer, same_values, typed_in
from statecraft.flows.claims import LEASE, Ledger, Overtaken
from statecraft.flows.completing import completed
from statecraft.flows.context import FlowContext
from statecraft.flows.errors import StateStoreUnavailable
from statecraft.flows.finding import RECEIPT_PARAM
from statecraft.flows.positions import marks, positions
from statecraft.flows.showing import checked
from statecraft.flows.signing import mark
from statecraft.flows.steps import Step
from statecraft.flows.task import FINISHED, FINISHING
from statecraft.flows.trace import Trace

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from statecraft.flows.signing import Receipt
    from statecraft.flows.task import Answer
    from statecraft.flows.visits import Visit

_PAUSE = 0.05  # seconds between two looks at a task that somebody else has claimed


def receive(visit: Visit, *, is_stale: bool = False) -> HttpResponseBase:
    """Answer a POST; ``is_stale`` if its CSRF token is from before a login: then nothing moves."""
    until = time.monotonic() + 3 * LEASE
    while time.monotonic() < until:
        try:
            return _answered(visit, is_stale=is_stale)
        except Overtaken:
            time.sleep(_PAUSE if visit.task.lease else 0)
            visit = visit.again()
    raise StateStoreUnavailable(type(visit.store).__module__, "the task is in use all the time")


def _answered(visit: Visit, *, is_stale: bool) -> HttpResponseBase:
    if is_stale and visit.found.ended is not None:
        raise Http404  # neither its session nor its token: whoever sends it may be somebody else
    if visit.task.status == FINISHED:
        return _sent_on(visit, visit.task.result)
    if visit.place is None:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if visit.found.is_late:
        return pages.expired(visit.request, visit.start_url, pages.sent_pairs(visit.request))
    receipt = visit.receipt
    if receipt is None:
        return _without_receipt(visit, visit.place.path)
    return _Reception(visit, visit.place.path, receipt).answered(is_stale=is_stale)


def _without_receipt(visit: Visit, path: str) -> HttpResponseBase:
    """Answer a form that was not made by the tags of flows, or not for this action."""
    request = visit.request
    action = visit.action_at(path, given=(request.POST, request.FILES))
    if settings.DEBUG and RECEIPT_PARAM not in request.POST:
        message = (
            f"what was sent to {type(action).__name__} has no receipt: its template has to render"
            " {% flow_form %} or {% flow_fields %}"
        )
        raise ImproperlyConfigured(message)
    return pages.conflict(visit, action.get_form(), [])


def _sent_on(visit: Visit, url: str) -> HttpResponseBase:
    """Send a browser on, without a trace in its session if that is an old one."""
    if visit.found.ended is not None:
        # the browser has a newer one by now, which the middleware would delete
        visit.request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
    return pages.sent_on(visit.request, url)


class _Reception:
    """A form of an action that was sent, with a receipt."""

    def __init__(self, visit: Visit, path: str, receipt: Receipt) -> None:
        self.visit = visit
        self.task = visit.task
        self.path = path
        self.receipt = receipt
        self.ledger = Ledger(visit)
        found = (one for one in positions(self.task, path) if marks(self.task, one) == receipt.path)
        self.trace = next(found, None)
        self.action = visit.action_at(path, given=(visit.request.POST, visit.request.FILES))
        self.action.flow = FlowContext(visit, self.action.place, self.trace or self.task.trace)
        self.form = self.action.get_form()

    def answered(self, *, is_stale: bool) -> HttpResponseBase:
        if is_stale:
            return pages.stale(self.visit, self.action, self.form)
        self.ledger.wait_for_others()
        again = self._again()
        if again is not None:
            return again
        if self.visit.found.ended is not None:
            raise Http404
        is_of_this_answer = self.receipt.revision == self.task.revision_of(self.path)
        if self.trace is None or not (self._own_answer or is_of_this_answer):
            return self._conflict()
        self.action.take = partial(self._judged, self.trace)
        response: HttpResponseBase = self.action.dispatch(self.visit.request, **self.visit.kwargs)
        return response

    @property
    def _own_answer(self) -> Answer | None:
        """What the task keeps, if it came by this very form."""
        kept = self.task.records.get(self.path)
        return kept if kept is not None and kept.nonce == self.receipt.nonce else None

    def _again(self) -> HttpResponseBase | None:
        """Return the first answer again, if this very form was answered with the same data."""
        kept = self._own_answer
        if kept is not None and same_answer(self.action, self.form, kept):
            if self.task.status == FINISHING:
                return self._finished_after_all()
            if self.path in self.task.trace.path:
                return _sent_on(self.visit, self.visit.url_of(self.task.trace.place))
        nonce, url, sent = self.task.left.get(self.path, ("", "", ""))
        if nonce == self.receipt.nonce and sent == mark(typed_in(self.action, self.form)):
            return pages.sent_on(self.visit.request, url)
        return None

    def _finished_after_all(self) -> HttpResponseBase:
        """Repeat the end, which a process did not live to see."""
        event, length = self.task.pending
        trace = Trace(self.task.trace.moves[: int(length)])
        with self.ledger.claimed():
            return completed(self.visit, self.ledger, trace, event)

    def _conflict(self) -> HttpResponseBase:
        now = marks(self.task, next(positions(self.task, self.path), self.task.trace))
        changes = pages.changes_between(self.visit, self.receipt.path, now)
        return pages.conflict(self.visit, self.form, changes)

    def _judged(self, trace: Trace) -> HttpResponseBase:
        """Judge the form, and take the step if all is well with it."""
        unmet = self.visit.unmet(self.action)
        if self.action.response is not None or unmet is not None:
            response: HttpResponseBase = self.action.response or unmet.respond(self.action)
            return response
        if not self.form.is_valid():
            invalid: HttpResponseBase = self._invalid()
            return invalid
        if self._is_unchanged(trace):
            return _sent_on(self.visit, self.visit.url_of(self.task.trace.place))
        nonce = self.receipt.nonce
        try:
            step = Step(
                self.visit, self.ledger, self.action, form=self.form, trace=trace, nonce=nonce
            )
            return step.taken()
        except (NoTransitionAllowed, TransitionHalted) as refusal:
            return pages.conflict(self.visit, self.form, [str(refusal)])

    def _invalid(self) -> Any:
        response = self.action.form_invalid(self.form)
        if pages.is_htmx(self.visit.request):
            response.status_code = 422
        return checked(self.action, response)

    def _is_unchanged(self, trace: Trace) -> bool:
        """Whether the path has this very answer already: it is not asked again."""
        kept, whole = self.task.records.get(self.path), self.task.trace
        following = whole.moves[len(trace.moves) :][:1]
        is_answered = whole.starts_with(trace) and any(not move.is_link for move in following)
        if kept is None or not is_answered or not keeps_all(self.action):
            return False
        return same_values(self.action, self.form, kept)
