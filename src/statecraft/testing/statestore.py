"""The conformance suite of state stores of flows, as tests that the author of a store inherits.

    class TestMyStore(StateStoreSuite):
        writers = ("threads", "processes")      # who may swap at the same time

        def make(self):
            return StateStore()

What a store does not promise is skipped, with a line that says so. Django has to be configured.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

import pytest
from django.test import override_settings

from statecraft.flows.errors import StateStoreUnavailable, StateTooLarge
from statecraft.flows.statestore.codec import pack, unpack
from statecraft.testing.driving import require, run_plainly
from statecraft.testing.races import Writers

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager

    from statecraft.flows.statestore.base import BaseStateStore
    from statecraft.testing.races import Meet
    from statecraft.testing.suite import Kind

__all__ = ["StateStoreSuite"]

_IDLE = 1000  # seconds
HOSTILE = (
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    "",
    " ",
    "a\0b",
    "\ud800",
    "\N{SNOWMAN}" * 100,
    "x" * 10_000,
    "a*",
    "%s' OR 1=1 --",
    "CON.json",
)
"""Ids that somebody may write into a URL."""
VALUES: dict[str, Any] = {
    "texts": ["", " ", "\0", "\N{SNOWMAN} \N{GRINNING FACE}", "\ud800", "\ud83d\ude00", "'\"\\"],
    "long": "l" * 10_000,
    "numbers": [0, -1, 2**63, 10**400, 1.5, float("inf"), True, None],
    "nested": {"": {"@date": "no date"}, "list": [[], {}, ()]},
}
"""What a state may hold, before it is packed."""


class StateStoreSuite:
    """Inherit from it under a name that begins with ``Test``, and write ``make``.

    ``writers`` says who may swap at the same time, if the store is ``atomic``. A store that
    ``expires`` needs ``idle``, and one whose server can be away ``away``.
    """

    writers: ClassVar[tuple[Kind, ...]] = ()
    writer_count: ClassVar[int] = 4
    rounds: ClassVar[int] = 10

    def make(self) -> BaseStateStore:
        """Return the store, as another process would get it: what is kept is kept elsewhere."""
        message = f"{type(self).__name__} is the suite of a store, so it needs a method make"
        raise NotImplementedError(message)

    def idle(self, task_id: str, seconds: float) -> None:
        """Let a task look as if nobody had used it for so long."""
        message = f"{type(self).__name__} has a store that expires, so it needs a method idle"
        raise NotImplementedError(message)

    def away(self) -> AbstractContextManager[Any] | None:
        """Return a context manager in which the store does not answer; ``None``: there is none."""
        return None

    def enter_process(self) -> None:
        """Prepare a process that has just been forked: let go of what it must not share."""

    def leave_writer(self) -> None:
        """Close what a thread or process has opened, when it has written."""

    # -- what is stored --------------------------------------------------------------------------

    def test_nothing_is_stored_at_first(self) -> None:
        """An id that nobody has used has no state; forgetting and touching it is no error."""
        store, task_id = self.make(), uuid4().hex
        require(not store.get_state(task_id), "there is a state that nobody has stored")
        store.delete_state(task_id)
        store.touch(task_id)
        require(not store.get_state(task_id), "touching or deleting has stored a state")

    def test_a_state_comes_back_as_it_was(self) -> None:
        """For everybody who asks, whatever it holds; and it replaces what was there."""
        task_id = uuid4().hex
        for number, value in enumerate(({}, VALUES)):
            state = {"revision": number, "value": pack(value)}
            self.make().put_state(task_id, state)
            require(self.make().get_state(task_id) == state, "another state came back")
        found = self.make().get_state(task_id) or {}
        require(unpack(found["value"]) == VALUES, "other values came back")

    def test_what_is_given_and_returned_is_a_copy(self) -> None:
        """Changing it afterwards changes nothing in the store."""
        store, task_id = self.make(), uuid4().hex
        given = {"revision": 1, "list": [1]}
        store.put_state(task_id, given)
        given["list"] = []
        found = store.get_state(task_id) or {}
        found["list"].append(2)
        require(store.get_state(task_id) == {"revision": 1, "list": [1]}, "the store was changed")

    def test_tasks_do_not_meet(self) -> None:
        """Each id has its own state, though they look alike."""
        store, stem = self.make(), uuid4().hex
        ids = [f"{stem}-{end}" for end in ("a", "A", "a ", "\N{LATIN SMALL LETTER A WITH ACUTE}")]
        for number, task_id in enumerate(ids):
            require(store.swap_state(task_id, {"revision": number}, None), f"{task_id!r} was there")
        store.delete_state(ids[0])
        found = [store.get_state(task_id) for task_id in ids]
        require(not found[0], "a task that was deleted is there")
        wanted = [{"revision": number} for number in (1, 2, 3)]
        require(found[1:] == wanted, "a task has the state of another one")

    @pytest.mark.parametrize("task_id", HOSTILE, ids=range(len(HOSTILE)))
    def test_an_id_may_be_any_text(self, task_id: str) -> None:
        """It has no state, and can have one."""
        store = self.make()
        store.delete_state(task_id)
        require(not store.get_state(task_id), "there is a state")
        require(store.swap_state(task_id, {"revision": 1}, None), "it was not stored")
        require(store.get_state(task_id) == {"revision": 1}, "another state came back")
        store.touch(task_id)
        store.delete_state(task_id)
        require(not store.get_state(task_id), "it is not deleted")

    # -- swapping --------------------------------------------------------------------------------

    def test_a_swap_compares(self) -> None:
        """It stores where the revision is the expected one, and else it changes nothing."""
        store, task_id = self.make(), uuid4().hex
        require(not store.swap_state(task_id, {"revision": 2}, 1), "it replaced what is not there")
        require(not store.get_state(task_id), "a swap that failed has stored")
        require(store.swap_state(task_id, {"revision": 1}, None), "the first swap failed")
        for wrong in (None, 0, 2):
            swapped = store.swap_state(task_id, {"revision": 9}, wrong)
            require(not swapped, f"a swap that expects {wrong} replaced revision 1")
        require(store.get_state(task_id) == {"revision": 1}, "a swap that failed has stored")
        require(store.swap_state(task_id, {"revision": 2, "a": 1}, 1), "the second swap failed")
        require(store.get_state(task_id) == {"revision": 2, "a": 1}, "the swap stored nothing")

    @pytest.mark.parametrize("kind", ["threads", "processes"])
    @pytest.mark.parametrize("first", [True, False], ids=["create", "replace"])
    def test_one_of_several_wins(self, kind: Kind, *, first: bool) -> None:
        """Of those who swap at the same time, and its state is what is stored."""
        self._need_writers(kind)
        ids = [uuid4().hex for _ in range(self.rounds)]
        for task_id in () if first else ids:
            self.make().put_state(task_id, {"revision": 0})

        async def work(number: int, meet: Meet) -> list[bool]:
            store, won = self.make(), list[bool]()
            for task_id in ids:
                await meet()
                state = {"revision": 1, "writer": number}
                won.append(store.swap_state(task_id, state, None if first else 0))
            self.leave_writer()
            return won

        answers = self._answers(work, kind)
        for index, task_id in enumerate(ids):
            winners = [number for number, won in enumerate(answers) if won[index]]
            require(len(winners) == 1, f"{len(winners)} of {len(answers)} have won")
            wanted = {"revision": 1, "writer": winners[0]}
            require(self.make().get_state(task_id) == wanted, "the winner's state is not there")

    @pytest.mark.parametrize("kind", ["threads", "processes"])
    def test_no_swap_is_lost(self, kind: Kind) -> None:
        """Several who count up by swaps, and try again when they lose, miss nothing."""
        self._need_writers(kind)
        task_id = uuid4().hex
        self.make().put_state(task_id, {"revision": 0, "by": []})

        async def work(number: int, meet: Meet) -> None:
            store = self.make()
            await meet()
            for _ in range(self.rounds):
                swapped = False
                while not swapped:
                    found = store.get_state(task_id) or {}
                    revision = found["revision"]
                    state = {"revision": revision + 1, "by": [*found["by"], number]}
                    swapped = store.swap_state(task_id, state, revision)
            self.leave_writer()

        answers = self._answers(work, kind)
        found = self.make().get_state(task_id) or {}
        total = self.rounds * len(answers)
        require(found["revision"] == len(found["by"]) == total, "a swap was lost")

    # -- transactions ----------------------------------------------------------------------------

    def test_a_transaction_is_undone_as_a_whole(self) -> None:
        """By an exception, which reaches the caller; without one it is kept."""
        store, task_id = self.make(), uuid4().hex
        self._need(transactional=store.transactional)
        with store.transaction():
            require(store.swap_state(task_id, {"revision": 1}, None), "the first swap failed")
            require(not store.swap_state(task_id, {"revision": 9}, None), "it was stored twice")
            require(store.swap_state(task_id, {"revision": 2}, 1), "a swap after a failed one")
        with suppress(KeyError), store.transaction():
            store.swap_state(task_id, {"revision": 3}, 2)
            raise KeyError
        require(store.get_state(task_id) == {"revision": 2}, "it is not as it was")

    def test_every_store_has_a_transaction(self) -> None:
        """Which stores what is stored in it, at its end at the latest."""
        store, task_id = self.make(), uuid4().hex
        with store.transaction():
            store.swap_state(task_id, {"revision": 1}, None)
        require(store.get_state(task_id) == {"revision": 1}, "it is not stored")

    # -- expiry ----------------------------------------------------------------------------------

    def test_what_nobody_uses_expires(self) -> None:
        """It is not found, not swapped and not touched any more, and can be created again."""
        store, task_id = self.make(), uuid4().hex
        with self._expiring(store):
            store.put_state(task_id, {"revision": 1})
            self.idle(task_id, _IDLE - 300)
            require(store.get_state(task_id) == {"revision": 1}, "it expired too early")
            self.idle(task_id, _IDLE + 1)
            require(not store.get_state(task_id), "it did not expire")
            require(not store.swap_state(task_id, {"revision": 2}, 1), "an expired one was swapped")
            store.touch(task_id)
            require(not store.get_state(task_id), "touching revived it")
            require(store.swap_state(task_id, {"revision": 5}, None), "it was not created again")
            require(store.get_state(task_id) == {"revision": 5}, "another state came back")

    @pytest.mark.parametrize("use", ["touch", "put", "swap"])
    def test_use_keeps_it(self, use: str) -> None:
        """Touching, putting and swapping let the idle time begin again."""
        store, task_id = self.make(), uuid4().hex
        with self._expiring(store):
            store.put_state(task_id, {"revision": 1})
            for _ in range(3):
                self.idle(task_id, _IDLE * 2 / 3)
                found = store.get_state(task_id)
                require(found == {"revision": 1}, f"it expired, though it was used: {use}")
                if use == "touch":
                    store.touch(task_id)
                elif use == "put":
                    store.put_state(task_id, {"revision": 1})
                else:
                    store.swap_state(task_id, {"revision": 1}, 1)

    def test_a_timeout_of_nothing_ends_a_task_at_once(self) -> None:
        """What is stored with it is not there."""
        store, task_id = self.make(), uuid4().hex
        with self._expiring(store, 0):
            store.put_state(task_id, {"revision": 1})
            require(not store.get_state(task_id), "put: it did not expire at once")
            require(store.swap_state(task_id, {"revision": 1}, None), "it was not created")
            require(not store.get_state(task_id), "swap: it did not expire at once")

    def test_cleaning_up_deletes_what_is_expired(self) -> None:
        """Up to the limit, and nothing else."""
        store, ids = self.make(), [uuid4().hex for _ in range(4)]
        with self._expiring(store):
            store.expire(10**6)
            for task_id in ids:
                store.put_state(task_id, {"revision": 1})
            require(store.expire(10) == store.count_expired() == 0, "something in use is expired")
            there = [task_id for task_id in ids if store.get_state(task_id)]
            require(there == ids, "something in use was deleted")
            for task_id in ids[:3]:
                self.idle(task_id, _IDLE + 1)
            expired = store.count_expired()
            require(expired in {0, 3}, f"{expired} of 3 are expired")
            if expired:  # else the server has forgotten them by itself
                deleted = [store.expire(2), store.expire(2), store.expire(2)]
                require(deleted == [2, 1, 0], f"it deleted {deleted}")
            require(store.get_state(ids[3]) == {"revision": 1}, "something in use was deleted")

    # -- what goes wrong -------------------------------------------------------------------------

    def test_a_state_that_is_too_large_is_not_stored(self) -> None:
        """The error has its size; what was stored before is still there."""
        store, task_id = self.make(), uuid4().hex
        with override_settings(FLOWS_MAX_STATE_BYTES=100):
            store.put_state(task_id, {"revision": 1})
            large = {"revision": 2, "text": "l" * 100}
            for expected in (1, None):
                with pytest.raises(StateTooLarge) as caught:
                    store.swap_state(task_id, large, expected)
                require((caught.value.size, caught.value.limit) == (124, 100), "another size")
            require(store.get_state(task_id) == {"revision": 1}, "it is not as it was")

    def test_a_store_that_is_away_says_so(self) -> None:
        """Whatever it is asked; and nothing was done when it answers again."""
        store, task_id = self.make(), uuid4().hex
        away = self.away()
        if away is None:
            pytest.skip("the store cannot be away")
        store.put_state(task_id, {"revision": 1})
        with away:
            for act in (
                lambda: store.get_state(task_id),
                lambda: store.put_state(task_id, {"revision": 2}),
                lambda: store.swap_state(task_id, {"revision": 2}, 1),
                lambda: store.swap_state(task_id, {"revision": 2}, None),
                lambda: store.delete_state(task_id),
                lambda: store.touch(task_id),
                self._enter_transaction(store, task_id),
            ):
                with pytest.raises(StateStoreUnavailable) as caught:
                    act()
                require(caught.value.__cause__ is not None, "the error has no cause")
        require(store.get_state(task_id) == {"revision": 1}, "it is not as it was")

    # -- the same, awaited -----------------------------------------------------------------------

    def test_everything_can_be_awaited(self) -> None:
        """With the same answers."""
        store, task_id = self.make(), uuid4().hex

        async def scenario() -> list[Any]:
            answers: list[Any] = [await store.aswap_state(task_id, {"revision": 1}, None)]
            answers += [await store.aswap_state(task_id, {"revision": 1}, None)]
            await store.aput_state(task_id, {"revision": 2})
            await store.atouch(task_id)
            answers += [await store.aget_state(task_id)]
            await store.adelete_state(task_id)
            answers += [not await store.aget_state(task_id), await store.aexpire(0)]
            return answers

        answers = asyncio.run(scenario())
        require(answers == [True, False, {"revision": 2}, True, 0], f"it answered {answers}")

    # -- what the tests use ----------------------------------------------------------------------

    def _need_writers(self, kind: Kind) -> None:
        if kind not in self.writers:
            pytest.skip(f"the store does not say that its writers may be {kind}")
        require(self.make().atomic, "a store with several writers has to be atomic")

    def _need(self, **promises: bool) -> None:
        for name, given in promises.items():
            if not given:
                pytest.skip(f"the store does not say {name} = True")

    @contextmanager
    def _expiring(self, store: BaseStateStore, seconds: int = _IDLE) -> Generator[None]:
        self._need(expires=store.expires)
        with override_settings(FLOWS_TASK_IDLE_TIMEOUT=seconds):
            yield

    def _answers(self, work: Any, kind: Kind) -> list[Any]:
        writers = Writers(
            work, count=self.writer_count, run=run_plainly, enter_process=self.enter_process
        )
        return writers.answers(kind)

    @staticmethod
    def _enter_transaction(store: BaseStateStore, task_id: str) -> Any:
        def act() -> None:
            with store.transaction():
                store.swap_state(task_id, {"revision": 2}, 1)

        return act
