"""What is missing is a failure in CI, and a skip elsewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.services import require_module, require_program

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("require", "reason"),
    [
        (require_program, "needs the program nowhere-to-be-found: install a package"),
        (require_module, "needs the package a package: install it"),
    ],
)
def test_what_is_missing_is_a_failure_in_ci_and_a_skip_elsewhere(
    require: Callable[..., Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either way it says what to install."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=f"^{reason}$"):
        require("nowhere-to-be-found", package="a package")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match=f"^{reason}$"):
        require("nowhere-to-be-found", package="a package")


def test_what_is_there_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI too."""
    monkeypatch.setenv("CI", "true")
    assert require_program(sys.executable) == sys.executable
    assert require_module("pytest") == "pytest"


def test_no_test_skips_by_itself() -> None:
    """It asks ``services`` instead, which knows about CI; systems that cannot fork are no CI."""
    skipping = re.compile(
        r"importorskip|pytest\.skip\b(?!\.Exception)|mark\.skip(?!if\(not hasattr)"
    )
    tests = Path(__file__).parent
    found = [path.name for path in tests.rglob("*.py") if skipping.search(path.read_text("utf-8"))]
    assert sorted(found) == ["services.py", Path(__file__).name]
