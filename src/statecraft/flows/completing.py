"""The end of a task: its answers are judged once more, and what the flow is for is done once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.shortcuts import resolve_url

from statecraft.flows import pages
from statecraft.flows.awaiting import result_of
from statecraft.flows.claims import lease_end
from statecraft.flows.flattening import FINISHED as END
from statecraft.flows.paths import Move
from statecraft.flows.task import FINISHED, FINISHING
from statecraft.flows.walking import first_invalid

if TYPE_CHECKING:
    from statecraft.flows.claims import Ledger
    from statecraft.flows.trace import Trace
    from statecraft.flows.visits import Visit


def completed(visit: Visit, ledger: Ledger, trace: Trace, event: str) -> HttpResponseBase:
    """End the claimed task, whose last answer was given at the end of ``trace``.

    An answer on the path that is not valid any more comes first: there the user is sent. Else
    ``completed`` of the root runs, and where it leads is kept in place of the answers.
    """
    task = visit.task
    task.trace, task.answering = trace, trace.place
    invalid = first_invalid(visit)
    if invalid is not None:
        task.answering = None
        task.trace = next(trace.visits(invalid))
        ledger.store()
        return pages.sent_on(visit.request, visit.url_of(invalid))
    task.status, task.pending = FINISHING, [event, str(len(trace.moves))]
    if not visit.store.transactional:
        task.lease = lease_end()
        ledger.store()  # whoever comes after a crash has only this left to do
        task.lease = 0.0
    root = visit.equipped(visit.tree.root.component())
    url = _destination(root, result_of(root.completed(task)))
    task.status, task.result = FINISHED, url
    ledger.moves = (Move(event, trace.place, END),)
    ledger.store()
    return pages.sent_on(visit.request, url)


def _destination(root: Any, result: Any) -> str:
    if isinstance(result, HttpResponseRedirectBase):
        return result.url
    if result is None or isinstance(result, HttpResponseBase):
        message = (
            f"{type(root).__name__}.completed returned {result!r}: a redirect, a URL, or an object"
            " with get_absolute_url is wanted, because it is what a repeated request gets again"
        )
        raise TypeError(message)
    return resolve_url(result)
