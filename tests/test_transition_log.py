"""The transition log: records, times, actors, and what JSON makes of arguments and answers."""

from __future__ import annotations

import asyncio
import json
import pickle
import threading
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from statecraft import (
    Attempt,
    Event,
    Guard,
    State,
    TransitionHalted,
    UnknownState,
    Workflow,
    WorkflowError,
    acting_as,
    current_actor,
)
from statecraft.transition_log import (
    TransitionLog,
    TransitionRecord,
    actor_text,
    noted_json,
    result_json,
    tried_json,
)


def at(hour: int) -> datetime:
    """Return a moment of one day."""
    return datetime(2030, 1, 1, hour, tzinfo=UTC)


def record(
    target: str, hour: int | None, *, internal: bool = False, refused: str | None = None
) -> TransitionRecord:
    """Return a record whose event is of no interest."""
    moment = None if hour is None else at(hour)
    return TransitionRecord(
        1, "go", "somewhere", target, moment, internal=internal, refused=refused
    )


WALK = TransitionLog(
    [
        TransitionRecord(1, None, None, "draft", at(0)),
        record("review.legal", 2),
        record("review.technical", 3),
        record("review.technical", 4, internal=True),
        record("draft", 7),
        record("published", 8, refused="not yet"),
        record("review.legal", 10),
    ]
)
HOURS = timedelta(hours=1)


# -- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "hours"),
    [
        ("draft", 2 + 3),
        ("review.legal", 1 + 2),
        ("review.technical", 4),
        ("review", 5 + 2),
        ("published", 0),
        ("rev", 0),
    ],
)
def test_the_time_in_a_state_is_that_of_all_visits(state: str, hours: int) -> None:
    """In a compound, too; refused attempts and internal transitions end no visit."""
    assert WALK.time_in(state, until=at(12)) == hours * HOURS


@pytest.mark.parametrize(("until", "hours"), [(1, 1), (2, 2), (6, 2), (8, 3), (11, 5)])
def test_nothing_later_than_until_counts(until: int, hours: int) -> None:
    """Whether a visit is under way then, or comes later, or has ended before."""
    assert WALK.time_in("draft", until=at(until)) == hours * HOURS


def test_the_present_visit_lasts_until_now() -> None:
    """Unless somebody says until when."""
    hour_ago = datetime.now(UTC) - HOURS
    log = TransitionLog([TransitionRecord(1, None, None, "draft", hour_ago)])
    assert HOURS <= log.time_in("draft") < 2 * HOURS
    assert log.in_state_since == hour_ago


def test_visits_that_nobody_timed_do_not_count() -> None:
    """Neither one whose beginning is unknown, nor one whose end is."""
    log = TransitionLog(
        [
            record("draft", None),
            record("published", 1),
            record("draft", None),
            record("published", 5),
        ]
    )
    assert log.time_in("draft", until=at(6)) == timedelta()
    assert log.time_in("published", until=at(6)) == HOURS


def test_a_clock_that_was_put_back_takes_nothing_away() -> None:
    """A visit that seems to end before it began has lasted no time, and not less."""
    log = TransitionLog([record("draft", 5), record("published", 3), record("draft", 4)])
    assert log.time_in("draft", until=at(6)) == 2 * HOURS


def test_other_time_zones_are_counted_right() -> None:
    """A moment is a moment."""
    later = datetime(2030, 1, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    assert WALK.time_in("review.legal", until=later) == 3 * HOURS


def test_the_present_state_began_with_its_last_transition() -> None:
    """Entering it again counts; internal transitions and refused attempts do not."""
    assert WALK.in_state_since == at(10)
    assert TransitionLog(WALK[:4]).in_state_since == at(3)
    assert TransitionLog([record("draft", None)]).in_state_since is None
    assert TransitionLog().in_state_since is None
    assert TransitionLog().time_in("draft") == timedelta()


class Article(Workflow):
    """What the log is of."""

    draft = State()
    published = State()

    @Event(draft.to(published), note=("reason", "size", "by"))
    def publish(self, reason: Any, size: Any = 1, *, by: Any = None) -> None:
        """Be refused in these tests."""

    shelve: Event[[int], bool] = Event(published.to(draft), note=("argument_1",))


def test_a_log_with_a_spec_knows_what_is_a_state() -> None:
    """A misspelt name is an error; a state that was there once is none."""
    spec = Article.workflow_spec
    log = TransitionLog([record("draft", 1), record("old.first", 2)], spec=spec)
    assert log.time_in(Article.published) == timedelta()
    assert log.time_in("old", until=at(3)) == log.time_in("old.first", until=at(3)) == HOURS
    with pytest.raises(UnknownState, match=r"'drafd' is no state of Article.*'draft'"):
        log.time_in("drafd")


def test_a_log_is_a_tuple() -> None:
    """Of its records, and equal to one; it can be pickled, and still knows the states then."""
    log = TransitionLog([record("draft", 1)], spec=Article.workflow_spec)
    assert log == (record("draft", 1),)
    again = pickle.loads(pickle.dumps(log))
    assert again == log
    with pytest.raises(UnknownState):
        again.time_in("drafd")
    assert record("draft", 1).noted == {}


# -- actors --------------------------------------------------------------------------------------


def test_the_actor_is_named_inside_of_with() -> None:
    """The innermost counts, ``None`` included, and an exception ends it as well."""
    assert current_actor() is None
    with acting_as("homer"):
        with acting_as("bart"):
            assert current_actor() == "bart"
            with acting_as(None):
                assert current_actor() is None
        with pytest.raises(ValueError, match="doh"), acting_as("lisa"):
            raise ValueError("doh")
        assert current_actor() == "homer"
    assert current_actor() is None


def test_a_guard_can_ask_for_the_actor() -> None:
    """And vetoes, where it is the wrong one; then nothing moves."""

    class Claim(Workflow):
        opened = State()
        paid = State()
        pay = Event(
            opened.to(paid), guard=Guard(lambda _: current_actor() == "boss", because="not you")
        )

    claim: Any = Claim()
    with acting_as("clerk"), pytest.raises(TransitionHalted, match="not you"):
        claim.pay()
    assert claim.is_opened()
    with acting_as("boss"):
        assert claim.can_pay()
        assert claim.pay()


def test_each_thread_has_an_actor_of_its_own() -> None:
    """A thread neither sees nor changes who acts in another."""
    meeting = threading.Barrier(2)
    seen: dict[str, Any] = {}

    def act(name: str) -> None:
        before = current_actor()
        with acting_as(name):
            meeting.wait(60)
            seen[name] = (before, current_actor())
            meeting.wait(60)

    with acting_as("somebody"):
        threads = [threading.Thread(target=act, args=(name,)) for name in ("homer", "bart")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert current_actor() == "somebody"
    assert {name: now for name, (_, now) in seen.items()} == {"homer": "homer", "bart": "bart"}


def test_each_task_has_an_actor_of_its_own() -> None:
    """A task begins with the actor of who made it, and keeps its own between two steps."""

    async def act(name: str) -> list[Any]:
        seen = [current_actor()]
        with acting_as(name):
            for _ in range(3):
                await asyncio.sleep(0)
                seen.append(current_actor())
        return [*seen, current_actor()]

    async def scenario() -> list[list[Any]]:
        with acting_as("somebody"):
            return [*await asyncio.gather(act("homer"), act("bart"))]

    homer, bart = asyncio.run(scenario())
    assert homer == ["somebody", *["homer"] * 3, "somebody"]
    assert bart == ["somebody", *["bart"] * 3, "somebody"]


@pytest.mark.parametrize(
    ("actor", "text"),
    [
        (None, None),
        ("homer", "homer"),
        (7, "7"),
        (SimpleNamespace(pk=0, id=5), "0"),
        (SimpleNamespace(id=5), "5"),
        (SimpleNamespace(pk=None, id=None), "namespace(pk=None, id=None)"),
    ],
)
def test_the_log_keeps_a_text_of_the_actor(actor: Any, text: str | None) -> None:
    """Its key where it has one, 0 included."""
    assert actor_text(actor) == text


# -- JSON ----------------------------------------------------------------------------------------


class Colour(Enum):
    """Members that stand for what JSON has, and one that does not."""

    RED = "red"
    MIXED = ("red", "blue")


class Size(IntEnum):
    """Members that are numbers."""

    SMALL = 7


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    y: int


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("text \u2603", "text \u2603"),
        ("\ud800", "\ud800"),
        (None, None),
        (1.5, 1.5),
        (2**80, 2**80),
        ([1, {"a": (2, 3)}], [1, {"a": [2, 3]}]),
        (Colour.RED, "red"),
        (Colour.MIXED, "MIXED"),
        (Size.SMALL, 7),
        (at(5), "2030-01-01T05:00:00+00:00"),
        (date(2030, 1, 1), "2030-01-01"),
        (time(5, 30), "05:30:00"),
        (timedelta(days=1), "1 day, 0:00:00"),
        (Decimal("1.10"), "1.10"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    ],
    ids=repr,
)
def test_what_is_noted_has_a_json_form(value: Any, kept: Any) -> None:
    """As itself, or as the text or the value that stands for it."""
    assert json.loads(noted_json({"it": value}, "go")) == {"it": kept}


def circular() -> list[Any]:
    """Return a list that contains itself."""
    made: list[Any] = []
    made.append(made)
    return made


def deep() -> list[Any]:
    """Return a list that is nested too deep."""
    made: list[Any] = []
    for _ in range(100_000):
        made = [made]
    return made


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, float("nan"), {(1, 2): 3}, circular(), deep(), b"x"], ids=type
)
def test_what_has_no_json_form_is_an_error(value: Any) -> None:
    """Which names the event; so it is for answers of events that are fired once."""
    with pytest.raises(WorkflowError, match="what 'go' notes has no JSON form") as caught:
        noted_json({"it": value}, "go")
    assert caught.value.__cause__ is not None
    with pytest.raises(WorkflowError, match="the result of 'go', which is fired once, has no JSON"):
        result_json(value, "go")


@pytest.mark.parametrize(
    "value", [True, None, 0, 1.0, "", [], {}, [1, "two", {"a": [None, False]}], 2**80], ids=repr
)
def test_answers_come_back_as_they_are(value: Any) -> None:
    """An answer that is given again is the same, through and through."""
    text = result_json(value, "go")
    assert repr(json.loads(text)) == repr(value)


@pytest.mark.parametrize(
    "value",
    [(1, 2), {1: 2}, Point(1, 2), Size.SMALL, [(1,)], {"a": (1,)}, {"a": Size.SMALL}, [Size.SMALL]],
    ids=repr,
)
def test_answers_that_would_come_back_changed_are_an_error(value: Any) -> None:
    """Tuples as lists, keys as texts, members as numbers: equal or not, they are not the same."""
    with pytest.raises(WorkflowError, match="'go', which is fired once, would not come back"):
        result_json(value, "go")


def attempt(event: str, *args: Any, **kwargs: Any) -> Attempt:
    """Return a refused attempt, with its arguments as they were bound."""
    return Attempt(event, Article.draft, args, kwargs, None)


def test_a_refused_attempt_has_its_arguments_by_name() -> None:
    """Those that the event notes; what has no JSON form is there as its repr."""
    spec = Article.workflow_spec
    tried = tried_json(attempt("publish", "late", {3}, by=Colour.RED), spec)
    assert json.loads(tried) == {"reason": "late", "size": "{3}", "by": "red"}
    assert json.loads(tried_json(attempt("shelve", 3), spec)) == {"argument_1": 3}
    assert tried_json(attempt("shelve"), spec) == "{}"
