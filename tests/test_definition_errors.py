"""Definition errors: found when the class is created, all at once, each with the way out."""

from __future__ import annotations

import abc
import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from statecraft import (
    AsyncWorkflow,
    Event,
    Guard,
    Problem,
    State,
    Workflow,
    WorkflowDefinitionError,
    WorkflowMixin,
    WorkflowSpec,
    handles,
)

META: Any = type(Workflow)
MIXIN_META: Any = type(WorkflowMixin)


def problems_of(body: Any) -> tuple[Problem, ...]:
    """Return what is wrong with the class that ``body`` makes; it must not come into being."""
    with pytest.raises(WorkflowDefinitionError) as caught:
        body()
    assert isinstance(caught.value, TypeError)
    return caught.value.problems


def the_problem_of(body: Any) -> Problem:
    """Return the one thing that is wrong."""
    problems = problems_of(body)
    assert len(problems) == 1, problems
    return problems[0]


def test_all_problems_are_reported_at_once() -> None:
    """Each with class, name, place, what is wrong and the nearest right name."""

    def body() -> None:
        class Bad(Workflow):
            draft = State()
            accepted = State()
            copied = State("draft")
            submit = Event(draft.to("acepted"))
            empty = Event()

            def on_acepted_entry(self) -> None: ...

    problems = problems_of(body)
    names = ["submit", "empty", "copied", "on_acepted_entry"]
    assert [problem.name for problem in problems] == names
    assert all(problem.workflow_name == "Bad" for problem in problems)
    text = str(WorkflowDefinitionError(problems))
    assert text.startswith(
        f"Bad has {len(problems)} problems:\n  - Bad.submit (test_definition_errors.py:"
    )
    assert text.count("Did you mean 'accepted'?") == 2


def test_an_unknown_target() -> None:
    """The nearest state is suggested."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            there = State()
            go = Event(here.to("their"))

    problem = the_problem_of(body)
    assert problem.name == "go"
    assert "'their' is no state of Bad. Did you mean 'there'? States: here, there" in problem.what
    assert str(problem).startswith("Bad.go (test_definition_errors.py:")


def test_a_state_that_no_name_holds() -> None:
    """It has to be declared in the body."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            go = Event(here.to(State()))

    assert "no name of the class body holds" in the_problem_of(body).what


def test_a_state_of_another_workflow() -> None:
    """It is unknown here."""

    class Other(Workflow):
        there = State()

    def body() -> None:
        class Bad(Workflow):
            here = State()
            go = Event(here.to(Other.there), Other.there.to(here))

    assert "'there' is no state of Bad" in the_problem_of(body).what


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (1, 1, "the value of 'first' too"),
        (1, True, "the value of 'first' too"),
        (0, None, "nothing stored means the initial state"),
        (0, [], "not hashable"),
        ("second", 2, "its name is the value of 'first'"),
    ],
)
def test_values_that_cannot_be_told_apart(first: Any, second: Any, words: str) -> None:
    """Equal ones, ``None``, unhashable ones, and a name that is another state's value."""

    def body() -> None:
        META("Worst", (Workflow,), {"first": State(first), "second": State(second)})

    problem = the_problem_of(body)
    assert problem.name == "second"
    assert words in problem.what


def test_an_event_without_transitions() -> None:
    """It says how to draw one."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            go = Event()

    assert "no transitions" in the_problem_of(body).what


def test_a_transition_that_can_never_be_reached() -> None:
    """Because an earlier one of the same event and source has no condition."""

    def body() -> None:
        class Bad(Workflow):
            a = State()
            b = State()
            c = State()
            fine = True
            go = Event((a | b).to(c, unless="fine"), a.to(b), a.to(c), a.internal())

    problem = problems_of(body)
    assert [one.name for one in problem] == ["go", "go"]
    assert "from 'a' to 'c' can never be reached" in problem[0].what
    assert "from 'a' to itself can never be reached" in problem[1].what


def test_an_arrow_from_a_final_state() -> None:
    """Nothing leaves it."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            over = State(final=True)
            go = Event(over.to(here), here.to(over))

    assert "leaves 'over', which is final" in the_problem_of(body).what


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        ("on_acepted_entry", "Did you mean 'accepted'?"),
        ("on_acepted_exit", "Did you mean 'accepted'?"),
        ("on_transitoin", "Did you mean 'on_transition'?"),
        ("before_transitions", "Did you mean 'before_transition'?"),
        ("after_commits", "Did you mean 'after_commit'?"),
        ("befor_transition", "Did you mean 'before_transition'?"),
        ("on_enter_accepted", "Did you mean 'on_accepted_entry'?"),
        ("on_accepted_entered", "Did you mean 'on_accepted_entry'?"),
        ("on_exit_new", "Did you mean 'on_new_exit'?"),
        ("on_new_leave", "Did you mean 'on_new_exit'?"),
    ],
)
def test_a_hook_whose_name_only_looks_right(hook: str, words: str) -> None:
    """It would never be called."""

    def body() -> None:
        def method(self: object) -> None: ...

        META("Bad", (Workflow,), {"new": State(), "accepted": State(), hook: method})

    problem = the_problem_of(body)
    assert problem.name == hook
    assert words in problem.what


def test_a_name_that_is_only_a_little_like_a_hook_is_free() -> None:
    """For what the library would never call under that name anyway."""

    class Fine(Workflow):
        new = State()

        def on_enter_the_house(self) -> None: ...
        def on_new_year(self) -> None: ...
        def enter_new(self) -> None: ...
        def no_transition(self) -> None: ...
        def onward(self) -> None: ...

    assert Fine.workflow_spec.initial == "new"


def test_hooks_of_plain_bases_are_checked_too() -> None:
    """And those of abstract workflows; other methods may be called as they like."""

    class Mixin:
        def on_paied_entry(self) -> None: ...

        def on_the_road(self) -> None: ...

        def after_all(self) -> None: ...

        on_paying_entry = 3

    class Abstract(Workflow):
        def on_payd_exit(self) -> None: ...

    def body() -> None:
        class Bad(Mixin, Abstract):
            open = State()
            paid = State()

    assert [problem.name for problem in problems_of(body)] == ["on_paied_entry", "on_payd_exit"]


def test_hooks_of_a_workflow_are_not_checked_again_in_a_subclass() -> None:
    """With ``replace=True`` they may name states that are gone."""

    class Parent(Workflow):
        old = State()

        def on_old_entry(self) -> None: ...

    class Child(Parent, replace=True):
        new = State()

    assert Child().current_state == "new"


def test_a_name_written_twice() -> None:
    """The second would hide the first: a state, an event, or a handler that does not decorate."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            there = State()
            go = Event(here.to(there))  # pyright: ignore[reportAssignmentType] # that is the point

            def go(self) -> None:  # type: ignore[no-redef]  # noqa: F811 - that is the point
                """Be no handler."""

            here = State()  # noqa: PIE794 - that is the point

    problems = problems_of(body)
    assert [problem.name for problem in problems[:2]] == ["go", "here"]
    assert "@Event(...) above" in problems[0].what
    assert "@Event" not in problems[1].what
    assert not any("holds" in problem.what for problem in problems)


def test_other_names_may_be_written_twice() -> None:
    """A property with a setter, say."""

    class Fine(Workflow):
        here = State()
        count = 1
        count = 2  # noqa: PIE794 - that is the point

        @property
        def size(self) -> int:
            return self.count

        @size.setter
        def size(self, value: int) -> None:
            self.count = value

    assert Fine().size == 2


class HasMethods:
    """A base with things that a workflow could hide."""

    accepted: int = 3
    rank: int

    def review(self) -> None:
        """Be a method."""

    def is_new(self) -> bool:
        """Be a method too."""
        return False


@pytest.mark.parametrize(
    ("names", "problem_name", "words"),
    [
        ({"accepted": State()}, "accepted", "the attribute HasMethods.accepted and the state"),
        (
            {"here": State(), "review": Event(State("here").named("here").internal())},
            "review",
            "the method HasMethods.review and the event 'review' hide one another",
        ),
        (
            {"new": State()},
            "is_new",
            "the method HasMethods.is_new and is_new() of the state 'new'",
        ),
        ({"rank": State()}, "rank", "would hide the field 'rank' of HasMethods"),
        ({"fire": State()}, "fire", "the name is reserved"),
        (
            {"here": State(), "can": Event(State("here").named("here").internal())},
            "can",
            "reserved",
        ),
        ({"workflow_state": State()}, "workflow_state", "and cannot be a state as well"),
        (
            {"here": State(), "workflow_state": Event(State("here").named("here").internal())},
            "workflow_state",
            "and cannot be an event as well",
        ),
    ],
)
def test_names_that_hide_one_another(names: dict[str, Any], problem_name: str, words: str) -> None:
    """In either direction, with the way out."""

    def body() -> None:
        MIXIN_META("Bad", (HasMethods, WorkflowMixin), names)

    problem = the_problem_of(body)
    assert problem.name == problem_name
    assert words in problem.what
    if "reserved" in words or "HasMethods" in words:
        assert "as an attached one" in problem.what


def test_an_attribute_that_hides_an_inherited_event() -> None:
    """It is no handler, so that the way out is another name."""

    class Good(Workflow):
        here = State()
        go = Event(here.internal())

    problem = the_problem_of(lambda: META("Bad", (Good,), {"go": None}))
    assert problem.what.startswith("the attribute Bad.go and the event 'go' hide one another.")


class HasPlaces:
    """A base with things that can hold a value, and things that cannot."""

    plain: str | None = None
    readable = property(lambda self: "here")
    settable = property(
        lambda self: vars(self).get("kept"), lambda self, value: vars(self).update(kept=value)
    )

    def method(self) -> None:
        """Be a method."""


@pytest.mark.parametrize(
    ("state_field", "words"),
    [
        ("two words", "it is the name of an attribute, and 'two words' cannot be one"),
        ("class", "and 'class' cannot be one"),
        (3, "and 3 cannot be one"),
        ("current_state", "the name is reserved: every workflow has 'current_state'"),
        ("halt", "the name is reserved"),
        ("workflow_spec", "the name is reserved"),
        ("_halted_because", "the name is reserved"),
        ("__class__", "the name is reserved"),
        ("method", "'method' cannot hold the stored value: it is a method"),
        ("readable", "'readable' cannot hold the stored value: it is a property that cannot be"),
    ],
)
def test_a_state_field_that_cannot_hold_the_value(state_field: Any, words: str) -> None:
    """Otherwise the first event would fail, or the object lose what it has there."""

    def body(**options: Any) -> Any:
        here = State("here").named("here")
        names = {"here": here, "there": State(), "go": Event(here.to("there"))}
        return META("Bad", (HasPlaces, Workflow), names, **options)

    problem = the_problem_of(lambda: body(state_field=state_field))
    assert problem.name == "state_field"
    assert words in problem.what
    for good in ("plain", "settable", "somewhere_else"):
        subject = body(state_field=good)()
        assert subject.go()
        assert getattr(subject, good) == "there"


def test_a_store_of_its_own_may_have_any_state_field() -> None:
    """It alone knows what that means."""

    class Stored(Workflow, state_field="status"):
        here = State()
        kept: Any = None

        def status(self) -> str:
            return "fine"

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None: ...

        def load_state(self) -> Any:
            return self.kept

    assert Stored().current_state == "here"


def test_generated_names_that_hide_one_another() -> None:
    """A state and an event of one name, or one that is called like a generated method."""

    def body() -> None:
        class Bad(WorkflowMixin):
            go = State()
            is_go = State()
            can_fly = Event(go.to(is_go))
            fly = Event(go.to(is_go))

    assert [problem.name for problem in problems_of(body)] == ["is_go", "can_fly"]

    class Brings:
        go = State()

    def clash() -> None:
        class Bad(Brings, WorkflowMixin):
            here = State()

        class Worse(Bad):
            go = Event(Bad.here.to(Bad.here))  # type: ignore[assignment] # that is the point

    assert "it is a state and an event" in problems_of(clash)[0].what


def test_a_method_in_the_body_that_a_generated_one_would_hide() -> None:
    """It is found in the class itself too."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            there = State()
            go = Event(here.to(there))

            def can_go(self) -> bool:
                """Be in the way."""
                return True

    assert "can_go() of the event 'go' hide one another" in the_problem_of(body).what


def test_protocols_and_abstract_methods_are_fulfilled_and_not_hidden() -> None:
    """They say what there shall be, and the workflow brings it."""
    from typing import Protocol

    class CanSubmit(Protocol):
        def submit(self) -> bool: ...

    class Article(WorkflowMixin, CanSubmit):
        new = State()
        sent = State()
        submit: Any = Event(new.to(sent))

    class Base(abc.ABC):
        @abc.abstractmethod
        def submit(self) -> bool: ...

        @abc.abstractmethod
        def is_new(self) -> bool: ...

    class Letter(Base, Workflow):
        new = State()
        sent = State()
        submit: Any = Event(new.to(sent))

    assert Article().submit()
    assert Letter().submit()  # type: ignore[abstract] # is_new is generated


def test_a_missing_attribute() -> None:
    """Named in ``if_``, ``unless`` or ``guard``; the nearest name is suggested."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            there = State()
            battery: int
            ready = True

            def __init__(self) -> None:
                self.engine_runs = True

            go = Event(
                here.to(there, if_="redy", unless="engine_run", guard=Guard("baterry")),
                here.to(there, if_=["ready", "engine_runs", "battery"]),
            )

    problems = problems_of(body)
    assert [problem.what.rpartition("Did you mean ")[2] for problem in problems] == [
        "'ready'?",
        "'engine_runs'?",
        "'battery'?",
    ]


def test_an_argument_that_the_event_does_not_have() -> None:
    """Asked for by a condition, a guard or a reason; one with a default does without."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            there = State()

            def enough(self, amuont: int) -> bool:
                """Ask for a misspelt argument."""
                return amuont > 0

            @Event(
                here.to(
                    there,
                    if_=["enough", lambda bad, limit=3: limit],
                    guard=Guard(lambda bad, *rest, **more: True, because=lambda bad, *, when: when),
                )
            )
            def pay(self, amount: int) -> None: ...

    problems = problems_of(body)
    assert len(problems) == 2
    assert "asks for the argument 'amuont'" in problems[0].what
    assert "Did you mean 'amount'? Its arguments: amount" in problems[0].what
    assert "'when'" in problems[1].what


def test_a_condition_that_does_not_take_the_object() -> None:
    """There would be nothing to ask."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            go = Event(here.internal(if_=lambda: True))

    assert "must take the object" in the_problem_of(body).what


@pytest.mark.parametrize(
    ("name", "hook", "words"),
    [
        ("before_transition", lambda self, one, two: None, "self and the transition"),
        ("on_transition", lambda: None, "self and the transition"),
        ("after_transition", lambda self, *, key: None, "self and the transition"),
        ("on_here_entry", lambda self, one, two: None, "self and the transition"),
        ("on_error", lambda self, one, two, three: None, "the error and the transition"),
        ("on_unavailable_transition", lambda self, one, two: None, "self and the attempt"),
        ("on_here_exit", 3, "a hook is a method"),
        ("on_error", None, "a hook is a method"),
    ],
)
def test_a_hook_with_a_wrong_number_of_parameters(name: str, hook: Any, words: str) -> None:
    """It says what a hook of this kind takes."""

    def body() -> None:
        META("Bad", (Workflow,), {"here": State(), name: hook})

    problem = the_problem_of(body)
    assert problem.name == name
    assert words in problem.what


def test_hooks_may_take_any_number_of_arguments() -> None:
    """With stars, defaults, or as static and class methods."""

    class Fine(Workflow):
        here = State()
        there = State()
        go = Event(here.to(there))
        seen: Any = []

        def before_transition(self, *args: Any, **kwargs: Any) -> None:
            self.seen.append(len(args))

        def on_transition(self, transition: Any = None, more: int = 3) -> None:
            self.seen.append(transition.event)

        @staticmethod
        def on_here_exit(transition: Any) -> None:
            Fine.seen.append(transition.event)

        @classmethod
        def on_there_entry(cls) -> None:
            cls.seen.append("class")

    assert Fine().go()
    assert Fine.seen == [1, "go", "go", "class"]


def test_a_coroutine_function_in_a_sync_workflow() -> None:
    """Handlers, hooks, conditions, guards and persistence: it would never be awaited."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            there = State()

            async def ready(self) -> bool:
                return True

            @Event(here.to(there, if_="ready"))
            async def go(self) -> None: ...

            async def on_transition(self) -> None: ...

            async def load_state(self) -> Any: ...

    problems = problems_of(body)
    assert [problem.name for problem in problems] == [
        "on_transition",
        "go",
        "go: ready",
        "load_state",
    ]
    assert all("AsyncWorkflow" in problem.what for problem in problems)


def test_an_async_workflow_behind_a_sync_one() -> None:
    """It would do nothing there; the other way round, it makes the events async."""

    class Plain(Workflow):
        here = State()
        there = State()
        go = Event(here.to(there))

    def body() -> None:
        class Bad(Plain, AsyncWorkflow):  # type: ignore[misc]
            ...

    problem = the_problem_of(body)
    assert problem.name == "AsyncWorkflow"
    assert "Name it first: class Bad(AsyncWorkflow, ...)" in problem.what

    good: Any = META("Good", (AsyncWorkflow, Plain), {})()
    assert asyncio.run(good.can("go"))
    assert asyncio.run(good.fire("go"))
    assert good.is_there()


def test_threadsafe_is_not_for_async_workflows() -> None:
    """Their events wait for one another anyway."""

    def body() -> None:
        class Bad(AsyncWorkflow, threadsafe=True):
            here = State()

    assert the_problem_of(body).name == "threadsafe"


@pytest.mark.parametrize("name", ["once", "_value", "self"])
def test_parameters_that_the_library_uses_itself(name: str) -> None:
    """They are refused by name."""
    namespace: dict[str, Any] = {}
    exec(f"def go(this, {name}): ...", namespace)  # noqa: S102 - a parameter of any name
    here = State()

    def body() -> None:
        META("Bad", (Workflow,), {"here": here, "go": Event(here.internal())(namespace["go"])})

    assert f"parameter {name!r}" in the_problem_of(body).what


def test_a_handler_must_take_the_object() -> None:
    """As any method must."""

    def body() -> None:
        class Bad(Workflow):
            here = State()

            @Event(here.internal())  # type: ignore[arg-type] # that is the point
            def go() -> None:
                """Take nothing."""

    assert "must take self" in the_problem_of(body).what


@pytest.mark.parametrize("kind", [staticmethod, classmethod, property])
def test_a_handler_is_a_plain_function(kind: Any) -> None:
    """What would not be called with the object cannot be one."""
    event: Any = Event(State().internal())
    with pytest.raises(TypeError, match=r"^the handler of an event is a function that takes self"):
        event(kind(lambda subject: None))


@pytest.mark.parametrize("kind", [tuple, list])
def test_a_list_of_transitions(kind: Any) -> None:
    """An event takes them one by one."""
    with pytest.raises(TypeError, match=r"and not in a list: put a \* before it$"):
        Event(kind([State().internal()]))


def test_slots_without_room() -> None:
    """For the state, and for what a halt leaves behind."""

    def body() -> None:
        class Bad(WorkflowMixin):
            __slots__ = ()
            here = State()

            @Event(here.internal())
            def go(self) -> None: ...

    problems = problems_of(body)
    assert [problem.name for problem in problems] == ["workflow_state", "_halted_because"]

    class Fine(WorkflowMixin):
        __slots__ = ("workflow_state",)
        here = State()
        there = State()
        go = Event(here.to(there))

    assert Fine().go()

    class Kept(WorkflowMixin):
        __slots__ = ("_halted_because",)
        here = State()
        go = Event(here.internal())

        def load_state(self) -> Any:
            return None

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None: ...

    assert Kept().go()


def test_a_spec_that_names_a_handler_that_is_not_there() -> None:
    """The base class has to supply it; hooks likewise."""
    spec = WorkflowSpec.from_dict(
        {
            "name": "Loan",
            "states": [{"name": "asked"}, {"name": "given", "entry": "announce"}],
            "events": [
                {
                    "name": "give",
                    "transitions": [{"from": "asked", "to": "given", "if": ["solvent"]}],
                    "handler": "give",
                }
            ],
        }
    )
    names = [problem.name for problem in problems_of(lambda: Workflow.from_spec(spec))]
    assert names == ["announce", "give", "give"]


@dataclass
class Plain:
    """A dataclass with a field."""

    title: str


def test_a_field_of_a_dataclass_that_a_state_would_hide() -> None:
    """It is an annotation without a value on the class."""

    def body() -> None:
        class Bad(Plain, WorkflowMixin):
            title = State()  # type: ignore[assignment] # that is the point

    assert "the field 'title' of Plain" in the_problem_of(body).what


def test_a_decorated_hook_of_a_state_that_is_not_there() -> None:
    """It would never run; so would a handler that a base brings for no event."""

    class Other(Workflow):
        acepted = State()

    class Brings:
        @handles("sign")
        def do_sign(self) -> None: ...

    def body() -> None:
        class Bad(Brings, Workflow):
            accepted = State()

            @Other.acepted.on_entry
            def announce(self) -> None: ...

    problems = problems_of(body)
    assert [problem.name for problem in problems] == ["announce", "sign"]
    assert "entry hook of 'acepted', which is no state here. Did you mean 'accepted'?" in str(
        problems[0]
    )


def test_two_handlers_of_one_event() -> None:
    """One of them would never run."""

    def body() -> None:
        class Bad(Workflow):
            here = State()

            @Event(here.internal())
            def go(self) -> None: ...

            @handles("go")
            def other(self) -> None: ...

    assert "two handlers in this class, 'go' being the other" in the_problem_of(body).what


def test_a_body_whose_states_are_gone() -> None:
    """It would pass for an abstract class, and keeps its problems all the same."""

    def body() -> None:
        class Bad(Workflow):
            new = State()
            new = Event(State().to("x"))  # type: ignore[assignment]  # noqa: PIE794 - the point

    assert the_problem_of(body).name == "new"


def test_the_same_problem_is_reported_once() -> None:
    """Though two transitions have it."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            there = State()
            go = Event(here.to(there, if_="redy"), there.to(here, if_="redy", guard="redy"))

    assert "'redy'" in the_problem_of(body).what


def test_a_store_that_loads_and_does_not_store() -> None:
    """Events would return True, and nothing would move."""

    def body() -> None:
        class Bad(Workflow):
            here = State()

            def load_state(self) -> Any:
                return "here"

    assert "persist_state or persist_change must be too" in the_problem_of(body).what


def test_a_store_that_cannot_be_told_what_is_expected() -> None:
    """It is called with the value, and ``expected`` by keyword."""

    def body() -> None:
        class Bad(Workflow):
            here = State()

            def persist_state(self) -> None:  # type: ignore[override]
                """Take nothing."""

    assert "(self, value, *, expected)" in the_problem_of(body).what


def test_the_arguments_of_an_event_are_named_one_by_one() -> None:
    """``Event[[int]]`` is short for ``Event[[int], bool]``; an ellipsis says too little."""

    class Short(Workflow):
        here = State()
        go: Any = Event[[int]](here.internal())

    assert Short().go(3)
    with pytest.raises(TypeError, match="one by one"):

        class Bad(Workflow):
            here = State()
            go: Any = Event[..., bool](here.internal())


def test_a_property_that_a_state_would_hide_has_a_place() -> None:
    """That of its function."""

    class HasProperty:
        @property
        def open(self) -> bool:
            return True

    def body() -> None:
        class Bad(HasProperty, WorkflowMixin):
            open = State()  # type: ignore[assignment] # that is the point

    problem = the_problem_of(body)
    assert "the property HasProperty.open" in problem.what
    assert problem.place is not None


def test_states_alone_are_a_workflow() -> None:
    """Also a state that nothing leads to: rows from elsewhere may be in it."""

    class Lonely(Workflow):
        one = State()
        two = State()

    assert Lonely().allowed_events() == ()
    assert Lonely.workflow_spec.transitions == ()


def test_a_function_with_a_yield_is_no_handler_and_no_hook() -> None:
    """A call would run nothing of it. What a decorator makes of one is not looked into."""

    def body() -> None:
        class Bad(AsyncWorkflow):
            here = State()

            @Event(here.internal())
            def go(self) -> Any:
                yield

            async def before_transition(self) -> Any:
                yield

    what = "it has a yield, so a call runs nothing of it. Write a function without yield"
    assert {problem.name: problem.what for problem in problems_of(body)} == {
        "go": what,
        "before_transition": what,
    }

    class Fine(Workflow):
        here = State()

        @Event(here.internal())
        @contextmanager
        def go(self) -> Any:
            yield 3

    fine: Any = Fine()
    with fine.go() as given:
        assert given == 3


def test_a_class_in_the_place_of_a_state_or_an_event() -> None:
    """Somebody forgot the parentheses; an alias of its own name is none."""

    def body() -> None:
        class Bad(Workflow):
            here = State()
            there = State
            go = Event

    assert [str(problem) for problem in problems_of(body)] == [
        "Bad.there: it is the class State itself. Call it: there = State(...)",
        "Bad.go: it is the class Event itself. Call it: go = Event(...)",
    ]

    class Fine(Workflow):
        State = State
        here = State()

    assert Fine().is_here()  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]
