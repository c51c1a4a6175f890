"""The processes of the application: writers of a release, and the commands of ``manage.py``."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PROGRESS = re.compile(r"([\d,]+) of [\d,]+, up to the key")


class Rewritten(NamedTuple):
    """How long one run of the command took, and how many rows it has told of."""

    began: float
    seconds: float
    rows: int


class Application:
    """The application in one table, whose processes are replaced one by one."""

    def __init__(self, table: str, rows: int) -> None:
        self.table = table
        self.rows = rows
        self.reports: list[dict[str, Any]] = []
        self._running: list[subprocess.Popen[str]] = []
        self._seeds = count()

    def _started(self, release: int, *command: str) -> subprocess.Popen[str]:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.renaming.settings",
            "STATECRAFT_RENAMING_RELEASE": str(release),
            "STATECRAFT_RENAMING_TABLE": self.table,
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
        }
        pipe = subprocess.PIPE
        return subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "-m", *command], env=environment, text=True, stdout=pipe, stderr=pipe
        )

    def start(self, release: int) -> None:
        """Start one more writer of a release, and wait until it is at work."""
        module = "benchmarks.renaming.writer"
        writer = self._started(release, module, str(self.rows), str(next(self._seeds)))
        self._running.append(writer)
        assert writer.stdout is not None
        if writer.stdout.readline() != "ready\n":
            raise RuntimeError(writer.communicate()[1])

    def stop(self) -> None:
        """Let the oldest writer finish, and keep its report."""
        writer = self._running.pop(0)
        writer.send_signal(signal.SIGTERM)
        told, errors = writer.communicate()
        if writer.returncode != 0:
            raise RuntimeError(errors)
        self.reports.append(json.loads(told))

    def deploy(self, release: int) -> None:
        """Replace each writer by one of the release, one after the other."""
        for _ in list(self._running):
            self.start(release)
            self.stop()

    def kill(self) -> None:
        """End all writers, where something has failed."""
        for writer in self._running:
            writer.kill()
            writer.communicate()

    def command(self, release: int, name: str, *options: str) -> tuple[int, str]:
        """Run a command of ``manage.py``; return its code and what it prints."""
        command = self._started(release, "django", name, "renaming.Claim", *options)
        told, errors = command.communicate()
        return command.returncode, told + errors

    def rewrite(self, release: int, batch: int, *, until: int | None = None) -> Rewritten:
        """Run ``workflow_rewrite``, and kill it when it has told of ``until`` rows."""
        command = self._started(
            release, "django", "workflow_rewrite", "renaming.Claim", f"--batch-size={batch}"
        )
        began, rows = monotonic(), 0
        assert command.stderr is not None
        for line in command.stderr:
            found = PROGRESS.match(line)
            if found is None:
                raise RuntimeError(line + command.stderr.read())
            rows = int(found[1].replace(",", ""))
            if until is not None and rows >= until:
                command.kill()
                break
        command.communicate()
        expected = 0 if until is None else -signal.SIGKILL
        if command.returncode != expected:
            message = f"workflow_rewrite ended with {command.returncode} after {rows:,} rows"
            raise RuntimeError(message)
        return Rewritten(began, monotonic() - began, rows)
