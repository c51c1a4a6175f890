"""Scenarios of stores with units and logs, beside those in scenarios.py: see test_templates."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from statecraft import (
    AsyncWorkflowMixin,
    Event,
    Guard,
    NoTransitionAllowed,
    Plan,
    StaleState,
    State,
    TransitionHalted,
    WorkflowMixin,
)
from statecraft.once import fired_with
from tests.scenarios import SCENARIOS, asynchronous, calls, halting, refused, scenario

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from statecraft import Attempt, Change

__all__ = ["SCENARIOS"]  # these are among them now


class Account:
    """Keeps a value, and notes what a store does with it; a unit that fails takes it back."""

    kept: Any = None
    trouble: BaseException | None = None

    def __init__(self) -> None:
        self.did: list[Any] = []
        self.commits: list[Callable[[], Any]] = []

    def load_state(self) -> Any:
        self.did.append("load")
        if self.trouble is not None:
            raise self.trouble
        return self.kept

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        if self.kept not in expected:
            raise StaleState(self, expected=expected, found=self.kept)
        self.did.append(f"store {value}")
        self.kept = value

    def when_committed(self, call: Callable[[], Any]) -> Any:
        self.commits.append(call)

    def seen(self) -> list[Any]:
        """Return what was done since the last time."""
        did, self.did = self.did, []
        return did


class Awaited:
    """Calls a function when it is awaited, and is not missed if nobody does."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call = call

    def __await__(self) -> Generator[None]:
        self.call()
        yield


class Ledger(Account, WorkflowMixin):
    """A store with units."""

    @contextmanager
    def persistence_unit(self, plan: Plan) -> Generator[None]:
        before = self.kept
        self.did.append(plan)
        try:
            yield
        except BaseException:
            self.kept = before
            self.did.append("undone")
            raise
        self.did.append("done")


class LoggedLedger(Ledger):
    """A store with units and a log."""

    persistence_keeps_log = True

    def persist_change(self, change: Change) -> None:
        super().persist_state(change.value, expected=change.expected)
        event = f"{change.transition.event}{' inside' if change.internal else ''}"
        self.did.append((event, change.result, dict(change.noted)))

    def persist_refusal(self, attempt: Attempt) -> None:
        self.did.append(("refused", *attempt[:4], str(attempt.refusal.unmet[0])))


@scenario
def units_of_stores() -> None:
    class Order(Ledger):
        new = State()
        paid = State()
        sent = State()
        lost = State(final=True)
        cancel = Event(new.to(lost))
        lose = Event((paid | sent).to(lost), lock=False)

        @Event(new.to(paid))
        def pay(self, money: int) -> int:
            self.did.append(f"pay in {self.kept}")
            if money == 0:
                self.halt("nothing")
            if money < 0:
                raise TransitionHalted("less than nothing")
            return money

        send = Event(paid.to(sent, if_="packed"))
        packed = False

        def on_lost_entry(self) -> None:
            self.did.append("lost")
            if self.trouble_at_the_end:
                raise ValueError("too late")

        trouble_at_the_end = False

    order: Any = Order()
    assert order.pay(3) == 3
    assert order.seen() == [("pay", True, False, None), "load", "pay in None", "store paid", "done"]
    assert refused(order.send)[0].name == "packed"
    assert order.seen() == [("send", True, False, None), "load", "undone"]
    order.packed = True
    assert order.send() is True
    order.seen()
    order.trouble_at_the_end = True
    with pytest.raises(ValueError, match="too late"):
        order.lose()
    assert order.seen() == [
        ("lose", False, True, False),
        "load",
        "store lost",
        "lost",
        "undone",
    ]
    assert order.is_sent()
    order = Order()
    assert order.pay(0) is False
    assert order.halted_because == "nothing"
    assert order.seen() == [("pay", True, False, None), "load", "pay in None", "undone"]
    halting(lambda: order.pay(-1), "less than nothing")
    assert order.halted_because == "less than nothing"
    assert order.pay(1) == 1
    assert not order.halted
    order.trouble = TransitionHalted("the bank is closed")
    halting(lambda: order.pay(1), "the bank is closed")


@scenario
def plain_events_need_no_unit() -> None:
    class Order(Ledger, lock=True):
        new = State()
        paid = State()
        sent = State()
        pay = Event(new.to(paid))
        send = Event(paid.to(sent), guard="ready")
        ready = True

        def after_commit(self, transition: Any) -> None:
            self.did.append(f"after {transition.event}")

    order: Any = Order()
    assert order.pay() is True
    assert order.seen() == ["load", "store paid"]
    assert order.send() is True
    assert order.seen() == [("send", True, False, True), "load", "store sent", "done"]
    for commit in order.commits:
        commit()
    assert order.seen() == ["after pay", "after send"]


@scenario
def what_is_undone_is_dealt_with_afterwards() -> None:
    class Order(Ledger):
        new = State()
        paid = State()
        back = Event(paid.to(new, if_="ready"))
        ready = False
        deals: Any = None
        inner: Any = None

        @Event(new.to(paid))
        def pay(self) -> None:
            if self.inner is not None:
                self.inner()
            raise ValueError("no money")

        def on_error(self, error: Exception) -> None:
            self.did.append(str(error))

        def on_unavailable_transition(self, attempt: Any) -> Any:
            self.did.append(f"{attempt.event} from {attempt.source}")
            return self.deals

        def after_commit(self) -> None:
            raise AssertionError

    order: Any = Order()
    assert order.pay() is False
    assert order.seen() == [("pay", True, False, None), "load", "undone", "no money"]
    assert order.back() is False
    assert order.seen() == [("back", True, False, None), "load", "undone", "back from new"]
    order.deals = False
    assert refused(order.back) == ()
    order.kept = "paid"
    assert [unmet.name for unmet in refused(order.back)] == ["ready"]
    order.ready = True
    assert order.can_back()
    order.kept = None
    assert not order.can_back()
    assert order.refusal("back").state == "new"
    order.kept = "paid"
    assert order.target_of("back") == "new"
    order.kept = None
    other: Any = Order()
    other.deals = False
    other.kept = "paid"
    order.inner = other.back
    order.seen()
    with pytest.raises(NoTransitionAllowed):
        order.pay()
    assert order.seen() == [("pay", True, False, None), "load", "undone"]
    other.kept = None
    order.inner = lambda: order.persist_state("paid", expected=("sent",))
    with pytest.raises(StaleState):
        order.pay()


@scenario
def halts_in_what_deals_with_refusals() -> None:
    class Order(Ledger):
        new = State()
        paid = State()
        back = Event(paid.to(new, if_="ready"))
        ready = True
        hook: Any = None

        def on_unavailable_transition(self) -> None:
            self.hook()

    order: Any = Order()
    order.hook = lambda: order.halt("too early")
    assert order.back() is False
    assert order.halted_because == "too early"

    def veto() -> None:
        raise TransitionHalted("never")

    order.hook = veto
    halting(order.back, "never")
    assert order.halted_because == "never"
    other: Any = Order()
    other.hook = lambda: order.halt("not mine")

    class Outer(Ledger):
        new = State()
        paid = State()

        @Event(new.to(paid))
        def pay(self) -> None:
            other.hook = lambda: self.halt("mine")
            other.back()

    outer: Any = Outer()
    assert outer.pay() is False
    assert outer.halted_because == "mine"
    assert not other.halted


@scenario
def logs_of_stores() -> None:
    class Order(LoggedLedger, log=True):
        new = State()
        paid = State()
        look = Event(new.internal())

        @Event(new.to(paid), note=("money",))
        def pay(self, money: int, *, coin: str = "cent") -> str:
            return f"{money} {coin}"

    order: Any = Order()
    order.look()
    assert order.seen() == ["load", "store new", ("look inside", None, {})]
    assert order.pay(3) == "3 cent"
    assert order.seen()[2:] == ["store paid", ("pay", "3 cent", {"money": 3}), "done"]

    class Terse(LoggedLedger):
        new = State()
        paid = State()
        look = Event(new.internal())
        pay = Event(new.to(paid))

    terse: Any = Terse()
    terse.look()
    assert terse.seen() == ["load"]
    terse.pay()
    assert terse.seen() == ["load", "store paid", ("pay", None, {})]


@scenario
def keys_of_changes() -> None:
    class Order(LoggedLedger, log=True):
        new = State()
        paid = State()
        pay = Event(new.to(paid))

        @Event(new.internal(), paid.internal())
        def look(self, *, again: bool = False) -> int | None:
            if again:
                self.look()
            return 7 if again else None

        def persist_change(self, change: Change) -> None:
            self.did.append((change.transition.event, change.once, change.answer))

    order, other = Order(), Order()
    with fired_with(order, "look", "a key"):
        other.look()
        order.pay()
        order.look(again=True)
        order.look()
    order.look()
    assert ("look", None, True) in other.did
    assert [one for one in order.did if one[0] == "look" and not isinstance(one, Plan)] == [
        ("look", "a key", True),  # the first to be stored is the inner one
        ("look", None, 7),
        ("look", None, True),
        ("look", None, True),
    ]

    class Terse(LoggedLedger):
        new = State()
        paid = State()
        pay = Event(new.to(paid))

        def persist_change(self, change: Change) -> None:
            self.did.append(change.once)

    terse = Terse()
    with fired_with(terse, "pay", "a key"):
        terse.pay()
    assert terse.did == ["load", None]  # without a log, there are no keys


@scenario
def keys_of_events_that_are_alike() -> None:
    class Parcel(LoggedLedger, log=True):
        packed = State()
        sent = State()
        lost = State()
        send = Event(packed.to(sent))
        lose = Event(sent.to(lost))
        find = Event(lost.to(sent))

        def persist_change(self, change: Change) -> None:
            self.kept = change.value
            keys.append((change.transition.event, change.once))

    keys: list[tuple[str, str | None]] = []
    parcel = Parcel()
    for event in ("send", "lose", "find"):
        with fired_with(parcel, event, f"key of {event}"):
            parcel.fire(event)
    assert keys == [("send", "key of send"), ("lose", "key of lose"), ("find", "key of find")]


@scenario
def logs_of_refusals() -> None:
    class Order(LoggedLedger, log="refusals"):
        new = State()
        paid = State()
        sent = State()
        send = Event(paid.to(sent), guard=Guard("packed", because="it is not packed"))
        packed = False
        back = Event(sent.to(new))

        @Event(new.to(paid, if_="rich"))
        def pay(self, money: int, *, coin: str = "cent") -> None:
            self.halt("not today")

        rich = False

    order: Any = Order()
    with pytest.raises(NoTransitionAllowed):
        order.pay(3)
    new, paid = Order.new, Order.paid
    assert order.seen()[2:] == ["undone", ("refused", "pay", new, (3,), {"coin": "cent"}, "rich")]
    order.rich = True
    assert order.pay(3) is False
    assert order.seen()[2:] == [
        "undone",
        ("refused", "pay", new, (3,), {"coin": "cent"}, "not today"),
    ]
    order.kept = "paid"
    halting(order.send, "it is not packed")
    assert order.seen()[2:] == ["undone", ("refused", "send", paid, (), {}, "it is not packed")]


@scenario
def refused_plain_events_are_kept() -> None:
    class Order(LoggedLedger, log="refusals"):
        new = State()
        sent = State()
        back = Event(sent.to(new))

        def persist_refusal(self, attempt: Attempt) -> None:
            self.did.append(attempt.refusal.event)

    order: Any = Order()
    assert refused(order.back) == ()
    assert order.seen() == ["load", "back"]


@asynchronous
async def asynchronous_units_of_stores() -> None:
    class Order(Account, AsyncWorkflowMixin, log="refusals"):
        new = State()
        paid = State()
        persistence_keeps_log = True

        stop = Event(paid.internal(guard="stops"))
        stops = False

        @Event(new.to(paid))
        async def pay(self) -> None:
            self.did.append("pay")
            if self.broke:
                self.halt("no money")

        broke = True

        @asynccontextmanager
        async def persistence_unit(self, plan: Plan) -> AsyncGenerator[None]:
            self.did.append("begin")
            try:
                yield
            except NoTransitionAllowed:
                self.did.append("undone")
                raise
            self.did.append("done")

        async def when_committed(self, call: Callable[[], Any]) -> None:
            self.commits.append(call)

        def persist_refusal(self, attempt: Attempt) -> Any:
            return None if self.forgets else Awaited(lambda: self.did.append("refused"))

        forgets = False

        async def after_commit(self) -> None:
            self.did.append("after commit")

    order: Any = Order()
    assert await order.pay() is False
    assert order.seen() == ["begin", "load", "pay", "refused"]
    order.broke = False
    assert await order.pay() is True
    assert order.seen() == ["begin", "load", "pay", "store paid", "done"]
    with pytest.raises(TransitionHalted):
        await order.stop()
    assert order.seen() == ["begin", "load", "refused"]
    with pytest.raises(NoTransitionAllowed):
        await order.pay()
    assert order.seen() == ["begin", "load", "undone", "refused"]
    for commit in order.commits:
        await commit()
    assert order.seen() == ["after commit"]
    order.forgets = True
    with calls() as names:
        with pytest.raises(NoTransitionAllowed):
            await order.pay()
        with pytest.raises(TransitionHalted):
            await order.stop()
        order.kept = None
        order.broke = True
        assert await order.pay() is False
    assert "settled" not in names
