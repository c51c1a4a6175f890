"""Drawn workflows and walks over them: the compiled class does what a naive interpreter says."""

from __future__ import annotations

import inspect

from hypothesis import given

from tests.property.oracle import Oracle
from tests.property.strategies import walks
from tests.property.walking import WALKING, Walk, drive


@WALKING
@given(walks())
def test_a_walk_goes_as_the_interpreter_says(walk: Walk) -> None:
    """Results, calls in order, exceptions, halts, states and refusals are what it says."""
    drive(walk.go())


def test_the_interpreter_is_naive() -> None:
    """It has at most forty lines: whoever reads it has little to doubt."""
    lines = [line for line in inspect.getsource(Oracle.fire).splitlines() if line.strip()]
    assert len(lines) <= 40
