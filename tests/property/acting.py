"""What the methods of a drawn workflow do: they note that they were called, and follow a script.

A script says for a label what the method of this label does; without a word about it, tests hold
and everything else returns ``None``. The same actor plays in the compiled class and in the oracle.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from anyio.lowlevel import checkpoint

import statecraft
from statecraft import (
    Attempt,
    NoTransitionAllowed,
    StaleState,
    State,
    Transition,
    TransitionHalted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.property.described import Drawn


@lru_cache
def signature_of(parameters: str) -> inspect.Signature:
    """Return the signature that these parameters make."""
    return inspect.signature(eval(f"lambda {parameters}: None"))  # noqa: S307 - our own text


@dataclass(frozen=True)
class Answer:
    """Return this."""

    value: Any = None


@dataclass(frozen=True)
class Stop:
    """Raise a ``ValueError``, ``halt``, or raise ``TransitionHalted``."""

    kind: str  # "ValueError", "halt", "TransitionHalted"
    reason: str
    code: str | None = None


@dataclass(frozen=True)
class Fire:
    """Fire an event, once; ``quietly``: whatever it raises is caught."""

    event: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    quietly: bool = False
    elsewhere: bool = False  # an event of the other workflow of the same object


Act = Answer | Stop | Fire
Script = dict[str, Act]


@dataclass(frozen=True)
class Outcome:
    """What a call has returned, or which exception it has raised, and with what in it."""

    returned: Any = None
    raised: str | None = None
    details: tuple[Any, ...] = ()

    def __eq__(self, other: object) -> bool:
        # 1, True and 1.0 are equal, and not the same answer
        return repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


@dataclass(frozen=True)
class Played:
    """One entry of the log: who was called, with what, and in which state that was."""

    label: str
    seen: tuple[tuple[str, Any], ...]
    state: str

    def __repr__(self) -> str:
        return f"{self.label}({', '.join(f'{k}={v!r}' for k, v in self.seen)}) in {self.state}"


class Unmet(NamedTuple):
    """A condition or a guard that said no."""

    name: str
    reason: object = None
    code: str | None = None


def unmet_in(refusal: statecraft.Refusal) -> tuple[Unmet, ...]:
    """Return what a refusal says of each that is unmet."""
    return tuple(Unmet(*one) for one in refusal.unmet)


def plain(value: Any) -> Any:
    """Return what an actor saw in the form in which the oracle says it."""
    if isinstance(value, Transition):
        return (value.event, value.source.name, value.target.name, value.args, value.kwargs)
    if isinstance(value, Attempt):
        assert value.refusal.event == value.event
        assert value.refusal.state == value.source
        return (
            value.event,
            value.source.name,
            value.args,
            value.kwargs,
            plain(value.refusal.unmet),
        )
    if isinstance(value, BaseException):
        return raised(value)
    if isinstance(value, State):
        return value.name
    return value


def raised(error: BaseException) -> Outcome:
    """Return the outcome of a call that raised ``error``."""
    details: tuple[Any, ...] = ()
    if isinstance(error, TransitionHalted):
        details = (error.halted_because, error.code)
    elif isinstance(error, NoTransitionAllowed):
        details = (unmet_in(error.refusal),)
    elif isinstance(error, ValueError):
        details = (str(error),)
    return Outcome(raised=type(error).__name__, details=details)


async def called(answer: Any) -> Any:
    """Return what an asynchronous method has to say: others may run before, and in between."""
    await checkpoint()
    return await answer if inspect.isawaitable(answer) else answer


async def outcome_of(call: Callable[[], Any]) -> Outcome:
    """Return what comes of a call, or of awaiting what it returns."""
    try:
        answer = call()
        return Outcome(plain(await answer if inspect.isawaitable(answer) else answer))
    except Exception as error:  # noqa: BLE001 - whatever it raises is compared
        return raised(error)


class Actor:
    """Plays by a script, and keeps a log, perhaps together with another."""

    def __init__(self, drawn: Drawn) -> None:
        self.drawn = drawn
        self.script: Script = {}
        self.log: list[Any] = []
        self.name = ""
        self.other: Any = self

    def join(self, other: Actor) -> None:
        """Be the second workflow of one object."""
        self.other, other.other = other, self
        self.name, other.name = "second ", "first "
        self.log = other.log

    def present_state(self) -> str:
        """Return the name of the state as it is now."""
        raise NotImplementedError

    def stop(self, act: Stop) -> NoReturn:
        """Raise what ``act`` says, or halt."""
        raise NotImplementedError

    def fire_inside(self, act: Fire) -> Any:
        """Fire another event."""
        raise NotImplementedError

    def play(self, label: str, /, **seen: Any) -> Any:
        """Do what the script says for ``label``."""
        facts = tuple((name, plain(value)) for name, value in seen.items())
        self.log.append(Played(f"{self.name}{label}", facts, self.present_state()))
        act = self.script.get(label, Answer(label in self.drawn.questions or None))
        if isinstance(act, Answer):
            return act.value
        if isinstance(act, Stop):
            self.stop(act)
        del self.script[label]  # or it would fire for ever
        return self.fire_inside(act)


class Stage(Actor):
    """The actor of an object of the compiled class."""

    def __init__(self, drawn: Drawn, subject: Any) -> None:
        super().__init__(drawn)
        self.subject = subject
        self.stored: Any = None
        self.remembered: dict[str, str] = {}

    def present_state(self) -> str:
        """Return what the object says."""
        name: str = self.subject.current_state.name
        return name

    def stop(self, act: Stop) -> NoReturn:
        """Raise it, or let the object halt."""
        if act.kind == "ValueError":
            raise ValueError(act.reason)
        if act.kind == "TransitionHalted":
            raise TransitionHalted(act.reason, code=act.code)
        self.subject.halt(act.reason)
        raise AssertionError

    def fire_inside(self, act: Fire) -> Any:
        """Fire it; the answer may have to be awaited."""
        if self.drawn.is_async:
            return self._fire_async(act)
        try:
            answer = self._event(act)(*act.args, **act.kwargs)
        except Exception as error:
            self.log.append(raised(error))
            if not act.quietly:
                raise
            return None
        self.log.append(Outcome(answer))
        return answer

    def _event(self, act: Fire) -> Any:
        actor = self.other if act.elsewhere else self
        return getattr(actor.subject, act.event)

    async def _fire_async(self, act: Fire) -> Any:
        try:
            answer = await self._event(act)(*act.args, **act.kwargs)
        except Exception as error:
            self.log.append(raised(error))
            if not act.quietly:
                raise
            return None
        self.log.append(Outcome(answer))
        return answer


class Staged:
    """What drawn classes inherit beside the workflow: a stage to play on."""

    __slots__ = ()
    stage: Stage

    def __getattr__(self, name: str) -> Any:
        question = self.stage.drawn.questions.get(name) if name != "stage" else None
        if question is None or question.form != "attribute":
            raise AttributeError(name)
        return self.stage.play(name)


def keep(subject: Any, value: Any, expected: tuple[Any, ...], change: Any = None) -> None:
    """Store ``value`` as a store does: only if what is stored is expected."""
    stage: Stage = subject.stage
    if stage.stored not in expected:
        raise StaleState(subject, expected=expected, found=stage.stored)
    if change is not None:
        assert subject.workflow_spec.value_of(change.transition.target) == value
        stage.remembered = change.remembered or stage.remembered
    stage.stored = value
