"""An order with two workflows at the same time: it is paid for, and it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from statecraft import Event, Guard, NoTransitionAllowed, State, TransitionHalted, Workflow


class PaymentFlow(Workflow):
    """How an order is paid for; what it belongs to is ``self.subject``."""

    due = State()
    paid = State()
    refunded = State()

    cancel = Event(paid.to(refunded))

    @Event(due.to(paid))
    def pay(self, amount: int) -> None:
        """Take the money, if it is enough."""
        if amount < self.subject.price:
            self.halt(f"{self.subject.price - amount} are missing")


class ShippingFlow(Workflow):
    """How it is sent. Its events may have the names of the others."""

    packed = State()
    sent = State()
    returned = State()

    send = Event(packed.to(sent), guard=Guard("is_paid", because="nobody has paid for it"))
    cancel = Event((packed | sent).to(returned))

    def is_paid(self) -> bool:
        """Tell what the other workflow of the same order says."""
        return bool(self.subject.payment.is_paid())

    def on_returned_entry(self) -> None:
        """Give the money back: an event of the sibling."""
        if self.subject.payment.can_cancel():
            self.subject.payment.cancel()


@dataclass
class Order:
    """An order, which is no workflow itself: it has two."""

    price: int
    payment_state: str | None = None
    shipping_state: str | None = None

    payment = PaymentFlow.attached("payment_state")
    shipping = ShippingFlow.attached("shipping_state")


def main() -> None:
    """Try to send an order before it is paid for; then pay, send, and take it back."""
    order = Order(price=30)
    try:
        order.shipping.send()
    except TransitionHalted as error:
        print(error)
    print(f"pay 20: {order.payment.pay(20)}, because {order.payment.halted_because}")
    print(f"pay 30: {order.payment.pay(30)}")
    print(f"send: {order.shipping.send()}")
    print(order)
    print(f"cancel: {order.shipping.cancel()}")
    print(order)
    try:
        order.payment.pay(30)
    except NoTransitionAllowed as error:
        print(error)


if __name__ == "__main__":
    main()
