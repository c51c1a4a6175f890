"""Which task a request is about: by its id, or by the start token of one that is not stored yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from statecraft.flows import config
from statecraft.flows.positions import begun, carried_over
from statecraft.flows.signing import (
    START_MARK,
    Receipt,
    StartToken,
    derived,
    is_id,
    new_nonce,
    receipt_of,
    start_token_of,
    task_id_of,
)
from statecraft.flows.statestore import state_store
from statecraft.flows.task import ACTIVE, FINISHED, Task

if TYPE_CHECKING:
    from django.http import HttpRequest

    from statecraft.flows.tree import Place, Tree

RECEIPT_PARAM = "_receipt"


class Expired(Exception):
    """The task was the asker's own, and the store has forgotten it."""


class Finder:
    """Finds the ``task`` of a request for a place of a flow, and knows how it was found.

    A task that is not stored yet has the revision 0, and a ``token`` instead of an id. Raises
    ``Http404`` for an id that is malformed, unknown or somebody else's, and ``Expired``. On a first
    try it is not looked up whether a token has a task already: storing that finds out by itself.
    """

    def __init__(
        self,
        request: HttpRequest,
        tree: Tree,
        place: Place | None,
        kwargs: dict[str, Any],
        *,
        is_first_try: bool,
    ) -> None:
        self.request = request
        self.tree = tree
        self.kwargs = kwargs
        self.path = place.path if place else ""
        self.store = state_store()
        self.token: StartToken | None = None
        self.is_late = False  # the page with the token was open for longer than a task may be idle
        self.is_fresh = False  # nothing that was sent names a task
        self.ended: str | None = None  # what was sent with a session that has ended since
        self.is_outdated = False  # the flow has changed since the task was stored
        self._is_first_try = is_first_try and request.method == "POST"
        self._binder: Any = config.task_binder()
        # read in any case, so that a wrong id is answered like no other
        bound = self._binder(request)
        self.owner: str | None = None if bound in (None, "") else str(bound)
        self.task = self._found(shown_by(request))

    def _found(self, shown: str | None) -> Task:
        if shown is None or shown.startswith(START_MARK):
            token = self._token(shown)
            self.token = token._replace(nonce=token.nonce or new_nonce())
            return self._of_token(self.token)
        task_id = task_id_of(shown, self.tree.name, self.owner or "")
        if self.owner is None or task_id is None:
            return self._of_ended_session(shown)
        task = self._stored(task_id)
        if task is None:
            raise Expired
        self.store.touch(task_id)
        return task

    def _token(self, shown: str | None) -> StartToken:
        token, is_old = StartToken("", self.kwargs, {}), False
        if shown is not None:
            read = start_token_of(shown, self.tree.name)
            if read is None or read[0].kwargs != {**read[0].kwargs, **self.kwargs}:
                raise Http404
            token, is_old = read
        self.is_fresh = not token.nonce  # a link to start with has none: each click is a task
        self.is_late = is_old and not self.is_fresh
        return token

    def _of_token(self, token: StartToken) -> Task:
        derive = getattr(self._binder, "derive", None)
        owner = self.owner
        if owner is None and derive is not None and not self.is_fresh:
            owner = str(derive(self.request, token.nonce))
        task = None
        if owner is not None and not (self.is_fresh or self._is_first_try):
            task = self._stored(_id_for(token, owner))
        return task or self._new(token, owner or "")

    def _new(self, token: StartToken, owner: str) -> Task:
        document: dict[str, Any] = {
            "definition": self.tree.root.component.workflow.definition,
            "revision": 0,
        }
        task = Task(self.tree, _id_for(token, owner), document, self.request)
        task.kwargs, task.state = dict(token.kwargs), dict(token.state)
        task.trace = begun(task)
        return task

    def _stored(self, task_id: str) -> Task | None:
        document = self.store.get_state(task_id)
        if not document:
            return None
        task = Task(self.tree, task_id, document, self.request)
        if task.kwargs != {**task.kwargs, **self.kwargs}:
            raise Http404
        definition: str = self.tree.root.component.workflow.definition
        if task.definition != definition and task.status != FINISHED:
            task.trace, task.definition = carried_over(task), definition
            task.status, task.pending = ACTIVE, []
            self.is_outdated = True
        return task

    def _of_ended_session(self, shown: str) -> Task:
        """Return the task of a form that was sent with a session which has ended since.

        A browser may send a login twice before it gets the new session. That the form is from a
        page of this task its receipt proves; that it was answered, who takes it looks after.
        """
        task_id = shown.partition(".")[0]
        receipt = self.receipt_about(task_id) if is_id(shown) else None
        task = None if receipt is None else self._stored(task_id)
        if task is None:
            raise Http404
        self.ended = shown
        return task

    def receipt_about(self, about: str) -> Receipt | None:
        """Return the receipt that was sent, if it is for the action here, and about this task."""
        return receipt_of(self.request.POST.get(RECEIPT_PARAM, ""), f"{about}:{self.path}")

    def bind(self) -> None:
        """Bind the task of a token, which is about to be stored, to who asks."""
        token: Any = self.token
        issue = getattr(self._binder, "issue", None)
        if self.owner is None and issue is not None:
            self.owner = str(issue(self.request, token.nonce))
        if self.owner is None:
            message = "the binder of this site found nothing to bind a task to"
            raise Http404(message)
        self.task.id = _id_for(token, self.owner)


def _id_for(token: StartToken, owner: str) -> str:
    """Return the id of the task that an owner starts by a token: the same one each time."""
    return derived("task", token.nonce, owner)


def shown_by(request: HttpRequest) -> str | None:
    """Return what a request names its task by; two different ones are as wrong as a wrong one."""
    name = config.task_id_param()
    sent = request.POST.getlist(name) if request.method == "POST" else []
    found = {*sent, *request.GET.getlist(name)}
    if len(found) > 1:
        raise Http404
    return next(iter(found), None)
