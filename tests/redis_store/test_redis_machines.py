"""Compounds in Redis, and several workflows on one object."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

import pytest
import redis.asyncio

from statecraft import AsyncWorkflow, Compound, Event, State, WorkflowError
from statecraft import Workflow as PlainWorkflow
from statecraft.redis import AsyncRedisWorkflow, RedisWorkflow
from tests.redis_store.servers import PREFIX, URL, Servers, client

numbers = count(1)


class Claim(RedisWorkflow, client=client, prefix=PREFIX, log=True):
    """A claim that can be parked at any time, and goes on where it was."""

    new = State()

    class work(Compound, history=True):
        """Somebody works on it."""

        asking = State()
        checking = State()

    parked = State()

    begin = Event(new.to(work))
    check = Event(work.asking.to(work.checking))
    park = Event(work.to(parked))
    resume = Event(parked.to(work))

    def __init__(self, number: int | None = None) -> None:
        self.id = next(numbers) if number is None else number


def test_a_compound_with_history_goes_on_where_it_was(server: Any) -> None:
    """Every other program knows where that is; the log says which leaf was entered."""
    claim = Claim()
    for event in ("begin", "check", "park"):
        assert Claim(claim.id).fire(event) is True
    assert Claim(claim.id).load_remembered() == {"work": "work.checking"}
    assert Claim(claim.id).resume() is True
    assert server.hget(claim._in_redis().keys.state, "value") == "work.checking"
    assert [record[1:4] for record in claim.transition_log()] == [
        (None, None, "new"),
        ("begin", "new", "work.asking"),
        ("check", "work.asking", "work.checking"),
        ("park", "work.checking", "parked"),
        ("resume", "parked", "work.checking"),
    ]
    assert claim.transition_log().in_state_since is not None


class Booking:
    """An object that is no workflow, until it adopts one."""

    def __init__(self) -> None:
        self.id = next(numbers)


def test_an_object_can_adopt_a_workflow_in_redis() -> None:
    """Its state is stored under the name of its class."""
    booking = Booking()
    adopted: Any = Claim.adopt(booking)
    assert adopted.begin() is True
    assert adopted.workflow_key() == f"{__name__}.Booking:{booking.id}"
    assert adopted.current_state == "work.asking"


class Payment(PlainWorkflow):
    """How something is paid; it says nothing of where that is stored."""

    open = State()
    paid = State()
    pay = Event(open.to(paid))


class Delivery(RedisWorkflow, client=client, prefix=PREFIX):
    """How something is sent: in Redis, whatever it belongs to."""

    packed = State()
    sent = State()
    send = Event(packed.to(sent))


class Parcel:
    """An object that is no workflow."""

    delivery = Delivery.attached("delivery_state")

    def __init__(self, number: int | None = None) -> None:
        self.id = next(numbers) if number is None else number


class Order(RedisWorkflow, client=client, prefix=PREFIX, log="refusals"):
    """An order in Redis, with another workflow beside its own."""

    fresh = State()
    old = State()
    age = Event(fresh.to(old))

    payment = Payment.attached("payment_state")

    def __init__(self, number: int | None = None) -> None:
        self.id = next(numbers) if number is None else number


def test_a_workflow_in_redis_can_be_attached() -> None:
    """Its key has the name of the attribute, and the id of the object that it belongs to."""
    parcel = Parcel()
    assert parcel.delivery.workflow_key() == f"{__name__}.Parcel.delivery:{parcel.id}"
    assert parcel.delivery.send() is True
    assert Parcel(parcel.id).delivery.current_state == "sent"
    assert "delivery_state" not in vars(parcel)
    vars(parcel)["id"] = None
    with pytest.raises(WorkflowError, match="without an id has no key"):
        parcel.delivery.send()


def test_what_is_attached_is_stored_like_its_owner() -> None:
    """In Redis, with the same options, and apart from the owner's own state."""
    order = Order()
    payment: Any = order.payment
    assert payment.fire("pay", once="k") is True
    again: Any = Order(order.id)
    assert again.payment.fire("pay", once="k") is True
    assert [record.event for record in again.payment.transition_log()] == [None, "pay"]
    assert again.payment.current_state == "paid"
    assert again.current_state == "fresh"
    assert again.age() is True
    assert again.payment.current_state == "paid"


class Shop(RedisWorkflow, client=client, prefix=PREFIX):
    """What has no states of its own, and brings an attached workflow for those that have."""

    payment = Payment.attached("payment_state")


class Basket(Shop, log=True):
    """One of them."""

    only = State()
    id = next(numbers)


def test_an_owner_may_inherit_what_is_attached() -> None:
    """The options are those of the class in whose body it stands."""
    basket: Any = Basket()
    assert basket.payment.pay() is True
    assert basket.payment.transition_log() == ()
    assert Basket().payment.current_state == "paid"


class AsyncPayment(AsyncWorkflow):
    """The same, awaited."""

    open = State()
    paid = State()
    pay = Event(open.to(paid))


class AsyncOrder(AsyncRedisWorkflow, client=client, prefix=PREFIX, log=True):
    """An order whose events are awaited."""

    fresh = State()
    payment = AsyncPayment.attached("payment_state")

    def __init__(self, number: int) -> None:
        self.id = number


def test_attached_events_are_awaited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is that of the owner."""

    async def scenario() -> None:
        number = next(numbers)
        async with redis.asyncio.Redis.from_url(URL) as waiting:
            monkeypatch.setattr(Servers, "client", waiting)
            assert await AsyncOrder(number).payment.pay() is True
            assert await AsyncOrder(number).payment.refresh_state() == "paid"

    asyncio.run(scenario())


def test_other_owners_store_as_before() -> None:
    """An object that is not in Redis keeps an attached state in its attribute."""

    class Letter:
        payment = Payment.attached("payment_state")

    letter: Any = Letter()
    assert letter.payment.pay() is True
    assert letter.payment_state == "paid"
