"""The tree of errors, their messages, and what survives pickling."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from statecraft import (
    Event,
    Guard,
    NoTransitionAllowed,
    Problem,
    StaleState,
    State,
    TransitionHalted,
    UnknownEvent,
    UnknownState,
    Workflow,
    WorkflowDefinitionError,
    WorkflowError,
)


class Article(Workflow):
    """Importable, so that pickle can find it."""

    new = State()
    awaiting_review = State()
    being_reviewed = State()
    accepted = State()

    submit = Event(new.to(awaiting_review))
    review = Event(awaiting_review.to(being_reviewed))
    accept = Event(being_reviewed.to(accepted, guard=Guard("complete", because="incomplete")))
    complete = False


def caught_from(act: Any) -> Any:
    """Return the error that ``act`` raises."""
    with pytest.raises(WorkflowError) as caught:
        act()
    return caught.value


def test_the_tree() -> None:
    """One root; what is wrong with a class is a TypeError, what is not found a LookupError."""
    assert issubclass(WorkflowDefinitionError, (WorkflowError, TypeError))
    assert issubclass(UnknownState, (WorkflowError, LookupError))
    assert issubclass(UnknownEvent, (WorkflowError, LookupError))
    for error in (NoTransitionAllowed, TransitionHalted, StaleState):
        assert error.__bases__ == (WorkflowError,)
    assert str(WorkflowError("text")) == "text"
    assert str(WorkflowError()) == ""


def test_a_refused_event_says_what_is_possible() -> None:
    """What happened, where, and what is possible instead."""
    article = Article()
    article.submit()
    error = caught_from(article.accept)
    assert str(error) == (
        "Article cannot accept from 'awaiting_review': 'accept' leaves 'being_reviewed'."
        " From here: review."
    )
    assert (error.event, error.state, error.workflow) == ("accept", "awaiting_review", article)
    article.workflow_state = "accepted"  # type: ignore[attr-defined] # the stored value
    assert str(caught_from(article.accept)).endswith("No event leaves 'accepted'.")


def test_reading_a_message_runs_no_user_code() -> None:
    """Not even the repr of the object; the state is that of the moment of the refusal."""

    class Loud(Workflow):
        here = State()
        there = State()
        go = Event(there.to(here))
        stored: Any = "here"

        def __repr__(self) -> str:
            pytest.fail("user code ran")

        def load_state(self) -> Any:
            return self.stored

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
            self.stored = value

    loud = Loud()
    error = caught_from(loud.go)
    loud.stored = "there"
    assert error.state == "here"
    assert "from 'here'" in str(error)
    loud.stored = "nowhere"
    assert "nowhere" in str(caught_from(loud.go))
    assert "here" in str(StaleState(loud, expected=("here",), found="there"))


def test_errors_survive_pickling() -> None:
    """With their text and their attributes."""
    article = Article()
    refused = caught_from(article.accept)
    again = pickle.loads(pickle.dumps(refused))
    assert str(again) == str(refused)
    assert again.event == "accept"
    assert again.state is Article.new
    assert again.refusal == refused.refusal
    assert isinstance(again.workflow, Article)
    article.workflow_state = "being_reviewed"  # type: ignore[attr-defined] # the stored value
    halted = caught_from(article.accept)
    again = pickle.loads(pickle.dumps(halted))
    assert (again.halted_because, again.event, again.state) == (
        "incomplete",
        "accept",
        "being_reviewed",
    )
    assert str(again) == str(halted)
    stale = StaleState(article, expected=("new", None), found="accepted")
    again = pickle.loads(pickle.dumps(stale))
    assert (again.expected, again.found) == (("new", None), "accepted")
    unknown = caught_from(lambda: Article.new < "nwe")
    again = pickle.loads(pickle.dumps(unknown))
    assert (again.value, again.nearest, again.known) == ("nwe", "new", unknown.known)
    event = caught_from(lambda: article.fire("sumbit"))
    assert pickle.loads(pickle.dumps(event)).nearest == "submit"
    definition = WorkflowDefinitionError([Problem("A", "b", "c", "d.py:1")])
    again = pickle.loads(pickle.dumps(definition))
    assert again.problems == definition.problems
    assert str(again) == "A.b (d.py:1): c"


def test_what_cannot_be_pickled_is_left_out() -> None:
    """The rest is there, the text too."""

    class Local(Workflow):
        here = State()
        there = State()
        go = Event(there.to(here))

    error = pickle.loads(pickle.dumps(caught_from(Local().go)))
    assert error.workflow is None
    assert error.event == "go"
    assert error.state == "here"
    assert str(error) == "Local cannot go from 'here': 'go' leaves 'there'. No event leaves 'here'."
    assert str(copy.copy(error)) == str(error)


def test_transition_halted_by_hand_shows_its_reason() -> None:
    """It knows no event, unless a guard raised it."""
    error = TransitionHalted("because", code="c")
    assert (str(error), error.event, error.workflow) == ("because", None, None)
    assert str(TransitionHalted()) == ""


def test_a_problem_without_a_place() -> None:
    """Its text does without."""
    assert str(Problem("A", "b", "c")) == "A.b: c"


@pytest.mark.parametrize("given", [(), ("",)])
def test_a_halt_without_a_reason_says_so(given: tuple[Any, ...]) -> None:
    """Instead of ending with a colon."""

    class Silent(Workflow):
        here = State()
        go = Event(here.internal(guard="may_go"))
        run = Event(here.internal(guard="may_run"))

        def may_go(self) -> bool:
            self.halt(*given)

        def may_run(self) -> bool:
            raise TransitionHalted(*given)

    why = "from 'here': it was halted without a reason"
    silent = Silent()
    with pytest.raises(TransitionHalted, match=f"^Silent cannot go {why}$"):
        silent.go()
    with pytest.raises(TransitionHalted, match=f"^Silent cannot run {why}$"):
        silent.run()
    assert str(silent.refusal("go")) == f"Silent cannot go {why}. From here: run."
    assert silent.halted


def test_a_veto_that_passes_through_another_event_tells_of_its_own() -> None:
    """Both objects remember why; the error says which event of which object was vetoed."""

    class Part(Workflow):
        here = State()
        go = Event(here.internal(guard=Guard("ready", because="not ready")))
        ready = False

    class Whole(Workflow):
        new = State()

        def __init__(self, part: Part) -> None:
            self.part = part

        @Event(new.internal())
        def run(self) -> None:
            self.part.go()

    whole = Whole(Part())
    with pytest.raises(TransitionHalted) as caught:
        whole.run()
    assert str(caught.value) == "Part cannot go from 'here': not ready"
    assert caught.value.workflow is whole.part
    assert whole.halted_because == whole.part.halted_because == "not ready"
