"""Firing: the order of the steps, results, halts and errors."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from statecraft import (
    Attempt,
    Event,
    Guard,
    NoTransitionAllowed,
    OutcomeUnknown,
    StaleState,
    State,
    Transition,
    TransitionHalted,
    Workflow,
    WorkflowError,
)


class Recorded(Workflow):
    """Writes down every step of a firing, with the state at that time."""

    draft = State()
    sent = State()
    closed = State()

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    def note(self, step: str) -> None:
        """Write down a step."""
        self.steps.append((step, self.current_state.name))

    def is_complete(self) -> bool:
        """Count as a condition."""
        self.note("condition")
        return True

    def has_address(self) -> bool:
        """Count as a guard."""
        self.note("guard")
        return True

    @Event(draft.to(sent, if_="is_complete", guard="has_address"))
    def send(self) -> str:
        """Send it."""
        self.note("handler")
        return "receipt"

    close = Event(sent.to(closed))
    touch = Event(draft.internal())

    def before_transition(self) -> None:
        self.note("before")

    def on_transition(self) -> None:
        self.note("on")

    def on_draft_exit(self) -> None:
        """Note it."""
        self.note("exit")

    def on_sent_entry(self) -> None:
        """Note it."""
        self.note("entry")

    def after_transition(self) -> None:
        self.note("after")


def test_the_steps_run_in_their_order() -> None:
    """Conditions and guards judge; everything up to the exit sees the old state."""
    recorded = Recorded()
    assert recorded.send() == "receipt"
    assert recorded.steps == [
        ("condition", "draft"),
        ("guard", "draft"),
        ("before", "draft"),
        ("handler", "draft"),
        ("on", "draft"),
        ("exit", "draft"),
        ("entry", "sent"),
        ("after", "sent"),
    ]


def test_an_internal_transition_leaves_and_enters_nothing() -> None:
    """It runs the hooks of every transition, and stores nothing."""
    recorded = Recorded()
    assert recorded.touch() is True
    assert [step for step, _ in recorded.steps] == ["before", "on", "after"]
    assert "workflow_state" not in vars(recorded)


class Holder(Workflow):
    """Handlers of every kind of result, and hooks that keep the transition."""

    idle = State()
    busy = State()

    def __init__(self) -> None:
        self.seen: list[Transition] = []

    @Event(idle.to(busy), busy.to(idle))
    def work(self, amount: int, /, note: str = "none", *more: int, flag: bool = True) -> Any:
        """Give back what was given."""
        return (amount, note, more, flag)

    @Event(idle.to(idle))
    def answer(self, result: object) -> object:
        """Give back the argument."""
        return result

    plain = Event(idle.to(idle))
    counted = Event[[int, str], bool](idle.to(idle))
    annotated: Event[[int], bool] = Event(idle.to(idle))

    def on_transition(self, transition: Transition) -> None:
        self.seen.append(transition)


@pytest.mark.parametrize(
    ("given", "result"), [(None, True), (True, True), (False, False), (0, 0), ("x", "x")]
)
def test_an_event_returns_what_its_handler_returns(given: object, result: object) -> None:
    """Or ``True`` if that is ``None``; a handler that returns False has not halted."""
    holder = Holder()
    assert holder.answer(given) is result
    assert not holder.halted


def test_the_transition_tells_everything() -> None:
    """The event, the states, and the arguments as bound, with the defaults filled in."""
    holder = Holder()
    assert holder.work(3) == (3, "none", (), True)
    assert holder.work(4, "b", 5, 6, flag=False) == (4, "b", (5, 6), False)
    first, second = holder.seen
    assert first == Transition("work", Holder.idle, Holder.busy, (3, "none"), {"flag": True})
    assert second.args == (4, "b", 5, 6)
    assert second.kwargs == {"flag": False}
    assert (second.event, str(second.source), str(second.target)) == ("work", "busy", "idle")
    with pytest.raises(AttributeError):
        first.event = "x"  # type: ignore[misc] # that is the point


def test_an_event_without_a_handler_takes_what_it_declares() -> None:
    """Nothing, or as many arguments as its type says."""
    holder: Any = Holder()
    assert holder.plain() is True
    assert holder.counted(1, "x") is True
    assert holder.annotated(7) is True
    assert [transition.args for transition in holder.seen] == [(), (1, "x"), (7,)]
    for call in (lambda: holder.plain(1), lambda: holder.counted(1), holder.annotated):
        with pytest.raises(TypeError):
            call()
    assert len(holder.seen) == 3


@pytest.mark.parametrize("arguments", [(), (1, 2, 3, 4)])
def test_a_wrong_call_is_a_type_error_and_nothing_has_run(arguments: tuple[int, ...]) -> None:
    """Python itself says which argument is wrong, under the name of the event."""
    recorded: Any = Reviewed()
    with pytest.raises(TypeError, match=r"Reviewed\.reject\(\)"):
        recorded.reject(*arguments)
    assert recorded.ran == []
    assert recorded.current_state == "being_reviewed"


class Reviewed(Workflow):
    """An article under review, with what can stop a transition."""

    being_reviewed = State()
    rejected = State()
    accepted = State()

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.reviewer: str | None = None

    @Event(being_reviewed.to(rejected))
    def reject(self, reason: str) -> None:
        """Need an important reason."""
        self.ran.append("reject")
        if "important" not in reason:
            self.halt("We do not reject articles unless the reason is important")
            self.ran.append("never")

    @Event(
        being_reviewed.to(accepted),
        guard=Guard("reviewer", because="nobody reviews it yet", code="no-reviewer"),
    )
    def accept(self) -> None:
        """Raise if told so."""
        self.ran.append("accept")
        if self.reviewer == "strict":
            raise TransitionHalted("not good enough", code="bad")


def test_halt_stops_softly() -> None:
    """The event returns False, the object knows why, nothing after it has run."""
    article = Reviewed()
    assert article.reject("no") is False
    assert article.halted
    assert article.halted_because == "We do not reject articles unless the reason is important"
    assert article.ran == ["reject"]
    assert article.current_state == "being_reviewed"


def test_the_next_event_forgets_the_halt() -> None:
    """Whether it succeeds or is refused."""
    article = Reviewed()
    article.reject("no")
    assert article.reject("important") is True
    assert not article.halted
    assert article.halted_because is None
    assert "_halted_because" not in vars(article)
    refused = Reviewed()
    refused.reject("no")
    refused.workflow_state = "accepted"  # type: ignore[attr-defined] # the stored value
    with pytest.raises(NoTransitionAllowed):
        refused.reject("important")
    assert not refused.halted


def test_halt_without_a_reason_is_a_halt() -> None:
    """The reason is then empty, and the object still says that it was halted."""

    class Quiet(Workflow):
        here = State()
        there = State()

        @Event(here.to(there))
        def go(self) -> None:
            self.halt()

    quiet = Quiet()
    assert quiet.go() is False
    assert quiet.halted
    assert quiet.halted_because == ""


def test_transition_halted_reaches_the_caller() -> None:
    """And the object remembers the reason."""
    article = Reviewed()
    article.reviewer = "strict"
    with pytest.raises(TransitionHalted, match="not good enough") as caught:
        article.accept()
    assert caught.value.code == "bad"
    assert str(caught.value) == "Reviewed cannot accept from 'being_reviewed': not good enough"
    assert article.halted_because == "not good enough"
    assert article.current_state == "being_reviewed"


def test_a_guard_vetoes_with_its_reason() -> None:
    """Nothing has run; the error says what, from where, and why."""
    article = Reviewed()
    with pytest.raises(TransitionHalted) as caught:
        article.accept()
    error = caught.value
    assert (error.halted_because, error.code) == ("nobody reviews it yet", "no-reviewer")
    assert (error.event, error.state, error.workflow) == ("accept", "being_reviewed", article)
    assert str(error) == "Reviewed cannot accept from 'being_reviewed': nobody reviews it yet"
    assert article.halted_because == "nobody reviews it yet"
    assert article.ran == []
    assert article.current_state == "being_reviewed"


def test_user_code_cannot_swallow_a_halt() -> None:
    """``except Exception`` lets it pass."""

    class Careless(Workflow):
        here = State()
        there = State()

        @Event(here.to(there))
        def go(self) -> None:
            try:
                self.halt("stop")
            except Exception:  # noqa: BLE001 - careless code is what is tested
                pytest.fail("swallowed")

    careless = Careless()
    assert careless.go() is False
    assert careless.current_state == "here"


@pytest.mark.parametrize(
    "step",
    ["a_condition", "before_transition", "handler", "on_transition", "on_here_exit"],
)
def test_everything_before_the_state_is_stored_may_halt(step: str) -> None:
    """Softly: the event returns False, and the state has not moved."""
    stopping = Stopping(step)
    assert stopping.go() is False
    assert stopping.halted_because == step
    assert stopping.current_state == "here"
    assert stopping.steps[-1] == step


@pytest.mark.parametrize("step", ["on_there_entry", "after_transition"])
def test_halting_after_the_state_is_stored_is_an_error(step: str) -> None:
    """It says that it came too late; the transition did happen."""
    stopping = Stopping(step)
    with pytest.raises(WorkflowError, match="too late"):
        stopping.go()
    assert stopping.current_state == "there"
    assert not stopping.halted


class Stopping(Workflow):
    """Halts at the step that it is told."""

    here = State()
    there = State()

    def __init__(self, step: str, error: Exception | None = None) -> None:
        self.step = step
        self.error = error
        self.steps: list[str] = []

    def at(self, step: str) -> bool:
        """Come to a step."""
        self.steps.append(step)
        if step == self.step:
            if self.error is not None:
                raise self.error
            self.halt(step)
        return True

    def a_condition(self) -> bool:
        """Come to the condition."""
        return self.at("a_condition")

    def a_guard(self) -> bool:
        """Come to the guard."""
        return self.at("a_guard")

    @Event(here.to(there, if_="a_condition", guard="a_guard"))
    def go(self) -> None:
        """Come to the handler."""
        self.at("handler")

    def before_transition(self) -> None:
        self.at("before_transition")

    def on_transition(self) -> None:
        self.at("on_transition")

    def on_here_exit(self) -> None:
        """Come to the exit."""
        self.at("on_here_exit")

    def on_there_entry(self) -> None:
        """Come to the entry."""
        self.at("on_there_entry")

    def after_transition(self) -> None:
        self.at("after_transition")


def test_halting_in_a_guard_vetoes() -> None:
    """It is the guard's way to say why: the caller gets TransitionHalted with that reason."""
    stopping = Stopping("a_guard")
    with pytest.raises(TransitionHalted, match="cannot go from 'here': a_guard"):
        stopping.go()
    assert stopping.halted_because == "a_guard"
    assert stopping.current_state == "here"


def test_halting_outside_of_an_event_is_an_error() -> None:
    """There is nothing to halt, and it says so."""
    stopping = Stopping("handler")
    with pytest.raises(WorkflowError, match="outside of any event"):
        stopping.at("handler")
    assert not stopping.halted


def test_halting_another_object_is_an_error() -> None:
    """An object that is in no event cannot be halted from the event of another."""

    class Meddling(Workflow):
        here = State()
        there = State()
        other: Any = None

        @Event(here.to(there))
        def go(self) -> None:
            self.other.halt("you")

    meddling = Meddling()
    meddling.other = Stopping("none")
    with pytest.raises(WorkflowError, match="outside of any event"):
        meddling.go()
    assert meddling.current_state == "here"


def test_a_veto_that_passes_through_two_events_tells_of_the_inner_one() -> None:
    """The event around it is halted for the same reason, and leaves the error as it is."""

    class Order(Workflow):
        open = State()
        paid = State()
        payment: Any = None

        @Event(open.to(paid))
        def pay(self) -> None:
            if self.payment is None:
                raise TransitionHalted("no money")
            self.payment.pay()

    order, order.payment = Order(), Order()
    with pytest.raises(TransitionHalted, match="no money") as caught:
        order.pay()
    assert caught.value.workflow is order.payment
    assert order.halted_because == order.payment.halted_because == "no money"
    assert order.current_state == order.payment.current_state == "open"


def test_transition_halted_after_the_state_is_stored_leaves_no_mark() -> None:
    """It reaches the caller, but the transition was not halted."""
    stopping = Stopping("on_there_entry", TransitionHalted("late"))
    with pytest.raises(TransitionHalted, match="late"):
        stopping.go()
    assert not stopping.halted
    assert stopping.current_state == "there"


@pytest.mark.parametrize(
    ("step", "state"),
    [
        ("a_condition", "here"),
        ("a_guard", "here"),
        ("handler", "here"),
        ("on_here_exit", "here"),
        ("on_there_entry", "there"),
        ("after_transition", "there"),
    ],
)
def test_an_exception_reaches_the_caller(step: str, state: str) -> None:
    """As it is; the state has moved if and only if it came after storing."""
    error = KeyError("mine")
    stopping = Stopping(step, error)
    with pytest.raises(KeyError) as caught:
        stopping.go()
    assert caught.value is error
    assert stopping.current_state == state
    assert not stopping.halted


class Forgiving(Stopping):
    """Deals with errors."""

    def on_error(self, error: Exception, transition: Transition) -> None:
        self.dealt = (error, transition)


@pytest.mark.parametrize("step", ["before_transition", "handler", "on_transition", "on_here_exit"])
def test_on_error_deals_with_what_is_raised_before_storing(step: str) -> None:
    """The event returns False, the state did not move, and the text is the reason."""
    error = KeyError("mine")
    forgiving = Forgiving(step, error)
    assert forgiving.go() is False
    assert forgiving.dealt == (error, Transition("go", Stopping.here, Stopping.there, (), {}))
    assert forgiving.halted_because == str(error)
    assert forgiving.current_state == "here"


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("a_condition", KeyError("mine")),
        ("a_guard", KeyError("mine")),
        ("on_there_entry", KeyError("mine")),
        ("after_transition", KeyError("mine")),
        ("handler", TransitionHalted("mine")),
        ("handler", StaleState(None, expected=("a",), found="b")),
        ("handler", OutcomeUnknown("the store does not answer")),
        ("handler", NoTransitionAllowed(Reviewed(), "accept", "accepted", ())),
    ],
)
def test_on_error_leaves_the_rest_alone(step: str, error: Exception) -> None:
    """What judges, what comes after storing, and refusals reach the caller."""
    forgiving = Forgiving(step, error)
    with pytest.raises(type(error)) as caught:
        forgiving.go()
    assert caught.value is error
    assert not hasattr(forgiving, "dealt")


def test_on_error_does_not_see_a_wrong_call() -> None:
    """A TypeError of the call itself is the caller's."""
    forgiving: Any = Forgiving("none")
    with pytest.raises(TypeError):
        forgiving.go("too many")
    assert forgiving.steps == []


def test_on_error_may_leave_out_the_transition_or_raise() -> None:
    """What it raises reaches the caller."""

    class Raising(Workflow):
        here = State()
        there = State()

        @Event(here.to(there))
        def go(self) -> None:
            raise KeyError("first")

        def on_error(self, error: Exception) -> None:
            raise ValueError("second") from error

    raising = Raising()
    with pytest.raises(ValueError, match="second"):
        raising.go()
    assert raising.current_state == "here"


def test_on_error_covers_storing() -> None:
    """An attribute that cannot be set is an error before the state has moved."""

    class Stubborn(Workflow, state_field="status"):
        here = State()
        there = State()
        go = Event(here.to(there))
        dealt: list[str]

        @property
        def status(self) -> str:
            return "here"

        @status.setter
        def status(self, value: str) -> None:
            raise OSError(value)

        def on_error(self, error: Exception) -> None:
            self.dealt = [str(error)]

    stubborn = Stubborn()
    assert stubborn.go() is False
    assert stubborn.dealt == ["there"]


class Lenient(Workflow):
    """Deals with events that are not possible."""

    first = State()
    second = State()
    answer: object = None
    attempt: Attempt | None = None

    @Event(second.to(first))
    def back(self, step: int, *, why: str = "because") -> None:
        """Go back."""

    def on_unavailable_transition(self, attempt: Attempt) -> object:
        self.attempt = attempt
        return self.answer


@pytest.mark.parametrize("answer", [None, True, 0])
def test_on_unavailable_transition_is_called_instead_of_raising(answer: object) -> None:
    """The event returns False, and the state did not move."""
    lenient = Lenient()
    lenient.answer = answer
    assert lenient.back(1) is False
    attempt = lenient.attempt
    assert attempt is not None
    assert (attempt.event, str(attempt.source)) == ("back", "first")
    assert (attempt.args, attempt.kwargs) == ((1,), {"why": "because"})
    assert attempt.refusal.sources == ("second",)
    assert lenient.current_state == "first"
    assert not lenient.halted


def test_on_unavailable_transition_can_have_it_raised_after_all() -> None:
    """By returning False."""
    lenient = Lenient()
    lenient.answer = False
    with pytest.raises(NoTransitionAllowed):
        lenient.back(1)
    assert lenient.current_state == "first"


def test_on_unavailable_transition_may_leave_out_the_attempt() -> None:
    """It is a hook like any other."""

    class Deaf(Workflow):
        first = State()
        second = State()
        back = Event(second.to(first))

        def on_unavailable_transition(self) -> None:
            self.heard = True

    deaf = Deaf()
    assert deaf.back() is False
    assert deaf.heard


class Nesting(Workflow):
    """Fires events of its own in hooks."""

    one = State()
    two = State()
    three = State()

    def __init__(self, *, fire_in: str = "") -> None:
        self.fire_in = fire_in
        self.targets: list[str] = []

    go = Event(one.to(two))
    on = Event(two.to(three))
    jump = Event(one.to(three))

    def before_transition(self, transition: Transition) -> None:
        if self.fire_in == "before" and transition.event == "go":
            self.jump()

    def on_two_entry(self) -> None:
        """Go on at once."""
        if self.fire_in == "entry":
            self.on()

    def after_transition(self, transition: Transition) -> None:
        self.targets.append(transition.target.name)


def test_firing_after_the_state_is_stored_nests() -> None:
    """The inner event finds the new state; both transitions stand."""
    nesting = Nesting(fire_in="entry")
    assert nesting.go() is True
    assert nesting.current_state == "three"
    assert nesting.targets == ["three", "two"]


def test_firing_before_the_state_is_stored_makes_the_outer_event_stale() -> None:
    """The inner transition stands; the outer one finds that the state has moved."""
    nesting = Nesting(fire_in="before")
    with pytest.raises(StaleState) as caught:
        nesting.go()
    assert (caught.value.expected, caught.value.found) == (("one", None), "three")
    assert caught.value.workflow is nesting
    assert "'one' or None" in str(caught.value)
    assert nesting.current_state == "three"
    assert nesting.targets == ["three"]


def test_a_state_that_was_taken_away_meanwhile_is_stale() -> None:
    """A hook that deletes the attribute has moved the object too."""

    class Forgetful(Workflow):
        one = State()
        two = State()
        three = State()
        go = Event(one.to(two))

        @Event(two.to(three))
        def on(self) -> None:
            vars(self).clear()

    forgetful = Forgetful()
    forgetful.go()
    with pytest.raises(StaleState) as caught:
        forgetful.on()
    assert caught.value.found is None
    assert forgetful.current_state == "one"


def test_a_halt_in_a_nested_event_stops_the_nested_event_only() -> None:
    """The outer one goes on."""

    class Inner(Workflow):
        one = State()
        two = State()
        result: object = None

        @Event(two.internal())
        def fuss(self) -> None:
            self.halt("inner")

        go = Event(one.to(two))

        def on_two_entry(self) -> None:
            self.result = self.fuss()

    inner = Inner()
    assert inner.go() is True
    assert inner.result is False
    assert inner.halted_because == "inner"


def test_hooks_can_be_patched_on_the_object() -> None:
    """They are called by their names."""
    recorded = Recorded()
    seen: list[str] = []
    vars(recorded)["on_sent_entry"] = lambda: seen.append("patched")
    recorded.send()
    assert seen == ["patched"]


def test_a_self_transition_leaves_and_enters() -> None:
    """Unlike an internal one."""

    class Loop(Workflow):
        here = State()
        again = Event(here.to(here))
        steps: tuple[str, ...] = ()

        def on_here_exit(self) -> None:
            self.steps = (*self.steps, "exit")

        def on_here_entry(self) -> None:
            self.steps = (*self.steps, "entry")

    loop = Loop()
    assert loop.again()
    assert loop.steps == ("exit", "entry")
    assert vars(loop)["workflow_state"] == "here"


def test_halting_while_the_state_is_loaded_is_an_error() -> None:
    """No event is judged yet; asking for the state is no event at all."""

    class Eager(Workflow):
        here = State()
        there = State()
        go = Event(here.to(there))

        def load_state(self) -> Any:
            self.halt("early")

        def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None: ...

    eager: Any = Eager()
    for ask in (eager.go, eager.is_here, eager.can_go, lambda: eager.current_state):
        with pytest.raises(WorkflowError, match="outside of any event"):
            ask()


def test_a_halt_survives_pickling_and_is_forgotten_by_the_next_event() -> None:
    """Also in a process in which no object of the class was halted before."""
    article = Reviewed()
    article.reject("no")
    text = pickle.dumps(article)
    Reviewed._halts.clear()  # as in a new process
    again = pickle.loads(text)
    assert again.halted_because == article.halted_because
    assert copy.deepcopy(article).halted
    assert again.reject("important") is True
    assert not again.halted


class Committing(Workflow):
    """Does something when the transition is stored for good."""

    here = State()
    there = State()
    steps: tuple[str, ...] = ()
    error: Exception | None = None

    go = Event(here.to(there))

    def after_transition(self) -> None:
        self.steps = (*self.steps, "after")

    def after_commit(self, transition: Transition) -> None:
        self.steps = (*self.steps, f"commit {transition.target}")
        if self.error is not None:
            raise self.error
        if transition.source == "there":
            self.halt("too late")


def test_after_commit_runs_last() -> None:
    """At once, where there is no transaction."""
    committing = Committing()
    assert committing.go() is True
    assert committing.steps == ("after", "commit there")


def test_an_exception_in_after_commit_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """And never raised: the transition stands. Observers are told of it."""
    from statecraft.observers import Observer

    class Told(Observer):
        errors: tuple[BaseException, ...] = ()

        def on_error(self, workflow: Any, event: str, error: BaseException) -> None:
            self.errors = (*self.errors, error)

    told = Told()
    stop = Committing.observe(told)
    committing = Committing()
    committing.error = KeyError("mine")
    assert committing.go() is True
    stop()
    assert committing.current_state == "there"
    assert told.errors == (committing.error,)
    assert "after_commit of Committing go failed" in caplog.text


def test_an_initial_state_that_was_stored_meanwhile_is_not_stale() -> None:
    """Nothing stored and the value of the initial state mean the same."""

    class Explicit(Workflow):
        here = State()
        there = State()
        settle = Event(here.to(here))

        @Event(here.to(there))
        def go(self) -> None:
            self.settle()

    explicit = Explicit()
    assert explicit.go()
    assert explicit.current_state == "there"
