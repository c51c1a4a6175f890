"""The same machines with automat and its typed builder; it has no conditions, hooks or ``can``."""

# The rows of the table say what each of these is for, once for all contestants.
# ruff: noqa: D101, D102, D103, ARG001

# Not every peer has types, and their dynamic classes show checkers little.
# mypy: ignore-errors
# pyright: basic, reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false

from __future__ import annotations

from typing import Any, Protocol

from automat import NoTransition, TypeMachineBuilder

from benchmarks.work import ON_OFF, Step, Work, cycle, refused

STATE = "subject.state()"  # it does not show its state: an input that each state answers does


class Inputs(Protocol):
    def turn_on(self) -> None: ...
    def turn_off(self) -> None: ...
    def state(self) -> str: ...


class Stages(Protocol):
    def submit(self) -> None: ...
    def state(self) -> str: ...


class Core:
    def __init__(self) -> None:
        self.turned = 0


class Text:
    def __init__(self, title: str, author: str, words: int) -> None:
        self.title = title
        self.author = author
        self.words = words


def _switch() -> Any:
    builder = TypeMachineBuilder(Inputs, Core)
    off, on = builder.state("off"), builder.state("on")
    off.upon(Inputs.turn_on).to(on).returns(None)
    on.upon(Inputs.turn_off).to(off).returns(None)
    off.upon(Inputs.state).loop().returns("off")
    on.upon(Inputs.state).loop().returns("on")
    return builder.build()(Core())


def _handled_switch() -> Any:
    builder = TypeMachineBuilder(Inputs, Core)
    off, on = builder.state("off"), builder.state("on")

    @off.upon(Inputs.turn_on).to(on)
    def turn_on(inputs: Inputs, core: Core) -> None:
        core.turned += 1

    @on.upon(Inputs.turn_off).to(off)
    def turn_off(inputs: Inputs, core: Core) -> None:
        core.turned += 1

    off.upon(Inputs.state).loop().returns("off")
    on.upon(Inputs.state).loop().returns("on")
    return builder.build()(Core())


def _article() -> Any:
    builder = TypeMachineBuilder(Stages, Text)
    new, submitted = builder.state("new"), builder.state("submitted")
    new.upon(Stages.submit).to(submitted).returns(None)
    new.upon(Stages.state).loop().returns("new")
    submitted.upon(Stages.state).loop().returns("submitted")
    return builder.build()


def transition() -> Work:
    return Work(_switch(), cycle(ON_OFF, STATE))


def handler() -> Work:
    return Work(_handled_switch(), cycle(ON_OFF, STATE))


def refusal() -> Work:
    step = refused("subject.turn_off()", read=False)
    return Work(_switch(), [step], {"Refused": NoTransition})


def refusal_read() -> Work:
    step = refused("subject.turn_off()", read=True)
    return Work(_switch(), [step], {"Refused": NoTransition})


def creation() -> Work:
    return Work(
        _article(),
        [Step("made = subject(Text('T', 'A', 800))", "made.state()", "new")],
        {"Text": Text},
    )


def first_event() -> Work:
    code = "made = subject(Text('T', 'A', 800))\nmade.submit()"
    return Work(_article(), [Step(code, "made.state()", "submitted")], {"Text": Text})


class Advance(Protocol):
    def advance(self) -> None: ...
    def state(self) -> str: ...


def ring(size: int) -> Work:
    builder = TypeMachineBuilder(Advance, Core)
    states = {f"s{number}": builder.state(f"s{number}") for number in range(size)}
    following = {f"s{number}": f"s{(number + 1) % size}" for number in range(size)}
    for name, state in states.items():
        state.upon(Advance.advance).to(states[following[name]]).returns(None)
        state.upon(Advance.state).loop().returns(name)
    machine = builder.build()(Core())
    return Work(machine, [Step("subject.advance()", STATE, name) for name in following.values()])


def definition(size: int) -> Work:
    lines = ["class Inputs(Protocol):"]
    lines += [f"    def go_{number}(self): ..." for number in range(size)]
    lines += ["    def where(self): ...", "builder = TypeMachineBuilder(Inputs, Core)"]
    lines += [f"s{number} = builder.state('s{number}')" for number in range(size)]
    lines += [
        f"s{number}.upon(Inputs.go_{number}).to(s{(number + 1) % size}).returns(None)"
        for number in range(size)
    ]
    lines += ["s1.upon(Inputs.where).loop().returns('s1')", "Ring = builder.build()"]
    check = "(lambda ring: (ring.go_0(), ring.where())[1])(Ring(Core()))"
    names = {"Protocol": Protocol, "TypeMachineBuilder": TypeMachineBuilder, "Core": Core}
    return Work(None, [Step("\n".join(lines), check, "s1")], names)
