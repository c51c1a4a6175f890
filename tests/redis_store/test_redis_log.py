"""What Redis keeps beside the state: the transition log, and the keys of what is fired once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import redis.asyncio

from statecraft import (
    Event,
    Guard,
    NoTransitionAllowed,
    StaleState,
    State,
    TransitionHalted,
    WorkflowError,
)
from statecraft.redis import AsyncRedisWorkflow, RedisWorkflow, logged, stored
from statecraft.transition_log import TransitionRecord, acting_as
from tests.redis_store.servers import PREFIX, URL, Servers, client

if TYPE_CHECKING:
    from collections.abc import Callable

numbers = count(1)


class Logged(RedisWorkflow, client=client, prefix=PREFIX, log=True):
    """What the workflows of these tests inherit from."""

    def __init__(self, number: int | None = None) -> None:
        self.id = next(numbers) if number is None else number


class Order(Logged):
    """An order that is paid and sent."""

    basket = State()
    paid = State()
    sent = State()

    send = Event(paid.to(sent))
    look = Event(paid.internal())

    ran: int = 0
    meanwhile: Callable[[], Any] = staticmethod(lambda: None)

    @Event(basket.to(paid), note=("amount", "coin"))
    def pay(self, amount: int, *, coin: Any = "cent") -> Any:
        """Return a receipt."""
        self.ran += 1
        self.meanwhile()
        if amount == 0:
            self.halt("nothing to pay")
        if amount < 0:
            raise TransitionHalted("less than nothing")
        return {"amount": amount, "coin": coin}


def told(order: Logged) -> list[tuple[Any, ...]]:
    """Return number, event, source and target of each record."""
    return [record[:4] for record in order.transition_log()]


# -- the log -------------------------------------------------------------------------------------


def test_every_transition_is_kept() -> None:
    """In order and without gaps, creation first, internal ones too, and not what was refused."""
    order = Order()
    assert order.transition_log() == ()
    begun = datetime.now(UTC) - timedelta(seconds=60)  # the clock is the server's
    with acting_as("Ada"):
        order.pay(3)
    order.look()
    with pytest.raises(NoTransitionAllowed):
        order.pay(3)
    order.send()
    log = order.transition_log()
    assert [record._replace(at=None) for record in log] == [
        TransitionRecord(1, None, None, "basket"),
        TransitionRecord(
            2, "pay", "basket", "paid", actor="Ada", noted={"amount": 3, "coin": "cent"}
        ),
        TransitionRecord(3, "look", "paid", "paid", internal=True),
        TransitionRecord(4, "send", "paid", "sent"),
    ]
    moments = [record.at for record in log[1:] if record.at is not None]
    assert log[0].at is None
    assert len(moments) == 3
    assert begun < moments[0] < moments[1] < moments[2]
    assert log.in_state_since == moments[2]
    assert log.time_in("paid") == moments[2] - moments[0]


def test_a_log_begins_where_the_object_is(server: Any) -> None:
    """Of an object that has moved before anybody kept a log, the first record says where it was."""
    order = Order()
    server.hset(order._in_redis().keys.state, "value", "paid")
    order.send()
    assert told(order) == [(1, None, None, "paid"), (2, "send", "paid", "sent")]


def test_no_log_is_kept_unless_it_is_asked_for() -> None:
    """A class that does not say so stores the state alone."""

    class Terse(Order, log=False):
        """An order of which nothing is kept."""

    terse = Terse()
    terse.pay(1)
    terse.look()
    assert terse.transition_log() == ()
    with pytest.raises(WorkflowError, match=r"keeps no log.*log=True"):
        terse.fire("send", once="key")
    assert terse.current_state == "paid"


def test_what_moves_nothing_leaves_no_record() -> None:
    """Nor does a loser: a stale writer appends nothing to the log."""
    order = Order()
    assert order.pay(0) is False
    with pytest.raises(TransitionHalted):
        order.pay(-1)
    order.meanwhile = lambda: Order(order.id).pay(7)
    with pytest.raises(StaleState):
        order.pay(1)
    assert [record[:3] for record in told(order)[1:]] == [(2, "pay", "basket")]
    assert order.transition_log()[1].noted["amount"] == 7


def test_what_has_no_json_form_cannot_be_noted() -> None:
    """The error comes before anything is stored."""
    order = Order()
    with pytest.raises(WorkflowError, match="what 'pay' notes has no JSON form"):
        order.pay(3, coin={1})
    assert order.current_state == "basket"
    assert order.transition_log() == ()


def test_refused_attempts_are_kept_if_it_is_asked_for() -> None:
    """With the reason; they move nothing, and take a number like every record."""

    class Careful(Order, log="refusals"):
        ship = Event(Order.paid.to(Order.sent), guard=Guard("packed", because="it is not packed"))
        packed = False

    careful = Careful()
    with pytest.raises(NoTransitionAllowed):
        careful.send()
    assert careful.pay(0) is False
    with pytest.raises(TransitionHalted):
        careful.pay(-1, coin={1})
    assert careful.current_state == "basket"
    careful.pay(1)
    with pytest.raises(TransitionHalted):
        careful.ship()
    log = careful.transition_log()
    assert [(record.sequence, record.event, record.target) for record in log] == [
        (1, None, "basket"),
        (2, "send", "basket"),
        (3, "pay", "basket"),
        (4, "pay", "basket"),
        (5, "pay", "paid"),
        (6, "ship", "paid"),
    ]
    assert [record.noted for record in log[2:4]] == [
        {"amount": 0, "coin": "cent"},
        {"amount": -1, "coin": "{1}"},
    ]
    refused = [record.refused for record in log if record.refused is not None]
    for reason, text in zip(
        ("'send' leaves 'paid'", "nothing to pay", "less than nothing", "it is not packed"),
        refused,
        strict=True,
    ):
        assert reason in text
    assert log.in_state_since == log[4].at


def test_a_long_log_is_fetched_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many records there are, each is there once."""
    monkeypatch.setattr(logged, "_AT_ONCE", 2)
    order = Order()
    order.pay(1)
    for looks in range(4):
        assert [record[0] for record in told(order)] == list(range(1, looks + 3))
        order.look()


def test_old_records_can_be_forgotten(server: Any) -> None:
    """By number or by time; numbers go on, and it is known since when the object is where it is."""
    order = Order()
    order.pay(1)
    for _ in range(3):
        order.look()
    since = order.transition_log().in_state_since
    assert order.prune_log(keep=6) == order.prune_log(keep=5) == 0
    assert order.prune_log(before=datetime(2000, 1, 1, tzinfo=UTC)) == 0
    assert order.prune_log(keep=2) == 1
    assert [record[0] for record in told(order)] == [2, 3, 4, 5]
    assert order.prune_log(before=datetime(2100, 1, 1, tzinfo=UTC)) == 0
    assert order.transition_log().in_state_since == since
    order.send()
    assert order.prune_log(before=datetime(2100, 1, 1, tzinfo=UTC)) == 4
    assert told(order) == [(6, "send", "paid", "sent")]
    assert Order().prune_log(keep=0) == 0
    both: dict[str, Any] = {"keep": 1, "before": since}
    for wrong in ({}, both):
        with pytest.raises(WorkflowError, match="either keep, a number of records, or before"):
            order.prune_log(**wrong)


def test_keys_go_with_their_records(server: Any) -> None:
    """Without its record, an event with a key is a new one: what it remembers is gone."""
    order = Order()
    order.fire("pay", 1, once="a")
    order.look()
    order.fire("look", once="b")
    order.send()
    assert order.prune_log(keep=2) == 3
    assert [record.once for record in order.transition_log()] == ["b", None]
    assert order.fire("look", once="b") is True
    assert order.prune_log(keep=1) == 1
    assert server.exists(order._in_redis().keys.once) == 0
    with pytest.raises(NoTransitionAllowed):
        order.fire("look", once="b")


def test_many_records_are_forgotten_in_portions(server: Any) -> None:
    """So that no other program has to wait for long."""
    order = Order()
    log = order._in_redis().keys.log
    for number in range(1, 2503):
        server.xadd(log, {"sequence": number, "target": "basket"})
    assert order.prune_log(keep=1) == 2501
    assert told(order) == [(2502, None, None, "basket")]


def test_a_class_can_say_how_many_records_it_keeps(server: Any) -> None:
    """The call that appends a record forgets the oldest one, and its key."""

    class Short(Order, log_keep=2):
        """An order with a short memory."""

    short = Short()
    short.fire("pay", 1, once="a")
    assert [record[0] for record in told(short)] == [1, 2]
    short.fire("look", once="b")
    assert [record[0] for record in told(short)] == [2, 3]
    short.fire("send", once="c")
    assert [record[0] for record in told(short)] == [3, 4]
    assert set(server.hkeys(short._in_redis().keys.once)) == {"b", "c"}


# -- once ----------------------------------------------------------------------------------------


def test_a_repeat_gets_the_first_answer() -> None:
    """An event that is fired again with its key changes nothing, and says the same."""
    order = Order()
    receipt = {"amount": 3, "coin": "cent"}
    assert order.fire("pay", 3, once="hook-1") == receipt
    order.send()
    for again in (order, Order(order.id)):
        assert again.fire("pay", 99, once="hook-1") == receipt
    assert order.ran == 1
    assert order.current_state == "sent"
    assert [record[1] for record in told(order)] == [None, "pay", "send"]
    record = order.transition_log()[1]
    assert (record.once, record.result) == ("hook-1", receipt)


def test_an_event_without_result_answers_true_again() -> None:
    """As it did the first time."""
    order = Order()
    order.pay(1)
    assert order.fire("send", once="k") is True
    assert order.fire("send", once="k") is True


def test_a_key_belongs_to_one_event() -> None:
    """Fired with another event, it is an error, and nothing moves."""
    order = Order()
    order.fire("pay", 1, once="k")
    with pytest.raises(WorkflowError, match=r"'k' of .* belongs to the event 'pay' already"):
        order.fire("send", once="k")
    assert order.current_state == "paid"
    other = Order()
    other.fire("pay", 1, once="k")  # keys are those of one object


def test_what_comes_to_nothing_takes_no_key() -> None:
    """A halt, a veto, a refusal, an error: the key can be used afterwards."""
    order = Order()
    assert order.fire("pay", 0, once="k") is False
    with pytest.raises(TransitionHalted):
        order.fire("pay", -1, once="k")
    with pytest.raises(NoTransitionAllowed):
        order.fire("send", once="k")
    with pytest.raises(TypeError):
        order.fire("pay", once="k")
    assert order.transition_log() == ()
    assert order.fire("pay", 1, once="k")["amount"] == 1


def test_an_answer_must_come_back_as_it_is() -> None:
    """A result without JSON form is an error before anything is stored."""
    order = Order()
    with pytest.raises(WorkflowError, match="result of 'pay', which is fired once"):
        order.fire("pay", 1, coin=(1, 2), once="k")
    assert order.current_state == "basket"
    assert order.fire("pay", 1, once="k")["coin"] == "cent"


def test_a_repeat_at_the_same_time_stores_nothing() -> None:
    """Its handler may have run by then; it gets the answer of the one that came first."""
    order = Order()
    other = Order(order.id)
    order.meanwhile = lambda: other.fire("pay", 7, once="k")
    assert order.fire("pay", 1, once="k") == {"amount": 7, "coin": "cent"}
    assert (order.ran, other.ran) == (1, 1)
    assert [record[1] for record in told(order)] == [None, "pay"]


def test_a_repeat_that_comes_in_between_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is looked up again together with the state, so that it is not refused by mistake."""
    order = Order()
    load_first = stored.StoredObject.load_first

    async def load_too_early(self: stored.StoredObject, once: str) -> Any:
        first = await load_first(self, once)
        monkeypatch.setattr(stored.StoredObject, "load_first", load_first)
        Order(order.id).fire("pay", 7, once="k")
        return first

    monkeypatch.setattr(stored.StoredObject, "load_first", load_too_early)
    assert order.fire("pay", 1, once="k")["amount"] == 7
    assert order.ran == 0


def test_a_key_of_another_event_is_found_in_between() -> None:
    """Also by the call that stores: nothing is stored for the one that comes second."""
    order = Order()
    other = Order(order.id)

    def take_the_key() -> None:
        other.pay(2)
        other.fire("look", once="k")

    order.meanwhile = take_the_key
    with pytest.raises(WorkflowError, match="belongs to the event 'look' already"):
        order.fire("pay", 1, once="k")
    assert [record[1] for record in told(order)] == [None, "pay", "look"]


def test_an_event_inside_has_no_part_in_the_key() -> None:
    """Neither another event of the object nor the same event of another one takes it."""

    class Eager(Order):
        def after_transition(self, transition: Any) -> None:
            if transition.event == "pay":
                self.look()
                self.look()

    eager = Eager()
    other = Order()
    eager.meanwhile = lambda: other.pay(5)
    assert eager.fire("pay", 1, once="k")["amount"] == 1
    assert [record.once for record in eager.transition_log()] == [None, "k", None, None]
    assert [record.once for record in other.transition_log()] == [None, None]


class Ring(Logged):
    """Two events that are possible everywhere."""

    north = State()
    south = State()
    step = Event(north.to(south), south.to(north))
    before: Any = None
    after: Any = None

    @Event(north.to(south), south.to(north))
    def walk(self) -> None:
        """Do something before the state is stored."""
        inside, self.before = self.before, None
        if inside is not None:
            inside()

    def after_transition(self) -> None:
        """Do something when it is stored."""
        inside, self.after = self.after, None
        if inside is not None:
            inside()


def test_the_same_event_inside_has_no_part_in_the_key_either() -> None:
    """After the first one is stored, the key is taken, and another one is another one."""
    ring = Ring()
    ring.after = ring.walk
    assert ring.fire("walk", once="k") is True
    assert [record.once for record in ring.transition_log()] == [None, "k", None]
    assert ring.current_state == "north"


def test_another_event_before_storing_leaves_the_key_alone() -> None:
    """It stands, the event with the key is stale, and the key can be used again."""
    ring = Ring()
    ring.before = ring.step
    with pytest.raises(StaleState):
        ring.fire("walk", once="k")
    assert told(ring)[1:] == [(2, "step", "north", "south")]
    assert ring.fire("walk", once="k") is True
    assert [record.once for record in ring.transition_log()] == [None, None, "k"]


def test_a_loser_of_another_key_is_stale() -> None:
    """Two keys are two events: one of them happens, and the other finds that it is too late."""
    order = Order()
    order.meanwhile = lambda: Order(order.id).fire("pay", 7, once="other")
    with pytest.raises(StaleState) as caught:
        order.fire("pay", 1, once="k")
    assert caught.value.found == "paid"
    order.meanwhile = lambda: None
    with pytest.raises(NoTransitionAllowed):
        order.fire("pay", 1, once="k")
    assert order.fire("pay", 1, once="other")["amount"] == 7


# -- the same, awaited ---------------------------------------------------------------------------


class AsyncOrder(AsyncRedisWorkflow, client=client, prefix=PREFIX, log="refusals", lock=True):
    """An order whose events are awaited."""

    basket = State()
    paid = State()
    ran = 0

    def __init__(self, number: int) -> None:
        self.id = number

    @Event(basket.to(paid))
    async def pay(self, amount: int) -> int:
        """Take a while."""
        AsyncOrder.ran += 1
        await asyncio.sleep(0.01)
        return amount


class Unlogged(AsyncOrder, log=False):
    """An order of which nothing is kept."""


def test_awaited_events_keep_the_same_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals, keys and trimming included; with a lock, one handler runs, whoever comes."""

    async def scenario() -> None:
        number = next(numbers)
        async with redis.asyncio.Redis.from_url(URL) as waiting:
            monkeypatch.setattr(Servers, "client", waiting)
            firings = (AsyncOrder(number).fire("pay", each, once="k") for each in range(1, 5))
            answers = await asyncio.gather(*firings)
            assert len(set(answers)) == AsyncOrder.ran == 1
            order = AsyncOrder(number)
            with pytest.raises(NoTransitionAllowed):
                await order.pay(1)
            log = await order.transition_log()
            assert [(one.event, one.once) for one in log] == [
                (None, None),
                ("pay", "k"),
                ("pay", None),
            ]
            assert log[2].refused is not None
            assert await order.prune_log(keep=1) == 1
            with pytest.raises(WorkflowError, match="keeps no log"):
                await Unlogged(number).fire("pay", 1, once="k")

    asyncio.run(scenario())
