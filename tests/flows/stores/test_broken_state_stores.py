"""The conformance suite of state stores finds what is broken, and asks for what it needs."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.test import override_settings

from statecraft.flows.statestore import memory_store
from statecraft.flows.statestore.base import BaseStateStore, State, revision_of
from statecraft.testing.statestore import StateStoreSuite

KEPT: dict[str, Any] = {}


class Sound(memory_store.StateStore):
    """A store with nothing wrong, whose states everybody sees."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = KEPT


class PutsNothing(Sound):
    def put_state(self, task_id: str, state: State) -> None:
        pass


class ReturnsWhatItKeeps(Sound):
    kept: ClassVar[dict[str, State]] = {}

    def get_state(self, task_id: str) -> State | None:
        return self.kept.get(task_id)

    def put_state(self, task_id: str, state: State) -> None:
        self.kept[task_id] = state


class SeesNoCapitals(Sound):
    def get_state(self, task_id: str) -> State | None:
        return super().get_state(task_id.lower())

    def swap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        return super().swap_state(task_id.lower(), state, expected)


class RefusesIds(Sound):
    def get_state(self, task_id: str) -> State | None:
        if "\0" in task_id:
            raise ValueError(task_id)
        return super().get_state(task_id)


class ForgetsNothing(Sound):
    def delete_state(self, task_id: str) -> None:
        pass


class DoesNotCompare(Sound):
    def swap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        self.put_state(task_id, state)
        return True


class ComparesFirst(Sound):
    def swap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        found = self.get_state(task_id)
        time.sleep(0.01)  # so that another one comes between
        if revision_of(found) != expected:
            return False
        self.put_state(task_id, state)
        return True


class UndoesNothing(Sound):
    transactional = True


class CommitsNothing(Sound):
    def transaction(self) -> AbstractContextManager[Any]:
        self._kept = {}
        return nullcontext()

    def get_state(self, task_id: str) -> State | None:
        return None


class KeepsForEver(Sound):
    def get_state(self, task_id: str) -> State | None:
        with override_settings(FLOWS_TASK_IDLE_TIMEOUT=10**9):
            return super().get_state(task_id)


class ExpiresAtOnce(Sound):
    def get_state(self, task_id: str) -> State | None:
        return None


class IsNotTouched(Sound):
    def touch(self, task_id: str) -> None:
        pass


class IsRevived(Sound):
    def touch(self, task_id: str) -> None:
        with override_settings(FLOWS_TASK_IDLE_TIMEOUT=10**9):
            super().touch(task_id)


class DeletesEverything(Sound):
    def expire(self, limit: int) -> int:
        deleted = super().expire(limit)
        self._kept.clear()
        return deleted


class KnowsNoLimit(Sound):
    def expire(self, limit: int) -> int:
        return super().expire(10**6)


class TakesAnySize(Sound):
    def swap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        with override_settings(FLOWS_MAX_STATE_BYTES=10**6):
            return super().swap_state(task_id, state, expected)


class AwaitsNothing(Sound):
    async def aput_state(self, task_id: str, state: State) -> None:
        pass


class SaysNothing(Sound):
    """It answers, though it is away."""


def suite_of(store: type[Sound]) -> StateStoreSuite:
    """Return the suite of a store."""

    class Suite(StateStoreSuite):
        writers = ("threads",)
        rounds = 3

        def make(self) -> BaseStateStore:
            return store()

        def idle(self, task_id: str, seconds: float) -> None:
            kept = KEPT[task_id]
            KEPT[task_id] = kept._replace(touched=kept.touched - round(seconds * 1000))

        def away(self) -> AbstractContextManager[Any] | None:
            return None if store is Sound else nullcontext()

    return Suite()


NOTHING: MappingProxyType[str, Any] = MappingProxyType({})
RACE = {"kind": "threads", "first": True}
BROKEN: list[tuple[type[Sound], str, Any]] = [
    (PutsNothing, "test_a_state_comes_back_as_it_was", NOTHING),
    (ExpiresAtOnce, "test_what_nobody_uses_expires", NOTHING),
    (ForgetsNothing, "test_an_id_may_be_any_text", {"task_id": "a"}),
    (ReturnsWhatItKeeps, "test_what_is_given_and_returned_is_a_copy", NOTHING),
    (SeesNoCapitals, "test_tasks_do_not_meet", NOTHING),
    (RefusesIds, "test_an_id_may_be_any_text", {"task_id": "a\0b"}),
    (DoesNotCompare, "test_a_swap_compares", NOTHING),
    (DoesNotCompare, "test_one_of_several_wins", RACE),
    (ComparesFirst, "test_one_of_several_wins", RACE),
    (ComparesFirst, "test_one_of_several_wins", {**RACE, "first": False}),
    (ComparesFirst, "test_no_swap_is_lost", {"kind": "threads"}),
    (UndoesNothing, "test_a_transaction_is_undone_as_a_whole", NOTHING),
    (CommitsNothing, "test_every_store_has_a_transaction", NOTHING),
    (KeepsForEver, "test_what_nobody_uses_expires", NOTHING),
    (KeepsForEver, "test_a_timeout_of_nothing_ends_a_task_at_once", NOTHING),
    (IsNotTouched, "test_use_keeps_it", {"use": "touch"}),
    (IsRevived, "test_what_nobody_uses_expires", NOTHING),
    (DeletesEverything, "test_cleaning_up_deletes_what_is_expired", NOTHING),
    (KnowsNoLimit, "test_cleaning_up_deletes_what_is_expired", NOTHING),
    (TakesAnySize, "test_a_state_that_is_too_large_is_not_stored", NOTHING),
    (SaysNothing, "test_a_store_that_is_away_says_so", NOTHING),
    (AwaitsNothing, "test_everything_can_be_awaited", NOTHING),
]


@pytest.mark.parametrize(("store", "test", "given"), BROKEN)
def test_a_broken_store_fails(store: type[Sound], test: str, given: Any) -> None:
    """The test that is there for what is wrong with it; a sound one passes, or is skipped."""
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
        getattr(suite_of(store), test)(**given)
    KEPT.clear()
    try:
        getattr(suite_of(Sound), test)(**given)
    except pytest.skip.Exception as skipped:
        assert test in {  # noqa: PT017 - it is skipped
            "test_a_transaction_is_undone_as_a_whole",
            "test_a_store_that_is_away_says_so",
        }, skipped


def test_what_a_suite_needs_is_said() -> None:
    """By a store that says too much."""
    suite = StateStoreSuite()
    with pytest.raises(NotImplementedError, match="needs a method make"):
        suite.make()
    with pytest.raises(NotImplementedError, match="needs a method idle"):
        suite.idle("task", 1)

    class Boasting(StateStoreSuite):
        writers = ("threads",)

        def make(self) -> BaseStateStore:
            return BaseStateStore()

    with pytest.raises(AssertionError, match="has to be atomic"):
        Boasting().test_no_swap_is_lost("threads")


def test_what_a_store_needs_is_said() -> None:
    """Two methods; a store without them has nothing."""

    class Lazy(BaseStateStore):
        """Has no method at all."""

    store = Lazy()
    with pytest.raises(NotImplementedError, match=r"Lazy extends BaseStateStore.*method get_state"):
        store.swap_state(uuid4().hex, {"revision": 1}, None)
    with pytest.raises(NotImplementedError, match=r"Lazy extends BaseStateStore.*method put_state"):
        store.put_state(uuid4().hex, {})
    assert (store.count_expired(), store.expire(1)) == (0, 0)
