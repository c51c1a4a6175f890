"""The same machines with the fsm of django-viewflow, which works without a Django model."""

# The rows of the table say what each of these is for, once for all contestants.
# ruff: noqa: D101, D102, D103

# Not every peer has types, and their dynamic classes show checkers little.
# mypy: ignore-errors
# pyright: basic, reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false

from __future__ import annotations

from enum import Enum

from viewflow import this
from viewflow.fsm import State, TransitionNotAllowed

from benchmarks.work import ON_OFF, Step, Work, cycle, refused

STATE = "subject.state.value"


class Position(Enum):
    OFF = "off"
    ON = "on"
    BRIGHT = "bright"
    DIMMED = "dimmed"
    GLOWING = "glowing"


class Stage(Enum):
    NEW = "new"
    SUBMITTED = "submitted"


class Switch:
    state = State(Position, default=Position.OFF)

    @state.transition(source=Position.OFF, target=Position.ON)
    def turn_on(self) -> None: ...

    @state.transition(source=Position.ON, target=Position.OFF)
    def turn_off(self) -> None: ...


class HandledSwitch:
    state = State(Position, default=Position.OFF)

    def __init__(self) -> None:
        self.turned = 0

    @state.transition(source=Position.OFF, target=Position.ON)
    def turn_on(self) -> None:
        self.turned += 1

    @state.transition(source=Position.ON, target=Position.OFF)
    def turn_off(self) -> None:
        self.turned += 1


class Lamp:
    """It has one transition a source and event, so a function names the target."""

    state = State(Position, default=Position.OFF)

    def __init__(self) -> None:
        self.charge = 10

    def brightness(self) -> Position:
        if self.is_full():
            return Position.BRIGHT
        return Position.DIMMED if self.is_half_full() else Position.GLOWING

    @state.transition(
        source=Position.OFF,
        target=State.GET_STATE(brightness, [Position.BRIGHT, Position.DIMMED, Position.GLOWING]),
        conditions=[this.is_not_empty],
    )
    def turn_on(self) -> None: ...

    @state.transition(
        source={Position.BRIGHT, Position.DIMMED, Position.GLOWING}, target=Position.OFF
    )
    def turn_off(self) -> None: ...

    def is_full(self) -> bool:
        return self.charge > 90

    def is_half_full(self) -> bool:
        return self.charge > 50

    def is_not_empty(self) -> bool:
        return self.charge > 0


class Article:
    state = State(Stage, default=Stage.NEW)

    def __init__(self, title: str, author: str, words: int) -> None:
        self.title = title
        self.author = author
        self.words = words

    @state.transition(source=Stage.NEW, target=Stage.SUBMITTED)
    def submit(self) -> None: ...


def transition() -> Work:
    return Work(Switch(), cycle(ON_OFF, STATE))


def handler() -> Work:
    return Work(HandledSwitch(), cycle(ON_OFF, STATE))


def choice() -> Work:
    return Work(Lamp(), cycle({"turn_on": "glowing", "turn_off": "off"}, STATE))


def can() -> Work:
    steps = [
        Step("answer = subject.turn_on.can_proceed()", "answer", expected=True),
        Step("answer = subject.turn_off.can_proceed()", "answer", expected=False),
    ]
    return Work(Switch(), steps)


def refusal() -> Work:
    step = refused("subject.turn_off()", read=False)
    return Work(Switch(), [step], {"Refused": TransitionNotAllowed})


def refusal_read() -> Work:
    step = refused("subject.turn_off()", read=True)
    return Work(Switch(), [step], {"Refused": TransitionNotAllowed})


def creation() -> Work:
    return Work(Article, [Step("made = subject('T', 'A', 800)", "made.state.value", "new")])


def first_event() -> Work:
    code = "made = subject('T', 'A', 800)\nmade.submit()"
    return Work(Article, [Step(code, "made.state.value", "submitted")])


def _ring_lines(size: int) -> list[str]:
    members = ", ".join(f"'s{number}'" for number in range(size))
    return [
        f"Stage = Enum('Stage', [{members}])",
        "class Ring:",
        "    state = State(Stage, default=Stage.s0)",
    ]


def ring(size: int) -> Work:
    lines = _ring_lines(size)
    for number in range(size):
        target = f"Stage.s{(number + 1) % size}"
        lines.append(f"    @state.transition(source=Stage.s{number}, target={target})")
    lines += ["    def advance(self): pass"]
    names: dict[str, object] = {"State": State, "Enum": Enum}
    exec("\n".join(lines), names)  # noqa: S102 - our own text
    targets = [f"s{(number + 1) % size}" for number in range(size)]
    subject = names["Ring"]()
    return Work(
        subject, [Step("subject.advance()", "subject.state.name", name) for name in targets]
    )


def definition(size: int) -> Work:
    lines = _ring_lines(size)
    for number in range(size):
        target = f"Stage.s{(number + 1) % size}"
        lines += [
            f"    @state.transition(source=Stage.s{number}, target={target})",
            f"    def go_{number}(self): pass",
        ]
    check = "(lambda ring: (ring.go_0(), ring.state.name)[1])(Ring())"
    return Work(None, [Step("\n".join(lines), check, "s1")], {"State": State, "Enum": Enum})
