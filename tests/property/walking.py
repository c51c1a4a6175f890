"""Walking over a drawn workflow: the compiled class and the oracle, side by side."""

from __future__ import annotations

import logging
import os
from copy import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from statecraft import WorkflowDefinitionError
from statecraft.observation import Observer
from tests.property.acting import Outcome, Stage, Unmet, outcome_of, unmet_in
from tests.property.judging import Stopped
from tests.property.oracle import Oracle
from tests.property.trees import above

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.property.acting import Script
    from tests.property.described import Drawn

EXAMPLES = {"thorough": (5000, 2500), "quick": (40, 10)}
WALKS, PAIRS = EXAMPLES.get(os.environ.get("HYPOTHESIS_PROFILE", ""), (120, 40))
WALKING = settings(
    deadline=None,
    max_examples=WALKS,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
WALKING_IN_PAIRS = settings(WALKING, max_examples=PAIRS)
logging.getLogger("statecraft").addHandler(logging.NullHandler())  # after_commit may raise


class Step:
    """One step of a walk: the event that is fired, and what the methods do meanwhile."""

    def __init__(
        self,
        event: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        script: Script,
        machine: int = 0,
    ) -> None:
        self.event = event
        self.args = args
        self.kwargs = kwargs
        self.script = script
        self.machine = machine
        self.other_script: Script = {}

    def __repr__(self) -> str:
        named = [f"{name}={value!r}" for name, value in self.kwargs.items()]
        script = f"  # {self.script}" if self.script else ""
        script += f" and of the other: {self.other_script}" if self.other_script else ""
        machine = "second." if self.machine else ""
        return f"{machine}{self.event}({', '.join([*map(repr, self.args), *named])}){script}"


class Told(Observer):
    """Keeps the last of what it is told, so that workflows that are observed are walked too."""

    def __init__(self) -> None:
        self.last = ""

    def on_start(self, workflow: Any, event: str) -> None:
        self.last = f"start of {event}"

    def on_end(self, workflow: Any, event: str) -> None:
        self.last = f"end of {event}"


def drive(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run what never has to wait."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    message = "it waits for something"
    raise AssertionError(message)


def said(call: Callable[[], Any]) -> Outcome:
    """Return what the oracle says comes of a call."""
    try:
        return Outcome(call())
    except Stopped as stop:
        return stop.outcome


class Walk:
    """Objects of compiled classes, and the oracles that say what they shall do.

    One workflow is walked as it is, two are attached to one object. Its repr is the classes, and
    the walk as one would write it.
    """

    def __init__(self, machines: tuple[Drawn, ...], steps: list[Step]) -> None:
        self.machines = machines
        self.steps = steps

    def __repr__(self) -> str:
        return "\n".join([*map(repr, self.machines), *map(repr, self.steps)])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001 - so it is called
        printer.text(repr(self))

    async def go(self) -> None:
        """Take one step after the other, and compare everything before and after each."""
        if any(drawn.is_circular for drawn in self.machines):
            with pytest.raises(WorkflowDefinitionError, match="for ever"):
                self.made()
            return
        pairs = [Pair(drawn, made) for drawn, made in zip(self.machines, self.made(), strict=True)]
        if len(pairs) > 1:
            pairs[1].join(pairs[0])
        for pair in pairs:
            await pair.compare_questions({})
        for step in self.steps:
            pair, other = pairs[step.machine], pairs[-1 - step.machine]
            await pair.compare_questions(step.script)
            pair.rehearse(step.script, step.other_script)
            await pair.compare_firing(step)
            other.compare_states(str(step))

    def made(self) -> list[Any]:
        """Return the objects that are walked."""
        if len(self.machines) == 1:
            return [self.machines[0].made()()]
        first, second = (drawn.made() for drawn in self.machines)
        body = {"first": first.attached("first_state"), "second": second.attached("second_state")}
        owner: Any = type("Owner", (), body)()
        return [owner.first, owner.second]


class Pair:
    """An object of the compiled class, and the oracle that says what it shall do."""

    def __init__(self, drawn: Drawn, workflow: Any) -> None:
        self.drawn = drawn
        self.workflow = workflow
        self.stage = self.workflow.stage = Stage(drawn, workflow)
        self.oracle = Oracle(drawn)
        self.told = Told()
        if drawn.observed:
            workflow.observe(self.told)

    def join(self, other: Pair) -> None:
        """Be the second of two on one object."""
        self.stage.join(other.stage)
        self.oracle.join(other.oracle)

    def rehearse(self, script: Script, other_script: Script | None = None) -> None:
        """Let both play by the same script, from its beginning."""
        for actor in (self.stage, self.oracle):
            actor.other.script = copy(other_script or {})
            actor.script = copy(script)
            actor.log.clear()

    @staticmethod
    def agree(what: str, found: object, expected: object) -> None:
        """Compare, and say what about."""
        assert found == expected, f"{what}\n   found    {found}\n   expected {expected}"

    async def compare_firing(self, step: Step) -> None:
        """Fire an event of both."""
        event = getattr(self.workflow, step.event)
        found = await outcome_of(lambda: event(*step.args, **step.kwargs))
        expected = said(lambda: self.oracle.fire(step.event, *step.args, **step.kwargs))
        self.agree(f"{step}: calls", self.stage.log, self.oracle.log)
        self.agree(f"{step}: outcome", found, expected)
        if self.drawn.observed and (expected.raised != "TypeError" or self.oracle.log):
            self.agree(f"{step}: told", self.told.last, f"end of {step.event}")
        self.compare_states(str(step))

    def compare_states(self, step: str) -> None:
        """Compare where both are, what they remember, and whether they were halted."""
        self.agree(f"{step}: state", self.stage.present_state(), self.oracle.state)
        self.agree(f"{step}: remembered", self.remembered(), self.oracle.memory)
        reason = self.workflow.halted_because
        self.agree(f"{step}: halted_because", reason, self.oracle.halted_because)
        self.agree(f"{step}: halted", self.workflow.halted, reason is not None)
        for name in self.drawn.states:
            answer = getattr(self.workflow, f"is_{name.replace('.', '_')}")()
            self.agree(f"{step}: is_{name}", answer, name in above(self.oracle.state))

    def remembered(self) -> dict[str, str]:
        """Return what the object remembers, wherever that is kept."""
        if self.drawn.store == "change":
            return self.stage.remembered
        found: dict[str, str] = self.workflow.load_remembered()
        return found

    async def compare_questions(self, script: Script) -> None:
        """Ask both about every event, with and without arguments."""
        for name, event in self.drawn.events.items():
            for given in ((), (1,)) if "number" in event.parameters else ((),):
                await self.compare_answers(name, given, script)
        self.rehearse(script)
        found = await outcome_of(self.workflow.allowed_events)
        self.rehearse(script)
        expected = said(self.allowed)
        if expected.raised is None:  # can may stop before it asks what raises
            self.agree("allowed_events()", found, expected)

    async def compare_answers(self, name: str, given: tuple[Any, ...], script: Script) -> None:
        """Ask both about one event."""
        what = f"{name}{given} in {self.oracle.state} with {script}:"
        self.rehearse(script)
        found = await outcome_of(lambda: self.workflow.refusal(name, *given))
        expected = said(lambda: self.oracle.refusal(name, self.oracle.partly_bound(name, *given)))
        self.agree(f"{what} asked by refusal()", self.stage.log, self.oracle.log)
        asked = [entry.label for entry in self.stage.log]
        answer: tuple[str | None, list[Unmet]] = expected.returned or (None, [])
        target, unmet = answer
        refusal = found.returned
        if expected.raised is not None:
            self.agree(f"{what} refusal()", found, expected)
        elif target is not None:
            self.agree(f"{what} refusal()", refusal, None)
        else:
            found_here = (refusal.event, refusal.state.name, unmet_in(refusal))
            self.agree(f"{what} refusal()", found_here, (name, self.oracle.state, tuple(unmet)))
        self.rehearse(script)
        found = await outcome_of(lambda: self.workflow.target_of(name, *given))
        accepted = Outcome(target) if expected.raised is None else expected
        self.agree(f"{what} target_of()", found, accepted)
        self.rehearse(script)
        found = await outcome_of(lambda: self.workflow.can(name, *given))
        if expected.raised is None:
            self.agree(f"{what} can()", found, Outcome(target is not None))
        surplus = [entry.label for entry in self.stage.log if entry.label not in asked]
        self.agree(f"{what} asked by can() and not by refusal()", surplus, [])

    def allowed(self) -> tuple[str, ...]:
        """Return the names of the events that the oracle allows."""
        return tuple(
            name
            for name in self.drawn.events
            if self.oracle.refusal(name, self.oracle.partly_bound(name))[0] is not None
        )
