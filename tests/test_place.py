"""``statecraft.testing.place`` puts an object into a state, and does nothing else."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from statecraft import (
    AsyncWorkflow,
    Change,
    Event,
    StaleState,
    State,
    UnknownState,
    Workflow,
    WorkflowError,
)
from statecraft.testing import place


class Article(Workflow):
    """A workflow that would not let anybody through, and tells of everything that runs."""

    new = State(1)
    accepted = State(2, label="Accepted")
    rejected = State("no", final=True)

    accept = Event(new.to(accepted, if_=lambda _: False))
    reject = Event(accepted.to(rejected))

    def __init__(self) -> None:
        self.heard: list[str] = []

    def before_transition(self) -> None:
        self.heard.append("before")

    def on_accepted_entry(self) -> None:
        self.heard.append("entry")

    def after_transition(self) -> None:
        self.heard.append("after")


class Letter(AsyncWorkflow):
    """An async workflow, whose state is in an attribute."""

    new = State()
    sent = State()
    send = Event(new.to(sent))


class StoredLetter(Letter):
    """One whose store has to be waited for."""

    stored: str | None = None

    async def load_state(self) -> str | None:
        await asyncio.sleep(0)
        return self.stored

    async def persist_state(self, value: str, *, expected: tuple[Any, ...]) -> None:
        await asyncio.sleep(0)
        assert self.stored in expected
        self.stored = value


class RecordingArticle(Workflow):
    """A store that keeps more than the value, and still knows how to store the value alone."""

    new = State()
    sent = State()
    send = Event(new.to(sent))

    def __init__(self) -> None:
        self.records: list[str] = []

    def persist_change(self, change: Change) -> None:
        super().persist_change(change)
        self.records.append(change.transition.event)


@pytest.mark.parametrize("state", ["accepted", Article.accepted, State(2).named("accepted"), 2])
def test_a_state_goes_by_name_by_state_and_by_value(state: object) -> None:
    """An object is placed in the state of a name, in a State, or in the state of a value."""
    article = Article()
    place(article, state)
    assert article.current_state == "accepted"


def test_nothing_runs() -> None:
    """Placing asks no condition and runs no hook; there need not be any way there, or away."""
    article = Article()
    place(article, "accepted")
    place(article, "rejected")
    place(article, "new")
    assert article.heard == []
    assert article.current_state == "new"


def test_it_goes_on_from_there() -> None:
    """Events fire from the state in which an object was placed, with all their hooks."""
    article = Article()
    place(article, "accepted")
    assert article.reject() is True
    assert article.current_state == "rejected"
    assert article.heard == ["before", "after"]


def test_an_unknown_stored_value_is_replaced() -> None:
    """An object whose stored value no state has can be placed: that mends it."""
    article = Article()
    vars(article)["workflow_state"] = "gone"
    place(article, "new")
    assert article.current_state == "new"


@pytest.mark.parametrize("state", ["acepted", None, 3, [], State(), Letter.sent])
def test_an_unknown_state_moves_nothing(state: object) -> None:
    """What is no state of the workflow raises UnknownState, and the object stays where it is."""
    article = Article()
    place(article, "rejected")
    with pytest.raises(UnknownState):
        place(article, state)
    assert article.current_state == "rejected"


def test_the_nearest_name_is_suggested() -> None:
    """For a misspelt name, the error names the right one, though values are other things."""
    with pytest.raises(UnknownState, match="Did you mean 'accepted'") as caught:
        place(Article(), "acepted")
    assert caught.value.nearest == "accepted"


@pytest.mark.parametrize("thing", [Article, "new", None])
def test_only_workflows_are_placed(thing: Any) -> None:
    """A class, or an object that is no workflow, is a mistake in the test, and said to be one."""
    with pytest.raises(TypeError, match="place takes an object that is a workflow"):
        place(thing, "new")


def test_an_async_workflow_in_memory_need_not_be_awaited() -> None:
    """Where the state is an attribute, there is nothing to wait for, also outside of any loop."""
    letter = Letter()
    place(letter, "sent")
    assert letter.current_state == "sent"


def test_an_async_workflow_in_memory_can_be_awaited() -> None:
    """A test can await placing without knowing where the state is kept."""

    async def scenario() -> None:
        letter = Letter()
        await place(letter, "sent")
        assert letter.current_state == "sent"

    asyncio.run(scenario())


def test_an_async_store_is_awaited() -> None:
    """Where the store is async, the object is in the state, and knows it, when that is awaited."""

    async def scenario() -> None:
        letter = StoredLetter()
        placing = place(letter, "sent")
        assert "stored" not in vars(letter)
        await placing
        assert letter.stored == "sent"
        assert letter.current_state == "sent"
        await place(letter, "new")
        assert await letter.send() is True

    asyncio.run(scenario())


def test_an_async_store_refuses_unknown_states_at_once() -> None:
    """The mistake shows where it is made, not where it is awaited; nothing moves."""
    letter = StoredLetter()
    with pytest.raises(UnknownState):
        place(letter, "sentt")
    assert letter.stored is None


def test_nothing_is_logged() -> None:
    """A store that keeps a record of each transition gets none of an object that is placed."""
    article = RecordingArticle()
    place(article, "sent")
    assert article.records == []
    place(article, "new")
    article.send()
    assert article.records == ["send"]


def test_a_store_without_persist_state_is_told() -> None:
    """A store that loads from where persist_state does not store cannot be placed, and says so."""

    class Half(Article):
        def load_state(self) -> object:
            return None

        def persist_change(self, change: object) -> None: ...

    with pytest.raises(WorkflowError, match="persist_state has to store what load_state reads"):
        place(Half(), "accepted")


def test_it_works_without_pytest() -> None:
    """A test that uses another framework can place objects, too."""
    code = "import sys, statecraft.testing; sys.exit('pytest' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


class Row:
    """A row that many objects stand for, of which each knows what it has seen last."""

    def __init__(self) -> None:
        self.stored: str | None = None


class Stale(Workflow):
    """An object that knows an older state than the row has."""

    new = State()
    sent = State()
    send = Event(new.to(sent))

    def __init__(self, row: Row) -> None:
        self.row, self.known = row, row.stored

    def load_state(self) -> Any:
        return self.known

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        if self.row.stored not in expected:
            raise StaleState(self, expected=expected, found=self.row.stored)
        self.known = self.row.stored = value


class AsyncStale(AsyncWorkflow):
    """The same, awaited."""

    new = State()
    sent = State()
    send = Event(new.to(sent))

    def __init__(self, row: Row) -> None:
        self.row, self.known = row, row.stored

    async def load_state(self) -> Any:
        return self.known

    async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        if self.row.stored not in expected:
            raise StaleState(self, expected=expected, found=self.row.stored)
        self.known = self.row.stored = value


def test_an_object_that_is_out_of_date_is_placed_all_the_same() -> None:
    """Placing does not compare, whatever the store has to do for that."""
    row = Row()
    old = Stale(row)
    Stale(row).send()
    place(old, "new")
    assert row.stored == "new"
    assert old.send()

    async def scenario() -> None:
        row = Row()
        old = AsyncStale(row)
        await AsyncStale(row).send()
        await place(old, "new")
        assert row.stored == "new"
        assert await old.send()

    asyncio.run(scenario())
