"""Drawn workflows and walks over them: the compiled class does what a naive interpreter says."""

from __future__ import annotations

import inspect

from hypothesis import given

from tests.property.oracle import Oracle
from tests.property.strategies import pairs, walks
from tests.property.walking import WALKING, WALKING_IN_PAIRS, Walk, drive


@WALKING
@given(walks())
def test_a_walk_goes_as_the_interpreter_says(walk: Walk) -> None:
    """Results, calls in order, exceptions, halts, states and refusals are what it says."""
    drive(walk.go())


@WALKING_IN_PAIRS
@given(pairs())
def test_two_workflows_of_one_object_go_as_two_interpreters_say(walk: Walk) -> None:
    """Each has its states, halts and memory, though one fires events of the other in its hooks."""
    drive(walk.go())


def test_the_interpreter_is_naive() -> None:
    """It has at most forty lines: whoever reads it has little to doubt."""
    lines = [line for line in inspect.getsource(Oracle.fire).splitlines() if line.strip()]
    assert len(lines) <= 40
