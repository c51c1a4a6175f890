"""The public conformance suite finds what is broken: each of its tests fails for some store."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from statecraft import AsyncWorkflow, StaleState
from statecraft.sqlite import close_connections
from statecraft.testing.persistence import PersistenceSuite
from tests.broken_stores import BROKEN
from tests.broken_transactions import BROKEN_TRANSACTIONS
from tests.sound_stores import DictionaryWorkflow, SQLiteSuite, StoredWorkflow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def all_tests() -> Iterator[str]:
    """Return the names of all tests, with the kind of writers where there are several."""
    for name in dir(PersistenceSuite):
        if name.startswith("test_"):
            is_race = hasattr(getattr(PersistenceSuite, name), "pytestmark")
            yield from (f"{name}[{kind}]" for kind in KINDS_OF_WRITERS) if is_race else (name,)


KINDS_OF_WRITERS = ("tasks", "threads", "processes")


def outcome(suite: PersistenceSuite, test: str) -> bool | None:
    """Return whether a test passes; ``None`` if it is skipped."""
    name, _, kind = test.rstrip("]").partition("[")
    try:
        getattr(suite, name)(*filter(None, [kind]))
    except pytest.skip.Exception:
        return None
    except (Exception, pytest.fail.Exception):  # noqa: BLE001 - all of them are failures
        return False
    return True


@cache
def failures(store: Any) -> set[str]:
    """Return the names of the tests that a store fails."""

    class Suite(PersistenceSuite):
        base = store
        writers = ("tasks",) if issubclass(store, AsyncWorkflow) else ("threads",)
        rounds = 6

    return {test for test in all_tests() if outcome(Suite(), test) is False}


@pytest.mark.parametrize("store", BROKEN, ids=lambda store: str(store.__name__))
def test_a_broken_store_fails(store: Any) -> None:
    """A store that is broken in one way fails the tests that are there for it."""
    assert failures(store) >= BROKEN[store]


def prepared(store: Any, path: Path) -> SQLiteSuite:
    """Return a suite for a store, which uses a file."""

    class Suite(SQLiteSuite):
        base = store
        writers = ("threads",)
        rounds = 3

    suite = Suite()
    suite.use(path)
    return suite


@pytest.mark.parametrize(
    ("store", "test"),
    [(store, test) for store, tests in BROKEN_TRANSACTIONS.items() for test in sorted(tests)],
    ids=lambda part: part if isinstance(part, str) else str(part.__name__),
)
def test_a_broken_transaction_fails(store: Any, test: str, tmp_path: Path) -> None:
    """So does one whose units or whose log are broken; a store that is not passes the same."""
    try:
        assert outcome(prepared(store, tmp_path / "broken.db"), test) is False
        assert outcome(prepared(SQLiteSuite.base, tmp_path / "sound.db"), test) is True
    finally:
        close_connections()


def test_every_test_fails_for_some_broken_store() -> None:
    """No test of the suite passes whatever a store does."""
    failed = set[str]().union(*map(failures, BROKEN), *BROKEN_TRANSACTIONS.values())
    kinds = {test.partition("[")[0]: test for test in failed}
    assert {test.partition("[")[0] for test in all_tests()} == set(kinds)


def test_a_sound_store_fails_nowhere() -> None:
    """A sound store passes all tests, less those of what it does not claim."""

    class Suite(PersistenceSuite):
        base = DictionaryWorkflow
        writers = ("threads",)

    found = {test: outcome(Suite(), test) for test in all_tests()}
    assert False not in found.values()
    passed = {test for test, passed in found.items() if passed}
    assert len(passed) > 20
    assert "test_one_of_several_writers_wins[threads]" in passed
    skipped = set(found) - passed
    assert "test_one_of_several_writers_wins[tasks]" in skipped
    assert "test_the_log_has_every_transition" in skipped


@pytest.mark.parametrize(
    ("claim", "test", "reason"),
    [
        ("has_units", "test_a_row_is_stored_with_its_transition", "has_units = True"),
        ("has_locks", "test_the_loser_of_a_race_is_refused_before_its_handler", "has_locks = True"),
        ("has_log", "test_the_log_notes_arguments", "has_log = True"),
        ("writers", "test_one_of_several_writers_wins", "may be threads"),
    ],
)
def test_what_is_skipped_says_so(claim: str, test: str, reason: str) -> None:
    """In one line, with what the store would have to claim."""

    class Suite(PersistenceSuite):
        base = DictionaryWorkflow

    assert not getattr(Suite, claim)
    arguments = ["threads"] if "race" in test or "writers" in test else []
    with pytest.raises(pytest.skip.Exception, match=reason) as caught:
        getattr(Suite(), test)(*arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("method", ["transaction", "add_row", "count_rows"])
def test_a_store_with_units_brings_what_they_need(method: str) -> None:
    """An author who says has_units is told what to write."""

    class Suite(PersistenceSuite):
        base = DictionaryWorkflow
        has_units = True

    arguments = ["text"] if method == "count_rows" else [None, "text"][: 1 + (method == "add_row")]
    with pytest.raises(NotImplementedError, match=f"Suite says has_units.*a method {method}"):
        getattr(Suite(), method)(*arguments)


def test_locks_can_be_had_without_units(tmp_path: Path) -> None:
    """A store that locks and undoes nothing is tested for its locks alone."""

    class Suite(SQLiteSuite):
        writers = ("threads",)
        rounds = 2
        has_units = False

    suite = Suite()
    suite.use(tmp_path / "locks.db")
    test = "test_the_loser_of_a_race_is_refused_before_its_handler[threads]"
    assert outcome(suite, test) is True
    close_connections()


def test_a_writer_that_is_stale_may_try_again(tmp_path: Path) -> None:
    """A store that has no lock lets the loser fire with his key once more."""
    tried: set[int | str | None] = set()

    class Hesitant(StoredWorkflow, database="none"):
        def fire_once(
            self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
        ) -> Any:
            if self.id not in tried:
                tried.add(self.id)
                raise StaleState(self, expected=(), found=None)
            return super().fire_once(event, once, args, kwargs)

    suite = prepared(Hesitant, tmp_path / "hesitant.db")
    setattr(suite, "has_locks", False)  # noqa: B010 - in a class body, it would be one
    assert outcome(suite, "test_one_of_several_writers_fires_once[threads]") is True
    close_connections()
