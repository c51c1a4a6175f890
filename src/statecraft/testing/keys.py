"""What a store with a log does for ``once``: an event with a key happens exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from statecraft.errors import NoTransitionAllowed, StaleState, WorkflowError
from statecraft.testing.declared import Order, Trouble
from statecraft.testing.driving import Stored, driven, raised, require
from statecraft.testing.suite import KINDS, Kind, Suite, needs

if TYPE_CHECKING:
    from statecraft.testing.races import Meet

_ANSWER = {"amount": 5, "currency": "EUR"}


class OnceTests(Suite):
    """The tests of ``fire(..., once=key)``."""

    async def _expect_records(self, stored: Stored, *events: str) -> None:
        records = await stored.records()
        found = [one.event for one in records if one.event and one.refused is None]
        require(found == [*events], f"the log has {found}, and ought to have {[*events]}")

    @needs("has_log")
    @driven
    async def test_a_repeat_returns_the_first_answer(self) -> None:
        """It changes nothing, whatever its arguments are, and runs no handler."""
        stored = self.stored(Order, log=True)
        answer = await stored.fire("pay", 5, once="webhook 1")
        require(answer == _ANSWER, f"the first answer is {answer!r}")
        subject = await stored.open()
        answer = await stored.act(subject, "pay", 7, once="webhook 1")
        require(answer == _ANSWER, f"the second answer is {answer!r}")
        require(subject.ran == 0, "the handler ran again")
        await self._expect_records(stored, "pay")
        await stored.fire("send", once="webhook 2")
        require(await stored.fire("send", once="webhook 2") is True, "the answer was not True")
        require(await stored.fire("pay", 5, once="webhook 1") == _ANSWER, "it was forgotten")
        await self._expect_records(stored, "pay", "send")
        await stored.expect("sent")

    @needs("has_log")
    @driven
    async def test_the_log_keeps_the_key_and_the_answer(self) -> None:
        """In the record of the event; an event without a key has neither."""
        stored = self.stored(Order, log=True)
        await stored.fire("remind")
        await stored.fire("pay", 5, once="webhook 1")
        found = [(one.once, one.result) for one in await stored.records()]
        wanted = [(None, None), (None, None), ("webhook 1", _ANSWER)]
        require(found == wanted, f"the log keeps {found}")

    @needs("has_log")
    @driven
    async def test_internal_transitions_happen_once_too(self) -> None:
        """A repeat writes no second record."""
        stored = self.stored(Order, log=True)
        for _ in range(2):
            require(await stored.fire("remind", once="") is True, "the answer was not True")
        await self._expect_records(stored, "remind")

    @needs("has_log")
    @driven
    async def test_a_key_is_that_of_one_object(self) -> None:
        """Another object of the class can use the same."""
        first, second = self.stored(Order, log=True), self.stored(Order, log=True)
        await first.fire("pay", 5, once="webhook 1")
        answer = await second.fire("pay", 6, once="webhook 1")
        require(answer == {"amount": 6, "currency": "EUR"}, f"the answer is {answer!r}")
        await self._expect_records(second, "pay")

    @needs("has_log")
    @driven
    async def test_a_key_is_that_of_one_event(self) -> None:
        """The same key for another event is an error, and nothing moves."""
        stored = self.stored(Order, log=True)
        await stored.fire("pay", 5, once="webhook 1")
        failing = stored.fire("send", once="webhook 1")
        await raised(WorkflowError, failing, "a key was good for two events")
        await self._expect_records(stored, "pay")
        await stored.expect("paid")

    @needs("has_log")
    @driven
    async def test_what_did_not_happen_uses_up_no_key(self) -> None:
        """Neither a refusal, nor a halt, nor an exception: the next attempt may succeed."""
        for log, kept in ((True, []), ("refusals", ["send", "pay"])):
            stored = self.stored(Order, log=log)
            await raised(NoTransitionAllowed, stored.fire("send", once="k"), "it was not refused")
            require(await stored.fire("pay", 0, once="k") is False, "pay was not halted")
            await raised(Trouble, stored.fire("pay", -1, once="k"), "pay did not fail")
            await stored.expect("basket")
            require(await stored.fire("pay", 5, once="k") == _ANSWER, "the key was used up")
            await self._expect_records(stored, "pay")
            attempts = [one.event for one in await stored.records() if one.refused]
            require(attempts == kept, f"with log={log!r}, it keeps the attempts {attempts}")

    @needs("has_log")
    @driven
    async def test_an_answer_that_cannot_be_given_again_is_an_error(self) -> None:
        """What has no JSON form is found before anything is stored for good; no key is used up."""
        stored = self.stored(Order, log=True)
        await raised(WorkflowError, stored.fire("give", once="k"), "an object was kept")
        await stored.expect("basket")
        await self._expect_records(stored)
        require(await stored.fire("pay", 5, once="k") == _ANSWER, "the key was used up")

    @needs("has_log")
    @pytest.mark.parametrize("kind", KINDS)
    def test_one_of_several_writers_fires_once(self, kind: Kind) -> None:
        """Of those who fire with one key at the same time, all get the answer of one."""
        races = self.races(Order, log=True)

        async def write(number: int, meet: Meet) -> list[tuple[Any, int]]:
            return [await self._paid(race, number, meet) for race in races]

        answers = self.written(write, kind)
        for number, race in enumerate(races):
            amounts = {answer[number][0]["amount"] for answer in answers}
            require(len(amounts) == 1, f"the answers are different: {amounts}")
            ran = sum(answer[number][1] for answer in answers)
            require(ran == 1 or not self.has_locks, f"{ran} handlers ran, and not one alone")
            self.run(self._expect_records(race, "pay"))
            self.run(race.expect("paid"))

    async def _paid(self, race: Stored, number: int, meet: Meet) -> tuple[Any, int]:
        subject = await race.open()
        await meet()
        try:
            answer = await race.act(subject, "pay", number + 1, once="webhook 1")
        except StaleState:  # without a lock, the loser has to try again
            answer = await race.fire("pay", number + 1, once="webhook 1")
        return answer, subject.ran
