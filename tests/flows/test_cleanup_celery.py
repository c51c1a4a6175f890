"""Cleaning up by Celery: a worker and a beat, with RabbitMQ between them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.test import override_settings

from statecraft.flows.statestore import tmpfile_store
from statecraft.flows.statestore.base import key_of
from tests.services import do_without, require_module

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

require_module("celery")

from tests.flows.celery_shop import NAME, URL, app  # noqa: E402 - it configures Django


@pytest.fixture
def states(tmp_path: Path) -> Iterator[Path]:
    """Return a directory of states, one expired and one in use."""
    with override_settings(
        FLOWS_STATE_STORE="statecraft.flows.statestore.tmpfile_store",
        FLOWS_TMPFILE_STATE_STORE_DIRECTORY=str(tmp_path),
    ):
        store = tmpfile_store.StateStore()
        store.put_state("expired", {"revision": 1})
        store.put_state("in use", {"revision": 1})
        os.utime(tmp_path / f"{key_of('expired')}.json", (0, 0))
        yield tmp_path


def test_the_task_cleans_up(states: Path) -> None:
    """It returns how many states it has deleted."""
    from statecraft.flows.additional.celery import cleanup_task

    assert cleanup_task() == 1
    assert {file.name for file in states.glob("*.json")} == {f"{key_of('in use')}.json"}
    assert cleanup_task() == 0


def test_beat_sends_it_every_five_minutes() -> None:
    """And what no worker has taken by then is dropped."""
    [entry] = app.conf.beat_schedule.values()
    assert entry["schedule"] == 300
    assert entry["options"]["expires"] == 300
    assert entry["task"] == "statecraft.flows.additional.celery.cleanup_task"
    assert entry["task"] in app.tasks


@contextmanager
def celery(log: Path, variables: dict[str, str], *arguments: str) -> Generator[Any]:
    """Run a program of Celery."""
    command = [sys.executable, "-m", "celery", "-A", "tests.flows.celery_shop", *arguments]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env=os.environ | variables
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


def test_a_worker_and_a_beat_clean_up(states: Path, tmp_path_factory: Any) -> None:
    """What is expired goes, what is in use stays."""
    import kombu
    from kombu.exceptions import OperationalError

    with kombu.Connection(URL, connect_timeout=5) as connection:
        try:
            connection.ensure_connection(max_retries=1)
        except OperationalError:
            do_without(f"needs RabbitMQ at {URL}: start it, or set STATECRAFT_RABBITMQ_URL")
    logs = tmp_path_factory.mktemp("celery")
    variables = {
        "STATECRAFT_TEST_QUEUE": NAME,
        "STATECRAFT_TEST_STATES": str(states),
    }
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-n", NAME)
    with ExitStack() as running:
        beat = ("beat", "-s", str(logs / "schedule"), "--pidfile=")
        programs = [
            running.enter_context(celery(logs / "beat.log", variables, *beat)),
            running.enter_context(
                celery(logs / "worker.log", variables, "worker", "-P", "solo", *alone)
            ),
        ]
        last = time.monotonic() + 60
        while (states / f"{key_of('expired')}.json").exists() and time.monotonic() < last:
            assert [one.poll() for one in programs] == [None, None], told(logs)
            time.sleep(0.1)
    assert {file.name for file in states.glob("*.json")} == {f"{key_of('in use')}.json"}, told(logs)


def told(logs: Path) -> str:
    """Return what the programs have written."""
    return "\n".join(log.read_text() for log in logs.glob("*.log"))
