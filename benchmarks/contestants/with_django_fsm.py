"""The same machines with django-fsm-2, on models that are never saved: only its own work counts."""

# The rows of the table say what each of these is for, once for all contestants.
# ruff: noqa: D101, D102, D103, D106, DJ008

# Not every peer has types, and their dynamic classes show checkers little.
# mypy: ignore-errors
# pyright: basic, reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false

from __future__ import annotations

from django.db import models
from django_fsm import GET_STATE, FSMField, TransitionNotAllowed, can_proceed
from django_fsm import transition as moves

from benchmarks.work import ON_OFF, Step, Work, cycle, refused

STATE = "subject.state"


class Switch(models.Model):
    state = FSMField(default="off")

    class Meta:
        app_label = "benchmarks"

    @moves(field=state, source="off", target="on")
    def turn_on(self) -> None: ...

    @moves(field=state, source="on", target="off")
    def turn_off(self) -> None: ...


class HandledSwitch(models.Model):
    state = FSMField(default="off")
    turned = 0

    class Meta:
        app_label = "benchmarks"

    @moves(field=state, source="off", target="on")
    def turn_on(self) -> None:
        self.turned += 1

    @moves(field=state, source="on", target="off")
    def turn_off(self) -> None:
        self.turned += 1


def is_not_empty(lamp: Lamp) -> bool:
    return lamp.charge > 0


def brightness(lamp: Lamp) -> str:
    if lamp.is_full():
        return "bright"
    return "dimmed" if lamp.is_half_full() else "glowing"


class Lamp(models.Model):
    """It has one transition a source and event, so a function names the target."""

    state = FSMField(default="off")
    charge = 10

    class Meta:
        app_label = "benchmarks"

    @moves(
        field=state,
        source="off",
        target=GET_STATE(brightness, states=["bright", "dimmed", "glowing"]),
        conditions=[is_not_empty],
    )
    def turn_on(self) -> None: ...

    @moves(field=state, source=["bright", "dimmed", "glowing"], target="off")
    def turn_off(self) -> None: ...

    def is_full(self) -> bool:
        return self.charge > 90

    def is_half_full(self) -> bool:
        return self.charge > 50


def transition() -> Work:
    return Work(Switch(), cycle(ON_OFF, STATE))


def handler() -> Work:
    return Work(HandledSwitch(), cycle(ON_OFF, STATE))


def choice() -> Work:
    return Work(Lamp(), cycle({"turn_on": "glowing", "turn_off": "off"}, STATE))


def can() -> Work:
    steps = [
        Step("answer = can_proceed(subject.turn_on)", "answer", expected=True),
        Step("answer = can_proceed(subject.turn_off)", "answer", expected=False),
    ]
    return Work(Switch(), steps, {"can_proceed": can_proceed})


def refusal() -> Work:
    step = refused("subject.turn_off()", read=False)
    return Work(Switch(), [step], {"Refused": TransitionNotAllowed})


def refusal_read() -> Work:
    step = refused("subject.turn_off()", read=True)
    return Work(Switch(), [step], {"Refused": TransitionNotAllowed})


def ring(size: int) -> Work:
    state = FSMField(default="s0")

    def advance(self: object) -> None: ...

    following = {f"s{number}": f"s{(number + 1) % size}" for number in range(size)}
    for source, target in following.items():
        advance = moves(field=state, source=source, target=target)(advance)
    meta = type("Meta", (), {"app_label": "benchmarks"})
    body = {"__module__": __name__, "Meta": meta, "state": state, "advance": advance}
    made = type(models.Model)(f"Ring{size}", (models.Model,), body)
    return Work(made(), [Step("subject.advance()", STATE, name) for name in following.values()])
