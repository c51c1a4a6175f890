"""Older values of a state: read and compared like its own, written anew when it is left."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from statecraft import (
    Compound,
    Event,
    StaleState,
    State,
    UnknownState,
    Workflow,
    WorkflowDefinitionError,
    WorkflowSpec,
)


class Article(Workflow):
    """One that was stored by two programs before this one."""

    draft = State(was="new")
    reviewed = State(3, was=["in_review", 2])
    accepted = State()

    review = Event(draft.to(reviewed))
    accept = Event(reviewed.to(accepted))
    look = Event(reviewed.internal())
    touch = Event(reviewed.to(reviewed))


class Review(Workflow):
    """One that goes on where it was."""

    draft = State()

    class under_review(Compound, history=True):
        """Two departments, one of which was called otherwise."""

        legal = State()
        engineering = State(was=["under_review.technical"])

    submit = Event(draft.to(under_review))
    withdraw = Event(under_review.to(draft))


@pytest.mark.parametrize(
    ("remembered", "expected"),
    [
        ({}, "under_review.legal"),
        ({"under_review": "under_review.technical"}, "under_review.engineering"),
        ({"under_review": "under_review.engineering"}, "under_review.engineering"),
        ({"under_review": "under_review.lost"}, "under_review.legal"),
    ],
)
def test_what_is_remembered_may_be_an_older_value(
    remembered: dict[str, str], expected: str
) -> None:
    """A compound with history is entered where it was; what no state has is forgotten."""
    review: Any = Review()
    review.workflow_state_remembered = remembered
    review.submit()
    assert review.current_state == expected


def stored(value: object) -> Any:
    """Return an article as it comes out of a database."""
    article: Any = Article()
    article.workflow_state = value
    return article


@pytest.mark.parametrize("value", [3, "in_review", 2])
def test_every_older_value_is_the_state(value: object) -> None:
    """Whatever of them is stored, questions are answered alike, and nothing is rewritten by it."""
    article = stored(value)
    assert article.current_state == "reviewed"
    assert article.is_reviewed()
    assert not article.is_draft()
    assert article.can_accept()
    assert article.allowed_events() == ("accept", "look", "touch")
    assert article.target_of("accept") == "accepted"
    assert article.current_state < "accepted"
    assert article.workflow_state == value


@pytest.mark.parametrize("value", [3, "in_review", 2])
def test_the_next_transition_writes_the_present_value(value: object) -> None:
    """One that leaves the state writes the next; one that enters it again writes its own."""
    article = stored(value)
    assert article.touch()
    assert article.workflow_state == 3
    article = stored(value)
    assert article.accept()
    assert article.workflow_state == "accepted"


def test_an_internal_transition_rewrites_nothing() -> None:
    """It stores nothing, whatever is stored."""
    article = stored("in_review")
    assert article.look()
    assert article.workflow_state == "in_review"


def test_a_single_text_is_one_older_value() -> None:
    """And not one value for each of its letters; it is the initial state's here."""
    assert Article.draft.was == ("new",)
    article = stored("new")
    assert article.review()
    assert article.workflow_state == 3
    assert Article.reviewed.stored_values == (3, "in_review", 2)


def test_stores_are_told_all_values_that_may_be_there() -> None:
    """The present one first, then the older ones, then nothing for the initial state."""
    expected: list[Any] = []

    class Stored(Article):
        value: Any = "new"

        def load_state(self) -> Any:
            return self.value

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
            seen.append(expected)
            self.value = value

    seen = expected
    article: Any = Stored()
    article.review()
    article.accept()
    assert expected == [("draft", "new", None), (3, "in_review", 2)]


def test_what_is_no_older_value_is_unknown_and_stays() -> None:
    """Neither text that looks like one, nor a value of another type."""
    for value in ("in_reviews", "3", "old"):
        article = stored(value)
        with pytest.raises(UnknownState) as caught:
            article.accept()
        assert caught.value.value == value
        assert article.workflow_state == value


def test_an_object_that_moved_to_an_older_value_meanwhile_is_not_stale() -> None:
    """It is in the same state: the comparison is of states, and not of spellings."""

    class Hasty(Article):
        @Event(Article.reviewed.to(Article.accepted))
        def sign(self: Any) -> None:
            self.workflow_state = self.meanwhile

    article: Any = Hasty()
    article.workflow_state, article.meanwhile = 3, "in_review"
    assert article.sign()
    assert article.workflow_state == "accepted"
    article.workflow_state, article.meanwhile = "in_review", "new"
    with pytest.raises(StaleState) as caught:
        article.sign()
    assert (caught.value.expected, caught.value.found) == ((3, "in_review", 2), "new")
    assert article.workflow_state == "new"


@pytest.mark.parametrize(
    ("older", "words"),
    [
        (["done"], "its older value 'done' is the value of 'done' too"),
        (["was_done"], "its older value 'was_done' is the value of 'done' too"),
        ([None], "None cannot be its older value"),
        ([[1]], r"its older value \[1\] is not hashable"),
    ],
)
def test_older_values_that_cannot_be_told_apart(older: list[Any], words: str) -> None:
    """Of two states, one value means one; what cannot be stored is refused as well."""
    with pytest.raises(WorkflowDefinitionError, match=words) as caught:

        class Job(Workflow):
            done = State(was=["was_done"])
            begun = State(was=older)

    assert [problem.name for problem in caught.value.problems] == ["begun"]


def test_the_name_of_a_state_cannot_be_anothers_older_value() -> None:
    """For it would be unclear which of the two the text means."""
    with pytest.raises(WorkflowDefinitionError, match="its name is the value of 'done'"):

        class Job(Workflow):
            done = State(was=["begun"])
            begun = State(1)


def test_older_values_are_data_of_the_spec() -> None:
    """They are written and read, and two specs that differ in them differ."""
    spec = Article.workflow_spec
    data = json.loads(json.dumps(spec.to_dict()))
    assert data["states"][1] == {"name": "reviewed", "value": 3, "was": ["in_review", 2]}
    assert "was" not in data["states"][2]
    again = WorkflowSpec.from_dict(data)
    assert again.states["reviewed"].was == ("in_review", 2)
    assert again == spec
    del data["states"][1]["was"]
    assert WorkflowSpec.from_dict(data) != spec
    loan: Any = Workflow.from_spec(again, name="Loan")()
    loan.workflow_state = 2
    assert loan.is_reviewed()


def test_older_values_that_are_no_data() -> None:
    """Each is reported with its path."""
    data: dict[str, Any] = {
        "name": "Loan",
        "states": [{"name": "new", "was": [[]]}, {"name": "old", "was": "x"}],
        "events": [],
    }
    with pytest.raises(WorkflowDefinitionError) as caught:
        WorkflowSpec.from_dict(data)
    assert [problem.name for problem in caught.value.problems] == [
        "states[0].was[0]",
        "states[1].was",
    ]


def test_older_values_survive_pickling() -> None:
    """Of a State of a class, and of one whose class nobody finds again."""
    assert pickle.loads(pickle.dumps(Article.reviewed)).was == ("in_review", 2)

    class Local(Workflow):
        begun = State(was=["started"])

    again: Any = pickle.loads(pickle.dumps(Local.begun))
    assert again == Local.begun
    assert again.was == ("started",)
