"""What a template knows of its flow: progress, the way back, links, and what a form has to send."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from statecraft.errors import WorkflowError
from statecraft.flows import config
from statecraft.flows.outcomes import Linear
from statecraft.flows.positions import links_from
from statecraft.names import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.flows.task import Task
    from statecraft.flows.trace import Trace
    from statecraft.flows.tree import Place
    from statecraft.flows.visits import Visit


class Step(NamedTuple):
    """One step of the progress: ``state`` is ``done``, ``current`` or ``ahead``."""

    label: str
    url: str | None
    state: str


class FlowContext:
    """The variable ``flow`` of templates, for an action that is shown at the end of ``trace``."""

    def __init__(self, visit: Visit, place: Place, trace: Trace) -> None:
        self._visit = visit
        self._trace = trace
        self.place = place
        self.receipt_was_rendered = False

    @property
    def task(self) -> Task:
        """The task."""
        return self._visit.task

    @property
    def label(self) -> str:
        """What people call this action."""
        return self.place.label

    @property
    def address(self) -> str:
        """The address of this page."""
        return self._visit.url_of(self.place.path)

    @property
    def action_url(self) -> str:
        """Where the form is sent."""
        return self.address

    @property
    def task_param(self) -> str:
        """The name of the hidden field that names the task."""
        return config.task_id_param()

    @property
    def task_id(self) -> str:
        """The value of the hidden field that names the task."""
        return self._visit.shown

    @cached_property
    def receipt(self) -> str:
        """The value of the hidden field that says on which path the form was shown."""
        self.receipt_was_rendered = True
        return self._visit.new_receipt(self.place, self._trace)

    @property
    def back_url(self) -> str | None:
        """The address of the action before that is not skipped on the way back, or ``None``."""
        task = self.task
        for move in reversed(self._trace.moves[1:]):
            is_where_it_stands = move.source == task.trace.place
            if is_where_it_stands or not self._is_skipped(move.source):
                return self._visit.url_of(move.source)
        return None

    def _is_skipped(self, path: str) -> bool:
        skipped: bool = self._visit.tree.actions[path].component.is_skipped_on_back()
        return skipped

    def link(self, wanted: Any) -> str:
        """Return the address of an action that this one links to; empty if it is not allowed now.

        Raises ``WorkflowError`` if ``links_to`` does not name it.
        """
        found = {
            place.name: place
            for place in map(self.place.find, self.place.component.links_to)
            if place
        }
        for place in found.values():
            if place.is_called(wanted):
                links = dict(links_from(self.task, self.place.path))
                target = links.get(f"link_to_{place.name}")
                return "" if target is None else self._visit.url_of(target)
        name = getattr(wanted, "__name__", wanted)
        known = [place.component.__name__ for place in found.values()]
        message = (
            f"{self.place.component.__name__} has no {name!r} in its links_to."
            f"{did_you_mean(name, known)} There are: {listed(known, none='none')}"
        )
        raise WorkflowError(message)

    @cached_property
    def progress(self) -> tuple[Step, ...]:
        """The steps of the flow: the children of a linear root, or else the actions on the path."""
        root = self._visit.tree.root
        if isinstance(root.transition if not root.is_action else None, Linear):
            return tuple(self._children(root))
        return tuple(self._on_path())

    def _children(self, root: Place) -> Iterator[Step]:
        current = self.place.line[1]
        answered = list(self.task.answers)
        is_ahead = False
        for child in root.children:
            inside = [path for path in answered if self._visit.tree.actions[path].line[1] is child]
            if child is current:
                yield Step(child.label, None, "current")
                is_ahead = True
            elif inside:
                yield Step(child.label, self._landing(inside), "done")
            elif is_ahead and not self._would_be_skipped(child):
                yield Step(child.label, None, "ahead")

    def _would_be_skipped(self, place: Place) -> bool:
        skip_if: Any = place.component.skip_if
        try:
            return skip_if is not None and bool(skip_if(self.task))
        except LookupError:
            return False  # it looks at an answer that is not there yet

    def _landing(self, paths: list[str]) -> str | None:
        landing = [path for path in paths if not self._is_skipped(path)]
        return self._visit.url_of(landing[0]) if landing else None

    def _on_path(self) -> Iterator[Step]:
        for path in self.task.answers:
            if path != self.place.path:
                yield Step(self._visit.tree.actions[path].label, self._landing([path]), "done")
        yield Step(self.place.label, None, "current")
