"""Writes a line for each task that starts, moves or finishes: logger ``statecraft.flows``.

Each record has ``flow``, ``task`` (its id), ``event`` and ``place``; never an answer.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.dispatch import receiver

from statecraft.flows.flattening import FINISHED
from statecraft.flows.signals import task_finished, task_moved, task_started

if TYPE_CHECKING:
    from statecraft.flows.paths import Move
    from statecraft.flows.task import Task

logger = logging.getLogger("statecraft.flows")


@receiver(task_started)
def _started(sender: Any, task: Task, **_: Any) -> None:
    _log("started", sender, task, event="begin", place=task.trace.moves[0].target)


@receiver(task_moved)
def _moved(sender: Any, task: Task, move: Move, **_: Any) -> None:
    what = f"moved from {move.source} to {move.target}"
    _log(what, sender, task, event=move.event, place=move.target)


@receiver(task_finished)
def _finished(sender: Any, task: Task, **_: Any) -> None:
    _log("finished", sender, task, event="finish", place=FINISHED)


def _log(what: str, flow: Any, task: Task, **extra: str) -> None:
    extra |= {"flow": flow.__name__, "task": task.id}
    logger.info("%s %s %s", flow.__name__, task.id, what, extra=extra)
