"""A piece of work that is timed: the code of its steps, and what must be seen after each."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import indent
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from benchmarks.clock import Clock

ON_OFF = {"turn_on": "on", "turn_off": "off"}  # the events of a switch, and where they lead

BATCH = """\
{kind} batch(subject, times):
    start = clock()
    for _ in repeat(None, times):
{steps}
    return clock() - start
"""

STEP = """\
{kind} step(subject):
{code}
    return {sees}
"""


@dataclass(frozen=True)
class Step:
    """Code that deals with ``subject``; afterwards ``sees`` must give ``expected``."""

    code: str
    sees: str
    expected: object


@dataclass(frozen=True)
class Work:
    """Steps that bring ``subject`` back to where it was; ``names`` is what their code refers to."""

    subject: Any
    steps: Sequence[Step]
    names: Mapping[str, Any] = field(default_factory=dict[str, Any])
    is_async: bool = False

    def batch(self, clock: Clock) -> Callable[[Any, int], Any]:
        """Return a function that repeats the steps and returns the seconds they took.

        The code stands in the loop itself, as in ``timeit``: a call around each step would cost as
        much as the step.
        """
        steps = indent("\n".join(step.code for step in self.steps), " " * 8)
        text = BATCH.format(kind=self._kind, steps=steps)
        return self._compiled(text, "batch", clock=clock.now, repeat=clock.repeat)

    def maker(self) -> Callable[[Any], Any]:
        """Return a function that takes the first step and returns what it made."""
        text = STEP.format(kind="def", code=indent(self.steps[0].code, " " * 4), sees="made")
        return self._compiled(text, "step")

    def check(self, run: Callable[[Awaitable[Any]], Any]) -> None:
        """Take each step once, and raise unless it does what it claims; ``run`` awaits."""
        for number, step in enumerate(self.steps, start=1):
            text = STEP.format(kind=self._kind, code=indent(step.code, " " * 4), sees=step.sees)
            seen = self._compiled(text, "step")(self.subject)
            seen = run(seen) if self.is_async else seen
            if seen != step.expected:
                message = f"step {number}: {step.code!r} gave {seen!r}, not {step.expected!r}"
                raise AssertionError(message)

    @property
    def _kind(self) -> str:
        return "async def" if self.is_async else "def"

    def _compiled(self, text: str, name: str, **more: object) -> Callable[..., Any]:
        namespace: dict[str, Any] = {"__name__": "benchmarks.timed", **self.names, **more}
        exec(compile(text, "<benchmark>", "exec"), namespace)  # noqa: S102 - our own text
        made: Callable[..., Any] = namespace[name]
        return made


def cycle(events: Mapping[str, str], state: str, call: str = "subject.{}()") -> list[Step]:
    """Return a step for each event: its call, and the state that it must lead to."""
    return [Step(call.format(event), state, expected) for event, expected in events.items()]


def refused(call: str, *, read: bool) -> Step:
    """Return the step of a refused event, whose error is named ``Refused``; it may be read."""
    handler = (
        "except Refused as error:\n    message = str(error)"
        if read
        else "except Refused:\n    pass"
    )
    code = f"try:\n    {call}\n{handler}\nelse:\n    raise AssertionError('not refused')"
    return Step(code, "bool(message)" if read else "True", expected=True)
