"""Several workflows on one object, each attached under a name of its own."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from statecraft import (
    AsyncWorkflow,
    Event,
    NoTransitionAllowed,
    State,
    Workflow,
    WorkflowDefinitionError,
    WorkflowError,
    WorkflowMixin,
    workflow_diagram,
)
from statecraft.sqlite import SQLiteWorkflow, close_connections

if TYPE_CHECKING:
    from pathlib import Path


class Payment(Workflow):
    """How an order is paid for."""

    due = State()
    paid = State()
    refunded = State()

    @Event(due.to(paid))
    def pay(self, amount: int) -> int:
        if amount < 0:
            self.halt("nothing is paid back like this")
        self.subject.paid = amount
        return amount

    cancel = Event(due.to(refunded), paid.to(refunded))


class Shipping(Workflow):
    """How it is sent."""

    packed = State()
    sent = State()
    returned = State()

    send = Event(packed.to(sent, if_="is_paid"))
    cancel = Event((packed | sent).to(returned))

    @property
    def is_paid(self) -> bool:
        return bool(self.subject.payment.is_paid())

    def on_returned_entry(self) -> None:
        if self.subject.payment.can_cancel():
            self.subject.payment.cancel()


class Order:
    """An object that is no workflow itself."""

    payment = Payment.attached("payment_state")
    shipping = Shipping.attached("shipping_state")
    paid = 0

    def __init__(self, number: int = 1) -> None:
        self.number = number


def test_each_workflow_has_its_own_state() -> None:
    """In the attribute that it was attached with; the object is its subject."""
    order = Order()
    assert order.payment.subject is order
    assert order.payment.pay(30) == 30
    assert order.paid == 30
    assert order.payment.current_state == "paid"
    assert order.shipping.current_state == "packed"
    own = {name: value for name, value in vars(order).items() if isinstance(value, (int, str))}
    assert own == {"number": 1, "payment_state": "paid", "paid": 30}


def test_events_may_have_the_same_names() -> None:
    """And one workflow may fire those of the other in a hook."""
    order = Order()
    order.payment.pay(30)
    order.shipping.send()
    assert order.shipping.cancel()
    assert order.shipping.current_state == "returned"
    assert order.payment.current_state == "refunded"


def test_each_halts_for_itself() -> None:
    """A halt of one is none of the other."""
    order = Order()
    assert order.payment.pay(-1) is False
    assert order.payment.halted_because == "nothing is paid back like this"
    assert not order.shipping.halted
    assert order.payment.current_state == "due"
    with pytest.raises(NoTransitionAllowed) as caught:
        order.shipping.send()
    assert str(caught.value) == (
        "Order.shipping cannot send from 'packed': is_paid does not hold. From here: cancel."
    )
    assert order.shipping.current_state == "packed"


def test_two_objects_do_not_share_anything() -> None:
    """Each has views of its own."""
    one, other = Order(1), Order(2)
    one.payment.pay(3)
    assert other.payment.current_state == "due"
    assert one.payment is one.payment
    assert one.payment is not other.payment


def test_the_class_tells_about_the_workflow() -> None:
    """Its spec, its diagram, and what it is."""
    spec = Order.payment.workflow_spec
    assert spec.name == "Order.payment"
    assert spec.state_field == "payment_state"
    assert "paid" in workflow_diagram(Order.payment).source
    order = Order()
    order.payment.pay(3)
    assert workflow_diagram(order.payment).source != workflow_diagram(Order.payment).source
    assert issubclass(Order.payment, Payment)
    assert Order.payment is Order.payment


def test_an_object_pays_nothing_until_a_workflow_of_it_is_used() -> None:
    """Neither time nor memory."""

    class Plain:
        def __init__(self) -> None:
            self.number = 1

    class Unused(Plain):
        payment = Payment.attached("payment_state")
        shipping = Shipping.attached("shipping_state")

    def size(make: Any) -> int:
        tracemalloc.start()
        kept = [make() for _ in range(1000)]
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(kept) == 1000
        return held

    assert vars(Order()) == {"number": 1}
    assert [size(Plain), size(Unused)]  # what is made once is there
    assert abs(size(Unused) - size(Plain)) < 1000


def test_copies_and_pickles_take_the_states_along_and_no_views() -> None:
    """A copy that shared a view would move the wrong object."""
    order = Order()
    order.payment.pay(3)
    for other in (
        copy.copy(order),
        copy.deepcopy(order),
        pickle.loads(pickle.dumps(order)),
    ):
        assert "payment" not in vars(other)
        assert other.payment.subject is other
        assert other.payment.current_state == "paid"
        other.payment.cancel()
        assert order.payment.current_state == "paid"


class Sealed:
    """A class whose state is no dictionary."""

    payment = Payment.attached("payment_state")

    def __getstate__(self) -> object:
        return ("sealed", getattr(self, "payment_state", None))

    def __setstate__(self, state: tuple[str, str]) -> None:
        self.payment_state = state[1]


class Copied:
    """A class that copies itself in a way of its own."""

    payment = Payment.attached("payment_state")

    def __copy__(self) -> Copied:
        other = Copied()
        vars(other).update(vars(self))
        return other


def test_classes_that_copy_themselves_keep_their_ways() -> None:
    """A view that they take along is not taken for their own."""
    sealed = Sealed()
    sealed.payment.pay(3)
    again = pickle.loads(pickle.dumps(sealed))
    assert again.payment.current_state == "paid"
    copied = Copied()
    copied.payment.pay(3)
    other = copy.copy(copied)
    assert other.payment.subject is other
    other.payment.cancel()
    assert copied.payment.current_state == "paid"


class Delivery(Workflow):
    """How something is delivered."""

    packed = State()
    sent = State()
    send = Event(packed.to(sent))


@dataclass
class Parcel:
    """A dataclass with a field for the state."""

    number: int
    delivery_state: str | None = None
    delivery = Delivery.attached("delivery_state")


@attrs.define(slots=False)
class Letter:
    """A class of attrs."""

    number: int
    delivery_state: str | None = None
    delivery = Delivery.attached("delivery_state")


class Slotted:
    """Slots, with room for what is not in them."""

    __slots__ = ("__dict__", "delivery_state")
    delivery = Delivery.attached("delivery_state")


@pytest.mark.parametrize("make", [lambda: Parcel(1), lambda: Letter(1), Slotted])
def test_it_can_be_attached_to_any_class(make: Any) -> None:
    """The state is in a field like the others."""
    subject = make()
    assert subject.delivery.send()
    assert subject.delivery_state == "sent"
    if not isinstance(subject, Slotted):
        assert type(subject)(1) == make()


def test_a_subclass_has_the_workflows_of_its_base() -> None:
    """And may attach one of its own under the name."""

    class Refund(Payment):
        lost = State()
        lose = Event(Payment.due.to(lost))

    class Special(Order):
        payment = Refund.attached("payment_state")

    special = Special()
    assert special.payment.lose()
    assert special.shipping.current_state == "packed"
    assert Order().payment.allowed_events() == ("pay", "cancel")


def problem_of(define: Any) -> str:
    """Return the one thing that is wrong."""
    with pytest.raises((WorkflowDefinitionError, RuntimeError)) as caught:
        define()
    error = caught.value
    if not isinstance(error, WorkflowDefinitionError):  # Python 3.11 says first where it was
        assert isinstance(error.__cause__, WorkflowDefinitionError)
        error = error.__cause__
    (problem,) = error.problems
    return str(problem)


def test_two_workflows_cannot_share_a_field() -> None:
    """One would find the states of the other."""

    def define() -> None:
        class Bad:
            payment = Payment.attached("state")
            shipping = Shipping.attached("state")

    assert problem_of(define) == (
        "Bad.payment: its state is kept in 'state', as that of 'shipping' is"
    )


def test_the_state_needs_a_name_of_its_own() -> None:
    """Under the name of the workflow stands the workflow."""

    def define() -> None:
        class Bad:
            payment = Payment.attached("payment")

    assert problem_of(define) == (
        "Bad.payment: its state needs a name of its own: payment_state, for example"
    )


def test_slots_alone_leave_no_room() -> None:
    """The view is kept in the object."""

    def define() -> None:
        class Bad:
            __slots__ = ("payment_state",)
            payment = Payment.attached("payment_state")

    assert problem_of(define) == (
        "Bad.payment: __slots__ leave no room for it. Add '__dict__' to them"
    )


def test_it_belongs_into_the_body_of_a_class() -> None:
    """Elsewhere nobody says whose workflow it is."""
    with pytest.raises(WorkflowError, match="belongs into the body of a class"):
        _ = Payment.attached("payment_state").bound


def test_only_a_workflow_with_states_can_be_attached() -> None:
    """An abstract one has nothing to say."""

    class Bad:
        flow = WorkflowMixin.attached("flow_state")

    with pytest.raises(WorkflowError, match="WorkflowMixin declares no states"):
        _ = Bad.flow


@pytest.mark.parametrize(
    ("mark", "module"), [("__mapper__", "statecraft.sqlalchemy"), ("_meta", "statecraft.django")]
)
def test_a_stored_class_asks_for_its_integration(mark: str, module: str) -> None:
    """Else the state would be in memory alone."""

    class Row:
        flow = Payment.attached("flow_state")

    setattr(Row, mark, object())
    with pytest.raises(WorkflowError, match=f"import {module} before its use"):
        _ = Row().flow


def test_attached_to_an_object_in_a_file_it_is_stored_there(tmp_path: Path) -> None:
    """Its persistence is that of its owner."""

    class Kept(Delivery, SQLiteWorkflow, database=tmp_path / "bags.db"):
        pass

    class Ticket(SQLiteWorkflow, database=tmp_path / "tickets.db", log=True):
        opened = State()
        closed = State()
        close = Event(opened.to(closed))
        payment = Payment.attached("payment_state")

        def __init__(self, number: int) -> None:
            self.id = number

    @dataclass
    class Bag:
        id: int
        delivery = Kept.attached("delivery_state")

    Ticket(1).payment.pay(3)
    Ticket(1).close()
    Bag(1).delivery.send()
    assert Bag(1).delivery.current_state == "sent"
    assert Bag(2).delivery.current_state == "packed"
    log: Any = Ticket(1).payment
    assert [one.event for one in log.transition_log()] == [None, "pay"]
    assert Ticket(1).payment.current_state == "paid"
    assert Ticket(1).current_state == "closed"
    assert Ticket(2).payment.current_state == "due"
    close_connections()


def test_it_may_be_attached_to_a_base_without_states(tmp_path: Path) -> None:
    """It is stored in the file of the classes that have some."""

    class Payable(SQLiteWorkflow, database=tmp_path / "payable.db"):
        payment = Payment.attached("payment_state")

        def __init__(self, number: int) -> None:
            self.id = number

    class Ticket(Payable):
        opened = State()
        closed = State()
        close = Event(opened.to(closed))

    assert Ticket(1).payment.pay(3) == 3
    assert Ticket(1).close() is True
    assert Ticket(1).payment.current_state == "paid"
    assert Ticket(1).current_state == "closed"
    assert Ticket(2).payment.current_state == "due"
    close_connections()


def test_a_workflow_with_slots_can_be_attached() -> None:
    """Its state is in the owner, and what a halt leaves has room."""

    class Slim(Workflow):
        __slots__ = ("_halted_because", "workflow_state")
        here = State()
        there = State()

        @Event(here.to(there))
        def go(self) -> None:
            self.halt("not now")

        leave = Event(here.to(there))

    class Owner:
        one = Slim.attached("one_state")
        other = Slim.attached("other_state")

    owner = Owner()
    assert owner.one.go() is False
    assert owner.one.halted_because == "not now"
    assert owner.other.leave()
    assert [owner.one.current_state, owner.other.current_state] == ["here", "there"]
    assert Slim().leave()


def test_a_workflow_waits_where_its_store_does(tmp_path: Path) -> None:
    """An async one cannot be stored by a store whose calls are not awaited."""

    class Slow(AsyncWorkflow):
        here = State()
        there = State()
        go = Event(here.to(there))

    class Ticket(SQLiteWorkflow, database=tmp_path / "tickets.db"):
        opened = State()
        slow = Slow.attached("slow_state")

    with pytest.raises(WorkflowError, match=r"Slow is async, .* Let it inherit from Workflow"):
        _ = Ticket.slow
