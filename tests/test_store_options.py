"""What classes and events ask of a store: a log, notes for it, locks, and keys used once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from statecraft import (
    AsyncWorkflow,
    Attempt,
    Event,
    NoTransitionAllowed,
    Plan,
    State,
    TransitionHalted,
    UnknownEvent,
    Workflow,
    WorkflowDefinitionError,
    WorkflowError,
    WorkflowSpec,
)
from statecraft.definition import check_attributes_of
from tests.store_scenarios import Ledger, LoggedLedger

if TYPE_CHECKING:
    from collections.abc import Callable


class Order(Workflow):
    """An order whose payments are of interest later."""

    new = State()
    paid = State()
    sent = State()

    @Event(new.to(paid), note=("amount", "currency"), lock=False)
    def pay(self, amount: int, *, currency: str = "EUR") -> None:
        """Take the money."""

    send: Event[[int], bool] = Event(paid.to(sent), note="argument_1", lock=True)


# -- notes and locks -----------------------------------------------------------------------------


def test_an_event_says_what_it_notes_and_whether_it_locks() -> None:
    """A single name is one name; without either, nothing is noted and the class decides."""
    events = Order.workflow_spec.events
    assert (events["pay"].note, events["pay"].lock) == (("amount", "currency"), False)
    assert (events["send"].note, events["send"].lock) == (("argument_1",), True)

    class Plain(Workflow):
        here = State()
        stay = Event(here.internal())

    assert (Plain.workflow_spec.events["stay"].note, Plain.workflow_spec.events["stay"].lock) == (
        (),
        None,
    )


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("amuont", "it notes the argument 'amuont', which it does not have. Did you mean 'amount'"),
        ("self", "it notes the argument 'self', which it does not have"),
    ],
)
def test_a_note_names_an_argument_of_the_handler(note: str, words: str) -> None:
    """What the handler does not take is a definition error, with the nearest right name."""
    with pytest.raises(WorkflowDefinitionError, match=words) as caught:

        class Wrong(Workflow):
            new = State()

            @Event(new.internal(), note=(note, "amount"))
            def pay(self, amount: int) -> None: ...

    (problem,) = caught.value.problems
    assert problem.name == "pay"
    assert (problem.place or "").startswith("test_store_options.py:")


def test_an_event_without_arguments_has_nothing_to_note() -> None:
    """A handler that is not there takes nothing."""
    with pytest.raises(WorkflowDefinitionError, match="notes the argument 'amount'"):

        class Wrong(Workflow):
            new = State()
            pay = Event(new.internal(), note=["amount"])


def test_notes_and_locks_are_inherited() -> None:
    """An event that is declared again keeps what it does not say anew."""

    class Rush(Order):
        pay = Event(Order.sent.to(Order.paid))
        send = Event(Order.new.to(Order.sent), note=(), lock=False)

    events = Rush.workflow_spec.events
    assert (events["pay"].note, events["pay"].lock) == (("amount", "currency"), False)
    assert (events["send"].note, events["send"].lock) == (("argument_1",), False)


def test_notes_and_locks_are_data_of_the_spec() -> None:
    """They are written and read, and two specs that differ in them differ."""
    spec = Order.workflow_spec
    data = spec.to_dict()
    assert data["events"][0]["note"] == ["amount", "currency"]
    assert [event["lock"] for event in data["events"]] == [False, True]
    again = WorkflowSpec.from_dict(data)
    assert again == spec
    assert again.events["pay"].lock is False
    for key in ("note", "lock"):
        changed = spec.to_dict()
        del changed["events"][0][key]
        assert WorkflowSpec.from_dict(changed) != spec
    made = Workflow.from_spec(again, base=Order)
    assert made.workflow_spec.events["pay"].note == ("amount", "currency")
    assert made.workflow_spec.events["pay"].lock is False


def test_notes_and_locks_that_are_no_data() -> None:
    """Each is reported with its path."""
    event = {"name": "stay", "transitions": [{"from": "new", "internal": True}]}
    data = {
        "name": "Loan",
        "states": [{"name": "new"}],
        "events": [event | {"note": ["1"], "lock": "yes"}],
    }
    with pytest.raises(WorkflowDefinitionError) as caught:
        WorkflowSpec.from_dict(data)
    assert [problem.name for problem in caught.value.problems] == [
        "events[0].note[0]",
        "events[0].lock",
    ]


# -- the log -------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [Workflow, AsyncWorkflow])
def test_a_log_needs_a_store_that_keeps_one(base: Any) -> None:
    """An attribute keeps none, and saying so early is better than an empty log later."""
    for log in (True, "refusals"):
        with pytest.raises(WorkflowDefinitionError, match="no store that keeps a log") as caught:

            class Silent(base, log=log):  # type: ignore[misc, call-arg] # known at run time only
                here = State()

        assert [problem.name for problem in caught.value.problems] == ["log"]


def test_a_log_is_one_of_three_things() -> None:
    """Another text is a misspelling."""
    wrong: Any = {"log": "all"}
    with pytest.raises(WorkflowDefinitionError, match="True, False or \"refusals\", and not 'all'"):

        class Wrong(LoggedLedger, **wrong):
            here = State()


def test_a_log_is_inherited_and_can_be_ended() -> None:
    """A class without states can ask for one on behalf of all; a subclass can do without."""

    class Logged(LoggedLedger, log=True):
        """What all workflows of this program inherit from."""

    class Door(Logged):
        here = State()
        stay = Event(here.internal())

    class Silent(Door, log=False):
        pass

    door, silent = Door(), Silent()
    for one in (door, silent):
        assert one.fire("stay") is True
    assert ("stay inside", None, {}) in door.seen()
    assert silent.seen() == ["load"]


def test_refused_attempts_are_for_the_store_alone() -> None:
    """The default keeps none, whoever calls it."""
    order: Any = Order()
    with pytest.raises(NoTransitionAllowed) as caught:
        order.send(1)
    attempt = Attempt("send", Order.new, (1,), {}, caught.value.refusal)
    order.persist_refusal(attempt)
    assert vars(order) == {}
    assert order.is_new()


# -- locks ---------------------------------------------------------------------------------------


def test_an_event_overrules_its_class_about_locks() -> None:
    """A store is told what the event says, else what the class says, which is inherited."""

    class Locked(Ledger, lock=False):
        """What brings the option."""

    class Job(Locked):
        new = State()
        done = State()

        @Event(new.internal())
        def look(self) -> None: ...

        @Event(new.to(done), lock=True)
        def finish(self) -> None: ...

    job = Job()
    job.fire("look")
    job.fire("finish")
    plans = [one for one in job.seen() if not isinstance(one, str)]
    assert plans == [("look", True, False, False), ("finish", True, False, True)]


# -- once ----------------------------------------------------------------------------------------


def test_once_needs_a_store_that_keeps_a_log() -> None:
    """Without a log nobody knows whether the key was used: an error, and nothing has moved."""
    order = Order()
    with pytest.raises(WorkflowError, match=r"Order keeps no log.*'pay'.*'webhook 7'.*log=True"):
        order.fire("pay", 5, once="webhook 7")
    assert vars(order) == {}
    with pytest.raises(UnknownEvent):
        order.fire("pya", once="webhook 7")
    assert order.fire("pay", 5, once=None) is True


def test_once_needs_one_in_async_workflows_too() -> None:
    """The same error, when the event is awaited."""

    class Letter(AsyncWorkflow):
        written = State()
        sent = State()
        send = Event(written.to(sent))

    async def scenario() -> None:
        letter: Any = Letter()
        with pytest.raises(WorkflowError, match="Letter keeps no log"):
            await letter.fire("send", once="key")
        assert vars(letter) == {}
        assert await letter.fire("send") is True

    asyncio.run(scenario())


# -- what is committed ----------------------------------------------------------------------------


def test_what_after_commit_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The store that calls it hears nothing of it, and the next call is made."""

    class Noisy(Ledger):
        new = State()
        done = State()
        finish = Event(new.to(done))

        def after_commit(self) -> None:
            raise OSError("no mail today")

    noisy = Noisy()
    assert noisy.fire("finish") is True
    (commit,) = noisy.commits
    assert caplog.records == []
    assert commit() is None
    assert noisy.kept == "done"
    (record,) = caplog.records
    assert record.getMessage() == "after_commit of Noisy finish failed"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "no mail today"


def test_what_an_async_after_commit_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """As in a sync workflow; the default of a store calls it at once."""

    class Noisy(AsyncWorkflow):
        new = State()
        done = State()
        finish = Event(new.to(done))

        def when_committed(self, call: Callable[[], Any]) -> Any:
            return super().when_committed(call)

        async def after_commit(self) -> None:
            raise OSError("no mail today")

    async def scenario() -> None:
        noisy: Any = Noisy()
        assert await noisy.finish() is True
        assert noisy.is_done()

    asyncio.run(scenario())
    assert [record.getMessage() for record in caplog.records] == [
        "after_commit of Noisy finish failed"
    ]


def test_the_default_unit_does_nothing() -> None:
    """A store that extends it may call it; what happens inside is as it would be without."""

    class Plain(Workflow):
        new = State()
        done = State()

        @Event(new.to(done))
        def finish(self) -> None: ...

        def persistence_unit(self, plan: Plan) -> Any:
            assert self._stored_object is self
            return super().persistence_unit(plan)

    plain: Any = Plain()
    assert plain.finish()
    assert plain.is_done()
    assert Plain.done.leaves == (Plain.done,)


def test_a_halt_that_was_explained_stays_so() -> None:
    """What another object's guard has vetoed, the outer event hands on as it is."""

    class Inner(Workflow):
        new = State()
        go = Event(new.internal(), guard=lambda _: False)

    class Outer(Workflow):
        new = State()

        @Event(new.internal())
        def go(self) -> None:
            Inner().go()

    outer: Any = Outer()
    with pytest.raises(TransitionHalted) as caught:
        outer.go()
    assert isinstance(caught.value.workflow, Inner)
    assert outer.halted


# -- checks that a store postpones ---------------------------------------------------------------


class Mapped(Workflow):
    """A base whose columns come when the class has been made."""

    persistence_postpones_checks: ClassVar[bool] = True


def test_a_store_can_postpone_the_check_of_attributes() -> None:
    """What a condition names may come later; until then the class is as good as any other."""

    class Loan(Mapped):
        new = State()
        granted = State()
        grant = Event(new.to(granted, if_="solvent"))

    loan: Any = Loan
    loan.solvent = True
    check_attributes_of(loan)
    assert loan().grant() is True


def test_a_postponed_check_finds_what_is_missing() -> None:
    """With the same words as at once, and the place of the event."""

    class Loan(Mapped):
        new = State()
        granted = State()
        solvent = True
        grant = Event(new.to(granted, if_="solvnet", guard="signed"))

    with pytest.raises(WorkflowDefinitionError) as caught:
        check_attributes_of(Loan)
    first, second = caught.value.problems
    assert "no attribute or method 'solvnet'. Did you mean 'solvent'?" in first.what
    assert "no attribute or method 'signed'" in second.what
    assert (first.place or "").startswith("test_store_options.py:")


def test_other_checks_are_not_postponed() -> None:
    """What is wrong whatever columns come is found when the class is made."""
    with pytest.raises(WorkflowDefinitionError, match="no_such_state"):

        class Loan(Mapped):
            new = State()
            grant = Event(new.to("no_such_state", if_="solvent"))
