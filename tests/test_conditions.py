"""Conditions, guards and refusals; which transition an event takes."""

from __future__ import annotations

import sys
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from statecraft import (
    ANY,
    Condition,
    Event,
    Guard,
    NoTransitionAllowed,
    Refusal,
    State,
    TransitionHalted,
    UnknownEvent,
    Unmet,
    Workflow,
)


class Device(Workflow):
    """The device of the manual."""

    off = State()
    on = State()
    low_battery = State()

    battery_level: int = 100
    locked = False

    def sufficient_battery_level(self) -> bool:
        """Whether it can be turned on."""
        return self.battery_level > 10

    turn_on = Event(
        off.to(on, if_="sufficient_battery_level", unless="locked"),
        off.to(low_battery, if_=lambda device: device.battery_level > 0),
    )
    turn_off = Event((on | low_battery).to(off))


@pytest.mark.parametrize(("level", "state"), [(50, "on"), (5, "low_battery")])
def test_the_first_transition_whose_conditions_hold_is_taken(level: int, state: str) -> None:
    """In the order of declaration."""
    device: Any = Device()
    device.battery_level = level
    assert device.can_turn_on() is True
    assert device.target_of("turn_on") == state
    assert device.refusal("turn_on") is None
    assert device.turn_on()
    assert device.current_state == state


def test_an_event_without_a_transition_left_is_refused() -> None:
    """The refusal names every condition that does not hold."""
    device: Any = Device()
    device.battery_level = 0
    device.locked = True
    assert device.can_turn_on() is False
    assert device.target_of("turn_on") is None
    with pytest.raises(NoTransitionAllowed) as caught:
        device.turn_on()
    refusal = caught.value.refusal
    assert refusal == device.refusal("turn_on")
    names = [unmet.name for unmet in refusal.unmet]
    assert names[:2] == ["sufficient_battery_level", "not locked"]
    assert names[2].startswith("lambda at test_conditions.py:")
    assert "sufficient_battery_level does not hold; locked holds" in str(caught.value)
    assert device.current_state == "off"


def test_unless_is_the_opposite_of_if() -> None:
    """Alone it picks the next transition."""
    device: Any = Device()
    device.locked = True
    assert device.target_of("turn_on") == "low_battery"
    assert device.turn_on()
    assert device.current_state == "low_battery"


def test_what_a_refusal_says() -> None:
    """The event, the state, what is unmet and what is possible instead."""
    device: Any = Device()
    refusal = device.refusal("turn_off")
    assert isinstance(refusal, Refusal)
    assert refusal.event == "turn_off"
    assert refusal.state == "off"
    assert refusal.unmet == ()
    assert refusal.events_here == ("turn_on",)
    assert refusal.sources == ("on", "low_battery")
    expected = (
        "Device cannot turn_off from 'off': 'turn_off' leaves 'on', 'low_battery'."
        " From here: turn_on."
    )
    assert str(refusal) == expected
    assert repr(refusal) == f"<Refusal: {expected}>"
    assert refusal == device.refusal(Device.turn_off)
    assert hash(refusal) == hash(device.refusal("turn_off"))
    assert refusal != "something else"


class Order(Workflow):
    """Conditions and guards with arguments."""

    open = State()
    paid = State()
    flagged = State()
    approved = True
    asked: list[str]

    def __init__(self) -> None:
        self.asked = []

    def is_enough(self, amount: int) -> bool:
        """Whether the amount pays it."""
        self.asked.append(f"is_enough {amount}")
        return amount >= 10

    def why_not(self, amount: int, *, currency: str) -> str:
        """Say how much is missing."""
        return f"{amount} {currency} is too much at once"

    @Event(
        open.to(
            paid,
            if_="is_enough",
            guard=[
                Guard(
                    lambda order, amount, currency: amount < 1000,
                    because=lambda order, amount, currency: order.why_not(
                        amount, currency=currency
                    ),
                    code="limit",
                ),
                Guard("approved", because="nobody approved it", code="approval"),
                "known_currency",
            ],
        ),
        guard="approved",
    )
    def pay(self, amount: int, *, currency: str = "EUR") -> int:
        """Pay."""
        return amount

    def known_currency(self, *, currency: str) -> bool:
        """Whether we take it."""
        return currency == "EUR"


def test_conditions_get_the_arguments_that_they_name() -> None:
    """Positional or by keyword, as given or by default."""
    order = Order()
    assert order.pay(20) == 20
    assert order.asked == ["is_enough 20"]


def test_the_refusal_of_an_event_with_arguments() -> None:
    """It lists every guard of the chosen transition with its reason and code."""
    order = Order()
    order.approved = False
    assert order.refusal("pay", 5) == order.refusal(Order.pay, 5)
    assert [unmet.name for unmet in order.refusal("pay", 5).unmet] == ["is_enough"]  # type: ignore[union-attr] # it is refused
    refusal = order.refusal("pay", 2000, currency="USD")
    assert refusal is not None
    assert [(unmet.reason, unmet.code) for unmet in refusal.unmet] == [
        (None, None),
        ("2000 USD is too much at once", "limit"),
        ("nobody approved it", "approval"),
        (None, None),
    ]
    assert "approved does not hold; 2000 USD is too much at once" in str(refusal)
    assert order.current_state == "open"


def test_a_guard_with_a_computed_reason_vetoes_with_it() -> None:
    """The reason is computed from the object and the arguments."""
    order = Order()
    with pytest.raises(TransitionHalted) as caught:
        order.pay(2000)
    assert caught.value.halted_because == "2000 EUR is too much at once"
    assert caught.value.code == "limit"
    assert order.current_state == "open"


def test_a_guard_without_a_reason_vetoes_with_its_name() -> None:
    """So that there is always something to show."""
    order = Order()
    with pytest.raises(TransitionHalted, match="known_currency does not hold"):
        order.pay(20, currency="USD")


def test_without_its_arguments_a_condition_counts_as_met() -> None:
    """An event whose condition needs arguments counts as allowed; what is given is judged."""
    order: Any = Order()
    assert order.can("pay")
    assert order.can_pay()
    assert order.allowed_events() == ("pay",)
    assert order.refusal("pay") is None
    assert order.target_of("pay") == "paid"
    assert order.asked == []
    assert not order.can_pay(5)
    assert not order.can(Order.pay, 5)
    assert order.can_pay(20)
    order.approved = False
    assert not order.can_pay()
    assert order.allowed_events() == ()
    with pytest.raises(TypeError):
        order.can_pay(1, 2, 3)


def test_asking_changes_nothing_and_runs_no_hook() -> None:
    """``can_*``, ``can``, ``refusal``, ``target_of`` and ``allowed_events`` only ask."""

    class Strict(Workflow):
        here = State()
        there = State()

        @Event(here.to(there, if_=lambda strict: True))
        def go(self) -> None:
            pytest.fail("the handler ran")

        def before_transition(self) -> None:
            pytest.fail("a hook ran")

    strict: Any = Strict()
    assert strict.can_go()
    assert strict.can("go")
    assert strict.refusal("go") is None
    assert strict.target_of("go") == "there"
    assert strict.allowed_events() == ("go",)
    assert vars(strict) == {}


def test_a_halted_object_stays_halted_while_it_is_asked() -> None:
    """Asking is no firing: what the last event left behind stays."""

    class Halting(Workflow):
        here = State()
        there = State()

        @Event(here.to(there, if_=lambda halting: True))
        def go(self) -> None:
            self.halt("no")

    halting: Any = Halting()
    halting.go()
    halting.refusal("go")
    halting.can_go()
    assert halting.halted_because == "no"


class Judging(Workflow):
    """Conditions and guards that halt instead of answering."""

    here = State()
    there = State()
    how = "soft"

    def stop(self) -> bool:
        """Halt."""
        if self.how == "soft":
            self.halt("stopped")
        raise TransitionHalted("stopped", code="hard")

    by_condition = Event(here.to(there, if_=[lambda judging: False, "stop"]), here.to(here))
    by_guard = Event(here.to(there, guard=[Guard(lambda judging: False), "stop"]))


@pytest.mark.parametrize(("how", "code"), [("soft", None), ("hard", "hard")])
def test_a_halt_is_a_refusal_while_asking(how: str, code: str | None) -> None:
    """Of a condition as of a guard; later transitions are not looked at."""
    judging: Any = Judging()
    judging.how = how
    for event in ("by_condition", "by_guard"):
        refusal = judging.refusal(event)
        assert refusal.unmet[0].name.startswith("lambda")
        assert refusal.unmet[1] == Unmet("halt", "stopped", code)
        assert judging.target_of(event) is None
        assert judging.can(event) is False


def test_fire_and_can_go_by_name() -> None:
    """They take arguments, and ``can`` the function of the class too."""
    order = Order()
    assert order.can(Order.pay, 20)
    assert order.fire("pay", 20, currency="EUR") == 20
    assert order.current_state == "paid"


@pytest.mark.parametrize("ask", ["fire", "can", "refusal", "target_of"])
def test_an_unknown_event_is_an_error(ask: str) -> None:
    """With the nearest right name."""
    order = Order()
    with pytest.raises(UnknownEvent) as caught:
        getattr(order, ask)("payy")
    assert caught.value.nearest == "pay"
    assert str(caught.value) == "'payy' is no event of Order. Did you mean 'pay'? Events: pay."
    with pytest.raises(UnknownEvent):
        getattr(order, ask)(3)
    assert order.current_state == "open"


def test_allowed_events_come_in_the_order_of_declaration() -> None:
    """Only those that would be accepted now."""

    class Many(Workflow):
        here = State()
        there = State()
        third = Event(here.to(there))
        never = Event(here.to(there, if_=lambda many: False))
        first = Event(here.internal())
        elsewhere = Event(there.to(here))

    assert Many().allowed_events() == ("third", "first")


def test_any_means_every_state_that_is_not_final_but_the_target() -> None:
    """Less the exceptions; an internal one has no target to leave out."""

    class Shipment(Workflow):
        packed = State()
        sent = State()
        shipped = State()
        lost = State(final=True)
        cancelled = State()
        cancel = Event(ANY.except_(shipped).to(cancelled))
        note = Event(ANY.except_(packed | sent, "lost").internal())

    assert Shipment.workflow_spec.events["cancel"].sources == ("packed", "sent")
    assert Shipment.workflow_spec.events["note"].sources == ("shipped", "cancelled")


def test_any_after_a_transition_means_the_rest() -> None:
    """Special cases first, then the general one: no mistake."""

    class Ticket(Workflow):
        open = State()
        held = State()
        closed = State()
        reopened = State()
        move = Event(open.to(held), ANY.to(closed))

    targets = {str(one.source): str(one.target) for one in Ticket.workflow_spec.transitions}
    assert targets == {"open": "held", "held": "closed", "reopened": "closed"}


def test_targets_and_sources_may_be_given_by_name() -> None:
    """For states that come later."""

    class Ahead(Workflow):
        here = State()
        middle = State()
        go = Event(here.to("there"), ("there" | middle).to("end", if_=lambda ahead: False))
        there = State()
        end = State()

    assert Ahead.workflow_spec.events["go"].sources == ("here", "there", "middle")
    ahead = Ahead()
    assert ahead.go()
    assert ahead.current_state == "there"


class Wide(Workflow):
    """One event with many sources, for which a table is made."""

    a = State()
    b = State()
    c = State()
    d = State()
    e = State()
    f = State()
    steps: tuple[str, ...] = ()
    broken = False

    advance = Event(a.to(b), b.to(c), c.to(d), d.to(e), e.to(f), f.to(a, unless="broken"))
    stay = Event(ANY.internal())

    def on_c_exit(self) -> None:
        """Note it."""
        self.steps = (*self.steps, "exit c")

    def on_e_entry(self) -> None:
        """Note it."""
        self.steps = (*self.steps, "entry e")

    def on_transition(self, transition: Any) -> None:
        if transition.event == "advance":
            self.steps = (*self.steps, f"{transition.source}{transition.target}")


def test_an_event_with_many_sources_does_the_same_from_each() -> None:
    """Targets, hooks, conditions and states of the transition are right from every source."""
    wide: Any = Wide()
    names = []
    for _ in range(6):
        assert wide.can_advance()
        assert wide.stay()
        target = wide.target_of("advance")
        assert wide.advance()
        assert wide.current_state == target
        names.append(target.name)
    assert names == ["b", "c", "d", "e", "f", "a"]
    assert wide.steps == ("ab", "bc", "cd", "exit c", "de", "entry e", "ef", "fa")
    wide.workflow_state = "f"
    wide.broken = True
    assert not wide.can_advance()
    with pytest.raises(NoTransitionAllowed, match="broken holds"):
        wide.advance()
    wide.workflow_state = ["a"]
    with pytest.raises(LookupError):
        wide.advance()


def test_conditions_can_be_any_callable_on_the_object() -> None:
    """Properties, static and class methods, partials and objects with ``__call__``."""

    class Threshold:
        """A condition with a memory."""

        level: Any = type("Level", (), {"level": 2})

        def __call__(self, subject: Any) -> bool:
            return bool(subject.level > 1)

    def above(limit: int, subject: Any) -> bool:
        return bool(subject.level > limit)

    class Mixed(Workflow):
        here = State()
        there = State()
        level = 2
        check: Any = None

        @property
        def full(self) -> bool:
            return self.level > 1

        @staticmethod
        def always() -> bool:
            return True

        @classmethod
        def named(cls) -> bool:
            return cls.__name__ == "Mixed"

        bound: Any = staticmethod(partial(above, 1, Threshold.level))
        go = Event(
            here.to(
                there,
                if_=["bound", "full", "always", "named", "check", Threshold(), partial(above, 1)],
            )
        )

    mixed: Any = Mixed()
    assert [unmet.name for unmet in mixed.refusal("go").unmet] == ["check"]
    mixed.check = lambda: True
    assert mixed.can_go()
    mixed.level = 0
    names = [unmet.name for unmet in mixed.refusal("go").unmet]
    assert names == ["full", "Threshold", "partial"]
    mixed.level = 2
    assert mixed.go()


@pytest.mark.filterwarnings("ignore:functools.partial:FutureWarning")
def test_a_partial_on_the_class_is_called_as_python_calls_it() -> None:
    """Python 3.14 passes the object to it, and 3.13 warns of that; before, it gets nothing."""

    def above(limit: int, subject: Any) -> bool:
        return bool(subject.level > limit)

    given = () if sys.version_info >= (3, 14) else (SimpleNamespace(level=2),)

    class High(Workflow):
        here = State()
        there = State()
        level = 2
        high: Any = partial(above, 1, *given)
        go = Event(here.to(there, if_="high"))

    assert High().can("go")


def test_an_attribute_set_in_the_constructor_can_be_a_condition() -> None:
    """It is not on the class, but ``__init__`` mentions it."""

    class Late(Workflow):
        here = State()
        there = State()
        go = Event(here.to(there, if_="ready"))

        def __init__(self) -> None:
            self.ready = True

    assert Late().go()


def test_asking_with_wrong_arguments_is_a_type_error() -> None:
    """With and without rules, and under the name of the event."""
    order: Any = Order()
    device: Any = Device()
    ask: Any
    for ask in (
        lambda: order.refusal("pay", 1, 2, 3),
        lambda: order.target_of("pay", nothing=1),
        lambda: device.refusal("turn_off", 1),
        lambda: device.target_of("turn_off", 1),
        lambda: device.can("turn_off", 1),
    ):
        with pytest.raises(TypeError, match=r"(Order\.(can_)?pay|Device\.can_turn_off)\(\)"):
            ask()
    assert device.refusal("turn_off").event == "turn_off"


def test_arguments_may_have_the_names_of_builtins() -> None:
    """No generated function uses one of them."""

    class Odd(Workflow):
        here = State()
        there = State()
        fine = True

        @Event(here.to(there, if_="fine", guard="fine"))
        def go(self, tuple: int, locals: int, event: int) -> int:  # noqa: A002 - that is the point
            return tuple + locals + event

    odd = Odd()
    assert odd.refusal("go", 1, 2, 3) is None
    assert odd.can("go", 1, 2, event=3)
    assert odd.fire("go", 1, 2, event=3) == 6


def test_a_condition_may_be_written_in_c() -> None:
    """It takes the object."""
    import operator

    class Getter(Workflow):
        here = State()
        there = State()
        ready = False
        go = Event(here.to(there, if_=operator.attrgetter("ready")))

    getter = Getter()
    assert not getter.can("go")
    getter.ready = True
    assert getter.go()


def test_declarations_refuse_what_they_cannot_mean() -> None:
    """At once, where the mistake is written."""
    here: Any = State()
    there: Any = State()
    event: Any = Event
    anything: Any = ANY
    wrong: Any
    for wrong in (
        lambda: event(here),
        lambda: here.to(3),
        lambda: here.to(there, if_=3),
        lambda: here.to(there, if_="not a name"),
        lambda: here.to(there, guard=3),
        lambda: here | 3,
        lambda: anything | here,
        lambda: anything.except_(3),
        lambda: event(here.to(there))("no function"),
        lambda: event(here.to(there))(print)(print),
    ):
        with pytest.raises(TypeError):
            wrong()


def test_conditions_and_guards_are_values() -> None:
    """Equal if they say the same, hashable, and immutable."""
    assert Condition("ready") == Condition("ready")
    assert Condition("ready") != Condition("ready", negated=True)
    assert hash(Condition("ready")) == hash(Condition("ready"))
    assert Guard("ready", code="a") != Guard("ready", code="b")
    assert Guard("ready") != Condition("ready")
    assert repr(Guard("ready")) == "Guard(ready)"
    assert str(Unmet("ready")) == "ready"
    assert str(Unmet("ready", "not yet")) == "not yet"
    guard: Any = Guard("ready")
    with pytest.raises(AttributeError, match="immutable"):
        guard.code = "x"


def test_declarations_can_be_read() -> None:
    """Their reprs show what was drawn."""

    class Shown(Workflow):
        here = State()
        there = State()

    here, there = Shown.here, Shown.there
    assert repr(here.to(there)) == "<transition <State here> -> there>"
    assert repr((here | there).internal()) == "<transition here | there -> itself>"
    assert repr(Event(ANY.except_(here).to(there))) == (
        "Event(<transition ANY.except_(here) -> there>)"
    )
    assert repr(ANY) == "ANY"
