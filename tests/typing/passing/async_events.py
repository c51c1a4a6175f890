"""Every event of an asynchronous workflow is awaited; handlers and hooks may be either."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Literal, assert_type

from statecraft import AsyncWorkflow, AsyncWorkflowMixin, Event, Refusal, State, Transition


class Invoice:
    """What an order gives."""


class Order(AsyncWorkflow):
    placed = State()
    paid = State()
    sent = State()

    cancel = Event(placed.to("sent"))
    archive = Event[[int], bool](sent.internal())

    @Event(placed.to(paid))
    async def pay(self, amount: int) -> Invoice:
        """Wait, and return a value."""
        return Invoice()

    @Event(placed.to(paid))
    def pay_cash(self, amount: int) -> Invoice:
        """Return a value without waiting."""
        return Invoice()

    @Event(paid.to(sent))
    async def send(self) -> None:
        """Wait, and return nothing."""

    @Event(sent.internal())
    async def track(self) -> Invoice | None:
        """Wait, and return a value, perhaps."""

    async def before_transition(self, transition: Transition) -> None:
        """Wait in a hook."""

    def on_transition(self) -> None:
        """Do not wait in a hook."""
        super().on_transition()

    async def on_paid_entry(self) -> None:
        """Wait in a hook that is found by its name."""

    @sent.on_entry
    async def celebrate(self, transition: Transition) -> None:
        """Wait in a decorated hook."""


async def fires(order: Order) -> None:
    """The results are the same as without waiting."""
    assert_type(await order.cancel(), bool)
    assert_type(await order.archive(3), bool)
    assert_type(await order.pay(3), Invoice | Literal[False])
    assert_type(await order.pay_cash(amount=3), Invoice | Literal[False])
    assert_type(await order.send(), bool)
    assert_type(await order.track(), Invoice | bool)
    assert_type(await Order.pay(order, 3), Invoice | Literal[False])
    assert_type(await order.fire("send"), Any)
    waiting: Coroutine[Any, Any, bool] = order.send()
    await waiting


async def asks(order: Order) -> None:
    """Every question that may have to load the state is awaited; what the object holds is not."""
    assert_type(await order.can("pay", 3), bool)
    assert_type(await order.can(Order.pay, 3), bool)
    assert_type(await order.can(Order.pay), bool)
    assert_type(await order.refusal(Order.pay, amount=3), Refusal | None)
    assert_type(await order.target_of("send"), State | None)
    assert_type(await order.allowed_events(), tuple[str, ...])
    assert_type(await order.refresh_state(), State)
    assert_type(order.current_state, State)
    assert_type(order.halted, bool)


class Sendable:
    """Something with an event, for sync and async workflows alike."""

    returned = State()
    resend = Event(returned.to("packed"))


class Parcel(Sendable, AsyncWorkflowMixin):
    packed = State()
    bounce = Event(packed.to("returned"))


async def fires_what_is_mixed_in(parcel: Parcel) -> None:
    """An event that a plain class brings is awaited on an asynchronous object."""
    assert_type(await parcel.resend(), bool)
    assert_type(await parcel.bounce(), bool)
