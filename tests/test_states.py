"""States: their names, values, labels, order and truth."""

from __future__ import annotations

import copy
import pickle
from enum import Enum, IntEnum
from typing import Any

import pytest

from statecraft import (
    Compound,
    Event,
    State,
    States,
    UnknownState,
    Workflow,
    WorkflowDefinitionError,
)


class Article(Workflow):
    """An article, as the design page has it."""

    new = State()
    awaiting_review = State(label="Waiting")
    being_reviewed = State(meta={"importance": 8})
    accepted = State(final=True)

    submit = Event(new.to(awaiting_review))
    review = Event(awaiting_review.to(being_reviewed))
    accept = Event(being_reviewed.to(accepted), meta={"weight": 8}, label="Take it")


class Lazy:
    """What a lazily translated string is: its text is made when it is read."""

    def __str__(self) -> str:
        return "translated"


def test_the_first_state_declared_is_the_initial_one() -> None:
    """A new object is in it, though nothing is stored on the object."""
    article = Article()
    assert article.current_state == "new"
    assert Article.workflow_spec.initial == "new"
    assert vars(article) == {}


def test_a_state_is_its_name() -> None:
    """It equals its name and the State of the class, and hashes like them."""
    state = Article().current_state
    assert state == "new"
    assert state == Article.new
    assert state is Article.new
    assert state != "accepted"
    assert state != Article.accepted
    assert state != 3
    assert {state: 1}[Article.new] == 1
    assert hash(state) == hash("new")
    assert str(state) == "new"
    assert repr(state) == "<State new>"


def test_a_state_has_no_truth_value() -> None:
    """``if article.accepted`` would always be true; the error names the question to ask."""
    with pytest.raises(TypeError, match=r"is_accepted\(\)"):
        bool(Article().accepted)
    with pytest.raises(TypeError, match=r"a State has no truth value.*is_<state>\(\)"):
        bool(State())


def test_a_state_can_be_formatted() -> None:
    """Like its name."""
    assert f"{Article.new:>5}|{Article.new}" == "  new|new"


def test_states_are_ordered_by_declaration() -> None:
    """Compared with states and with names, and with both ends of a range."""
    state = Article.being_reviewed
    assert state < "accepted"
    assert state <= "being_reviewed"
    assert state > Article.new
    assert state >= Article.being_reviewed
    assert not state > "accepted"
    assert not state < "new"
    assert state.between("awaiting_review", "accepted")
    assert state.between("being_reviewed", "being_reviewed")
    assert not state.between("new", "awaiting_review")


@pytest.mark.parametrize(
    "compare",
    [
        lambda state: state < "acepted",
        lambda state: state >= "acepted",
        lambda state: state.between("acepted", "new"),
        lambda state: state.between("new", "acepted"),
    ],
)
def test_comparing_with_an_unknown_name_is_an_error(compare: Any) -> None:
    """It carries the name and the nearest known one."""
    with pytest.raises(UnknownState) as caught:
        compare(Article.being_reviewed)
    assert caught.value.value == "acepted"
    assert caught.value.nearest == "accepted"
    assert "Did you mean 'accepted'?" in str(caught.value)


def test_a_state_outside_of_any_workflow_has_no_order() -> None:
    """It says so instead of guessing, and what was meant in a class body."""
    with pytest.raises(TypeError, match=r"an arrow is drawn by new\.to\(done\)"):
        _ = State() < "new"
    assert repr(State()) == "<State (not named yet)>"
    with pytest.raises(UnknownState, match="'old' is no state of this workflow"):
        _ = State().named("old") < "new"


def test_a_state_tells_its_value_meta_and_label() -> None:
    """The value and the label come from the name unless they are given."""
    assert Article.new.value == "new"
    assert Article.new.label == "New"
    assert Article.being_reviewed.label == "Being reviewed"
    assert Article.awaiting_review.label == "Waiting"
    assert Article.being_reviewed.meta["importance"] == 8
    assert Article.accepted.final
    assert not Article.new.final
    assert Article.workflow_spec.final == (Article.accepted,)


def test_labels_may_be_lazy() -> None:
    """A label is given back as it is, and made a text only when it is read."""

    class Lamp(Workflow):
        off = State(label=Lazy())
        on = State()
        switch = Event(off.to(on), label=Lazy())

    assert isinstance(Lamp.off.label, Lazy)
    assert str(Lamp.off.label) == "translated"
    assert str(Lamp.workflow_spec.events["switch"].label) == "translated"
    assert Article.workflow_spec.events["submit"].label == "Submit"
    assert Article.workflow_spec.events["accept"].label == "Take it"


def test_a_state_lists_the_events_that_leave_it() -> None:
    """By name, each with its transitions."""
    events = Article.being_reviewed.events
    assert list(events) == ["accept"]
    assert events["accept"][0].target == "accepted"
    assert events["accept"][0].source == "being_reviewed"
    assert not Article.accepted.events


def test_states_are_immutable() -> None:
    """Neither they nor what they hold can be changed."""
    state: Any = Article.being_reviewed
    with pytest.raises(AttributeError, match="immutable"):
        state.value = "x"
    with pytest.raises(AttributeError, match="immutable"):
        del state.value
    with pytest.raises(TypeError):
        state.meta["importance"] = 9
    with pytest.raises(TypeError):
        state.events["x"] = ()
    assert state.value == "being_reviewed"
    assert state.meta == {"importance": 8}


class Colour(Enum):
    """Values of another kind than text."""

    RED = "r"
    GREEN = "g"


class Level(IntEnum):
    """Values that are numbers too."""

    LOW = 0
    HIGH = 1


def test_values_may_be_of_any_hashable_kind() -> None:
    """Numbers, the empty string, tuples and members of an Enum are stored as they are."""

    class Odd(Workflow):
        zero = State(0)
        empty = State("")
        pair = State((1, 2))
        red = State(Colour.RED)
        go_on = Event(zero.to(empty), empty.to(pair), pair.to(red), red.to(zero))

    odd: Any = Odd()
    seen: list[Any] = []
    for _ in range(4):
        odd.go_on()
        seen.append(odd.workflow_state)
        assert odd.current_state.value == odd.workflow_state
    assert seen == ["", (1, 2), Colour.RED, 0]
    assert odd.is_zero()


def test_a_state_is_never_equal_to_a_member_of_an_enum() -> None:
    """Comparing them is a mistake that would stay silent, so that it is an error."""

    class Light(Workflow):
        red = State(Colour.RED)

    with pytest.raises(TypeError, match="compare its value"):
        _ = Light.red == Colour.RED
    assert Light.red.value == Colour.RED


def test_the_plain_value_of_a_member_is_unknown() -> None:
    """The member itself is suggested."""

    class Light(Workflow):
        red = State(Colour.RED)

    light: Any = Light()
    light.workflow_state = "r"
    with pytest.raises(UnknownState, match=r"Did you mean <Colour\.RED: 'r'>") as caught:
        _ = light.current_state
    assert caught.value.nearest is Colour.RED


def test_states_can_be_declared_from_an_enum() -> None:
    """One state per member, its name in lower case, reached by the name of the member."""

    class Light(Workflow):
        states = States.from_enum(Colour)
        go = Event(states.RED.to(states.GREEN))

    light: Any = Light()
    assert light.is_red()
    assert light.go()
    assert light.workflow_state is Colour.GREEN
    assert light.current_state == Light.states.GREEN
    assert light.current_state is Light.states.GREEN
    assert [state.name for state in Light.states] == ["red", "green"]
    assert Light.workflow_spec.state_names == ("red", "green")
    with pytest.raises(AttributeError, match=r"'BLUE'.*RED, GREEN"):
        _ = Light.states.BLUE
    with pytest.raises(AttributeError, match="immutable"):
        light.states.RED = 3


def test_a_member_gives_its_label_to_its_state() -> None:
    """If it has a text for people; a method of that name, or another member, is none."""

    class Titled(Enum):
        NEW = "n"
        OLD = "o"

        @property
        def label(self) -> str:
            return f"Quite {self.name.lower()}"

    class Asked(Enum):
        NEW = "n"

        def label(self) -> str:
            raise NotImplementedError

    class Nested(Enum):
        label = "l"
        other = "o"

    assert [state.label for state in States.from_enum(Titled)] == ["Quite new", "Quite old"]
    assert [state.label for state in States.from_enum(Asked)] == ["New"]
    assert [state.label for state in States.from_enum(Nested)] == ["Label", "Other"]


def test_states_of_an_enum_with_numbers_keep_the_numbers() -> None:
    """A zero is a value like any other."""

    class Tank(Workflow):
        levels = States.from_enum(Level)
        fill = Event(levels.LOW.to(levels.HIGH))

    tank: Any = Tank()
    tank.workflow_state = 0
    assert tank.is_low()
    assert tank.fill()
    assert tank.workflow_state == 1


def test_a_stored_value_that_no_state_has_is_an_error() -> None:
    """Whoever asks gets the value, the object and the nearest known value; nothing moves."""
    article: Any = Article()
    article.workflow_state = "acepted"
    for ask in (
        lambda: article.current_state,
        article.is_new,
        article.can_submit,
        article.submit,
        article.allowed_events,
        lambda: article.refusal("submit"),
        lambda: article.target_of("submit"),
    ):
        with pytest.raises(UnknownState) as caught:
            ask()
        assert caught.value.value == "acepted"
        assert caught.value.workflow is article
        assert caught.value.nearest == "accepted"
        assert "'acepted' is no state of Article" in str(caught.value)
    assert article.workflow_state == "acepted"


def test_a_stored_value_that_cannot_be_hashed_is_unknown_too() -> None:
    """A list, say, that some decoder has put there."""
    article: Any = Article()
    article.workflow_state = ["new"]
    for ask in (lambda: article.current_state, article.is_new, article.can_submit, article.submit):
        with pytest.raises(UnknownState):
            ask()


def test_states_can_be_copied_and_pickled() -> None:
    """What comes back is the State of the class, with its events."""
    assert copy.copy(Article.new) is Article.new
    assert copy.deepcopy(Article.new) is Article.new
    assert pickle.loads(pickle.dumps(Article.accepted)) is Article.accepted


def test_a_state_of_a_local_class_survives_pickling_without_its_events() -> None:
    """Pickle cannot find such a class again, but name, value, label and order are kept."""

    class Local(Workflow):
        first = State(1, label="One")
        second = State(2, meta={"a": 1})
        go = Event(first.to(second))

    state = pickle.loads(pickle.dumps(Local.first))
    assert state == Local.first
    assert (state.value, state.label, dict(state.meta)) == (1, "One", {})
    assert state < "second"
    undeclared = pickle.loads(pickle.dumps(State("x")))
    assert undeclared.value == "x"


def test_a_state_has_one_name() -> None:
    """The same State under two names is a mistake of the class body."""
    with pytest.raises(WorkflowDefinitionError, match="under a second name"):

        class Twice(Workflow):
            first = State()
            second = first


def test_the_spec_finds_a_value_for_a_name_a_state_or_a_value() -> None:
    """What stores need when they are given a state; anything else is unknown."""

    class Numbered(Workflow):
        low = State(0)
        high = State(1)

    spec = Numbered.workflow_spec
    assert spec.value_of("low") == 0
    assert spec.value_of(Numbered.high) == 1
    assert spec.value_of(1) == 1
    for unknown in ("hihg", 7, None, Article.new):
        with pytest.raises(UnknownState):
            spec.value_of(unknown)


def test_what_cannot_change_is_its_own_copy() -> None:
    """States, specs and all in them are shared by copies of what holds them."""
    spec = Ticket.workflow_spec
    assert copy.deepcopy(spec) is spec
    assert copy.copy(Ticket.opened) is Ticket.opened
    assert copy.deepcopy([Ticket.opened])[0] is Ticket.opened


class Ticket(Workflow):
    """A workflow that pickle can find."""

    opened = State()
    closed = State()
    close = Event(opened.to(closed))


def test_a_spec_can_be_pickled() -> None:
    """That of a class which can be imported is the same again, any other an equal one."""
    assert pickle.loads(pickle.dumps(Ticket.workflow_spec)) is Ticket.workflow_spec

    class Local(Workflow):
        here = State()
        there = State()
        go = Event(here.to(there))

    assert pickle.loads(pickle.dumps(Local.workflow_spec)) == Local.workflow_spec


def test_final_and_history_are_flags() -> None:
    """Another truth is refused: ``final="no"`` would mean yes."""
    with pytest.raises(TypeError, match="final is True or False, and not 'no'"):
        State(final=wrong("no"))
    with pytest.raises(TypeError, match="history is True or False, and not 'no'"):

        class Wrong(Compound, history=wrong("no")):
            here = State()


def wrong(value: object) -> Any:
    """Return a value that a type checker would refuse."""
    return value


@pytest.mark.parametrize("declare", [State, Event])
def test_meta_is_a_mapping(declare: Any) -> None:
    """Anything else is refused with its name."""
    with pytest.raises(TypeError, match="meta takes a mapping"):
        declare(meta=[1])


def test_an_arrow_of_states_without_names_can_be_shown() -> None:
    """While the class body runs, they have none."""
    assert repr(State().to(State())).endswith("-> <State (not named yet)>>")


def test_an_event_has_one_name() -> None:
    """A handler of another name than its event is said to need @handles."""
    with pytest.raises(WorkflowDefinitionError) as caught:

        class Twice(Workflow):
            here = State()
            there = State()
            go = Event(here.to(there))

            @go
            def went(self) -> None: ...

    (problem,) = caught.value.problems
    assert problem.name == "went"
    assert '@handles("go")' in problem.what
