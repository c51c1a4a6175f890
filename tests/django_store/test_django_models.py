"""Models of every kind: with bases, proxies, second workflows, fields of their own; and queries."""

from __future__ import annotations

import asyncio
import copy
import pickle
from types import new_class
from typing import Any

import django
import pytest
from django.apps import apps
from django.core import checks, serializers
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter
from django.db.models.signals import pre_save
from django.forms import modelform_factory
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext

import statecraft.django
from statecraft import (
    Compound,
    Event,
    NoTransitionAllowed,
    StaleState,
    State,
    UnknownState,
    WorkflowDefinitionError,
    WorkflowError,
)
from statecraft.django import WorkflowModel
from statecraft.django.names import CLASH, check_names
from statecraft.testing import place
from tests.django_store.shop.models import (
    Booking,
    Colour,
    Invoice,
    Lamp,
    Letter,
    Order,
    Parcel,
    Review,
    Switch,
    Tank,
    Trial,
    UrgentLetter,
)

pytestmark = pytest.mark.usefixtures("database")


def define(name: str, *bases: type, options: Any = None, **body: Any) -> Any:
    """Return a model of no table, which nobody finds afterwards."""
    meta = type("Meta", (), {"app_label": "passing"})
    body = {"__module__": __name__, "Meta": meta, **body}
    try:
        return new_class(name, bases or (WorkflowModel,), options, lambda ns: ns.update(body))
    finally:
        apps.all_models.pop("passing", None)


# -- models of every kind ----------------------------------------------------------------------


def test_a_child_moves_the_row_of_its_parent() -> None:
    """One UPDATE of the table that has the state; it can do more than its parent."""
    parcel = Parcel.objects.create(body="flour")
    with CaptureQueriesContext(connection) as captured:
        parcel.lose()
    [statement] = [one["sql"] for one in captured.captured_queries]
    assert statement.startswith('UPDATE "shop_letter" SET "workflow_state" = \'lost\' WHERE "id"')
    assert Letter.objects.values_list("workflow_state", flat=True).get() == "lost"
    parcel.full_clean()
    stale = Parcel.objects.get()
    stale.weight = 3
    stale.save()
    assert Parcel.objects.get().current_state == "lost"


def test_two_writers_of_a_child_do_not_both_win() -> None:
    """What a query of Django would do in two statements."""
    Parcel.objects.create(body="flour")
    first, second = Parcel.objects.get(), Parcel.objects.get()
    first.grow()
    with pytest.raises(StaleState):
        second.lose()
    assert second.current_state == "old"


def test_a_proxy_has_its_own_workflow() -> None:
    """On the rows of its model, and with a handler under a lock."""
    UrgentLetter.objects.create(body="flour")
    proxy: Any = UrgentLetter
    letter = proxy.objects.get()
    letter.throw_away()
    assert Letter.objects.values_list("workflow_state", flat=True).get() == "thrown_away"
    assert proxy.with_thrown_away_state().get() == letter


def test_a_second_workflow_has_a_field_of_its_own() -> None:
    """It is created with its initial state, guarded, and not written by save."""
    invoice: Any = Invoice.objects.create(amount=0)
    assert invoice.payment_state == "open"
    with pytest.raises(NoTransitionAllowed):
        invoice.paying.pay()
    assert invoice.paying.current_state == "open"
    with pytest.raises(WorkflowError, match="not assigned"):
        invoice.payment_state = "paid"
    stale = Invoice.objects.get()
    invoice.amount = 1
    invoice.save()
    invoice.paying.pay()
    stale.save()
    assert Invoice.objects.values_list("payment_state", flat=True).get() == "paid"
    assert invoice.current_state == "draft"


def test_one_object_adopts_a_workflow() -> None:
    """It is moved by an object that stands for it; its class stays what it is."""
    booking = Booking.objects.create()
    trial: Any = Trial.adopt(booking)
    assert trial is not booking
    trial.end()
    assert trial.subject is booking
    assert booking.trial_state == "ended"
    assert Booking.objects.get().trial_state == "ended"
    again = Trial.adopt(Booking.objects.get())
    place(again, "running")
    with pytest.raises(ValueError, match="undo"), transaction.atomic():
        again.end()
        message = "undo"
        raise ValueError(message)
    assert again.current_state == "running"
    assert not hasattr(Booking, "end")


def test_what_is_adopted_is_not_undone_by_saving() -> None:
    """If the model inherits from WorkflowModel."""
    plain: Any = define(
        "Plain", trial_state=models.CharField(max_length=20, null=True), title=models.TextField()
    )
    with connection.schema_editor() as editor:
        editor.create_model(plain)
    stored, stale = plain(title="a"), None
    stored.save()
    stale = plain._base_manager.get()
    Trial.adopt(stale)
    Trial.adopt(stored).end()
    stale.save()
    assert plain._base_manager.get().trial_state == "ended"
    with connection.schema_editor() as editor:
        editor.delete_model(plain)


def test_a_model_without_the_field_cannot_adopt() -> None:
    """The error says what to add."""
    order = Invoice.objects.create()
    plain: Any = define("Fieldless", models.Model)
    with pytest.raises(WorkflowDefinitionError, match="Fieldless has no such field"):
        Trial.adopt(plain())
    with pytest.raises(WorkflowError, match="has a workflow already"):
        Trial.adopt(order)


def test_what_a_compound_remembers_is_stored() -> None:
    """In a field beside the state, which comes by itself, and is undone with the transaction."""
    review = Review.objects.create()
    review.start()
    review.clear()
    with pytest.raises(ValueError, match="undo"), transaction.atomic():
        review.pause()
        message = "undo"
        raise ValueError(message)
    assert review.current_state == "checking.technical"
    assert review.load_remembered() == {}
    review.pause()
    again = Review.objects.get()
    again.start()
    assert again.current_state == "checking.technical"
    cls: Any = Review
    assert cls.with_checking_state().count() == 1


# -- what Django does with objects -------------------------------------------------------------


def test_deferred_states_are_read_when_they_are_needed() -> None:
    """With only() and defer(); an event needs one more query."""
    Order.objects.create()
    for order in (Order.objects.only("title").get(), Order.objects.defer("workflow_state").get()):
        assert "workflow_state" not in order.__dict__
        assert order.current_state == "submitted"
    order.accept()
    assert Order.objects.get().current_state == "accepted"


def test_an_object_is_refreshed() -> None:
    """refresh_from_db brings the state that is stored, whole or by name, and by await."""
    order = Order.objects.create()
    Order.objects.get().accept()
    assert order.current_state == "submitted"
    order.refresh_from_db()
    assert order.current_state == "accepted"
    Order.objects.get().reopen()
    order.refresh_from_db(fields=["workflow_state"])
    assert order.current_state == "submitted"
    with pytest.raises(WorkflowError, match="not assigned"):
        order.workflow_state = "accepted"


def test_an_object_is_cleaned() -> None:
    """A known state passes; an unknown one is a ValidationError, and no 500."""
    order = Order(title="flour")
    order.full_clean()
    Order.objects.bulk_create([order])
    Order.objects.update(workflow_state="lost")
    with pytest.raises(ValidationError) as caught:
        Order.objects.get().full_clean()
    assert "workflow_state" in caught.value.message_dict
    Tank(level="high").full_clean()
    Order.objects.update(workflow_state=None)
    Order.objects.get().full_clean()


def test_fixtures_bring_states() -> None:
    """What is dumped is loaded again, over rows that exist too."""
    order = Order.objects.create()
    order.accept()
    dumped = serializers.serialize("json", Order.objects.all())
    order.reopen()
    for loaded in serializers.deserialize("json", dumped):
        loaded.save()
    assert Order.objects.get().current_state == "accepted"
    Order.objects.all().delete()
    for loaded in serializers.deserialize("json", dumped):
        loaded.save()
    assert Order.objects.get().current_state == "accepted"


def test_an_object_is_pickled_and_copied_inside_of_a_transaction() -> None:
    """A copy knows the state, and a shallow one forgets it with the transaction too."""
    order = shallow = Order.objects.create()
    with pytest.raises(ValueError, match="undo"), transaction.atomic():
        order.accept()
        pickled = pickle.loads(pickle.dumps(order))
        assert pickled.current_state == "accepted"
        shallow = copy.copy(order)
        message = "undo"
        raise ValueError(message)
    assert order.current_state == shallow.current_state == "submitted"
    assert copy.deepcopy(order).current_state == "submitted"


def test_a_row_is_written_in_another_database() -> None:
    """The database of an object is that in which its row is."""
    with CaptureQueriesContext(connection) as captured:
        order = Order(pk=1)
        order._state.adding = False
        order._state.db = "sqlite"
        with pytest.raises(Exception, match="no such table"):
            order.accept()
    assert not captured.captured_queries


def test_a_saved_copy_is_a_row_of_its_own() -> None:
    """Which begins in the state of the first; they move apart."""
    order = Order.objects.create()
    order.accept()
    first = order.pk
    order.pk = None
    order._state.adding = True
    order.save()
    order.reopen()
    assert Order.objects.get(pk=first).current_state == "accepted"


def test_the_label_of_a_state_is_its_choice() -> None:
    """As Django shows choices."""
    order: Any = Order.objects.create(workflow_state="accepted")
    assert order.get_workflow_state_display() == "Taken on"


def test_update_fields_can_be_given_by_position() -> None:
    """As long as Django takes it."""
    order = Order.objects.create()
    Order.objects.get().accept()
    refused = pytest.raises(TypeError, match="positional")
    warned = pytest.warns(DeprecationWarning, match="position")
    with warned if django.VERSION < (6,) else refused:
        order.save(False, False, None, ["title"])
    assert Order.objects.get().current_state == "accepted"


def test_a_receiver_may_save_again() -> None:
    """Inside of saving: what comes after it leaves the state out as well."""
    order, stale = Order.objects.create(), Order.objects.get()
    order.accept()
    saved: list[bool] = []

    def save_again(instance: Any, **_: Any) -> None:
        if not saved:
            saved.append(True)
            instance.save()

    pre_save.connect(save_again, sender=Order)
    try:
        stale.save()
    finally:
        pre_save.disconnect(save_again, sender=Order)
    assert saved
    assert Order.objects.get().current_state == "accepted"


def test_no_form_shows_a_state() -> None:
    """Neither that of a field that came by itself, nor that of one that the model declares."""
    for model in (Order, Switch, Invoice):
        form: Any = modelform_factory(model, fields="__all__")
        fields = {"workflow_state", "payment_state"} & {*form.base_fields}
        assert not fields


def test_queries_take_states_and_members() -> None:
    """By what they are stored as."""
    Tank.objects.create(level="high")
    Lamp.objects.create()
    assert Tank.objects.filter(level=Tank.high).count() == 1
    assert Lamp.objects.filter(colour=Colour.RED).count() == 1
    assert Lamp.objects.filter(colour=Lamp.states.GREEN).count() == 0


# -- queries -----------------------------------------------------------------------------------


def test_scopes_are_querysets() -> None:
    """By state, by several, by all others; NULL is the initial state; they can be composed."""
    for state in ("submitted", "accepted", "rejected"):
        Order.objects.create(title=state, workflow_state=state)
    Order.objects.create(title="nothing")
    Order.objects.filter(title="nothing").update(workflow_state=None)
    Order.objects.create(title="older")
    Order.objects.filter(title="older").update(workflow_state="refused")

    def titles(found: Any) -> set[str]:
        return {one.title for one in found}

    assert titles(Order.objects.in_state("submitted")) == {"submitted", "nothing"}
    assert titles(Order.objects.in_state(Order.rejected)) == {"rejected", "older"}
    assert titles(Order.objects.not_in_state("submitted", "accepted")) == {"rejected", "older"}
    assert titles(Order.objects.not_in_state("accepted")) == {
        "submitted",
        "nothing",
        "rejected",
        "older",
    }
    cls: Any = Order
    assert titles(cls.with_accepted_state()) == {"accepted"}
    assert titles(cls.without_accepted_state().filter(title="older")) == {"older"}
    found = Order.objects.filter(title="accepted").in_state("accepted").not_in_state("rejected")
    assert titles(found) == {"accepted"}
    with pytest.raises(UnknownState, match="acepted"):
        Order.objects.in_state("acepted")
    assert Tank.objects.in_state("low", "high").count() == 0


# -- async ---------------------------------------------------------------------------------------


def test_async_views_fire_and_ask() -> None:
    """afire, acan and arefusal do what their sync sisters do."""
    order = Order.objects.create()

    async def view() -> Any:
        assert await order.acan("accept")
        assert await order.afire("reject", "why") == "why"
        refusal = await order.arefusal(Order.accept)
        assert not await order.acan(Order.accept)
        return refusal

    assert asyncio.run(view()).event == "accept"
    assert Order.objects.get().current_state == "rejected"


# -- templates -----------------------------------------------------------------------------------


def rendered(text: str, **context: Any) -> str:
    """Return what a template makes."""
    return Template(text).render(Context(context))


def test_no_template_fires_an_event() -> None:
    """It shows nothing where the event is named; a question is answered."""
    order = Order.objects.create()
    invoice = Invoice.objects.create()
    assert rendered("{{ order.accept }}|{{ order.is_submitted }}", order=order) == "|True"
    assert rendered("{{ invoice.paying.pay }}", invoice=invoice) == ""
    assert Order.objects.get().current_state == "submitted"
    assert Invoice.objects.values_list("payment_state", flat=True).get() == "open"


def test_a_tag_lists_the_allowed_events() -> None:
    """With their labels, for the user of the page; another one says why an event is refused."""
    text = (
        "{% load statecraft %}{% allowed_events invoice as events %}"
        "{% for event in events %}{{ event.name }}: {{ event.label }};{% endfor %}"
        "{% refusal invoice 'send' as why %}{{ why.unmet.0.reason }}"
    )
    invoice = Invoice.objects.create()

    class User:
        def has_perm(self, name: str, subject: Any = None) -> bool:
            return name == "shop.send_invoice"

    missing = "the permission &#x27;shop.send_invoice&#x27; is missing"
    assert rendered(text, invoice=invoice) == f"remind: Remind;{missing}"
    assert rendered(text, invoice=invoice, user=User()) == "remind: Remind;send: Send;"


# -- names ---------------------------------------------------------------------------------------


def errors_of(*found: type) -> list[checks.CheckMessage]:
    """Return the errors of some models."""
    messages: Any = check_names()
    return [one for one in messages if one.obj in found]


def test_the_models_of_the_tests_have_no_clash() -> None:
    """Nothing to report, with all apps or with one."""
    assert checks.run_checks() == []
    assert check_names(app_configs=[apps.get_app_config("shop")]) == []


def test_a_name_that_two_things_have_is_found() -> None:
    """A field that hides a generated name, a relation of another model, a manager."""
    body: Any = {"__module__": "tests.django_store.shop.models"}
    waiting, done = State(), State()
    try:
        made: Any = new_class(
            "Clashing",
            (WorkflowModel,),
            None,
            lambda ns: ns.update(
                body,
                waiting=waiting,
                done=done,
                finish=Event(waiting.to(done)),
                is_done=models.BooleanField(default=False),
                with_done_state=models.Manager(),
            ),
        )
        foreign_key: Any = models.ForeignKey
        key = foreign_key(made, models.CASCADE, related_name="finish")
        new_class("Pointing", (models.Model,), None, lambda ns: ns.update(body, clashing=key))
        found = errors_of(made)
    finally:
        for name in ("clashing", "pointing"):
            apps.all_models["shop"].pop(name, None)
        apps.clear_cache()
    assert {one.id for one in found} == {CLASH}
    of_pointing = "from shop.Pointing.clashing"
    assert sorted(one.msg for one in found) == [
        "the field 'is_done' and is_done() of the state 'done' hide one another.",
        "the manager 'with_done_state' and with_done_state() of the state 'done' hide one another.",
        f"the relation 'finish' {of_pointing} and the event 'finish' hide one another.",
    ]
    assert all("attached" in str(one.hint) for one in found)


def test_a_name_of_django_is_no_event() -> None:
    """It is a definition error, as for any method that would be hidden."""
    waiting, done = State(), State()
    with pytest.raises(WorkflowDefinitionError, match="delete"):
        define("Deleting", waiting=waiting, done=done, delete=Event(waiting.to(done)))


@pytest.mark.parametrize(
    ("options", "fields", "message"),
    [
        ({"state_field": "count"}, {"count": models.IntegerField()}, "does not fit into the field"),
        ({}, {"workflow_state": models.CharField(max_length=3)}, "does not fit into the field"),
        (
            {"version_field": "version"},
            {},
            r"Add version = models.PositiveIntegerField\(default=0\)",
        ),
        (
            {"state_field": "order"},
            {"order": models.ForeignKey(Order, models.CASCADE, related_name="+")},
            "it is a relation",
        ),
    ],
)
def test_a_field_has_room_for_what_is_stored(options: Any, fields: Any, message: str) -> None:
    """Else the definition error says what to change."""
    waiting, done = State(), State()
    body = {"waiting": waiting, "done": done, "finish": Event(waiting.to(done)), **fields}
    with pytest.raises(WorkflowDefinitionError, match=message):
        define("Narrow", options=options, **body)


def test_a_log_needs_a_key_of_one_field() -> None:
    """The definition error says so."""
    waiting, done = State(), State()
    with pytest.raises(WorkflowDefinitionError, match="by a key of one field"):
        define(
            "Composite",
            options={"log": True},
            waiting=waiting,
            done=done,
            finish=Event(waiting.to(done)),
            pk=models.CompositePrimaryKey("street", "number"),
            street=models.CharField(max_length=20),
            number=models.IntegerField(),
        )


def test_a_field_of_ones_own_kind_is_taken_at_its_word() -> None:
    """Nobody knows what it can hold."""
    waiting, done = State(True), State(False)
    made = define(
        "Flagged",
        waiting=waiting,
        done=done,
        finish=Event(waiting.to(done)),
        workflow_state=models.BooleanField(null=True),
    )
    assert made().workflow_state is True


def test_a_child_cannot_remember_for_its_parent() -> None:
    """What a compound remembers has to be in the table that has the state."""

    class working(Compound, history=True):
        inside = State()

    with pytest.raises(WorkflowDefinitionError, match="it is to be a field of Letter"):
        define("Remembering", Letter, working=working, go=Event(Letter.new.to("working")))


# -- migrations ----------------------------------------------------------------------------------


def project(*found: Any) -> ProjectState:
    """Return what migrations know of models."""
    state = ProjectState()
    for one in found:
        state.add_model(ModelState.from_model(one))
    return state


def test_a_state_more_changes_no_column() -> None:
    """The field is a plain one of Django, and so a migration is made once."""
    waiting, done, more = State(), State(), State()
    few = define("Grown", waiting=waiting, done=done, finish=Event(waiting.to(done)))
    waiting, done = State(), State(label="Finished")
    many = define("Grown", waiting=waiting, done=done, more=more, finish=Event(waiting.to(done)))
    detector: Any = MigrationAutodetector(project(few), project(many))
    changes = detector._detect_changes()
    assert changes == {}
    for model in (few, many):
        field = model._meta.get_field("workflow_state")
        _, path, arguments, keywords = field.deconstruct()
        assert path == "django.db.models.CharField"
        assert (arguments, keywords) == ([], {"blank": True, "max_length": 255, "null": True})


def test_a_migration_names_what_stays() -> None:
    """The base by the name that users import, and no state."""
    made = project(Order, Lamp, Invoice, Invoice.log_model())
    detector: Any = MigrationAutodetector(ProjectState(), made)
    [migration] = detector._detect_changes()["shop"][:1]
    text = MigrationWriter(migration).as_string()
    assert "bases=(statecraft.django.DjangoWorkflow, models.Model)" in text
    assert "InvoiceTransitionRecord" in text
    assert "Taken on" not in text


def test_the_models_of_a_migration_have_rows_and_no_workflow() -> None:
    """RunPython can create, change and save them, the state as well."""
    historical = project(Order).apps.get_model("shop", "Order")
    old: Any = historical(title="flour", workflow_state="accepted")
    old.save()
    assert Order.objects.get().current_state == "accepted"
    old.workflow_state = "rejected"
    old.save()
    assert Order.objects.get().current_state == "rejected"
    assert not hasattr(historical, "accept")
    historical._base_manager.create(title="sugar")
    assert Order.objects.get(title="sugar").current_state == "submitted"


def test_the_package_names_what_is_there() -> None:
    """What is imported late too; another name is an AttributeError."""
    for name in statecraft.django.__all__:
        assert getattr(statecraft.django, name) is not None
    with pytest.raises(AttributeError, match="WorkflowModels"):
        _ = statecraft.django.WorkflowModels
