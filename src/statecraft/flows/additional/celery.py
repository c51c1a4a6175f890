"""Cleaning up by Celery: a task, and a line that lets beat send it every five minutes.

app = Celery("shop")
app.on_after_finalize.connect(every_five_minutes)
"""

from __future__ import annotations

from typing import Any

try:
    from celery import Celery, shared_task
except ImportError as error:
    _message = (
        "statecraft.flows.additional.celery needs the package Celery:"
        ' pip install "statecraft-fsm[celery]"'
    )
    raise ImportError(_message) from error

from statecraft.flows.cleaning import clean_up, clean_up_files

_SECONDS = 300


@shared_task(ignore_result=True)
def cleanup_task() -> int:
    """Delete the states and the files of tasks that are expired, and return how many states."""
    deleted = clean_up()
    clean_up_files()
    return deleted


def every_five_minutes(sender: Celery, **_: Any) -> None:
    """Let beat send ``cleanup_task``; one that no worker takes until the next one is dropped."""
    sender.add_periodic_task(_SECONDS, cleanup_task.s(), name="clean up flows", expires=_SECONDS)
