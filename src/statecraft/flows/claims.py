"""Storing a task: it is claimed first where code of the user runs, and what was stored is told.

A store with transactions holds the claim, the code and the result in one, whose first statement is
the claim, so that another request waits for it. Elsewhere the claim is a lease: who finds one waits
until it is over, or the result is there.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from statecraft.flows import signals
from statecraft.flows.files import remove_files
from statecraft.flows.task import FINISHED, FINISHING

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from statecraft.flows.paths import Move
    from statecraft.flows.visits import Visit

LEASE = 10.0  # seconds for which a claim holds on a store that has no transactions


def lease_end() -> float:
    """Return until when a claim that is made now holds, in seconds since the epoch."""
    return time.time() + LEASE


class Overtaken(Exception):
    """Another request has moved the task, or is about to."""


class Ledger:
    """What one request stores of its task, and the moves to be told of when that is done."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._is_new = self._is_told = False
        self.moves: Sequence[Move] = ()

    def wait_for_others(self) -> None:
        """Raise ``Overtaken`` while another request has claimed the task."""
        if self._visit.task.lease > time.time():
            raise Overtaken

    def store(self) -> None:
        """Store the task, if it is still what was read; else raise ``Overtaken``."""
        task = self._visit.task
        if not task.revision:
            self._visit.found.bind()
            self._is_new = True
        document = {**task.document(), "revision": task.revision + 1}
        if not self._visit.store.swap_state(task.id, document, task.revision or None):
            raise Overtaken
        task.revision += 1  # not before: who is overtaken must not release what others store

    @contextmanager
    def claimed(self) -> Generator[None]:
        """Claim the task; if something goes wrong, the claim is undone."""
        task, store = self._visit.task, self._visit.store
        before = task.document()
        with store.transaction():
            task.lease = 0.0 if store.transactional else lease_end()
            self.store()
            task.lease = 0.0
            try:
                yield
            except BaseException:
                self._release(before)
                raise
        self.tell()

    def _release(self, before: dict[str, Any]) -> None:
        """Give up the claim; a transaction does it by itself."""
        task, store = self._visit.task, self._visit.store
        if store.transactional:
            return
        if task.status == FINISHING:
            before = task.document()  # the answer was taken: only the end is to be repeated
        released = {**before, "revision": task.revision + 1, "lease": 0.0}
        store.swap_state(task.id, released, task.revision)

    def tell(self) -> None:
        """Send the signals of what was stored, once; the files of a task that ended go then."""
        visit = self._visit
        if self._is_told:
            return
        self._is_told = True
        about = {
            "sender": visit.tree.root.component,
            "task": visit.task,
            "request": visit.request,
        }
        if self._is_new:
            signals.task_started.send(**about)
        for move in self.moves:
            signals.task_moved.send(**about, move=move)
        if visit.task.status == FINISHED:
            signals.task_finished.send(**about, url=visit.task.result)
            remove_files(visit.task.id)
