"""Events that are alike share their text: it is the text that each of them would have got."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from statecraft import ANY, AsyncWorkflow, Event, State, Workflow
from statecraft.compiler.shapes import Shapes
from statecraft.compiler.source import Source
from statecraft.observation import Observer
from tests.compound_scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from statecraft.compiler.shapes import Subject
    from statecraft.compiler.source import Written

META: Any = type(Workflow)


@contextmanager
def compared() -> Generator[Counter[str]]:
    """Compare every text with the one written anew; count those that were written, by kind."""
    shared = Shapes.written
    counts: Counter[str] = Counter()

    def written(
        self: Shapes, subject: Subject, name: str, kind: str, write: Callable[[Source], None]
    ) -> Written:
        def counted(source: Source) -> None:
            counts[kind] += 1
            write(source)

        found = shared(self, subject, name, kind, counted)
        anew = Source()
        write(anew)
        assert found == anew.written, f"{name}:\n{found.readable()}\n{anew.written.readable()}"
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shapes, "written", written)
        yield counts


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_each_function_of_the_scenarios_has_its_own_text(scenario: Callable[[], None]) -> None:
    """Whether it was written for this function or for another one."""
    with compared():
        scenario()


async def waiting(_workflow: object) -> None:
    """Handle an event of an asynchronous class."""


class Hooks:
    """Some hooks of the classes below, with and without the transition."""

    def on_c_entry(self, transition: Any) -> None: ...
    def on_c_exit(self) -> None: ...
    def before_transition(self, transition: Any) -> None: ...
    def after_transition(self) -> None: ...


@pytest.mark.parametrize("base", [Workflow, AsyncWorkflow])
@pytest.mark.parametrize("hooks", [(), (Hooks,)])
def test_each_function_of_unlike_events_has_its_own_text(base: Any, hooks: Any) -> None:
    """They differ in where they lead and in what they meet there, and each is there twice."""

    def body() -> dict[str, Any]:
        a, b, c, d, e = (State(value) for value in ("A", 1, ("C", 2), "D", "E"))
        declared: dict[str, Any] = {"a": a, "b": b, "c": c, "d": d, "e": e}
        arrows: dict[str, tuple[Any, ...]] = {
            "leave_initial": (a.to(b),),
            "leave_initial_to_hooked": (a.to(c),),
            "leave": (b.to(d),),
            "leave_to_initial": (b.to(a),),
            "leave_to_hooked": (b.to(c),),
            "leave_hooked": (c.to(b),),
            "stay": (b.to(b),),
            "stay_internally": (b.internal(),),
            "two_sources": ((b | d).to(e),),
            "two_targets": (b.to(d), d.to(e)),
            "there_and_back": (b.to(d), d.to(b)),
            "all_to_one": (ANY.to(a),),
            "all_stay": (ANY.internal(),),
            "asking": (b.to(d, if_="ready"), b.to(e)),
            "guarded": (b.to(d, guard="ready"),),
        }
        handlers: dict[str, Callable[..., Any]] = {
            "takes_nothing": lambda self: None,
            "takes_one": lambda self, one: None,
            "takes_another": lambda self, another: None,
            "takes_one_or_none": lambda self, one=1: None,
            "takes_one_by_position": lambda self, one, /: None,
            "takes_one_by_keyword": lambda self, *, one: None,
            "takes_one_or_none_by_keyword": lambda self, *, one=1: None,
            "takes_many": lambda self, *one: None,
            "takes_many_by_keyword": lambda self, **one: None,
            "waits": waiting,
        }
        for name, drawn in arrows.items():
            for number in (1, 2):
                declared[f"{name}_{number}"] = Event(*drawn)
        for name, handler in handlers.items():
            for number in (1, 2):
                if base is AsyncWorkflow or handler is not waiting:
                    declared[f"{name}_{number}"] = Event(b.to(d))(handler)
        declared["with_argument_1"] = Event[[int], bool](b.to(d))
        declared["with_argument_2"] = Event[[int], bool](d.to(b))
        declared["ready"] = True
        return declared

    with compared():
        made: Any = type(base)("Made", (*hooks, base), body())
        made.observe(Observer())


def test_like_events_are_written_once() -> None:
    """A hundred of them take one text, and another for the one that leaves the initial state."""
    with compared() as counts:
        states: dict[str, Any] = {f"s{number}": State() for number in range(100)}
        ring = [*states.values(), states["s0"]]
        events = {f"go_{n}": Event(ring[n].to(ring[n + 1])) for n in range(100)}
        META("Ring", (Workflow,), states | events)
    assert counts == {"fire": 2, "can": 2, "is": 2}


def test_functions_of_one_text_have_their_own_constants() -> None:
    """What they do and what is shown of them."""

    class Door(Workflow):
        new = State()
        open = State()
        locked = State()
        begin = Event(new.to(open))
        lock = Event(open.to(locked))
        unlock = Event(locked.to(open))

        @Event(open.internal())
        def knock(self) -> str:
            return "knock"

        @Event(open.internal())
        def ring(self) -> str:
            return "ring"

    lock: Any = Door.lock
    unlock: Any = Door.unlock
    assert lock.__code__.co_code == unlock.__code__.co_code
    assert "'open'" in repr(lock.__code__.co_consts)
    door = Door()
    assert door.begin()
    assert door.lock()
    assert door.unlock()
    assert door.current_state == "open"
    assert (door.knock(), door.ring()) == ("knock", "ring")
