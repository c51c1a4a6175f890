"""Users' programs under ``mypy --strict`` and pyright strict: what passes, and what is reported.

The programs are the files in ``typing/``. A line that a type checker shall report ends with
``# E:`` and the rules that it reports there, each once: mypy's are in lower case (``arg-type``),
pyright's begin with "report". Every line that is reported must be expected so, and the other way
round.
"""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.services import do_without, require_module

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = Path(__file__).parent / "typing"
PASSING = sorted(PROGRAMS.glob("passing/*.py"))
FAILING = sorted(PROGRAMS.glob("failing/*.py"))
EXPECTATION = re.compile(r"# E: (?P<rules>[-\w ]+)$")


class Report(NamedTuple):
    """What a type checker says of one line, or shall say."""

    path: Path
    line: int
    rule: str

    @property
    def is_of_pyright(self) -> bool:
        """Whether the rule is one of pyright's."""
        return self.rule.startswith("report")


def run(module: str, *arguments: str) -> str:
    """Return what a type checker prints."""
    command = [sys.executable, "-m", require_module(module), *arguments, str(PROGRAMS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1} or "Traceback" in done.stderr:
        said = [*done.stdout.splitlines()[-3:], *done.stderr.splitlines()[-3:]]
        do_without(f"needs {module}, which says {said}")
    return done.stdout


def reports_of_mypy() -> Iterator[Report]:
    """Run mypy on all of the programs; it prints one JSON object a line."""
    for line in run("mypy", "--strict", "--config-file=", "--output=json").splitlines():
        found: dict[str, Any] = json.loads(line)
        if found["severity"] == "error":
            yield Report(Path(found["file"]).resolve(), found["line"], found["code"])


def reports_of_pyright() -> Iterator[Report]:
    """Run pyright on all of the programs; it counts lines from 0."""
    options = ("--outputjson", "--pythonpath", sys.executable, "--project")
    for found in json.loads(run("pyright", *options))["generalDiagnostics"]:
        line: int = found["range"]["start"]["line"] + 1
        yield Report(Path(found["file"]).resolve(), line, found["rule"])


@pytest.fixture(scope="module", params=["mypy", "pyright"])
def checker(request: pytest.FixtureRequest) -> str:
    """Name one of the two."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def reports(checker: str) -> frozenset[Report]:
    """Run a type checker once."""
    return frozenset(reports_of_mypy() if checker == "mypy" else reports_of_pyright())


def expectations_in(path: Path) -> set[Report]:
    """Read the ends of the lines."""
    expected: set[Report] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = EXPECTATION.search(line)
        if match is not None:
            expected.update(Report(path, number, rule) for rule in match["rules"].split())
    return expected


def test_a_checker_that_breaks_off_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the end of what it printed, wherever to: mypy says on stdout why it did not begin."""
    code = "print('two of one name')\nprint('no settings', file=sys.stderr)\nsys.exit(2)\n"
    (tmp_path / "checker.py").write_text(f"import sys\n{code}", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"'two of one name', 'no settings'"):
        run("checker")


@pytest.mark.parametrize("path", [*PASSING, *FAILING], ids=lambda path: path.stem)
def test_a_checker_reports_what_it_shall(
    path: Path, checker: str, reports: frozenset[Report]
) -> None:
    """In every line that is marked, and in no other."""
    is_pyright = checker == "pyright"
    expected = {one for one in expectations_in(path) if one.is_of_pyright == is_pyright}
    assert {report for report in reports if report.path == path} == expected


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.stem)
def test_a_program_that_passes_expects_no_report(path: Path) -> None:
    """So that the names of the folders are true."""
    assert not expectations_in(path)


@pytest.mark.parametrize("path", FAILING, ids=lambda path: path.stem)
def test_a_program_that_fails_fails_in_both_checkers(path: Path) -> None:
    """So that neither is forgotten."""
    assert {one.is_of_pyright for one in expectations_in(path)} == {True, False}


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.stem)
def test_what_passes_also_runs(path: Path) -> None:
    """The classes are right not only for type checkers."""
    runpy.run_path(str(path))
