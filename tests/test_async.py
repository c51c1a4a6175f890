"""Async workflows: the same steps, one event after the other, cancellation, asyncio and trio."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, copy_context
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import trio

from statecraft import (
    AsyncWorkflow,
    AsyncWorkflowMixin,
    Event,
    Guard,
    NoTransitionAllowed,
    StaleState,
    State,
    Transition,
    TransitionHalted,
    UnknownEvent,
    UnknownState,
    WorkflowError,
)
from statecraft.turns import running

pytestmark = pytest.mark.anyio
where: ContextVar[str] = ContextVar("where", default="nowhere")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run every test of this file on both."""
    return str(request.param)


@pytest.fixture(autouse=True)
def _nothing_is_left_running() -> Any:
    """No test leaves an entry in the table of running objects."""
    yield
    assert running == {}


class Recorded(AsyncWorkflow):
    """Half of its hooks are coroutine functions."""

    draft = State()
    sent = State()
    closed = State()

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    async def note(self, step: str) -> bool:
        """Write down a step after a while."""
        await anyio.lowlevel.checkpoint()
        self.steps.append((step, self.current_state.name))
        return True

    async def is_complete(self) -> bool:
        """Count as a condition."""
        return await self.note("condition")

    @Event(
        draft.to(
            sent,
            if_=["is_complete", lambda recorded: True],
            guard=Guard(lambda recorded: recorded.note("guard")),
        )
    )
    async def send(self, copies: int = 1) -> int:
        """Send it."""
        await self.note("handler")
        return copies

    close = Event(sent.to(closed))
    touch = Event(draft.internal())

    async def before_transition(self) -> None:
        await self.note("before")

    def on_transition(self, transition: Transition) -> Any:
        return self.note(f"on {transition.event}")

    async def on_draft_exit(self) -> None:
        """Note it."""
        await self.note("exit")

    def on_sent_entry(self) -> None:
        """Note it at once."""
        self.steps.append(("entry", self.current_state.name))

    async def after_transition(self) -> None:
        await self.note("after")


async def test_the_steps_are_those_of_the_sync_workflow() -> None:
    """Whatever can be awaited is awaited, whether declared async or only returning it."""
    recorded = Recorded()
    assert await recorded.send(copies=3) == 3
    assert recorded.steps == [
        ("condition", "draft"),
        ("guard", "draft"),
        ("before", "draft"),
        ("handler", "draft"),
        ("on send", "draft"),
        ("exit", "draft"),
        ("entry", "sent"),
        ("after", "sent"),
    ]


async def test_questions_are_awaited() -> None:
    """``can_*``, ``can``, ``refusal``, ``allowed_events``, ``target_of`` and ``fire``."""
    recorded: Any = Recorded()
    assert await recorded.can_send()
    assert await recorded.can("send", 3)
    assert await recorded.can(Recorded.send)
    assert await recorded.allowed_events() == ("send", "touch")
    assert await recorded.refusal("send") is None
    assert await recorded.target_of("send") == "sent"
    refusal = await recorded.refusal("close")
    assert str(refusal) == (
        "Recorded cannot close from 'draft': 'close' leaves 'sent'. From here: send, touch."
    )
    assert not await recorded.can_close()
    assert recorded.is_draft()
    assert {step for step, _ in recorded.steps} == {"condition", "guard"}
    assert await recorded.fire("send", 2) == 2
    with pytest.raises(UnknownEvent):
        await recorded.fire("sned")
    with pytest.raises(NoTransitionAllowed):
        await recorded.send()
    with pytest.raises(TypeError):
        await recorded.send(1, 2)


class Turnstile(AsyncWorkflow):
    """Events that wait inside."""

    locked = State()
    open = State()

    def __init__(self) -> None:
        self.log: list[str] = []
        self.may_go_on = anyio.Event()
        self.entered = anyio.Event()

    @Event(locked.to(open))
    async def pay(self, who: str) -> str:
        """Take the money, and wait."""
        self.log.append(f"pay {who}")
        self.entered.set()
        await self.may_go_on.wait()
        return who

    @Event(open.to(locked))
    def push(self) -> None:
        """Go through."""
        self.log.append("push")

    reset = Event((locked | open).to(locked))


async def test_competing_events_run_one_after_the_other() -> None:
    """Each judges the state that it then finds; a loser's handler never runs."""
    turnstile = Turnstile()
    results: dict[str, Any] = {}

    async def pay(who: str) -> None:
        try:
            results[who] = await turnstile.pay(who)
        except NoTransitionAllowed as error:
            results[who] = str(error.state)

    async def push() -> None:
        results["push"] = await turnstile.push()

    async with anyio.create_task_group() as group:
        group.start_soon(pay, "first")
        await turnstile.entered.wait()
        group.start_soon(pay, "second")
        await anyio.wait_all_tasks_blocked()
        group.start_soon(push)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(pay, "third")
        await anyio.wait_all_tasks_blocked()
        turnstile.may_go_on.set()
    assert results == {"first": "first", "second": "open", "push": True, "third": "third"}
    assert turnstile.log == ["pay first", "push", "pay third"]


async def test_an_event_in_which_nothing_waits_takes_its_turn_too() -> None:
    """It waits while another event of the object is running, and not for other objects."""
    turnstile = Turnstile()
    other = Turnstile()
    async with anyio.create_task_group() as group:
        group.start_soon(turnstile.pay, "first")
        await turnstile.entered.wait()
        group.start_soon(turnstile.reset)
        await anyio.wait_all_tasks_blocked()
        assert "workflow_state" not in vars(turnstile)
        assert await other.reset()
        turnstile.may_go_on.set()
    assert turnstile.current_state == "locked"
    assert vars(turnstile)["workflow_state"] == "locked"


async def test_a_cancelled_event_leaves_nothing_half_done() -> None:
    """Cancelled while it runs: the state has not moved. While it waits: the next one gets on."""
    turnstile = Turnstile()
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(turnstile.pay, "first")
            await turnstile.entered.wait()
            group.start_soon(turnstile.pay, "second")
            await anyio.wait_all_tasks_blocked()
            scope.cancel()
    assert turnstile.log == ["pay first"]
    assert turnstile.current_state == "locked"
    assert not turnstile.halted
    turnstile.may_go_on.set()
    assert await turnstile.pay("third") == "third"


async def test_who_is_cancelled_while_waiting_does_not_hold_up_the_rest() -> None:
    """Its place in the queue is given up, or its turn passed on if it had come already."""
    turnstile = Turnstile()
    scope = anyio.CancelScope()
    last: list[Any] = []

    async def waiting() -> None:
        with scope:
            await turnstile.reset()

    async def later() -> None:
        last.append(await turnstile.reset())

    async with anyio.create_task_group() as group:
        group.start_soon(turnstile.pay, "first")
        await turnstile.entered.wait()
        group.start_soon(waiting)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(later)
        await anyio.wait_all_tasks_blocked()
        scope.cancel()
        await anyio.wait_all_tasks_blocked()
        turnstile.may_go_on.set()
    assert last == [True]


def test_a_turn_that_came_to_a_cancelled_task_goes_to_the_next() -> None:
    """Cancelled between being called and waking up."""
    turnstile = Turnstile()

    async def main() -> Any:
        async def first() -> None:
            await turnstile.pay("first")
            waiting.cancel()

        paying = asyncio.ensure_future(first())
        await turnstile.entered.wait()
        waiting = asyncio.ensure_future(turnstile.reset())
        await asyncio.sleep(0)
        later = asyncio.ensure_future(turnstile.reset())
        await asyncio.sleep(0)
        turnstile.may_go_on.set()
        return await asyncio.gather(paying, waiting, later, return_exceptions=True)

    _, waiting, later = asyncio.run(main())
    assert isinstance(waiting, asyncio.CancelledError)
    assert later is True


class Nesting(AsyncWorkflow):
    """Fires events of its own in hooks."""

    one = State()
    two = State()
    three = State()
    fire_in = ""

    go = Event(one.to(two))
    on = Event(two.to(three))
    jump = Event(one.to(three))
    spin = Event((one | two | three).internal())

    async def before_transition(self, transition: Transition) -> None:
        await anyio.lowlevel.checkpoint()
        if self.fire_in == "before" and transition.event == "go":
            await self.jump()

    async def on_two_entry(self) -> None:
        """Go on at once, perhaps with company."""
        if self.fire_in == "entry":
            await self.on()
        elif self.fire_in == "tasks":
            async with anyio.create_task_group() as group:
                group.start_soon(self.spin)
                group.start_soon(self.on)
                group.start_soon(self.spin)


@pytest.mark.parametrize("where_fired", ["entry", "tasks"])
async def test_a_hook_of_the_running_event_nests(where_fired: str) -> None:
    """It never waits for itself, nor do the tasks that it starts."""
    nesting = Nesting()
    nesting.fire_in = where_fired
    with anyio.fail_after(10):
        assert await nesting.go()
    assert nesting.current_state == "three"


async def test_nesting_before_storing_makes_the_outer_event_stale() -> None:
    """As in a sync workflow."""
    nesting = Nesting()
    nesting.fire_in = "before"
    with pytest.raises(StaleState):
        await nesting.go()
    assert nesting.current_state == "three"


async def test_exceptions_reach_only_their_own_caller() -> None:
    """The next in the queue goes on as if nothing had happened."""

    class Failing(AsyncWorkflow):
        here = State()
        there = State()

        @Event(here.to(there))
        async def go(self, number: int) -> int:
            await anyio.lowlevel.checkpoint()
            if number < 2:
                raise KeyError(number)
            return number

    failing = Failing()
    outcomes: dict[int, Any] = {}

    async def go(number: int) -> None:
        try:
            outcomes[number] = await failing.go(number)
        except KeyError as error:
            outcomes[number] = error.args

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(go, number)
            await anyio.lowlevel.checkpoint()
    assert outcomes == {0: (0,), 1: (1,), 2: 2}


async def test_context_variables_hold() -> None:
    """What a handler sets, its caller sees, as after any coroutine that is awaited."""

    class Setting(AsyncWorkflow):
        here = State()
        there = State()

        @Event(here.to(there))
        async def go(self) -> str:
            await anyio.lowlevel.checkpoint()
            seen = where.get()
            where.set("handler")
            return seen

    where.set("caller")
    assert await Setting().go() == "caller"
    assert where.get() == "handler"


class Halting(AsyncWorkflow):
    """Halts where it is told, and deals with errors."""

    here = State()
    there = State()
    step = ""

    async def check(self) -> bool:
        """Halt as a condition."""
        await anyio.lowlevel.checkpoint()
        if self.step == "condition":
            self.halt("condition")
        return True

    async def allow(self) -> bool:
        """Halt, or say no, as a guard."""
        await anyio.lowlevel.checkpoint()
        if self.step == "guard halts":
            self.halt("guard halts")
        return self.step != "guard"

    @Event(here.to(there, if_="check", guard=Guard("allow", because="not allowed")))
    async def go(self) -> None:
        """Halt or raise as the handler."""
        await anyio.lowlevel.checkpoint()
        if self.step == "soft":
            self.halt("soft")
        if self.step == "hard":
            raise TransitionHalted("hard")
        if self.step == "error":
            raise KeyError("error")

    async def on_there_entry(self) -> None:
        """Halt too late."""
        if self.step == "late":
            self.halt("late")

    async def on_error(self, error: Exception) -> None:
        await anyio.lowlevel.checkpoint()
        self.dealt = error

    async def on_unavailable_transition(self) -> bool:
        await anyio.lowlevel.checkpoint()
        return self.step != "raise"


async def test_halts_and_errors_are_those_of_the_sync_workflow() -> None:
    """Softly, hard, too late, and dealt with."""
    halting = Halting()
    for step in ("condition", "soft", "error"):
        halting.step = step
        assert await halting.go() is False
        assert step in halting.halted_because
    assert isinstance(halting.dealt, KeyError)
    for step, reason in (
        ("hard", "hard"),
        ("guard", "not allowed"),
        ("guard halts", "guard halts"),
    ):
        halting.step = step
        with pytest.raises(TransitionHalted, match=reason):
            await halting.go()
        assert halting.halted_because == reason
    assert halting.current_state == "here"
    halting.step = "late"
    with pytest.raises(WorkflowError, match="too late"):
        await halting.go()
    assert halting.current_state == "there"
    assert await halting.go() is False
    halting.step = "raise"
    with pytest.raises(NoTransitionAllowed):
        await halting.go()


class Stored(AsyncWorkflowMixin):
    """Keeps its state in a store that has to be waited for."""

    here = State()
    there = State()
    store: dict[str, Any]

    def __init__(self) -> None:
        self.store = {}

    async def load_state(self) -> Any:
        await anyio.lowlevel.checkpoint()
        return self.store.get("state")

    async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        await anyio.lowlevel.checkpoint()
        assert self.store.get("state") in expected
        self.store["state"] = value

    go = Event(here.to(there))


async def test_an_async_store_is_awaited() -> None:
    """The object holds what was last loaded or stored, and fetches when it is told to."""
    stored: Any = Stored()
    assert stored.is_here()
    stored.store["state"] = "there"
    assert stored.current_state == "here"
    assert await stored.refresh_state() == "there"
    assert stored.current_state == "there"
    assert stored.is_there()
    stored.store["state"] = "here"
    assert await stored.can_go()
    assert await stored.allowed_events() == ("go",)
    assert await stored.go()
    assert stored.store == {"state": "there"}
    assert stored.current_state == "there"
    stored.store["state"] = "nowhere"
    with pytest.raises(UnknownState):
        await stored.go()
    with pytest.raises(UnknownState):
        await stored.refresh_state()


async def test_a_store_that_need_not_be_awaited() -> None:
    """An async workflow may have a sync store."""

    class Synchronous(AsyncWorkflow):
        here = State()
        there = State()
        go = Event(here.to(there))
        value: Any = None

        def load_state(self) -> Any:
            return self.value

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
            assert self.value in expected
            self.value = value

    synchronous: Any = Synchronous()
    assert await synchronous.go()
    assert synchronous.value == "there"
    assert synchronous.current_state == "there"
    assert synchronous.is_there()
    assert await synchronous.refresh_state() == "there"


def test_the_event_of_a_loop_that_has_ended_leaves_no_trace() -> None:
    """A coroutine that is closed instead of awaited gives its turn back."""
    turnstile = Turnstile()

    async def start() -> None:
        event = turnstile.pay("x")
        task = asyncio.ensure_future(event)
        await turnstile.entered.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(start())
    assert running == {}
    assert turnstile.current_state == "locked"


def test_an_event_that_is_closed_elsewhere_gives_its_turn_back() -> None:
    """In another context, as the garbage collector may close it."""

    async def stop() -> None:
        await asyncio.sleep(0)

    class Waiting(AsyncWorkflow):
        here = State()

        @Event(here.internal())
        async def go(self) -> None:
            await stop()

    coroutine = Waiting().go()
    copy_context().run(coroutine.send, None)
    assert len(running) == 1
    coroutine.close()
    assert running == {}


def test_one_object_in_two_loops_one_after_the_other() -> None:
    """Nothing of the first loop is kept."""
    turnstile = Turnstile()
    assert asyncio.run(turnstile.reset())
    assert trio.run(turnstile.reset)


async def test_a_question_with_wrong_arguments_is_a_type_error() -> None:
    """Also about an event that asks no condition, and so needs no arguments to be judged."""
    recorded: Any = Recorded()
    with pytest.raises(TypeError, match=r"Recorded\.\w+\(\) takes 1 positional argument but 2"):
        await recorded.refusal("close", "now")
    with pytest.raises(TypeError, match="unexpected keyword argument 'when'"):
        await recorded.target_of("close", when="now")
    assert recorded.current_state == "draft"
