"""The benchmark of stored transitions: its Django half runs where nobody has configured Django."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.django_store.databases import connected, dropped

ROOT = Path(__file__).parents[2]


def test_the_benchmark_measures_both_stores() -> None:
    """Each step leads to the state that it claims, in the row; who is missing is named."""
    connected("postgresql")
    dropped("postgresql")
    command = "benchmarks.stored --dry --rounds 1 --batch 0 --objects 10"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *command.split()],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    for store in ("SQLAlchemy", "Django"):
        assert f"| Stored by {store} on PostgreSQL, in microseconds | by hand |" in done.stdout
    assert "| stored transition, committed by itself | 1.00 |" in done.stdout
    assert ("| django-fsm-2 |" in done.stdout) != ("django-fsm-2 is not installed" in done.stdout)
