"""States: where they are named, compared, asked and read."""

from __future__ import annotations

from typing import Any, assert_type

from statecraft import (
    ANY,
    Condition,
    Event,
    EventSpec,
    Guard,
    State,
    TransitionSpec,
    UnknownState,
    Workflow,
    WorkflowSpec,
)


class LazyText:
    """A text that is translated when somebody reads it."""


class Order(Workflow, state_field="status", threadsafe=True):
    placed = State(meta={"colour": "grey"}, label="Placed")
    paid = State(0, label=LazyText())
    sent = State(("sent", 1))
    cancelled = State(final=True)

    pay = Event(placed.to(paid), meta={"weight": 8}, label=LazyText())
    send = Event((placed | "paid" | sent).to("sent", if_="urgent"), (placed | paid).to(sent))
    cancel = Event(ANY.except_(sent, "paid").to(cancelled), ANY.except_(placed | sent).to("cancelled"))
    note = Event(("placed" | paid).internal(), sent.internal())
    urgent: bool = False


def asks_the_object(order: Order) -> bool:
    """The present state is compared with states and with their names."""
    state = order.current_state
    assert_type(state, State)
    assert_type(Order.placed, State)
    assert_type(order.placed, State)
    known = state == "paid" or state == Order.paid or state != "sent"
    later = state < "paid" or state <= Order.paid or state > "sent" or state >= Order.sent
    return known and later and state.between("placed", Order.sent) and state in {Order.paid, "sent"}


def reads_a_state(state: State) -> None:
    """A state says what it is, and which events leave it."""
    assert_type(state.name, str)
    assert_type(state.label, object)
    assert_type(state.final, bool)
    assert_type(state.meta["colour"], Any)
    assert_type(state.events["pay"], tuple[TransitionSpec, ...])
    assert_type(state.events["pay"][0].target, State)
    print(state.value, str(state), f"{state}")


def reads_the_spec() -> None:
    """The class has the spec, and so has the object."""
    spec = Order.workflow_spec
    assert_type(spec, WorkflowSpec)
    assert_type(Order().workflow_spec, WorkflowSpec)
    assert_type(spec.name, str)
    assert_type(spec.initial, State)
    assert_type(spec.final, tuple[State, ...])
    assert_type(spec.state_names, tuple[str, ...])
    assert_type(spec.states["paid"], State)
    assert_type(spec.state_field, str)
    assert_type(spec.transitions, tuple[TransitionSpec, ...])
    event = spec.events["pay"]
    assert_type(event, EventSpec)
    assert_type(event.transitions[0].source, State)
    assert_type(event.transitions[0].conditions, tuple[Condition, ...])
    assert_type(event.transitions[0].guards, tuple[Guard, ...])
    assert_type(event.meta["weight"], Any)
    assert_type(WorkflowSpec.from_dict(spec.to_dict()), WorkflowSpec)


def catches(order: Order) -> None:
    """An error carries what was known."""
    try:
        print(order.current_state)
    except UnknownState as error:
        assert_type(error.known, tuple[object, ...])
