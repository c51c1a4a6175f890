"""The conformance suite: what a persistence must do, as tests that its author inherits.

    class TestMyStore(PersistenceSuite):
        base = MyWorkflow                       # brings load_state and persist_state
        writers = ("threads", "processes")      # who may write at the same time

Each test makes a workflow of what it declares and of ``base``, and opens objects of it. What a
store does not claim to have is skipped, with a line that says so.
"""

from __future__ import annotations

from statecraft.testing.commits import CommitTests
from statecraft.testing.compounds import CompoundTests
from statecraft.testing.keys import OnceTests
from statecraft.testing.locks import LockTests
from statecraft.testing.logs import LogTests
from statecraft.testing.older import OlderValueTests
from statecraft.testing.storing import StoringTests
from statecraft.testing.suite import KINDS, Kind
from statecraft.testing.units import UnitTests

__all__ = ["KINDS", "Kind", "PersistenceSuite"]


class PersistenceSuite(
    StoringTests,
    UnitTests,
    CommitTests,
    LockTests,
    LogTests,
    OnceTests,
    OlderValueTests,
    CompoundTests,
):
    """Inherit from it under a name that begins with ``Test``, and say what is said here.

    ``base`` is a workflow class without states that brings the persistence; ``options`` are the
    keywords with which a class inherits from it. ``values`` are those that the store can keep, at
    least two of them; ``unknown_value`` one more. ``writers`` says who may write at the same time.

    What the store has beyond that: ``has_units`` (an event happens as a whole or not at all; then
    ``transaction``, ``add_row`` and ``count_rows`` are needed), ``has_locks`` (with ``lock=True``,
    the loser of a race is refused before its handler), ``has_optimistic_units`` (with
    ``lock=False``, handlers run at the same time), ``has_log`` and ``has_remembered``.
    """
