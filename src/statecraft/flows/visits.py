"""One request for one place of a flow: its task, the actions it may need, and their addresses."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from statecraft.flows.awaiting import result_of
from statecraft.flows.finding import Finder
from statecraft.flows.mounts import START_NAME, Mount
from statecraft.flows.positions import marks
from statecraft.flows.signing import Receipt, new_nonce, proven
from statecraft.flows.walking import walked_on

if TYPE_CHECKING:
    from django.http import HttpRequest

    from statecraft.flows.task import Task
    from statecraft.flows.trace import Trace
    from statecraft.flows.tree import Place, Tree


class Visit:
    """A request for ``place`` of a flow (``None``: the start). ``found`` says how it has its task.

    Raises what ``Finder`` raises.
    """

    def __init__(
        self,
        request: HttpRequest,
        tree: Tree,
        place: Place | None,
        kwargs: dict[str, Any],
        *,
        is_first_try: bool = True,
    ) -> None:
        self.request = request
        self.tree = tree
        self.place = place
        self.kwargs = kwargs
        self.mount = Mount(tree, request)
        self._prepared: dict[Place, Any] = {}
        self.found = Finder(request, tree, place, kwargs, is_first_try=is_first_try)
        self.store = self.found.store
        if self.found.is_outdated:
            self.task.trace = walked_on(self, self.task.trace)

    @property
    def task(self) -> Task:
        """The task that it is about."""
        return self.found.task

    def again(self) -> Visit:
        """Return this visit with the task as it is stored now."""
        return Visit(self.request, self.tree, self.place, self.kwargs, is_first_try=False)

    # -- what names the task ---------------------------------------------------------------------

    @property
    def shown(self) -> str:
        """What names the task in URLs and forms: its id, or the token before it is stored."""
        if self.found.ended is not None:
            return self.found.ended
        if self._unstored_token is not None:
            return self._signed_token
        return proven(self.task.id, self.tree.name, self.found.owner or "")

    @cached_property
    def _signed_token(self) -> str:
        signed: str = self._unstored_token.signed(self.tree.name)
        return signed

    @property
    def _unstored_token(self) -> Any:
        return None if self.task.revision else self.found.token

    @property
    def receipt(self) -> Receipt | None:
        """The receipt of the form that was sent, if it is from a page of this action and task."""
        token = self.found.token
        return self.found.receipt_about(token.nonce if token else self.task.id)

    def new_receipt(self, place: Place, trace: Trace) -> str:
        """Return a receipt for a form that is shown now."""
        token = self._unstored_token
        about = token.nonce if token else self.task.id
        nonce = new_nonce(8)  # it tells apart the forms of one action of one task
        receipt = Receipt(nonce, marks(self.task, trace), self.task.revision_of(place.path))
        return receipt.signed(f"{about}:{place.path}")

    # -- addresses -------------------------------------------------------------------------------

    def url_of(self, place: str) -> str:
        """Return the address of an action for this task."""
        return self.mount.url_of(place, self.task.kwargs, self.shown)

    @property
    def start_url(self) -> str:
        """The address at which the same starts afresh."""
        return self.mount.url_of(START_NAME, self.kwargs, None)

    # -- actions ---------------------------------------------------------------------------------

    def action_at(self, path: str, *, given: Any = None) -> Any:
        """Return the action at a place, all levels prepared; its form is bound to ``given``.

        If one of the levels answers the request itself, the action has it as its ``response``.
        """
        place = self.tree.actions[path]
        action = place.component()
        action.setup(self.request, **self.kwargs)
        action.place, action.given, action.stored = place, given, self.task.records.get(path)
        action.response = self._prepare(action)
        return action

    def _prepare(self, action: Any) -> Any:
        """Prepare each level once, from the root down, unless one answers the request itself."""
        for level in action.place.line[:-1]:
            if level not in self._prepared:
                self._prepared[level] = self._response_of(level.component())
            if self._prepared[level] is not None:
                return self._prepared[level]
        return self._response_of(action)

    def _response_of(self, component: Any) -> Any:
        """Prepare one level, and return the response that it wants to be sent instead, if any."""
        return result_of(self.equipped(component).prepare())

    def equipped(self, component: Any) -> Any:
        """Return a component that knows the request, the arguments of its address, and the task."""
        component.request, component.kwargs, component.task = self.request, self.kwargs, self.task
        return component

    def unmet(self, action: Any) -> Any:
        """Return the first precondition, from the root down, that does not hold; or ``None``."""
        for level in action.place.line:
            for precondition in level.component.preconditions:
                if not precondition.holds(self.task):
                    return precondition
        return None
