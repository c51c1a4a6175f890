"""The same machines with statecraft."""

# The rows of the table say what each of these is for, once for all contestants.
# ruff: noqa: D101, D102, D103, D106, N801

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.work import ON_OFF, Step, Work, cycle, refused
from statecraft import (
    AsyncWorkflow,
    Compound,
    Event,
    NoTransitionAllowed,
    State,
    Workflow,
    WorkflowMixin,
)
from statecraft.workflow import WorkflowMeta

if TYPE_CHECKING:
    from statecraft import Transition

STATE = "subject.current_state.name"


class Switch(Workflow):
    off = State()
    on = State()
    turn_on = Event(off.to(on))
    turn_off = Event(on.to(off))


class HandledSwitch(Workflow):
    off = State()
    on = State()

    def __init__(self) -> None:
        self.turned = 0

    @Event(off.to(on))
    def turn_on(self) -> None:
        self.turned += 1

    @Event(on.to(off))
    def turn_off(self) -> None:
        self.turned += 1


class HookedSwitch(Workflow):
    off = State()
    on = State()

    def __init__(self) -> None:
        self.turned = 0

    @Event(off.to(on, if_="has_power"))
    def turn_on(self) -> None:
        self.turned += 1

    @Event(on.to(off, if_="has_power"))
    def turn_off(self) -> None:
        self.turned += 1

    def has_power(self) -> bool:
        return True

    def before_transition(self) -> None: ...
    def on_transition(self) -> None: ...
    def after_transition(self) -> None: ...
    def on_off_exit(self) -> None: ...
    def on_off_entry(self) -> None: ...
    def on_on_exit(self) -> None: ...
    def on_on_entry(self) -> None: ...


class InformedSwitch(Workflow):
    off = State()
    on = State()

    def __init__(self) -> None:
        self.turned = 0

    @Event(off.to(on, if_="has_power"))
    def turn_on(self) -> None:
        self.turned += 1

    @Event(on.to(off, if_="has_power"))
    def turn_off(self) -> None:
        self.turned += 1

    def has_power(self) -> bool:
        return True

    def before_transition(self, transition: Transition) -> None: ...
    def on_transition(self, transition: Transition) -> None: ...
    def after_transition(self, transition: Transition) -> None: ...
    def on_off_exit(self, transition: Transition) -> None: ...
    def on_off_entry(self, transition: Transition) -> None: ...
    def on_on_exit(self, transition: Transition) -> None: ...
    def on_on_entry(self, transition: Transition) -> None: ...


class Lamp(Workflow):
    off = State()
    bright = State()
    dimmed = State()
    glowing = State()

    turn_on = Event(
        off.to(bright, if_="is_full"),
        off.to(dimmed, if_="is_half_full"),
        off.to(glowing, if_="is_not_empty"),
    )
    turn_off = Event((bright | dimmed | glowing).to(off))

    def __init__(self) -> None:
        self.charge = 10

    def is_full(self) -> bool:
        return self.charge > 90

    def is_half_full(self) -> bool:
        return self.charge > 50

    def is_not_empty(self) -> bool:
        return self.charge > 0


class Player(Workflow):
    class on(Compound):
        class playing(Compound):
            slow = State()
            fast = State()

        paused = State()

    off = State()
    hurry = Event(on.playing.slow.to(on.playing.fast))
    relax = Event(on.playing.fast.to(on.playing.slow))
    power = Event(on.to(off))


class Room:
    light = Switch.attached("light_state")


class AsyncSwitch(AsyncWorkflow):
    off = State()
    on = State()
    turn_on = Event(off.to(on))
    turn_off = Event(on.to(off))


class AsyncHandledSwitch(AsyncWorkflow):
    off = State()
    on = State()

    def __init__(self) -> None:
        self.turned = 0

    @Event(off.to(on))
    async def turn_on(self) -> None:
        self.turned += 1

    @Event(on.to(off))
    async def turn_off(self) -> None:
        self.turned += 1


class Article(Workflow):
    new = State()
    submitted = State()
    submit = Event(new.to(submitted))

    def __init__(self, title: str, author: str, words: int) -> None:
        self.title = title
        self.author = author
        self.words = words


class MixedArticle(WorkflowMixin):
    new = State()
    submitted = State()
    submit = Event(new.to(submitted))

    def __init__(self, title: str, author: str, words: int) -> None:
        self.title = title
        self.author = author
        self.words = words


def transition() -> Work:
    return Work(Switch(), cycle(ON_OFF, STATE))


def handler() -> Work:
    return Work(HandledSwitch(), cycle(ON_OFF, STATE))


def hooks() -> Work:
    return Work(HookedSwitch(), cycle(ON_OFF, STATE))


def informed_hooks() -> Work:
    return Work(InformedSwitch(), cycle(ON_OFF, STATE))


def choice() -> Work:
    return Work(Lamp(), cycle({"turn_on": "glowing", "turn_off": "off"}, STATE))


def leaf() -> Work:
    return Work(Player(), cycle({"hurry": "on.playing.fast", "relax": "on.playing.slow"}, STATE))


def attached() -> Work:
    state = "subject.light.current_state.name"
    return Work(Room(), cycle(ON_OFF, state, "subject.light.{}()"))


def can() -> Work:
    switch = Switch()
    switch.turn_on()
    switch.turn_off()  # the state is stored from the first event on
    steps = [
        Step("answer = subject.can_turn_on()", "answer", expected=True),
        Step("answer = subject.can_turn_off()", "answer", expected=False),
    ]
    return Work(switch, steps)


def _refused(*, read: bool) -> Work:
    switch = Switch()
    switch.turn_on()
    switch.turn_off()
    return Work(
        switch, [refused("subject.turn_off()", read=read)], {"Refused": NoTransitionAllowed}
    )


def refusal() -> Work:
    return _refused(read=False)


def refusal_read() -> Work:
    return _refused(read=True)


def async_transition() -> Work:
    return Work(AsyncSwitch(), cycle(ON_OFF, STATE, "await subject.{}()"), is_async=True)


def async_handler() -> Work:
    steps = cycle(ON_OFF, STATE, "await subject.{}()")
    return Work(AsyncHandledSwitch(), steps, is_async=True)


def creation() -> Work:
    return Work(Article, [Step("made = subject('T', 'A', 800)", "made.current_state.name", "new")])


def mixin_creation() -> Work:
    return Work(
        MixedArticle, [Step("made = subject('T', 'A', 800)", "made.current_state.name", "new")]
    )


def first_event() -> Work:
    state = "made.current_state.name"
    return Work(Article, [Step("made = subject('T', 'A', 800)\nmade.submit()", state, "submitted")])


def ring(size: int) -> Work:
    names = [f"s{number}" for number in range(size)]
    following = {name: names[(number + 1) % size] for number, name in enumerate(names)}
    states = {name: State() for name in names}
    advance = Event(*(states[name].to(following[name]) for name in names))
    made: Any = WorkflowMeta("Ring", (Workflow,), {**states, "advance": advance})
    return Work(made(), [Step("subject.advance()", STATE, name) for name in following.values()])


def definition(size: int) -> Work:
    lines = ["class Ring(Workflow):"]
    lines += [f"    s{number} = State()" for number in range(size)]
    lines += [
        f"    go_{number} = Event(s{number}.to(s{(number + 1) % size}))" for number in range(size)
    ]
    check = "(lambda ring: (ring.go_0(), ring.current_state.name)[1])(Ring())"
    names = {"Workflow": Workflow, "State": State, "Event": Event}
    return Work(None, [Step("\n".join(lines), check, "s1")], names)
