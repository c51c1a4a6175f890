"""The log of models: records, keys that are used once, retention, permissions, and signals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from statecraft import NoTransitionAllowed, StaleState, TransitionHalted, WorkflowError, acting_as
from statecraft.django import log, prune_log
from statecraft.django.log import LogStatements
from statecraft.django.signals import post_transition, pre_transition, transition_committed
from tests.django_store.shop.models import Invoice, Order

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("database")


class Clerk:
    """Somebody with permissions, as a user of Django has them."""

    pk = 7

    def __init__(self, *permissions: str, own: Any = None) -> None:
        self.permissions = permissions
        self.own = own

    def has_perm(self, name: str, subject: Any = None) -> bool:
        """Whether they may do it, everywhere or with what is their own."""
        everywhere = name in self.permissions
        return everywhere if subject is None else subject is self.own


CLERK = Clerk("shop.send_invoice", "shop.refund")


def walked(invoice: Any) -> list[tuple[Any, ...]]:
    """Return the log in short."""
    log = invoice.transition_log()
    return [(one.sequence, one.event, one.source, one.target) for one in log]


def test_the_creation_is_the_first_record() -> None:
    """With its time and its actor, where the row was saved; and as a model for queries."""
    with acting_as(CLERK):
        invoice = Invoice.objects.create()
        invoice.send("post")
    created, sent = invoice.transition_log()
    records = Invoice.log_model().objects.filter(state_field="workflow_state")
    assert str(records.first()) == "1: draft"
    assert (created.event, created.source, created.target) == (None, None, "draft")
    assert created.at is not None
    assert created.actor == sent.actor == "7"
    assert sent.noted == {"by": "post"}
    stored = Invoice.log_model().objects.filter(subject=invoice, noted__by="post").get()
    assert str(stored) == "2: send, draft → sent"
    assert stored.subject == invoice


def test_each_state_has_its_own_numbers() -> None:
    """The two workflows of an object share a table, and no sequence: what is attached logs, too."""
    invoice = Invoice.objects.create()
    invoice.remind()
    assert [invoice.paying.fire("pay", once="w1") for _ in range(2)] == [True, True]
    assert walked(invoice) == [(1, None, None, "draft"), (2, "remind", "draft", "draft")]
    assert walked(invoice.paying) == [(1, None, None, "open"), (2, "pay", "open", "paid")]


def test_without_the_option_there_is_no_log() -> None:
    """And whoever asks for it is told how to have one."""
    order: Any = Order.objects.create()
    with pytest.raises(WorkflowError, match="keeps no log: define it with log=True"):
        order.transition_log()


def test_a_row_that_came_in_bulk_is_logged_with_its_first_transition() -> None:
    """Nobody knows when it was created."""
    Invoice.objects.bulk_create([Invoice()])
    invoice = Invoice.objects.get()
    assert walked(invoice) == []
    invoice.remind()
    assert walked(invoice) == [(1, None, None, "draft"), (2, "remind", "draft", "draft")]
    assert invoice.transition_log()[0].at is None


def test_a_database_that_returns_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """MySQL says nothing about what it inserts; the numbers are the same."""
    Invoice.objects.bulk_create([Invoice()])
    invoice = Invoice.objects.get()
    statements = LogStatements(Invoice.log_model(), connection)
    monkeypatch.setattr(statements, "returns", False)
    monkeypatch.setitem(log._known, (Invoice.log_model(), connection.vendor), statements)
    invoice.remind()
    invoice.remind()
    assert [one.sequence for one in invoice.transition_log()] == [1, 2, 3]


def test_only_what_is_new_is_a_creation() -> None:
    """Saving again writes no record."""
    invoice = Invoice.objects.create()
    invoice.save()
    assert walked(invoice) == [(1, None, None, "draft")]


def test_a_receiver_of_one_signal_is_enough(told: list[Any]) -> None:
    """The others are not sent for nobody."""
    transition_committed.receivers, kept = [], transition_committed.receivers
    transition_committed.sender_receivers_cache.clear()
    try:
        Order.objects.create().accept()
    finally:
        transition_committed.receivers = kept
        transition_committed.sender_receivers_cache.clear()
    assert [one[0] for one in told] == ["pre", "post"]


def test_what_is_undone_leaves_no_record() -> None:
    """Neither the creation nor a transition."""
    invoice = Invoice.objects.create()
    with pytest.raises(ValueError, match="undo"), transaction.atomic():
        invoice.remind()
        Invoice.objects.create()
        message = "undo"
        raise ValueError(message)
    assert Invoice.log_model().objects.filter(state_field="workflow_state").count() == 1


def test_a_plain_event_with_a_log_is_one_transaction() -> None:
    """A statement for the state, one for the record, and those around them."""
    invoice = Invoice.objects.create()
    with CaptureQueriesContext(connection) as captured:
        invoice.remind()
    begun = [one["sql"].split()[0] for one in captured.captured_queries]
    assert begun == ["BEGIN", "UPDATE", "INSERT", "INSERT", "COMMIT"]
    with CaptureQueriesContext(connection) as captured:
        invoice.remind()
    begun = [one["sql"].split()[0] for one in captured.captured_queries]
    assert begun == ["BEGIN", "UPDATE", "INSERT", "COMMIT"]


def test_a_permission_is_enforced() -> None:
    """Nobody, or somebody without it, is refused before the handler; the refusal is logged."""
    invoice = Invoice.objects.create()
    with pytest.raises(TransitionHalted, match=r"the permission 'shop.send_invoice' is missing"):
        invoice.send("post")
    with acting_as(Clerk("shop.refund")):
        assert not invoice.can("send", "post")
        refusal = invoice.refusal("send", "post")
    assert refusal is not None
    assert [one.code for one in refusal.unmet] == ["permission"]
    assert invoice.current_state == "draft"
    attempt = invoice.transition_log()[-1]
    assert attempt.event == "send"
    assert attempt.refused is not None
    assert str(Invoice.log_model().objects.last()) == "2: send refused, draft → draft"
    with acting_as(Clerk(own=invoice)):
        assert invoice.send("hand") == {"by": "hand"}


def test_a_permission_can_be_that_of_the_owner() -> None:
    """In an attached workflow, the object that is asked about is the subject."""
    invoice = Invoice.objects.create()
    invoice.paying.pay()
    with pytest.raises(TransitionHalted):
        invoice.paying.refund()
    assert invoice.paying.current_state == "paid"
    with acting_as(Clerk(own=invoice)):
        invoice.paying.refund()
    assert Invoice.objects.values_list("payment_state", flat=True).get() == "refunded"


def test_a_key_is_good_for_one_event() -> None:
    """A repeat returns the first answer; a refusal uses up none; too long a key is an error."""
    invoice = Invoice.objects.create()
    with pytest.raises(TransitionHalted):
        invoice.fire("send", "post", once="w1")
    with acting_as(CLERK):
        assert invoice.fire("send", "post", once="w1") == {"by": "post"}
        assert Invoice.objects.get().fire("send", "bike", once="w1") == {"by": "post"}
    with pytest.raises(WorkflowError, match="a key stands for one event"):
        invoice.fire("call_back", once="w1")
    with pytest.raises(WorkflowError, match="255 letters at most"):
        invoice.fire("call_back", once="w" * 256)
    assert invoice.current_state == "sent"
    with pytest.raises(WorkflowError, match="keeps no log"):
        Order.objects.create().fire("accept", once="w1")


def test_old_records_are_pruned() -> None:
    """But never the one with which the present state was entered, nor what came after it."""
    invoice = Invoice.objects.create()
    with acting_as(CLERK):
        invoice.send("post")
    invoice.call_back()
    invoice.remind()
    later = datetime.now(UTC) + timedelta(days=1)
    assert prune_log(Invoice, before=later - timedelta(days=2)) == 0
    assert prune_log(Invoice, before=later) == 2
    assert [one.event for one in invoice.transition_log()] == ["call_back", "remind"]
    invoice.remind()
    assert [one.sequence for one in invoice.transition_log()] == [3, 4, 5]


@override_settings(USE_TZ=False)
def test_times_are_in_utc_without_time_zones() -> None:
    """Where Django stores local times, the log reads them again as they were."""
    before = datetime.now(UTC) - timedelta(seconds=1)
    invoice = Invoice.objects.create()
    at = invoice.transition_log()[0].at
    assert at is not None
    assert before < at < datetime.now(UTC) + timedelta(seconds=1)
    invoice.remind()
    assert prune_log(Invoice, before=before) == 0


@pytest.fixture
def told() -> Iterator[list[tuple[str, Any, str]]]:
    """Return what the receivers of all three signals are told."""
    found: list[tuple[str, Any, str]] = []

    def note(name: str) -> Any:
        def receive(**given: Any) -> None:
            instance, transition = given["instance"], given["transition"]
            found.append((name, transition.event, instance.__class__.objects.get().workflow_state))
            if instance.title == name:
                raise ValueError(name)

        return receive

    receivers = {
        pre_transition: note("pre"),
        post_transition: note("post"),
        transition_committed: note("committed"),
    }
    for signal, receiver in receivers.items():
        signal.connect(receiver, sender=Order)
    yield found
    for signal, receiver in receivers.items():
        signal.disconnect(receiver, sender=Order)


def test_signals_tell_what_is_stored(told: list[Any]) -> None:
    """Right before it, right after it, and after the commit."""
    order = Order.objects.create()
    with transaction.atomic():
        order.accept()
        assert told == [("pre", "accept", "submitted"), ("post", "accept", "accepted")]
    assert told[2:] == [("committed", "accept", "accepted")]


def test_what_a_receiver_raises_undoes_the_transition(told: list[Any]) -> None:
    """Before the commit; what is raised after it is logged."""
    for name in ("pre", "post"):
        order = Order.objects.create(title=name)
        with pytest.raises(ValueError, match=name):
            order.accept()
        assert order.current_state == "submitted"
        order.delete()
    assert not [one for one in told if one[0] == "committed"]
    order = Order.objects.create(title="committed")
    assert order.accept() is True
    assert order.current_state == "accepted"


def test_a_refused_event_tells_nobody(told: list[Any]) -> None:
    """Nor does one that comes too late reach the receivers that come after storing."""
    order, stale = Order.objects.create(), Order.objects.get()
    order.accept()
    told.clear()
    with pytest.raises(NoTransitionAllowed):
        order.accept()
    assert not told
    with pytest.raises(StaleState):
        stale.accept()
    assert [one[0] for one in told] == ["pre"]
