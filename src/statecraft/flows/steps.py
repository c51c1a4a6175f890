"""One step of a task: an answer that is valid is kept, and leads on, or to the end.

A step whose action is pure is one write: the task as it becomes. Any other, and the end, is claimed
before code of the user runs.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from statecraft.flows import pages
from statecraft.flows.answering import answer_of, typed_in
from statecraft.flows.awaiting import result_of
from statecraft.flows.completing import completed
from statecraft.flows.flattening import FINISHED as END
from statecraft.flows.moving import event_of, is_response, target_of
from statecraft.flows.showing import checked
from statecraft.flows.signing import mark
from statecraft.flows.task import ACTIVE
from statecraft.flows.walking import walked_on

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from statecraft.flows.claims import Ledger
    from statecraft.flows.trace import Trace
    from statecraft.flows.visits import Visit

_REDIRECTS = range(300, 400)


class Step:
    """The step of a valid ``form`` of an ``action``, which was shown at the end of ``trace``."""

    def __init__(
        self, visit: Visit, ledger: Ledger, action: Any, *, form: Any, trace: Trace, nonce: str
    ) -> None:
        self.visit = visit
        self.task = visit.task
        self.ledger = ledger
        self.action = action
        self.form = form
        self.trace = trace
        self.nonce = nonce

    def taken(self) -> HttpResponseBase:
        """Take it, and return where the user is sent, or the response of the action itself.

        Raises ``NoTransitionAllowed`` or ``TransitionHalted`` if the workflow refuses the move, and
        whatever the action raises; nothing is kept then.
        """
        if not self.task.revision:
            self.visit.found.bind()  # its files are stored under its id
        if not self.action.is_pure():
            with self.ledger.claimed():
                return self._followed(self._outcome, nullcontext)
        response = self._followed(self._outcome, self.ledger.claimed)
        self.ledger.tell()
        return response

    def _followed(self, outcome: Any, claimed: Any) -> HttpResponseBase:
        """Store what follows from what ``form_valid`` answered."""
        if is_response(outcome):
            own: HttpResponseBase = self._own_response(outcome)
            return own
        event = event_of(self.action, outcome)
        target = self._kept(event)
        if target == END:
            with claimed():
                return completed(self.visit, self.ledger, self.trace, event)
        return self._advanced(event, target)

    @property
    def _outcome(self) -> Any:
        return result_of(self.action.form_valid(self.form))

    def _own_response(self, response: Any) -> Any:
        if response.status_code in _REDIRECTS:  # it leaves the flow, without an answer
            sent = mark(typed_in(self.action, self.form))
            self.task.left[self.action.place.path] = [
                self.nonce,
                response.headers["Location"],
                sent,
            ]
        self.ledger.store()
        return checked(self.action, response)

    def _kept(self, event: str) -> str:
        """Keep the answer, and return where the workflow says that the event leads."""
        path = self.action.place.path
        self.task.records[path] = answer_of(
            self.action, self.form, revision=self.task.revision + 1, nonce=self.nonce
        )
        return target_of(self.task, self.trace, event)

    def _advanced(self, event: str, target: str) -> HttpResponseBase:
        task = self.task
        task.status, task.pending = ACTIVE, []
        task.left.pop(self.action.place.path, None)
        task.trace = walked_on(self.visit, self.trace.then(event, target))
        self.ledger.moves = task.trace.moves[len(self.trace.moves) :]
        self.ledger.store()
        return pages.sent_on(self.visit.request, self.visit.url_of(task.trace.place))
