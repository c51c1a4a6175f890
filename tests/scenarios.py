"""Short scenarios that together need every line which the compiler writes: see test_templates.

Each defines its classes inside, so that they are compiled when it runs.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from statecraft import (
    ANY,
    AsyncWorkflow,
    Event,
    Guard,
    NoTransitionAllowed,
    StaleState,
    State,
    TransitionHalted,
    UnknownState,
    Unmet,
    Workflow,
    WorkflowError,
    turns,
)
from statecraft.observation import Observer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

SCENARIOS: list[Callable[[], None]] = []


def scenario(function: Callable[[], None]) -> Callable[[], None]:
    """Let a function be one of the scenarios."""
    SCENARIOS.append(function)
    return function


def asynchronous(function: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Let a coroutine function be one of the scenarios."""

    def run() -> None:
        async def main() -> None:
            await finished(function())
            assert turns.running == {}

        asyncio.run(main())

    run.__name__ = function.__name__
    return scenario(run)


async def finished(awaitable: Awaitable[Any]) -> Any:
    """Return what an awaitable gives, or fail if it would wait for ever."""
    task = asyncio.ensure_future(awaitable)
    for _ in range(100):
        if task.done():
            return task.result()
        await asyncio.sleep(0)
    task.cancel()
    message = "it waits for ever"
    raise AssertionError(message)


@contextmanager
def calls() -> Generator[list[str]]:
    """Note the names of the functions that are called."""
    names: list[str] = []

    def note(frame: Any, event: str, _: object) -> None:
        if event == "call":
            names.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(before)


def refused(call: Callable[[], object]) -> tuple[Unmet, ...]:
    """Return what is unmet where a call is refused."""
    with pytest.raises(NoTransitionAllowed) as caught:
        call()
    unmet: tuple[Unmet, ...] = caught.value.refusal.unmet
    return unmet


def halting(call: Callable[[], object], reason: str) -> None:
    """Expect that a call is vetoed, and that the object knows why."""
    with pytest.raises(TransitionHalted) as caught:
        call()
    assert caught.value.halted_because == reason


class Hearing(Observer):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_start(self, workflow: Any, event: str) -> None:
        self.heard.append(("start", event))

    def on_transition(self, workflow: Any, transition: Any) -> None:
        self.heard.append(("moved", transition.source.name, transition.target.name))

    def on_refusal(self, workflow: Any, refusal: Any) -> None:
        self.heard.append(("refused", refusal.event))

    def on_halt(self, workflow: Any, event: str, reason: object) -> None:
        self.heard.append(("halted", reason))

    def on_error(self, workflow: Any, event: str, error: BaseException) -> None:
        self.heard.append(("failed", str(error)))

    def on_end(self, workflow: Any, event: str) -> None:
        self.heard.append(("end", event))

    def since(self) -> list[Any]:
        """Return what was heard, without the start and the end, and forget it."""
        heard, self.heard = self.heard, []
        assert heard[0][0] == "start"
        assert heard[-1] == ("end", heard[0][1])
        return heard[1:-1]


# -- states alone ----------------------------------------------------------------------------


@scenario
def plain_events() -> None:
    class Door(Workflow):
        shut = State(0)
        open = State(1)
        gone = State()
        push = Event(shut.to(open))
        pull = Event(open.to(shut))

    door: Any = Door()
    assert door.is_shut()
    assert not door.is_open()
    assert door.can_push()
    assert not door.can_pull()
    assert refused(door.pull) == ()
    assert door.push() is True
    assert door.workflow_state == 1
    assert door.is_open()
    assert not door.is_shut()
    assert not door.can_push()
    assert refused(door.push) == ()
    assert door.pull() is True
    assert door.workflow_state == 0
    assert door.is_shut()
    assert door.can_push()
    assert door.push() is True
    door.workflow_state = "gone"
    assert not door.can_push()
    assert refused(door.push) == ()


@scenario
def unknown_states() -> None:
    class Door(Workflow):
        shut = State()
        open = State()
        push = Event(shut.to(open), open.internal(if_=lambda door: door.heavy))
        heavy = False

    door: Any = Door()
    for unknown in ("ajar", ["shut"]):
        door.workflow_state = unknown
        for ask in (door.push, door.can_push, door.is_shut, door.is_open):
            with pytest.raises(UnknownState):
                ask()


@scenario
def many_sources() -> None:
    class Parcel(Workflow):
        packed = State()
        sent = State()
        held = State(3)
        lost = State(("l", "ost"))
        found = State()
        returned = State()
        thrown_away = State()
        drop = Event(ANY.except_(thrown_away).to(lost))
        find = Event(lost.to(found))
        swap = Event(
            packed.to(sent), sent.to(held), held.to(lost), lost.to(found), found.to(packed)
        )

        def on_transition(self, transition: Any) -> None:
            self.seen = (transition.source.name, transition.target.name)

        def on_held_exit(self) -> None:
            self.was_held = True

        was_held = False

    parcel: Any = Parcel()
    assert parcel.can_drop()
    assert parcel.can_swap()
    for name in ("sent", "held", "lost", "found", "packed"):
        source = parcel.current_state.name
        assert not parcel.was_held or name != "lost"
        assert parcel.swap() is True
        assert parcel.is_held() == (name == "held")
        assert parcel.seen == (source, name)
        assert parcel.current_state == name
        assert parcel.was_held == (name in {"lost", "found", "packed"})
    assert parcel.drop() is True
    assert parcel.seen == ("packed", "lost")
    assert not parcel.can_drop()
    assert refused(parcel.drop) == ()
    parcel.workflow_state = "thrown_away"
    assert not parcel.can_swap()
    assert refused(parcel.swap) == ()
    for unknown in ("ajar", ["packed"]):
        parcel.workflow_state = unknown
        for ask in (parcel.drop, parcel.can_drop):
            with pytest.raises(UnknownState):
                ask()


@scenario
def many_sources_with_different_conditions() -> None:
    class Lift(Workflow):
        one = State()
        two = State()
        three = State()
        four = State()
        five = State()
        top = State()
        down = State()
        gone = State()
        ride = Event(
            one.to(top, if_="working"),
            two.to(top, unless="full"),
            three.to(top, guard="allowed"),
            four.to(top, if_="full"),
            five.internal(),
            top.to(down, if_=["working", "full"]),
        )
        working = allowed = True
        full = False

    targets: dict[str, str | None] = {
        "one": "top",
        "two": "top",
        "three": "top",
        "four": None,
        "five": "five",
        "top": None,
        "down": None,
        "gone": None,
    }
    for source, target in targets.items():
        lift: Any = Lift()
        lift.workflow_state = source
        unmet = {"four": (Unmet("full"),), "top": (Unmet("full"),)}.get(source, ())
        assert lift.can_ride() == (target is not None)
        assert lift.target_of("ride") == target
        if target is None:
            assert lift.refusal("ride").unmet == unmet
            assert refused(lift.ride) == unmet
        else:
            assert lift.refusal("ride") is None
            assert lift.ride() is True
            assert lift.current_state == target
    lift = Lift()
    for unknown in ("basement", ["one"]):
        lift.workflow_state = unknown
        for ask in (lift.ride, lift.can_ride, lambda: lift.refusal("ride")):
            with pytest.raises(UnknownState):
                ask()


# -- acting ----------------------------------------------------------------------------------


@scenario
def steps() -> None:
    class Article(Workflow):
        new = State()
        sent = State()
        workflow_state: str | None
        noted: list[Any]

        @Event(new.to(sent), sent.internal())
        def send(self, to: str, *, copies: int = 1) -> Any:
            self.noted.append(("send", to, copies, self.workflow_state))
            return None if to == "nobody" else self.noted

        def before_transition(self, transition: Any) -> None:
            self.noted.append(("before", *transition))

        def on_transition(self) -> None:
            self.noted.append("on")

        def on_new_exit(self, transition: Any) -> None:
            self.noted.append(("exit", transition.args, self.workflow_state))

        def on_sent_entry(self, transition: Any) -> None:
            self.noted.append(("entry", transition.kwargs, self.workflow_state))

        def after_transition(self, transition: Any) -> None:
            self.noted.append(("after", transition.event))

        def after_commit(self, transition: Any) -> None:
            self.noted.append(("commit", transition.event))

    article: Any = Article()
    article.workflow_state = None
    article.noted = []
    assert article.send("Ann", copies=2) is article.noted
    assert article.noted == [
        ("before", "send", "new", "sent", ("Ann",), {"copies": 2}),
        ("send", "Ann", 2, None),
        "on",
        ("exit", ("Ann",), None),
        ("entry", {"copies": 2}, "sent"),
        ("after", "send"),
        ("commit", "send"),
    ]
    article.noted = []
    assert article.send("nobody") is True
    assert article.noted == [
        ("before", "send", "sent", "sent", ("nobody",), {"copies": 1}),
        ("send", "nobody", 1, "sent"),
        "on",
        ("after", "send"),
        ("commit", "send"),
    ]


@scenario
def failing_after_commit() -> None:
    class Door(Workflow):
        shut = State()
        open = State()
        push = Event(shut.to(open))

        def after_commit(self) -> None:
            message = "no mail"
            raise ValueError(message)

    records: list[logging.LogRecord] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler = Keeping()
    logger = logging.getLogger("statecraft")
    logger.addHandler(handler)
    try:
        door: Any = Door()
        assert door.push() is True
    finally:
        logger.removeHandler(handler)
    assert [record.getMessage() for record in records] == ["after_commit of Door push failed"]


@scenario
def nesting_before_storing() -> None:
    class Door(Workflow):
        shut = State()
        open = State()
        locked = State()
        lock = Event((shut | open).to(locked))
        knock = Event(shut.to(shut))
        slam = Event((shut | open).to(shut), locked.to(open))

        @Event(shut.to(open), open.to(shut))
        def push(self, what: str) -> None:
            if what == "forget":
                del self.workflow_state
            elif what != "nothing":
                self.fire(what)

        def on_locked_exit(self) -> None:
            self.workflow_state = "shut"

    door: Any = Door()
    assert door.push("knock") is True
    assert door.is_open()
    with pytest.raises(StaleState) as caught:
        door.push("lock")
    assert caught.value.expected == ("open",)
    assert caught.value.found == "locked"
    with pytest.raises(StaleState):
        door.slam()
    assert door.is_shut()
    assert door.push("nothing") is True
    with pytest.raises(StaleState) as caught:
        door.push("forget")
    assert caught.value.found is None


@scenario
def nothing_is_checked_that_has_not_moved() -> None:
    class Door(Workflow):
        shut = State()
        open = State()

        @Event(shut.to(open), open.to(shut))
        def push(self) -> None: ...

    door: Any = Door()
    assert door.push() is True
    with calls() as names:
        assert door.push() is True
    assert "push" in names
    assert "check_moved" not in names


@scenario
def hooks_of_union_sources_find_what_was_expected() -> None:
    class Door(Workflow):
        shut = State()
        ajar = State()
        open = State()
        slam = Event((ajar | open).to(shut))

        workflow_state: str | None
        moved: str | None = None

        def before_transition(self) -> None:
            self.workflow_state = self.moved or self.workflow_state

    door: Any = Door()
    for source in ("ajar", "open"):
        door.workflow_state, door.moved = source, None
        assert door.slam() is True
        door.workflow_state, door.moved = source, "shut"
        with pytest.raises(StaleState) as caught:
            door.slam()
        assert caught.value.expected == (source,)


# -- conditions, guards and halts ------------------------------------------------------------


@scenario
def conditions() -> None:
    class Device(Workflow):
        off = State()
        on = State()
        low = State()
        switch = Event(
            off.to(on, if_=["charged", lambda device: device.covered], unless="broken"),
            off.to(low, if_="charged"),
            on.to(off, if_="charged"),
        )
        charged = covered = True
        broken = False

    def device(**facts: bool) -> Any:
        one = Device()
        vars(one).update(facts)
        return one

    assert device().switch() is True
    assert device().target_of("switch") == "on"
    lit = device()
    lit.switch()
    assert lit.is_on()
    lit.charged = False
    assert not lit.can_switch()
    assert refused(lit.switch) == (Unmet("charged"),)
    assert lit.refusal("switch").unmet == (Unmet("charged"),)
    lit.charged = True
    assert lit.can_switch()
    assert lit.switch() is True
    dim = device(broken=True)
    assert dim.can_switch()
    assert dim.refusal("switch") is None
    assert dim.target_of("switch") == "low"
    assert dim.switch() is True
    assert dim.is_low()
    assert refused(dim.switch) == ()
    assert dim.refusal("switch").unmet == ()
    bad = device(charged=False, covered=False, broken=True)
    unmet = bad.refusal("switch").unmet
    assert [one.name for one in unmet][::2] == ["charged", "not broken"]
    assert len(unmet) == 4
    assert not bad.can_switch()
    assert refused(bad.switch) == unmet
    half = device(charged=False)
    assert refused(half.switch) == half.refusal("switch").unmet == (Unmet("charged"),) * 2


@scenario
def conditions_with_arguments() -> None:
    class Shop(Workflow):
        open = State()
        shut = State()

        @Event(open.to(shut, if_=lambda shop, hour: hour > 5), guard=Guard("allowed"))
        def close(self, hour: int) -> None: ...

        def allowed(self, hour: int) -> bool:
            return hour != 7

    shop: Any = Shop()
    assert shop.can_close()
    assert shop.can_close(6)
    assert not shop.can_close(4)
    assert not shop.can_close(7)
    assert shop.refusal("close") is None
    assert shop.target_of("close", 6) == "shut"
    assert shop.refusal("close", 7).unmet == (Unmet("allowed"),)
    halting(lambda: shop.close(7), "allowed does not hold")
    assert len(refused(lambda: shop.close(1))) == 1
    assert shop.close(8) is True


@scenario
def guards() -> None:
    class Loan(Workflow):
        asked = State()
        granted = State()
        grant = Event(
            asked.to(
                granted,
                guard=[
                    Guard("solvent", because="no money", code="money"),
                    Guard("adult", because=lambda loan: f"only {loan.age}"),
                ],
            ),
        )
        solvent = adult = True
        age = 17

    loan: Any = Loan()
    loan.adult = False
    assert not loan.can_grant()
    halting(loan.grant, "only 17")
    assert loan.halted_because == "only 17"
    loan.solvent = False
    halting(loan.grant, "no money")
    assert loan.refusal("grant").unmet == (
        Unmet("solvent", "no money", "money"),
        Unmet("adult", "only 17"),
    )
    loan.solvent = loan.adult = True
    assert loan.can_grant()
    assert loan.refusal("grant") is None
    assert loan.grant() is True
    assert not loan.halted


@scenario
def refusals_of_guards_that_halt() -> None:
    class Door(Workflow):
        shut = State()
        open = State()
        push = Event(shut.to(open, if_="oiled"), shut.to(open, guard=["paid", "allowed"]))
        oiled = paid = False

        def allowed(self) -> None:
            self.halt("the bell rings")

    door: Any = Door()
    assert not door.can_push()
    refusal = door.refusal("push")
    assert refusal.unmet == (Unmet("paid"), Unmet("halt", "the bell rings"))


@scenario
def halts() -> None:
    class Patient(Workflow):
        """Halts where it is told to."""

        waiting = State()
        treated = State()
        cured = State()
        where = ""
        softly = True

        def stop(self, here: str) -> bool:
            if here == self.where:
                if self.softly:
                    self.halt(here)
                raise TransitionHalted(here)
            return True

        @Event(waiting.to(treated, if_="condition"), guard="guard")
        def treat(self) -> None:
            self.stop("handler")

        cure = Event(treated.to(cured))
        rest = Event(treated.to(cured, if_="condition"))

        def condition(self) -> bool:
            return self.stop("condition")

        def guard(self) -> bool:
            return self.stop("guard")

        def on_treated_entry(self) -> None:
            self.stop("entry")

        def on_treated_exit(self) -> None:
            self.stop("exit")

        def after_transition(self) -> None:
            self.stop("after")

    for where in ("condition", "guard", "handler"):
        for softly in (True, False):
            patient: Any = Patient()
            patient.where, patient.softly = where, softly
            asked = where != "handler"
            assert patient.can_treat() is not asked
            refusal = patient.refusal("treat")
            assert (refusal.unmet if refusal else None) == (
                (Unmet("halt", where),) if asked else None
            )
            if softly and where != "guard":
                assert patient.treat() is False
            else:
                halting(patient.treat, where)
            assert patient.halted_because == where
            assert patient.is_waiting()
            patient.where = ""
            assert patient.treat() is True
            assert not patient.halted
            patient.where = "exit"
            if softly:
                assert patient.cure() is False
            else:
                halting(patient.cure, "exit")
            assert patient.halted_because == "exit"
            patient.where = ""
            assert patient.cure() is True
            assert not patient.halted
    for where in ("entry", "after"):
        patient = Patient()
        patient.where, patient.softly = where, True
        with pytest.raises(WorkflowError, match="too late"):
            patient.treat()
        assert patient.is_treated()
        patient = Patient()
        patient.where, patient.softly = where, False
        halting(patient.treat, where)
        assert not patient.halted


@scenario
def hooks_after_a_plain_event_cannot_halt() -> None:
    class Door(Workflow):
        shut = State()
        open = State()
        push = Event(shut.to(open))

        def on_open_entry(self) -> None:
            self.halt("too late")

    door: Any = Door()
    with pytest.raises(WorkflowError, match="too late"):
        door.push()
    assert door.is_open()


@scenario
def halts_leave_nothing_in_slots() -> None:
    class Door(Workflow):
        __slots__ = ("_halted_because", "stuck", "workflow_state")
        shut = State()
        open = State()
        ajar = State()

        def __init__(self) -> None:
            self.stuck = True

        @Event(shut.to(open))
        def push(self) -> None:
            if self.stuck:
                self.halt("stuck")

    door: Any = Door()
    assert door.push() is False
    assert door.halted
    door.stuck = False
    assert door.push() is True
    assert not door.halted


# -- the hooks for what goes wrong -----------------------------------------------------------


@scenario
def errors_are_dealt_with() -> None:
    class Order(Workflow):
        new = State()
        paid = State()
        sent = State()
        raises: Any = None
        where = ""
        dealt: Any = None

        @Event(new.to(paid), guard="guard")
        def pay(self) -> None:
            self.fail("handler")

        send = Event(paid.to(sent, if_="condition"))
        hold = Event((new | paid).internal(), sent.to(paid))

        def fail(self, here: str) -> bool:
            if self.where == here:
                raise self.raises
            return True

        def guard(self) -> bool:
            return self.fail("guard")

        def condition(self) -> bool:
            return self.fail("condition")

        def before_transition(self) -> None:
            self.fail("before")

        def on_paid_entry(self) -> None:
            self.fail("entry")

        def on_error(self, error: Exception, transition: Any) -> None:
            self.dealt = (error, transition.event, transition.target, self.halted_because)

    error = ValueError("no money")
    for where in ("handler", "before"):
        order: Any = Order()
        order.where, order.raises = where, error
        assert order.pay() is False
        assert order.dealt[:3] == (error, "pay", "paid")
        assert order.halted_because == "no money"
        assert order.is_new()
        order.where = ""
        assert order.pay() is True
        assert not order.halted
    for where, event in (("guard", "pay"), ("entry", "pay"), ("condition", "send")):
        order = Order()
        order.workflow_state = "new" if event == "pay" else "paid"
        order.where, order.raises = where, error
        with pytest.raises(ValueError, match="no money"):
            order.fire(event)
        assert order.dealt is None
    for passing in (
        NoTransitionAllowed(Order(), "pay", "new", ()),
        StaleState(order, expected=(), found=1),
    ):
        order = Order()
        order.where, order.raises = "handler", passing
        with pytest.raises(type(passing)):
            order.pay()
        assert order.dealt is None


@scenario
def errors_of_a_plain_event_are_dealt_with() -> None:
    class Strict(Workflow):
        new = State()
        old = State()
        age = Event(new.to(old))
        dealt: Any = None

        def __setattr__(self, name: str, value: object) -> None:
            if name == "workflow_state":
                message = "read only"
                raise ValueError(message)
            super().__setattr__(name, value)

        def on_error(self, error: Exception) -> None:
            self.dealt = error

    strict: Any = Strict()
    assert strict.age() is False
    assert str(strict.dealt) == strict.halted_because == "read only"


@scenario
def recoveries_that_halt() -> None:
    class Door(Workflow):
        shut = State()
        open = State()
        softly = True
        pull = Event(open.to(shut))

        @Event(shut.to(open))
        def push(self) -> None:
            message = "stuck"
            raise ValueError(message)

        def recover(self) -> None:
            if self.softly:
                self.halt("given up")
            message = "never"
            raise TransitionHalted(message)

        def on_error(self) -> None:
            self.recover()

        def on_unavailable_transition(self) -> None:
            self.recover()

    hearing = Hearing()
    for observed in (False, True):
        if observed:
            Door.observe(hearing)
        door: Any = Door()
        for event in (door.push, door.pull):
            door.softly = True
            assert event() is False
            assert door.halted_because == "given up"
            door.softly = False
            halting(event, "never")
            assert door.halted_because == "never"
    assert ("halted", "given up") in hearing.heard


@scenario
def halts_of_another_object() -> None:
    class Door(Workflow):
        shut = State()
        open = State()
        pull = Event(open.to(shut))

        @Event(shut.to(open))
        def push(self, other: Workflow, *, fails: bool = False) -> None:
            if fails:
                message = "stuck"
                raise ValueError(message)
            other.halt("over there")

        def on_error(self, _: Exception, transition: Any) -> None:
            transition.args[0].halt("over there")

        def on_unavailable_transition(self) -> None:
            if self.other is not None:
                self.other.halt("over there")

        other: Any = None

    class House(Workflow):
        dark = State()
        lit = State()

        @Event(dark.to(lit))
        def enter(self, door: Any, how: str) -> None:
            if how == "pull":
                door.other = self
                door.pull()
            else:
                door.push(self, fails=how == "fail")

    for how in ("push", "fail", "pull"):
        door, house = Door(), House()
        assert house.enter(door, how) is False
        assert house.halted_because == "over there"
        assert not door.halted


@scenario
def unavailable_transitions() -> None:
    class Door(Workflow):
        shut = State()
        open = State()
        attempts: Any = ()
        answer: Any = None
        heavy = True

        @Event(shut.to(open, unless="heavy"))
        def push(self, force: int, *, twice: bool = False) -> None: ...

        def on_unavailable_transition(self, attempt: Any) -> Any:
            self.attempts = (*self.attempts, attempt)
            return self.answer

    door: Any = Door()
    assert door.push(3) is False
    (attempt,) = door.attempts
    assert attempt[:4] == ("push", "shut", (3,), {"twice": False})
    assert attempt.refusal.unmet == (Unmet("not heavy"),)
    door.answer = False
    with pytest.raises(NoTransitionAllowed):
        door.push(3)
    door.heavy = False
    assert door.push(3) is True


# -- stores ----------------------------------------------------------------------------------


@scenario
def stores_of_states() -> None:
    class Stored(Workflow):
        new = State()
        old = State()
        gone = State()
        row: Any = None
        calls: Any = ()

        age = Event(new.to(old))
        go = Event((new | old).to(gone))

        def load_state(self) -> Any:
            return self.row

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
            self.calls = (*self.calls, (value, expected))
            if self.row not in expected:
                raise StaleState(self, expected=expected, found=self.row)
            self.row = value

    stored: Any = Stored()
    assert stored.is_new()
    assert stored.can_age()
    assert stored.age() is True
    assert stored.calls == (("old", ("new", None)),)
    assert stored.is_old()
    assert not stored.can_age()
    assert stored.go() is True
    assert stored.calls[1:] == (("gone", ("old",)),)
    assert refused(stored.go) == ()


@scenario
def stores_that_halt() -> None:
    class Stored(Workflow):
        new = State()
        old = State()
        full: Any = None
        age = Event(new.to(old))

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
            if self.full == "softly":
                self.halt("full")
            if self.full:
                raise TransitionHalted(self.full)
            super().persist_state(value, expected=expected)

    stored: Any = Stored()
    stored.full = "softly"
    assert stored.age() is False
    assert stored.halted_because == "full"
    stored.full = "hard"
    halting(stored.age, "hard")
    assert stored.halted_because == "hard"
    stored.full = None
    assert stored.age() is True


@scenario
def stores_of_changes() -> None:
    class Stored(Workflow):
        new = State()
        old = State()
        changes: Any = ()

        @Event(new.to(old))
        def age(self, years: int) -> int:
            return years + 1

        renew = Event(old.to(new))

        def persist_change(self, change: Any) -> None:
            self.changes = (*self.changes, change)
            super().persist_change(change)

    stored: Any = Stored()
    assert stored.age(3) == 4
    (change,) = stored.changes
    assert (change.value, change.expected, change.result) == ("old", ("new", None), 4)
    assert change.transition == ("age", "new", "old", (3,), {})
    assert stored.renew() is True
    assert stored.changes[1].result is None


# -- threads and observers -------------------------------------------------------------------


@scenario
def threads() -> None:
    class Counter(Workflow, threadsafe=True):
        idle = State()
        locks = 0

        @Event(idle.internal())
        def count(self) -> None:
            self.locks = len(turns._locks)
            if self.locks:
                self.look()

        @Event(idle.internal())
        def look(self) -> None: ...

    counter: Any = Counter()
    assert counter.count() is True
    assert counter.locks == 1
    assert turns._locks == {}


@scenario
def observers() -> None:
    class Door(Workflow):
        shut = State()
        open = State()
        pull = Event(open.to(shut))

        @Event(shut.to(open))
        def push(self, how: str) -> None:
            if how == "softly":
                self.halt("soft")
            if how == "hard":
                raise TransitionHalted(how)
            if how == "wrong":
                raise ValueError(how)

        def on_error(self, error: Exception) -> None:
            if self.strict:
                raise error

        def on_unavailable_transition(self) -> bool:
            return not self.strict

        strict = False

    hearing = Hearing()
    Door.observe(hearing)
    door: Any = Door()
    assert door.push("softly") is False
    assert hearing.since() == [("halted", "soft")]
    halting(lambda: door.push("hard"), "hard")
    assert hearing.since() == [("halted", "hard")]
    assert door.push("wrong") is False
    assert hearing.since() == [("failed", "wrong")]
    assert door.pull() is False
    assert hearing.since() == [("refused", "pull")]
    assert door.push("well") is True
    assert hearing.since() == [("moved", "shut", "open")]
    assert door.pull() is True
    assert hearing.since() == [("moved", "open", "shut")]
    door.strict = True
    refused(door.pull)
    assert hearing.since() == [("refused", "pull")]


# -- asynchronous ----------------------------------------------------------------------------


@asynchronous
async def asynchronous_steps() -> None:
    class Article(AsyncWorkflow):
        new = State()
        sent = State()
        late = State()
        noted: tuple[tuple[str, str], ...] = ()
        fast = False

        def note(self, what: str) -> None:
            self.noted = (*self.noted, (what, self.current_state.name))

        async def later(self, what: str) -> Any:
            await asyncio.sleep(0)
            self.note(what)
            return what if what in {"handler", "plain"} else None

        @Event(new.to(sent, if_=["quickly", lambda article: article.slowly()]), guard="quickly")
        async def send(self) -> Any:
            return await self.later("handler")

        @Event(sent.to(new), guard=lambda article: article.slowly())
        def reject(self) -> Any:
            return None if self.fast else self.later("plain")

        @Event(new.to(late, unless="slowly"), new.to(sent, if_="slowly"))
        async def resend(self) -> None: ...

        async def slowly(self) -> bool:
            await asyncio.sleep(0)
            return not self.fast

        def quickly(self) -> bool:
            return True

        async def before_transition(self) -> None:
            await self.later("before")

        def on_transition(self) -> Any:
            return None if self.fast else self.later("on")

        async def on_new_exit(self) -> None:
            await self.later("exit")

        def on_sent_entry(self) -> Any:
            return None if self.fast else self.later("entry")

        async def after_transition(self) -> None:
            await self.later("after")

        def after_commit(self) -> Any:
            return None if self.fast else self.later("commit")

    article: Any = Article()
    assert await article.can_send() is True
    assert await article.can_reject() is False
    assert await article.refusal("send") is None
    assert await article.target_of("send") == "sent"
    assert await article.send() == "handler"
    names = ("before", "handler", "on", "exit")
    assert article.noted == (
        *((name, "new") for name in names),
        *((name, "sent") for name in ("entry", "after", "commit")),
    )
    assert await article.can_reject() is True
    article.noted = ()
    assert await article.reject() == "plain"
    done: list[str] = [entry[0] for entry in article.noted]
    assert done == ["before", "plain", "on", "after", "commit"]
    assert await article.resend() is True
    assert article.is_sent()
    article.fast, article.noted = True, ()
    with pytest.raises(TransitionHalted):
        await article.reject()
    assert (await article.refusal("reject")).unmet[0].name.startswith("lambda")
    article.fast = False
    await article.reject()
    article.fast = True
    assert await article.can_send() is False
    assert len((await article.refusal("send")).unmet) == 1
    with pytest.raises(NoTransitionAllowed):
        await article.send()
    assert await article.resend() is True
    assert article.is_late()


@asynchronous
async def plain_methods_of_asynchronous_workflows() -> None:
    class Article(AsyncWorkflow):
        new = State()
        sent = State()
        waits = False
        noted: tuple[str, ...] = ()

        def note(self, what: str) -> Any:
            async def later() -> None:
                await asyncio.sleep(0)
                self.noted = (*self.noted, what)

            return later() if self.waits else None

        @Event(new.to(sent))
        def send(self) -> Any:
            return self.note("handler")

        def before_transition(self) -> Any:
            return self.note("before")

        def on_transition(self) -> Any:
            return self.note("on")

        def on_new_exit(self) -> Any:
            return self.note("exit")

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> Any:
            return self.note("persist")

        def on_sent_entry(self) -> Any:
            return self.note("entry")

        def after_transition(self) -> Any:
            return self.note("after")

        def after_commit(self) -> Any:
            return self.note("commit")

    article: Any = Article()
    coroutine = article.send()
    with calls() as names, pytest.raises(StopIteration) as caught:
        coroutine.send(None)
    assert caught.value.value is True
    assert names.count("note") == 8
    assert "settled" not in names
    article.waits = True
    assert await article.send() is True
    steps = ("before", "handler", "on", "exit", "persist", "entry", "after", "commit")
    assert article.noted == steps


@asynchronous
async def asynchronous_stores() -> None:
    class Stored(AsyncWorkflow):
        new = State()
        old = State()
        row: Any = None

        age = Event(new.to(old))

        @Event(old.to(new))
        async def renew(self) -> None: ...

        async def load_state(self) -> Any:
            await asyncio.sleep(0)
            return self.row

        async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
            await asyncio.sleep(0)
            assert self.row in expected
            self.row = value

    stored: Any = Stored()
    assert await stored.can_age() is True
    assert await stored.age() is True
    assert stored.row == "old"
    assert stored.is_old()
    assert not stored.is_new()
    stored.row = "new"
    assert stored.is_old()
    assert await stored.can_age() is True
    assert stored.is_new()
    stored.row = "old"
    with pytest.raises(NoTransitionAllowed):
        await stored.age()
    assert stored.is_old()
    assert await stored.can_age() is False
    assert await stored.renew() is True

    class Deferring(Stored):
        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> Any:
            async def later() -> None:
                await super(Deferring, self).persist_state(value, expected=expected)

            return later() if value == "old" else setattr(self, "row", value)

    deferring: Any = Deferring()
    assert await deferring.age() is True
    assert deferring.row == "old"
    assert await deferring.renew() is True
    assert deferring.row == "new"


@asynchronous
async def asynchronous_recoveries() -> None:
    class Order(AsyncWorkflow):
        new = State()
        paid = State()
        dealt: Any = ()

        @Event(new.to(paid))
        async def pay(self) -> None:
            message = "no money"
            raise ValueError(message)

        send = Event(paid.to(new))

        async def on_error(self, error: Exception) -> None:
            await asyncio.sleep(0)
            self.dealt = (*self.dealt, str(error))

        async def on_unavailable_transition(self, attempt: Any) -> bool:
            await asyncio.sleep(0)
            self.dealt = (*self.dealt, attempt.event)
            return len(self.dealt) < 3

    order: Any = Order()
    assert await order.pay() is False
    assert await order.send() is False
    assert order.dealt == ("no money", "send")
    with pytest.raises(NoTransitionAllowed):
        await order.send()


@asynchronous
async def asynchronous_turns() -> None:
    class Door(AsyncWorkflow):
        shut = State()
        open = State()
        broken = State()
        pull = Event(open.to(shut))

        @Event(shut.to(open))
        async def push(self) -> None:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await self.push_inside()

        @Event(shut.internal())
        async def push_inside(self) -> None: ...

    door: Any = Door()
    first = asyncio.ensure_future(door.push())
    await asyncio.sleep(0)
    second = asyncio.ensure_future(door.pull())
    await asyncio.sleep(0)
    assert door.is_shut()
    third = asyncio.ensure_future(door.push())
    assert await finished(first) is True
    assert await finished(second) is True
    assert await finished(third) is True
    assert await finished(door.pull()) is True
    with pytest.raises(NoTransitionAllowed):
        await finished(door.pull())
    assert await finished(door.push()) is True


@asynchronous
async def asynchronous_plain_events_of_other_objects() -> None:
    class Lamp(AsyncWorkflow):
        off = State()
        on = State()
        switch = Event(off.to(on))
        blink = Event(on.to(off))

        @Event(off.internal(), on.internal())
        async def wait(self, other: Any) -> None:
            assert await other.switch() is True
            await asyncio.sleep(0)

    one: Any = Lamp()
    two: Any = Lamp()
    assert await finished(one.wait(two)) is True
    assert turns.running == {}
    assert await finished(two.blink()) is True
    assert await finished(one.wait(two)) is True
