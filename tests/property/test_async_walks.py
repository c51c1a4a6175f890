"""The same walks over asynchronous workflows, whose methods are ``def`` or ``async def``."""

from __future__ import annotations

import anyio
import pytest
from hypothesis import given

from tests.property.strategies import pairs, walks
from tests.property.walking import WALKING, WALKING_IN_PAIRS, Walk


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@WALKING
@given(walk=walks(is_async=True))
def test_an_asynchronous_walk_goes_as_the_same_interpreter_says(backend: str, walk: Walk) -> None:
    """The steps are the same in the same order, whatever is awaited in between."""
    anyio.run(walk.go, backend=backend)


@WALKING_IN_PAIRS
@given(walk=pairs(is_async=True))
def test_two_asynchronous_workflows_of_one_object_go_as_two_interpreters_say(walk: Walk) -> None:
    """An event that is awaited inside of one of the other workflow waits for nobody."""
    anyio.run(walk.go)
