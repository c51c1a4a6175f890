"""States inside states: what can be declared, what cannot, and how it is written as data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from statecraft import (
    ANY,
    AsyncWorkflow,
    Compound,
    Event,
    State,
    Workflow,
    WorkflowDefinitionError,
    WorkflowSpec,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class Review(Workflow):
    """A draft that two departments look at."""

    draft = State()

    class under_review(Compound, history=True, meta={"colour": "blue"}, label="Under review"):
        legal = State()

        class technical(Compound):
            first = State("t1", was=["tech"])
            second = State()

        signed = State(final=True)

    published = State()
    shelved = State(final=True)

    submit = Event(draft.to(under_review))
    clear = Event(under_review.legal.to(under_review.technical))
    look = Event(under_review.technical.first.to(under_review.technical.second))
    sign = Event(under_review.technical.to(under_review.signed))
    finish = Event(under_review.on_done(published))
    withdraw = Event(under_review.to(draft))
    shelve = Event(ANY.except_(published).to(shelved))


def problems_of(define: Callable[[], object]) -> dict[str, str]:
    """Return what is wrong with a class, by the name that it is wrong with."""
    with pytest.raises(WorkflowDefinitionError) as caught:
        define()
    return {problem.name: problem.what for problem in caught.value.problems}


def test_names_and_values_are_qualified() -> None:
    """A leaf is stored under its whole name, or under a value of its own; a compound has none."""
    spec = Review.workflow_spec
    assert [*spec.states] == [
        "draft",
        "under_review",
        "under_review.legal",
        "under_review.technical",
        "under_review.technical.first",
        "under_review.technical.second",
        "under_review.signed",
        "published",
        "shelved",
    ]
    assert spec.states["under_review.legal"].value == "under_review.legal"
    assert spec.states["under_review.technical.first"].value == "t1"
    assert spec.states["under_review"].stored_values == (
        "under_review.legal",
        "t1",
        "tech",
        "under_review.technical.second",
        "under_review.signed",
    )
    assert [state.name for state in spec.final] == ["shelved"]
    assert spec.states["under_review"].meta == {"colour": "blue"}
    assert str(spec.states["under_review"].label) == "Under review"
    assert Review.under_review.technical.first == "under_review.technical.first"


def test_states_inside_states_are_in_the_order_of_their_leaves() -> None:
    """A compound lies where its leaves lie; it is neither before nor behind one of them."""
    states = Review.workflow_spec.states
    draft, review = states["draft"], states["under_review"]
    legal, second = states["under_review.legal"], states["under_review.technical.second"]
    assert draft < review < states["published"]
    assert draft < legal < second < "published"
    assert legal < "under_review.technical"
    assert states["under_review.technical"] < "under_review.signed"
    assert not review < legal
    assert not legal < review
    assert review <= legal <= review
    assert second.between("under_review.legal", "published")
    assert second.between("under_review", "under_review")


def test_any_leaves_a_whole_compound_where_it_can() -> None:
    """And else the others inside of it, none of which is final."""
    shelve = Review.workflow_spec.events["shelve"].transitions
    assert [one.source.name for one in shelve] == ["draft", "under_review"]

    class Narrow(Review):
        recall = Event(ANY.to(Review.under_review.technical.first))

    recall = Narrow.workflow_spec.events["recall"].transitions
    assert [one.source.name for one in recall] == [
        "draft",
        "under_review.legal",
        "under_review.technical.second",
        "published",
    ]


def test_a_union_takes_compounds_as_well() -> None:
    """Each member is left as it would be alone."""

    class Joined(Review):
        restart = Event((Review.under_review | Review.published).to(Review.draft))

    review: Any = Joined()
    review.submit()
    review.clear()
    assert review.restart()
    assert review.is_draft()


def test_an_event_of_a_leaf_wins_over_that_of_its_compound() -> None:
    """Wherever it is declared; the compound's own is tried where the leaf's conditions fail."""

    class Stepwise(Workflow):
        class opened(Compound):
            one = State()
            two = State()

        closed = State()
        step = Event(
            opened.to(closed),
            opened.one.to(opened.two, unless="hasty"),
            closed.to(opened),
        )
        hasty = False

    stepwise: Any = Stepwise()
    assert stepwise.target_of("step") == "opened.two"
    stepwise.hasty = True
    assert stepwise.target_of("step") == "closed"
    stepwise.hasty = False
    stepwise.step()
    assert stepwise.target_of("step") == "closed"


def test_a_subclass_adds_states_into_an_inherited_compound() -> None:
    """Behind those that are there; what the compound was, it stays, unless it says otherwise."""

    class Thorough(Review):
        class under_review(Review.under_review):
            financial = State()

        audit = Event(under_review.legal.to(under_review.financial))
        quick = Event(under_review.financial.to(under_review.signed))

    names = [state.name for state in Thorough.under_review.leaves]
    assert names == [
        "under_review.legal",
        "under_review.technical.first",
        "under_review.technical.second",
        "under_review.signed",
        "under_review.financial",
    ]
    assert Thorough.under_review.history
    assert Thorough.under_review.meta == {"colour": "blue"}
    assert str(Thorough.under_review.label) == "Under review"
    review: Any = Thorough()
    review.submit()
    review.audit()
    assert review.is_under_review_financial()
    assert review.quick()
    assert review.is_published()
    assert "under_review.financial" not in Review.workflow_spec.states

    class Forgetful(Review):
        class under_review(Review.under_review, history=False, meta={"colour": "red"}, label="R"):
            pass

    assert not Forgetful.under_review.history
    assert Forgetful.under_review.meta == {"colour": "red"}
    assert str(Forgetful.under_review.label) == "R"


def test_a_compound_that_is_declared_again_keeps_what_was_inside() -> None:
    """As an inherited state that is declared again stands in its place."""

    class Again(Review):
        class under_review(Compound):  # pyright: ignore[reportIncompatibleVariableOverride]
            legal = State(meta={"again": True})
            extra = State()

        leave = Event(under_review.extra.to("draft"))

    assert [one.name for one in Again.under_review.states.values()] == [
        "under_review.legal",
        "under_review.technical",
        "under_review.signed",
        "under_review.extra",
    ]
    assert Again.under_review.legal.meta == {"again": True}


def test_it_survives_being_written_as_data() -> None:
    """To a dictionary, JSON and back; a class made of it behaves the same."""
    spec = Review.workflow_spec
    again = WorkflowSpec.from_dict(json.loads(json.dumps(spec.to_dict())))
    assert again.to_dict() == spec.to_dict()
    assert [*again.states] == [*spec.states]
    assert again.states["under_review"].history
    made: Any = Workflow.from_spec(again)
    review = made()
    review.submit()
    review.clear()
    assert review.current_state == "under_review.technical.first"
    assert review.sign()
    assert review.is_published()
    assert made.under_review.technical.second == "under_review.technical.second"


@pytest.mark.parametrize(
    ("state", "path", "what"),
    [
        (
            {"states": [{"name": "a"}], "value": 3},
            "states[1].value",
            "a state with states inside has none",
        ),
        (
            {"states": [{"name": "a"}], "final": True},
            "states[1].final",
            "a state with states inside has none",
        ),
        (
            {"states": [{"name": "a"}], "was": [3]},
            "states[1].was",
            "a state with states inside has none",
        ),
        ({"history": True}, "states[1].history", "only a state with states inside has one"),
        ({"states": [{"name": "a", "vale": 3}]}, "states[1].states[0]", "vale"),
    ],
)
def test_malformed_data_names_the_path(state: dict[str, Any], path: str, what: str) -> None:
    """To the fault inside of the states."""
    data = {"name": "Lamp", "states": [{"name": "off"}, {"name": "on", **state}], "events": []}
    with pytest.raises(WorkflowDefinitionError) as caught:
        WorkflowSpec.from_dict(data)
    assert path in str(caught.value)
    assert what in str(caught.value)


def test_a_compound_needs_states() -> None:
    """An object could be nowhere inside of it."""

    def define() -> None:
        class Bad(Workflow):
            draft = State()

            class empty(Compound):
                pass

    assert problems_of(define) == {"empty": "it has no states inside. Declare one: State()"}


def test_the_body_of_a_compound_holds_states_only() -> None:
    """Everything else stands in the body of the workflow; all that is wrong is said at once."""

    def define() -> None:
        class Bad(Workflow):
            draft = State()

            class inside(Compound):
                first = State()
                second = State()
                go = Event(first.to(second))
                first = State()  # noqa: PIE794 # type: ignore[misc] # pyright: ignore[reportRedeclaration]
                value = State()

                def on_first_entry(self) -> None: ...

                class deeper(Compound):
                    number = 3

    found = problems_of(define)
    assert found["inside.go"] == (
        "the body of a compound holds states only. Events, hooks and all else stand in the body of"
        " the workflow"
    )
    assert found["inside.on_first_entry"] == found["inside.go"]
    assert found["inside.deeper.number"] == found["inside.go"]
    assert found["inside.first"].startswith("the body writes this name twice")
    assert found["inside.value"].startswith("no state inside of a compound can be called so")
    assert found["inside.deeper"] == "it has no states inside. Declare one: State()"


def test_on_done_needs_a_final_state() -> None:
    """Else it never fires; and a leaf is not done at all."""

    def define() -> None:
        class Bad(Workflow):
            draft = State()

            class inside(Compound):
                first = State()

            leave = Event(inside.on_done(draft))
            part = Event(draft.on_done(inside))

    found = problems_of(define)
    assert found["leave"] == (
        "'inside' has no final state, so it is never done. Declare one inside: State(final=True)"
    )
    assert found["part"] == "'draft' is no compound, and only a compound can be done"


def test_nothing_leaves_a_final_state() -> None:
    """Only its compound can be left."""

    def define() -> None:
        class Bad(Workflow):
            draft = State()

            class inside(Compound):
                last = State(final=True)

            back = Event(inside.last.to(draft))

    what = "it leaves 'inside.last', which is final: nothing leaves a final state"
    assert problems_of(define) == {"back": what}


def test_generated_names_do_not_clash() -> None:
    """``is_a_b`` cannot be the question of two states."""

    def define() -> None:
        class Bad(Workflow):
            a_b = State()

            class a(Compound):
                b = State()

    assert problems_of(define) == {
        "a.b": "is_a_b() would be that of 'a.b' and is_a_b() of the state 'a_b'. Rename one"
    }


def test_events_that_fire_by_themselves_come_to_an_end() -> None:
    """A circle of them would never; and nobody gives them arguments."""

    def define() -> None:
        class Bad(Workflow):
            class one(Compound):
                last = State(final=True)

            class two(Compound):
                middle = State()
                last = State(final=True)

            class three(Compound):
                last = State(final=True)

            start = Event(two.middle.to(two.last))
            first = Event(one.on_done(three))
            third = Event(three.on_done(one))
            second = Event(two.on_done(one))
            typed = Event[[int], bool](two.on_done(three, if_="never"))

            @Event(two.on_done(three, if_="never"))
            def handled(self, how: str) -> None: ...

            @Event(two.on_done(three, if_="never"))
            def keyword(self, *, how: str) -> None: ...

            @Event(two.on_done(three, if_="never"))
            def defaults(self, how: str = "", *, much: int = 3) -> None: ...

            never = False

    found = problems_of(define)
    circle = "it would fire by itself for ever: one.last -> three.last -> one.last"
    assert found["first"] == circle
    assert found["third"].endswith(": three.last -> one.last -> three.last")
    arguments = "it fires by itself when a compound is done, so nobody gives it its arguments"
    assert {name for name, what in found.items() if what == arguments} == {
        "typed",
        "handled",
        "keyword",
    }
    assert {*found} == {"first", "third", "typed", "handled", "keyword"}


def test_history_needs_a_store_with_room_for_it() -> None:
    """A store of values alone refuses the class when it is created."""

    class Values(Workflow):
        def load_state(self) -> Any: ...

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None: ...

    def define() -> None:
        class Bad(Values):
            off = State()

            class on(Compound, history=True):
                low = State()

    assert problems_of(define) == {
        "on": "its history needs a place beside the state, and the store has none: it overrides no"
        " load_remembered and no persist_change"
    }


def test_slots_leave_room_for_what_is_remembered() -> None:
    """Beside the state itself."""

    def define() -> None:
        class Bad(Workflow):
            __slots__ = ("workflow_state",)
            off = State()

            class on(Compound, history=True):
                low = State()

            power = Event(off.to(on), on.to(off))

    assert problems_of(define) == {
        "workflow_state_remembered": "__slots__ leave no room for it. Add"
        " 'workflow_state_remembered' to them"
    }


def test_a_misspelt_state_inside_is_an_error_of_the_body() -> None:
    """Python's own, with the nearest name."""
    with pytest.raises(AttributeError, match=r"is called 'leagl'. Did you mean 'legal'"):
        _ = Review.under_review.leagl
    with pytest.raises(AttributeError, match="has no attribute"):
        _ = Review.draft.leagl  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]


def test_an_error_at_an_unknown_state_inside_says_the_nearest() -> None:
    """By its whole name."""

    def define() -> None:
        class Bad(Workflow):
            draft = State()

            class inside(Compound):
                first = State()

            go = Event(draft.to("inside.frist"))

    assert "Did you mean 'inside.first'?" in problems_of(define)["go"]


def test_hooks_are_known_by_name_and_by_decorator() -> None:
    """A name that is nearly one is an error, as for every state."""

    def define() -> None:
        class Bad(Workflow):
            draft = State()

            class inside(Compound):
                first = State()

            go = Event(draft.to(inside))

            def on_inside_frist_entry(self) -> None: ...

    assert "Did you mean 'inside_first'?" in problems_of(define)["on_inside_frist_entry"]


class Steps(Workflow):
    """Notes every hook."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def seen(self) -> list[str]:
        """Return what was noted since the last time."""
        steps, self.steps = self.steps, []
        return steps


class Machine(Steps):
    """A machine with compounds next to one another, three levels deep."""

    class left(Compound):
        class low(Compound):
            one = State()
            two = State()

        high = State()

    class right(Compound):
        only = State()

    touch = Event(left.internal())
    spin = Event(left.low.one.to(left.low.one))
    whole = Event(left.to(left))
    inner = Event(left.to(left.low))
    cross = Event(left.low.to(right), right.to(left.low.two))
    out = Event(left.low.one.to(left.high))
    over = Event(left.low.one.to(right.only))


def _noting(what: str) -> Callable[[Any], None]:
    def note(self: Any) -> None:
        self.steps.append(what)

    return note


def _noting_all(machine: type[Machine | LeadingBack]) -> Any:
    """Return a subclass that notes every exit and every entry."""
    hooks = {
        f"on_{state.identifier}_{direction}": _noting(f"{sign}{state.name}")
        for state in machine.workflow_spec.states.values()
        for direction, sign in (("entry", "+"), ("exit", "-"))
    }
    metaclass: Any = type(machine)
    return metaclass("Noting", (machine,), hooks)


Noting = _noting_all(Machine)


@pytest.mark.parametrize(
    ("event", "steps"),
    [
        ("touch", []),
        ("spin", ["-left.low.one", "+left.low.one"]),
        ("whole", ["-left.low.one", "-left.low", "-left", "+left", "+left.low", "+left.low.one"]),
        ("inner", ["-left.low.one", "-left.low", "+left.low", "+left.low.one"]),
        ("cross", ["-left.low.one", "-left.low", "-left", "+right", "+right.only"]),
        ("out", ["-left.low.one", "-left.low", "+left.high"]),
        ("over", ["-left.low.one", "-left.low", "-left", "+right", "+right.only"]),
    ],
)
def test_only_what_is_left_and_entered_has_its_hooks_called(event: str, steps: list[str]) -> None:
    """Each once: exits from the leaf outward, entries inward."""
    machine = Noting()
    assert machine.fire(event) is True
    assert machine.seen() == steps


def test_a_transition_into_another_compound_ends_in_the_leaf_that_it_names() -> None:
    """It enters the compounds around it."""
    machine = Noting()
    machine.cross()
    machine.seen()
    assert machine.cross() is True
    assert machine.seen() == ["-right.only", "-right", "+left", "+left.low", "+left.low.two"]
    assert machine.is_left_low()
    assert machine.is_left_low_two()
    assert not machine.is_right()


class Remembering(Steps):
    """Two compounds with history, one inside of the other, and one that has none around one."""

    off = State()

    class on(Compound, history=True):
        class deep(Compound, history=True):
            a = State()
            b = State()

        c = State()

    class around(Compound):
        class inner(Compound, history=True):
            x = State()
            y = State()

    next = Event(on.deep.a.to(on.deep.b), around.inner.x.to(around.inner.y))
    leave = Event(on.deep.to(on.c))
    back = Event(on.c.to(on.deep))
    power = Event(off.to(on), on.to(off))
    other = Event(off.to(around), around.to(off))
    again = Event(on.to(on))


def test_a_compound_comes_back_to_the_leaf_in_which_it_was() -> None:
    """Also one inside of another, and one that is entered with the compound around it."""
    machine = Remembering()
    machine.power()
    machine.next()
    machine.leave()
    machine.power()
    machine.power()
    assert machine.current_state == "on.c"
    machine.back()
    assert machine.current_state == "on.deep.b"
    machine.power()
    machine.other()
    machine.next()
    machine.other()
    machine.other()
    assert machine.current_state == "around.inner.y"


def test_a_transition_to_itself_brings_a_compound_with_history_back_where_it_was() -> None:
    """It is left, remembers, and is entered again."""
    machine = Remembering()
    machine.power()
    machine.next()
    assert machine.again()
    assert machine.current_state == "on.deep.b"


class LeadingBack(Steps):
    """Arrows that leave a compound with history and lead back into it, at each of its levels."""

    class on(Compound, history=True):
        idle = State()

        class run(Compound, history=True):
            first = State()

            class late(Compound):
                start = State()
                end = State()

    skip = Event(on.idle.to(on.run.late.end))
    rest = Event(on.run.to(on.idle))
    inner = Event(on.run.late.end.to(on.run))
    outer = Event(on.run.late.end.to(on))
    inward = Event(on.to(on.run))
    outward = Event(on.run.to(on))


_OUT_OF_RUN = ["-on.run.late.end", "-on.run.late", "-on.run"]
_INTO_RUN = ["+on.run", "+on.run.late", "+on.run.late.end"]


@pytest.mark.parametrize(
    ("event", "steps"),
    [
        ("inner", [*_OUT_OF_RUN, *_INTO_RUN]),
        ("outer", [*_OUT_OF_RUN, "-on", "+on", *_INTO_RUN]),
        ("inward", [*_OUT_OF_RUN, *_INTO_RUN]),
        ("outward", [*_OUT_OF_RUN, "-on", "+on", *_INTO_RUN]),
    ],
)
def test_history_may_lead_back_to_where_the_object_came_from(event: str, steps: list[str]) -> None:
    """All that the arrow leaves is left, and entered again; the leaf is the one of before."""
    machine = _noting_all(LeadingBack)()
    machine.skip()
    machine.seen()
    assert machine.target_of(event) == "on.run.late.end"
    assert machine.fire(event) is True
    assert machine.seen() == steps
    assert machine.current_state == "on.run.late.end"


def test_history_that_was_followed_is_followed_again_from_elsewhere() -> None:
    """What a compound remembered when it was left and entered at once is not lost."""
    machine = _noting_all(LeadingBack)()
    machine.skip()
    machine.inner()
    machine.rest()
    machine.seen()
    assert machine.inward() is True
    assert machine.seen() == ["-on.idle", *_INTO_RUN]
    assert machine.current_state == "on.run.late.end"


def test_awaited_events_move_in_compounds_too() -> None:
    """One description of the steps serves both."""
    import asyncio

    class Slow(AsyncWorkflow):
        draft = State()

        class inside(Compound):
            first = State()
            last = State(final=True)

        done = State()
        enter = Event(draft.to(inside))
        end = Event(inside.first.to(inside.last))
        finish = Event(inside.on_done(done))

    async def walk() -> None:
        slow: Any = Slow()
        assert await slow.enter()
        assert await slow.refusal("finish") is not None
        assert slow.is_inside()
        assert await slow.end()
        assert slow.is_done()

    asyncio.run(walk())
