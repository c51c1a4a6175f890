"""What a store with a log does: it takes down what happened, without gaps, and who did it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from statecraft.actors import acting_as
from statecraft.errors import NoTransitionAllowed, TransitionHalted, WorkflowError
from statecraft.testing.declared import LateOrder, Order, Ring, Trouble
from statecraft.testing.driving import driven, raised, require
from statecraft.testing.suite import KINDS, Kind, Suite, needs

if TYPE_CHECKING:
    from statecraft.testing.races import Meet

_CREATED = (1, None, None, "basket")
_WALK = [_CREATED, (2, "remind", "basket", "basket"), (3, "pay", "basket", "paid")]
_PAID = {"amount": 5, "currency": "EUR"}


class LogTests(Suite):
    """The tests of the transition log."""

    @needs("has_log")
    @driven
    async def test_the_log_has_every_transition(self) -> None:
        """The creation first, internal transitions too, each with its number, event and states."""
        stored = self.stored(Order, log=True)
        await stored.fire("remind")
        await stored.fire("pay", 5)
        require(await stored.walked() == _WALK, f"the log is {await stored.walked()}")
        require(
            [one.internal for one in await stored.records()] == [False, True, False], "internal"
        )
        await stored.fire("send")
        last = (4, "send", "paid", "sent")
        require(await stored.walked() == [*_WALK, last], f"the log is {await stored.walked()}")
        await stored.expect("sent")

    @needs("has_log")
    @driven
    async def test_a_log_is_that_of_one_object(self) -> None:
        """Each has its own numbers, and an object without transitions at most its creation."""
        first, second = self.stored(Order, log=True), self.stored(Order, log=True)
        await first.fire("pay", 5)
        require(await second.walked() in ([], [_CREATED]), "an object that did nothing has records")
        await second.fire("remind")
        require(await second.walked() == _WALK[:2], f"the log is {await second.walked()}")

    @needs("has_log")
    @driven
    async def test_the_log_has_no_record_of_what_did_not_happen(self) -> None:
        """Refused, vetoed, halted and failed attempts leave none, nor does ``place``."""
        stored = self.stored(Order, log=True)
        await stored.fire("remind")
        await self._be_refused(stored)
        await stored.place("paid")
        require(await stored.walked() == _WALK[:2], f"the log is {await stored.walked()}")

    async def _be_refused(self, stored: Any) -> None:
        await raised(NoTransitionAllowed, stored.fire("send"), "send was not refused")
        require(await stored.fire("pay", 0) is False, "pay was not halted")
        await raised(Trouble, stored.fire("pay", -1), "pay did not fail")
        await stored.place("paid")
        await raised(TransitionHalted, stored.fire("audit"), "audit was not vetoed")
        await stored.place("basket")

    @needs("has_log", "has_units")
    @driven
    async def test_an_undone_transition_leaves_no_record(self) -> None:
        """What is undone after it was stored takes its record along."""
        stored = self.stored(LateOrder, log=True)
        for event, arguments in (("pay", (5,)), ("remind", ())):
            await raised(Trouble, stored.fire(event, *arguments), f"{event} did not fail")
            require(await stored.walked() in ([], [_CREATED]), "there is a record of it")
            await stored.expect("basket")

    @needs("has_log")
    @driven
    async def test_the_log_notes_arguments(self) -> None:
        """Those that the event names, defaults too, and no others."""
        stored = self.stored(Order, log=True)
        await stored.fire("pay", 5, card="1234")
        noted = dict((await stored.records())[-1].noted)
        require(noted == _PAID, f"it notes {noted}")

    @needs("has_log")
    @driven
    async def test_what_cannot_be_noted_stops_the_event(self) -> None:
        """An argument without a JSON form is an error, and nothing has moved."""
        stored = self.stored(Order, log=True)
        failing = stored.fire("pay", 5, currency=object())
        await raised(WorkflowError, failing, "an object was noted")
        require(await stored.walked() in ([], [_CREATED]), "there is a record of it")
        await stored.expect("basket")

    @needs("has_log")
    @driven
    async def test_the_log_says_when_and_who(self) -> None:
        """The time is in UTC; the actor is who acted, or nobody."""
        stored = self.stored(Order, log=True)
        before = datetime.now(UTC)
        with acting_as("Homer"):
            await stored.fire("remind")
        await stored.fire("pay", 5)
        log = await stored.records()
        _, reminded, paid = log
        require((reminded.actor, paid.actor) == ("Homer", None), f"{reminded.actor}, {paid.actor}")
        require(reminded.at is not None and paid.at is not None, "a record has no time")
        moments: list[Any] = [before, reminded.at, paid.at, datetime.now(UTC)]
        require(moments == sorted(moments), f"the times are not in order: {moments}")
        require(log.in_state_since == paid.at, "the log does not know since when it is paid")

    @needs("has_log")
    @driven
    async def test_a_log_of_refusals_has_them_too(self) -> None:
        """Numbered with the rest, each with its reason, in the state in which it was."""
        stored = self.stored(Order, log="refusals")
        await self._be_refused(stored)
        attempts = (await stored.records())[1:]
        found = [(one.sequence, one.event, one.target) for one in attempts]
        wanted = [(2, "send", "basket"), (3, "pay", "basket"), (4, "audit", "paid")]
        require(found == wanted, f"the attempts are {found}")
        require("nothing to pay" in str(attempts[1].refused), "the halt has no reason")
        require("nobody has time" in str(attempts[2].refused), "the veto has no reason")
        require(dict(attempts[1].noted) == {"amount": 0, "currency": "EUR"}, "nothing is noted")
        await stored.fire("pay", 5)
        last = (await stored.records())[-1]
        require((last.sequence, last.refused) == (5, None), f"the last record is {last}")

    @needs("has_log")
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_log_of_several_writers_is_a_legal_walk(self, kind: Kind) -> None:
        """It has a record for each success, numbered without gaps, and ends in what is stored."""
        stored = self.stored(Ring, log=True)

        async def write(_: int, meet: Meet) -> int:
            await meet()
            return sum([await stored.steps() for _ in range(self.rounds)])

        steps = sum(self.written(write, kind))
        states = list(stored.workflow.workflow_spec.states)
        walk: list[tuple[Any, ...]] = [(1, None, None, states[0])]
        for number in range(steps):
            source, target = (states[(number + more) % len(states)] for more in (0, 1))
            walk.append((number + 2, "step", source, target))
        found = self.run(stored.walked())
        require(found == walk, f"{steps} steps succeeded, and the log is {found}")
        self.run(stored.expect(states[steps % len(states)]))
