"""The benchmark command: it works, and each contestant really does what is timed."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.clock import Clock
from benchmarks.report import markdown
from benchmarks.results import Line, Table, as_ratio
from benchmarks.work import Step, Work, cycle, refused
from tests.django_store.databases import configured, connected
from tests.services import require_module

configured()

ROOT = Path(__file__).parents[1]


def run(*arguments: str, module: str = "benchmarks") -> str:
    """Run the command in a process of its own: the peers warn, patch and configure as they like."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), *sys.path])),
    }
    command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_measures_every_contestant_and_writes_the_page(tmp_path: Path) -> None:
    """Each step of each contestant is checked before it is timed; who is missing is named."""
    printed = run("--quick", "--docs", str(tmp_path))
    page = (tmp_path / "speed.md").read_text(encoding="utf-8")
    assert f"## Python {sys.version_info.major}.{sys.version_info.minor}" in page
    for title in (
        "transition without hooks",
        "refused, the message not read",
        "creating an object",
    ):
        assert f"| {title} |" in page
        assert f"| {title} |" in printed
    for peer in ("automat", "transitions", "python-statemachine", "sismic", "django-fsm-2"):
        assert (f"| {peer} |" in page) != (f"{peer} is not installed" in printed)


def test_wizards_are_compared_with_those_of_formtools() -> None:
    """By what is counted, and each of them completes its four steps."""
    require_module("formtools", package="django-formtools")
    connected("postgresql").close()
    printed = run("--rounds", "1", "--open", "10", module="benchmarks.wizards")
    counted = {line[:24].strip(): line[24:].split() for line in printed.splitlines()}
    assert counted["requests"] == ["8.0", "10.0"]
    statements = [float(one) for one in counted["statements"]]
    assert statements[0] < statements[1]
    assert "beside 10 open tasks" in printed


def test_a_step_that_does_not_do_what_it_claims_is_an_error() -> None:
    """Speed without the work is no speed."""

    class Switch:
        state = "off"

        def turn_on(self) -> None:
            """Do nothing at all."""

    clock = Clock(rounds=1, batch_seconds=0)
    with pytest.raises(AssertionError, match="gave 'off', not 'on'"):
        clock.compare({"idle": Work(Switch(), cycle({"turn_on": "on"}, "subject.state"))})
    with pytest.raises(AssertionError, match="not refused"):
        clock.compare(
            {
                "idle": Work(
                    Switch(), [refused("subject.turn_on()", read=False)], {"Refused": KeyError}
                )
            }
        )


def test_async_steps_are_awaited() -> None:
    """An asynchronous contestant is timed inside of a running loop, which is closed afterwards."""
    loops: set[asyncio.AbstractEventLoop] = set()

    class Switch:
        state = "off"

        async def turn_on(self) -> None:
            loops.add(asyncio.get_running_loop())
            self.state = "on"

    work = Work(Switch(), [Step("await subject.turn_on()", "subject.state", "on")], is_async=True)
    timings = Clock(rounds=2, batch_seconds=0).compare({"first": work, "second": work})
    assert timings["first"].ratio == 1
    (loop,) = loops
    assert loop.is_closed()


def test_a_contestant_that_cannot_do_the_work_is_marked_so() -> None:
    """A dash is not a zero."""
    table = Table("Time", as_ratio, [Line("can", {"by hand": 1, "statecraft": 1.2}, limit=1.25)])
    table.lines.append(Line("fire", {"by hand": 1, "statecraft": 1.1, "peer": 31.4}))
    assert markdown([table], ["by hand", "statecraft", "peer"]).splitlines() == [
        "| Time | limit | statecraft | peer |",
        "| --- | ---: | ---: | ---: |",
        "| can | 1.25 | **1.20** | — |",
        "| fire |  | **1.10** | 31 |",
    ]
