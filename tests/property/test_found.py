"""What the drawn workflows have found, or the thinking about them: it shall not come back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from statecraft import (
    AsyncWorkflow,
    Event,
    Guard,
    State,
    TransitionHalted,
    Unmet,
    Workflow,
    WorkflowDefinitionError,
    WorkflowError,
)
from statecraft.observation import Observer

if TYPE_CHECKING:
    from statecraft import Transition


@pytest.mark.parametrize("name", ["value", "result", "found", "phase", "transition", "met_1"])
def test_a_condition_may_have_the_name_of_a_variable_of_the_compiler(name: str) -> None:
    """Whatever a condition or a guard is called, it is what is asked."""

    def test(_: object) -> bool:
        return True

    test.__name__ = name

    class Door(Workflow):
        shut = State()
        open = State()

        @Event(shut.to(open, if_=[test, "ready"]), guard=test)
        def push(self) -> str:
            return "pushed"

        def ready(self) -> bool:
            return True

    door: Any = Door()
    assert door.can_push()
    assert door.push() == "pushed"


@pytest.mark.parametrize(
    "name", ["str", "tuple", "getattr", "len", "Exception", "TypeError", "AttributeError"]
)
def test_a_parameter_may_have_the_name_of_a_builtin(name: str) -> None:
    """It does not hide what the generated functions use themselves."""
    namespace: dict[str, Any] = {"Event": Event, "State": State, "Workflow": Workflow}
    code = f"""class Door(Workflow):
    shut = State()
    open = State()
    @Event(shut.to(open, unless="jammed"), guard="allowed")
    def push(self, {name}):
        raise ValueError({name})
    jammed = False
    allowed = True
    def on_error(self, error):
        pass
"""
    exec(code, namespace)  # noqa: S102 - our own text
    door = namespace["Door"]()
    assert door.refusal("push", "x") is None
    assert door.push("hard") is False
    assert door.halted_because == "hard"


def test_an_event_from_the_initial_state_to_itself_leaves_it_in_that_state() -> None:
    """Nothing stored, and the value of the initial state stored, are the same state."""

    class Door(Workflow):
        shut = State()
        open = State()
        knock = Event(shut.to(shut))

        @Event(shut.to(open))
        def push(self) -> None:
            assert self.knock() is True

    door: Any = Door()
    assert door.push() is True
    assert door.is_open()


class Machine(Workflow):
    """Its recovery does what the test says."""

    idle = State()
    running = State()
    broken = State()

    @Event(idle.to(running))
    def start(self) -> None:
        message = "no fuel"
        raise ValueError(message)

    fail = Event(idle.to(broken))
    stop = Event(running.to(idle))

    def recover(self) -> None:
        """Do nothing, unless a test replaces it."""

    def on_error(self, error: Exception) -> None:
        self.recover()

    def on_unavailable_transition(self) -> None:
        self.recover()


@pytest.mark.parametrize("event", ["start", "stop"])
def test_halting_in_a_recovery_halts(event: str) -> None:
    """``on_error`` and ``on_unavailable_transition`` run before persist: they may halt."""

    class Halting(Machine):
        def recover(self) -> None:
            self.halt("given up")

    machine = Halting()
    assert machine.fire(event) is False
    assert machine.halted_because == "given up"


@pytest.mark.parametrize("event", ["start", "stop"])
def test_a_recovery_may_raise_transition_halted(event: str) -> None:
    """It reaches the caller, and the object remembers it."""

    class Vetoing(Machine):
        def recover(self) -> None:
            message = "given up"
            raise TransitionHalted(message)

    machine = Vetoing()
    with pytest.raises(TransitionHalted, match="given up"):
        machine.fire(event)
    assert machine.halted_because == "given up"


def test_on_error_may_fire_another_event() -> None:
    """``halted_because`` is the error that was dealt with, all the same."""

    class Failing(Machine):
        def recover(self) -> None:
            self.fail()

    machine = Failing()
    assert machine.start() is False
    assert machine.current_state == "broken"
    assert machine.halted_because == "no fuel"


def test_an_error_that_on_error_raises_again_was_not_dealt_with() -> None:
    """Then the event is not halted: it has raised."""

    class Raising(Machine):
        def on_error(self, error: Exception) -> None:
            raise error

    machine = Raising()
    with pytest.raises(ValueError, match="no fuel"):
        machine.start()
    assert not machine.halted


class Partner(Workflow):
    """Halts the object that it is told to halt, in an event of its own."""

    idle = State()
    busy = State()

    @Event(idle.to(busy))
    def disturb(self, other: Workflow) -> None:
        other.halt("disturbed")


def test_a_halt_stops_the_object_that_halts() -> None:
    """An event of another object that runs in between does not take it for its own."""

    class Sleeper(Workflow):
        awake = State()
        asleep = State()

        @Event(awake.to(asleep))
        def sleep(self, partner: Partner) -> None:
            partner.disturb(self)

    sleeper, partner = Sleeper(), Partner()
    assert sleeper.sleep(partner) is False
    assert sleeper.halted_because == "disturbed"
    assert sleeper.current_state == "awake"
    assert not partner.halted
    assert partner.current_state == "idle"


def test_halting_while_the_state_is_loaded_is_outside_of_the_transition() -> None:
    """There is nothing to halt yet, or the event is halted; the Halt itself never gets out."""

    class Lazy(Workflow):
        idle = State()
        busy = State()
        work = Event(idle.to(busy))

        def load_state(self) -> None:
            self.halt("not now")

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None: ...

    try:
        answer = Lazy().work()
    except WorkflowError:
        return
    assert answer is False


def test_a_halt_in_a_store_is_forgotten_at_the_next_event() -> None:
    """``persist_state`` is user code before persist: it may halt."""

    class Careful(Workflow):
        idle = State()
        busy = State()
        full = False
        work = Event(idle.to(busy))

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
            if self.full:
                self.halt("the disk is full")
            super().persist_state(value, expected=expected)

    careful = Careful()
    careful.full = True
    assert careful.work() is False
    careful.full = False
    assert careful.work() is True
    assert not careful.halted


def test_an_observer_cannot_halt() -> None:
    """It is told of what has happened; whatever it does, the event goes on."""

    class Meddler(Observer):
        def on_transition(self, workflow: Any, transition: Transition) -> None:
            workflow.halt("no")

    class Door(Workflow):
        shut = State()
        open = State()

        @Event(shut.to(open))
        def push(self) -> None: ...

    stop = Door.observe(Meddler())
    door = Door()
    assert door.push() is True
    assert door.current_state == "open"
    assert not door.halted
    stop()


def test_a_refusal_does_not_name_the_conditions_of_a_transition_that_was_passed_over() -> None:
    """Another one was chosen, and its guard said no."""

    class Door(Workflow):
        shut = State()
        open = State()
        push = Event(shut.to(open, if_="oiled"), shut.to(open, guard="allowed"))
        oiled = False

        def allowed(self) -> None:
            self.halt("the bell rings")

    refusal = Door().refusal("push")
    assert refusal is not None
    assert refusal.unmet == (Unmet("halt", "the bell rings"),)


def test_a_reason_is_not_asked_without_the_arguments_that_it_wants() -> None:
    """Nobody can tell the reason; no user code sees what the library writes for a missing one."""

    class Door(Workflow):
        shut = State()
        open = State()

        @Event(
            shut.to(open),
            guard=Guard("allowed", because=lambda door, who: f"{who} may not", code="who"),
        )
        def push(self, who: str) -> None: ...

        allowed = False

    refusal = Door().refusal("push")
    assert refusal is not None
    assert refusal.unmet == (Unmet("allowed", None, "who"),)


def test_an_asynchronous_reason_is_awaited_or_refused() -> None:
    """A coroutine is no reason."""

    async def why(_: object) -> str:
        return "it rains"

    def defined() -> type[AsyncWorkflow]:
        class Door(AsyncWorkflow):
            shut = State()
            open = State()
            push = Event(shut.to(open, guard=Guard("allowed", because=why)))
            allowed = False

        return Door

    try:
        door: Any = defined()()
    except WorkflowDefinitionError:
        return
    refusal = asyncio.run(door.refusal("push"))
    assert refusal.unmet == (Unmet("allowed", "it rains"),)


def test_a_condition_cannot_skip_positional_only_parameters() -> None:
    """What comes behind one that the event does not have could not be given."""
    with pytest.raises(WorkflowDefinitionError, match="takes arguments by position"):

        class Door(Workflow):  # pyright: ignore[reportUnusedClass]
            shut = State()
            open = State()

            def enough(self, least: int = 5, force: int = 0, /) -> bool:
                return (least, force) == (5, 9)

            @Event(shut.to(open, if_="enough"))
            def push(self, force: int) -> None: ...


def test_a_refusal_of_a_wrong_call_is_a_type_error_for_every_event() -> None:
    """As ``can`` says it, and whether the event has conditions or not."""

    class Door(Workflow):
        shut = State()
        open = State()

        @Event(shut.to(open))
        def push(self, force: int) -> None: ...

        @Event(shut.to(open), guard="allowed")
        def kick(self, force: int) -> None: ...

        allowed = True

    door = Door()
    for event in ("push", "kick"):
        with pytest.raises(TypeError):
            door.can(event, 1, 2)
        with pytest.raises(TypeError):
            door.refusal(event, 1, 2)
