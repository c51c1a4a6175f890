"""The same machines with python-statemachine: its ``StateMachine``, which raises if it refuses."""

# The rows of the table say what each of these is for, once for all contestants.
# ruff: noqa: D101, D102, D103

# Not every peer has types, and their dynamic classes show checkers little.
# mypy: ignore-errors
# pyright: basic, reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false

from __future__ import annotations

from statemachine import State, StateMachine
from statemachine.exceptions import TransitionNotAllowed

from benchmarks.work import ON_OFF, Step, Work, cycle, refused

STATE = "next(iter(subject.configuration_values))"


class Switch(StateMachine):
    off = State(initial=True)
    on = State()
    turn_on = off.to(on)
    turn_off = on.to(off)


class HandledSwitch(StateMachine):
    off = State(initial=True)
    on = State()
    turn_on = off.to(on)
    turn_off = on.to(off)

    def __init__(self) -> None:
        self.turned = 0
        super().__init__()

    def on_turn_on(self) -> None:
        self.turned += 1

    def on_turn_off(self) -> None:
        self.turned += 1


class HookedSwitch(HandledSwitch):
    off = State(initial=True)
    on = State()
    turn_on = off.to(on, cond="has_power")
    turn_off = on.to(off, cond="has_power")

    def has_power(self) -> bool:
        return True

    def before_transition(self) -> None: ...
    def on_transition(self) -> None: ...
    def after_transition(self) -> None: ...
    def on_exit_off(self) -> None: ...
    def on_enter_off(self) -> None: ...
    def on_exit_on(self) -> None: ...
    def on_enter_on(self) -> None: ...


class InformedSwitch(HandledSwitch):
    off = State(initial=True)
    on = State()
    turn_on = off.to(on, cond="has_power")
    turn_off = on.to(off, cond="has_power")

    def has_power(self) -> bool:
        return True

    def before_transition(self, event: str, source: State, target: State) -> None: ...
    def on_transition(self, event: str, source: State, target: State) -> None: ...
    def after_transition(self, event: str, source: State, target: State) -> None: ...
    def on_exit_off(self, event: str, source: State, target: State) -> None: ...
    def on_enter_off(self, event: str, source: State, target: State) -> None: ...
    def on_exit_on(self, event: str, source: State, target: State) -> None: ...
    def on_enter_on(self, event: str, source: State, target: State) -> None: ...


class Lamp(StateMachine):
    off = State(initial=True)
    bright = State()
    dimmed = State()
    glowing = State()
    turn_on = (
        off.to(bright, cond="is_full")
        | off.to(dimmed, cond="is_half_full")
        | off.to(glowing, cond="is_not_empty")
    )
    turn_off = bright.to(off) | dimmed.to(off) | glowing.to(off)

    def __init__(self) -> None:
        self.charge = 10
        super().__init__()

    def is_full(self) -> bool:
        return self.charge > 90

    def is_half_full(self) -> bool:
        return self.charge > 50

    def is_not_empty(self) -> bool:
        return self.charge > 0


class AsyncSwitch(StateMachine):
    """The first ``async def`` makes it asynchronous; this one never runs."""

    off = State(initial=True)
    on = State()
    turn_on = off.to(on)
    turn_off = on.to(off)
    blink = on.to.itself()

    async def on_blink(self) -> None: ...


class AsyncHandledSwitch(StateMachine):
    off = State(initial=True)
    on = State()
    turn_on = off.to(on)
    turn_off = on.to(off)

    def __init__(self) -> None:
        self.turned = 0
        super().__init__()

    async def on_turn_on(self) -> None:
        self.turned += 1

    async def on_turn_off(self) -> None:
        self.turned += 1


class Article(StateMachine):
    new = State(initial=True)
    submitted = State(final=True)
    submit = new.to(submitted)

    def __init__(self, title: str, author: str, words: int) -> None:
        self.title = title
        self.author = author
        self.words = words
        super().__init__()


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


def can() -> Work:
    code = "answer = any(one.id == '{}' for one in subject.enabled_events())"
    steps = [
        Step(code.format("turn_on"), "answer", expected=True),
        Step(code.format("turn_off"), "answer", expected=False),
    ]
    return Work(Switch(), steps)


def refusal() -> Work:
    step = refused("subject.turn_off()", read=False)
    return Work(Switch(), [step], {"Refused": TransitionNotAllowed})


def refusal_read() -> Work:
    step = refused("subject.turn_off()", read=True)
    return Work(Switch(), [step], {"Refused": TransitionNotAllowed})


def async_transition() -> Work:
    return Work(AsyncSwitch(), cycle(ON_OFF, STATE, "await subject.{}()"), is_async=True)


def async_handler() -> Work:
    return Work(AsyncHandledSwitch(), cycle(ON_OFF, STATE, "await subject.{}()"), is_async=True)


def creation() -> Work:
    return Work(
        Article,
        [Step("made = subject('T', 'A', 800)", "next(iter(made.configuration_values))", "new")],
    )


def first_event() -> Work:
    code = "made = subject('T', 'A', 800)\nmade.submit()"
    return Work(Article, [Step(code, "next(iter(made.configuration_values))", "submitted")])


def ring(size: int) -> Work:
    names = [f"s{number}" for number in range(size)]
    states = {name: State(initial=name == "s0") for name in names}
    following = {name: names[(number + 1) % size] for number, name in enumerate(names)}
    advance = states["s0"].to(states["s1"])
    for source, target in list(following.items())[1:]:
        advance |= states[source].to(states[target])
    made = type(StateMachine)("Ring", (StateMachine,), {**states, "advance": advance})
    return Work(made(), [Step("subject.advance()", STATE, name) for name in following.values()])


def definition(size: int) -> Work:
    lines = ["class Ring(StateMachine):", "    s0 = State(initial=True)"]
    lines += [f"    s{number} = State()" for number in range(1, size)]
    lines += [f"    go_{number} = s{number}.to(s{(number + 1) % size})" for number in range(size)]
    check = "(lambda ring: (ring.go_0(), next(iter(ring.configuration_values)))[1])(Ring())"
    names = {"StateMachine": StateMachine, "State": State}
    return Work(None, [Step("\n".join(lines), check, "s1")], names)
