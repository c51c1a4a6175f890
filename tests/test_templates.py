"""Every line of the templates matters: whichever is taken out, a scenario fails.

The compiler writes its functions with ``Source.add`` and ``Source.block``. Here each of these
calls, as it stands in the code of the compiler, is taken out of the functions in turn: a line is
left out, a block is never run, or always. Then the scenarios whose functions have the line run
again, and one of them has to fail.
"""

from __future__ import annotations

import ast
import gc
import os
import sys
import warnings
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import statecraft.compiler.shapes
from statecraft import turns
from statecraft.compiler.source import Source
from tests.compound_scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

COMPILER = str(Path(statecraft.compiler.__file__).parent)
WRITERS = {
    "acting.py",
    "endings.py",
    "firing.py",
    "judging.py",
    "needs.py",
    "questions.py",
    "storing.py",
}
LEFT_OUT, NEVER, ALWAYS = "left out", "never run", "always run"


class Place(NamedTuple):
    """Where a line is written: the calls in the compiler that led there, the innermost first."""

    calls: tuple[tuple[str, int], ...]
    number: int = 0  # of the line, where one call writes several

    def __str__(self) -> str:
        where = ", called by ".join(f"{file}:{line}" for file, line in self.calls)
        return f"line {self.number + 1} of {where}" if self.number else where


def place_of_caller(number: int) -> Place:
    """Return the place of the call of ``add`` or ``block`` that is under way."""
    calls: list[tuple[str, int]] = []
    frame: Any = sys._getframe(2)
    while frame.f_code.co_name != "compile_workflow":
        folder, _, name = frame.f_code.co_filename.rpartition(os.sep)
        # the routes write the same for each of their groups: it does not matter which it is
        if folder == COMPILER and (name in WRITERS or not calls):
            calls.append((name, frame.f_lineno))
        frame = frame.f_back
    return Place(tuple(calls[:3]), number)


class Line(NamedTuple):
    """A line of a generated function, and where in the compiler it was written."""

    place: Place
    text: str

    @property
    def depth(self) -> int:
        """How far it is indented."""
        return len(self.text) - len(self.text.lstrip())

    @property
    def is_head(self) -> bool:
        """Whether a block follows it."""
        return self.text.endswith(":")

    def instead(self, text: str) -> Line:
        """Return another line in its place."""
        return Line(self.place, " " * self.depth + text)


@dataclass(frozen=True)
class Mutation:
    """What is done to all the lines of one place; ``text`` is one of them, to be shown."""

    place: Place
    kind: str
    text: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}  ({self.place})"

    def applied(self, lines: list[Line]) -> str:
        """Return the function without these lines."""
        without = "".join(f"{line.text}\n" for line in self._applied(lines, clause=[]))
        try:
            compile(without, "<without>", "exec")
        except SyntaxError:  # the only clause of its try: it may stay, if it does nothing
            clause = ["except BaseException:", "    raise"]
            without = "".join(f"{line.text}\n" for line in self._applied(lines, clause))
        return without

    def _applied(self, lines: list[Line], clause: list[str]) -> list[Line]:
        changed: list[Line] = []
        position = 0
        while position < len(lines):
            line = lines[position]
            position += 1
            if line.place != self.place:
                changed.append(line)
            elif not line.is_head:
                changed.append(line.instead("pass"))
            elif self.kind == ALWAYS:
                changed.append(line.instead("if True:"))
            elif line.text.lstrip().startswith("if "):
                changed.append(line.instead("if False:"))
            else:  # except, finally or else: it goes with all that stands in it
                while position < len(lines) and lines[position].depth > line.depth:
                    position += 1
                changed += [line.instead(text) for text in clause]
        return changed


def mutations_of(line: Line) -> Iterator[Mutation]:
    """Yield what can be taken out of a function at this line."""
    text = line.text.lstrip()
    if not line.is_head:
        if text != "pass":
            yield Mutation(line.place, LEFT_OUT, text)
    elif text.startswith("if "):
        yield Mutation(line.place, NEVER, text)
        yield Mutation(line.place, ALWAYS, text)
    elif text.startswith(("with ", "async with ")):
        yield Mutation(line.place, ALWAYS, text)
    elif text.startswith(("except ", "finally:", "else:")):
        yield Mutation(line.place, LEFT_OUT, text)


class Recorder:
    """Stands in for the Source of the compiler: knows where each line comes from."""

    def __init__(self) -> None:
        self.seen: dict[Mutation, None] = {}
        self.mutation: Mutation | None = None

    def source(self) -> type[Source]:
        """Return the class that the compiler shall use."""
        recorder = self

        class Recorded(Source):
            def __init__(self) -> None:
                super().__init__()
                self.places: list[Place] = []

            def add(self, *lines: str) -> None:
                self.places += [place_of_caller(number) for number, _ in enumerate(lines)]
                super().add(*lines)

            def block(self, head: str) -> Source:
                self.places.append(place_of_caller(0))
                return super().block(head)

            @property
            def text(self) -> str:
                texts = super().text.splitlines()
                lines = [Line(*both) for both in zip(self.places, texts, strict=True)]
                for line in lines:
                    recorder.seen.update(dict.fromkeys(mutations_of(line)))
                return recorder.mutation.applied(lines) if recorder.mutation else super().text

        return Recorded


@contextmanager
def recording() -> Generator[Recorder]:
    """Let the compiler write into sources that know where each line comes from."""
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statecraft.compiler.shapes, "Source", recorder.source())
        yield recorder


def fails(scenario: Callable[[], None]) -> bool:
    """Whether a scenario fails; whatever it leaves behind is cleared away."""
    try:
        scenario()
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - a Halt that got out, say
        return True
    finally:
        turns.running.clear()
        turns._locks.clear()
    return False


def matters(mutation: Mutation, scenarios: list[Callable[[], None]]) -> bool:
    """Whether one of the scenarios fails when this is taken out."""
    with recording() as recorder:
        recorder.mutation = mutation
        return any(map(fails, scenarios))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_scenario_holds(scenario: Callable[[], None]) -> None:
    """With the templates as they are, every scenario passes."""
    scenario()


@pytest.fixture(scope="module")
def scenarios() -> dict[Mutation, list[Callable[[], None]]]:
    """Find which scenarios have functions with a line."""
    found: defaultdict[Mutation, list[Callable[[], None]]] = defaultdict(list)
    for scenario in SCENARIOS:
        with recording() as recorder:
            scenario()
        for mutation in recorder.seen:
            found[mutation].append(scenario)
    return found


def test_the_scenarios_have_every_line_of_the_templates(
    scenarios: dict[Mutation, list[Callable[[], None]]],
) -> None:
    """There is no call of ``add`` or ``block`` in the compiler whose lines none of them has."""
    written = {mutation.place.calls[0] for mutation in scenarios}
    missing = [
        f"{path.name}:{node.lineno}"
        for path in Path(COMPILER).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"add", "block"}
        and not any((path.name, line) in written for line in lines_of(node))
        and not is_definition(node)
    ]
    assert not missing


def lines_of(node: ast.Call) -> range:
    """Return the lines that a call takes."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def is_definition(node: ast.Call) -> bool:
    """Whether it writes what cannot be taken out: ``def``, ``try:``, or the lines of a caller."""
    (first, *_) = node.args
    text = ast.unparse(first)
    return not isinstance(first, (ast.Constant, ast.JoinedStr)) or any(
        definition in text for definition in ("def ", "{kind} ", "try:")
    )


def test_every_line_of_the_templates_matters(
    scenarios: dict[Mutation, list[Callable[[], None]]],
) -> None:
    """Whichever is taken out of the generated functions, a scenario fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # coroutines that are not awaited, say
        superfluous = [
            mutation
            for mutation, candidates in scenarios.items()
            if not matters(mutation, candidates)
        ]
        gc.collect()
    assert not superfluous, "\n".join(["", *map(str, superfluous)])
