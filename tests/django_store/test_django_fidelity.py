"""What Django does with models all day: fixtures, bulk, factories, migrations, and labels."""

from __future__ import annotations

import json
import sys
from io import StringIO
from types import new_class
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, connections, models
from django.test import override_settings

from statecraft import Event, State, UnknownState, WorkflowError
from statecraft.django import WorkflowModel
from statecraft.testing import place
from tests.django_store.shop.models import Invoice, Order, Parcel, UrgentLetter
from tests.django_store.shop.posts import JudgedPost, LongPost, Reviewing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("database")


# -- creating --------------------------------------------------------------------------------------


def test_a_factory_makes_objects_in_any_state() -> None:
    """As factories do: by the class, by the manager, and saved again afterwards."""
    for number, state in enumerate(("submitted", "accepted", "rejected")):
        built = Order(title=f"order {number}", workflow_state=state)
        built.save()
        made = Order.objects.create(title=f"order {number}", workflow_state=state)
        made.title = "changed"
        made.save()
        assert built.current_state == made.current_state == state
    assert Order.objects.in_state("accepted").count() == 2


def test_get_or_create_takes_a_state() -> None:
    """For what it creates; what is there stays where it is."""
    first, created = Order.objects.get_or_create(
        title="flour", defaults={"workflow_state": "accepted"}
    )
    again, _ = Order.objects.get_or_create(title="flour", defaults={"workflow_state": "rejected"})
    assert created
    assert first == again
    assert again.current_state == "accepted"


def test_update_or_create_moves_nothing() -> None:
    """It would assign the state of what is there, and so it is refused; nothing is stored."""
    Order.objects.create(title="flour", amount=1)
    with pytest.raises(WorkflowError, match="events move it"):
        Order.objects.update_or_create(
            title="flour", defaults={"amount": 2, "workflow_state": "accepted"}
        )
    order = Order.objects.get()
    assert (order.amount, order.current_state.name) == (1, "submitted")


def test_bulk_create_stores_states() -> None:
    """Those that are given, and the initial one; the objects can fire, and refuse."""
    Order.objects.bulk_create([Order(), Order(workflow_state="accepted")])
    first, second = Order.objects.order_by("pk")
    first.accept()
    second.reopen()
    assert [one.current_state.name for one in Order.objects.order_by("pk")] == [
        "accepted",
        "submitted",
    ]


def test_a_state_that_does_not_exist_is_refused_everywhere() -> None:
    """With the nearest one that does; nothing is stored, and nothing moves."""
    order = Order.objects.create()
    attempts: list[Any] = [
        lambda: Order.objects.create(workflow_state="acepted"),
        lambda: Order.objects.get_or_create(title="x", defaults={"workflow_state": "acepted"}),
        lambda: Order.objects.bulk_create([Order(workflow_state="acepted")]),
        lambda: Order.objects.in_state("acepted"),
        lambda: Order.objects.not_in_state("accepted", "acepted"),
        lambda: place(order, "acepted"),
    ]
    for attempt in attempts:
        with pytest.raises(UnknownState, match="accepted"):
            attempt()
    assert Order.objects.get().current_state == "submitted"


# -- fixtures --------------------------------------------------------------------------------------


def test_what_is_dumped_is_loaded(tmp_path: Path) -> None:
    """By the commands, with states, a second workflow, and the log as it was."""
    invoice = Invoice.objects.create(amount=3)
    invoice.paying.pay()
    invoice.remind()
    order = Order.objects.create()
    order.reject("late")
    before = told(invoice)
    path = tmp_path / "shop.json"
    names = ("shop.Invoice", "shop.InvoiceTransitionRecord", "shop.Order")
    call_command("dumpdata", *names, output=str(path), verbosity=0)
    for model in (Invoice.log_model(), Invoice, Order):
        model.objects.all().delete()
    for _ in range(2):  # into empty tables, and over what is there
        call_command("loaddata", str(path), verbosity=0)
        loaded: Any = Invoice.objects.get()
        assert loaded.paying.current_state == "paid"
        assert told(loaded) == before
        assert Order.objects.get().current_state == "rejected"
        Order.objects.get().reopen()


def told(invoice: Any) -> list[tuple[Any, ...]]:
    """Return the log in short; a fixture rounds its times."""
    log = invoice.transition_log()
    return [(one.sequence, one.event, one.source, one.target, one.noted) for one in log]


def test_a_fixture_with_an_unknown_state_loads_nothing(tmp_path: Path) -> None:
    """It says which value, and which there are."""
    Order.objects.create(title="flour")
    path = tmp_path / "shop.json"
    call_command("dumpdata", "shop.Order", output=str(path), verbosity=0)
    rows = json.loads(path.read_text(encoding="utf-8"))
    rows[0]["fields"]["workflow_state"] = "acepted"
    Order.objects.all().delete()
    path.write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(Exception, match="acepted"):
        call_command("loaddata", str(path), verbosity=0)
    assert not Order.objects.exists()


# -- labels and values -----------------------------------------------------------------------------


def test_a_display_is_the_label_of_the_state() -> None:
    """Of a state that only a child or a proxy has, of an older value, of nothing."""
    parcel: Any = Parcel.objects.create()
    parcel.lose()
    urgent: Any = UrgentLetter.objects.create()
    urgent.throw_away()
    order: Any = Order.objects.create()
    Order.objects.update(workflow_state="refused")
    order.refresh_from_db()
    displays = [one.get_workflow_state_display() for one in (parcel, urgent, order)]
    assert displays == ["Lost", "Thrown away", "Rejected"]
    Order.objects.update(workflow_state=None)
    order.refresh_from_db()
    assert order.get_workflow_state_display() == "Submitted"
    judged: Any = JudgedPost(verdict="for_moderators")
    assert judged.get_verdict_display() == "For moderators"


def test_a_display_of_an_unknown_value_is_the_value() -> None:
    """Somebody has to see it."""
    order: Any = Order.objects.create()
    Order.objects.update(workflow_state="lost")
    order.refresh_from_db()
    assert order.get_workflow_state_display() == "lost"


def test_choices_that_a_model_declares_are_its_own() -> None:
    """Those of other fields, and those of a field for the state."""
    new, old = State(), State()
    own: Any = models.CharField
    body: dict[str, Any] = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "passing"}),
        "new": new,
        "old": old,
        "grow": Event(new.to(old)),
        "workflow_state": own(max_length=9, choices=[("new", "Quite new")]),
        "size": own(max_length=1, choices=[("l", "Large")]),
    }
    made: Any = new_class("Choosing", (WorkflowModel,), None, lambda space: space.update(body))
    apps.all_models.pop("passing", None)
    chosen = made(size="l")
    assert chosen.get_size_display() == "Large"
    assert chosen.get_workflow_state_display() == "Quite new"


def test_a_child_may_attach_more_states(request: pytest.FixtureRequest) -> None:
    """A workflow that grows in a proxy is cleaned by what the proxy knows, in the same column."""

    class Appealing(Reviewing):
        appealed = State()
        appeal = Event(Reviewing.rejected.to(appealed))

    meta = type("Meta", (), {"app_label": "shop", "proxy": True})
    body = {
        "__module__": "tests.django_store.shop.models",
        "Meta": meta,
        "reviewing": Appealing.attached("review_state"),
    }
    made: Any = new_class("AppealedPost", (LongPost,), None, lambda space: space.update(body))
    request.addfinalizer(lambda: apps.all_models["shop"].pop("appealedpost"))
    post = made.objects.create(title="one")
    post.reviewing.reject()
    post.reviewing.appeal()
    assert post.get_review_state_display() == "Appealed"
    post.full_clean()
    plain: Any = LongPost.objects.get()
    assert plain.review_state == "appealed"
    with pytest.raises(UnknownState, match="appealed"):
        _ = plain.reviewing.current_state
    with pytest.raises(ValidationError, match="appealed"):
        plain.full_clean()


# -- migrations ------------------------------------------------------------------------------------


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a package for the migrations of the shop, which has none of its own."""
    package = tmp_path / "made_migrations"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with override_settings(MIGRATION_MODULES={"shop": "made_migrations"}):
        yield package
    for name in [name for name in sys.modules if name.startswith("made_migrations")]:
        del sys.modules[name]


def made_migrations() -> str:
    """Make migrations, and return what the command says."""
    out = StringIO()
    call_command("makemigrations", "shop", verbosity=1, stdout=out)
    return out.getvalue()


def test_migrations_are_made_once(migrations: Path) -> None:
    """The second time there is nothing to do, and no state is in the first."""
    assert "Create model Order" in made_migrations()
    text = (migrations / "0001_initial.py").read_text(encoding="utf-8")
    assert "bases=(statecraft.django.DjangoWorkflow, models.Model)" in text
    assert "Taken on" not in text
    assert "OrderTransitionRecord" not in text
    assert "InvoiceTransitionRecord" in text
    assert made_migrations() == "No changes detected in app 'shop'\n"


def test_migrations_make_what_models_need(migrations: Path) -> None:
    """Their tables hold orders and their log; a historical model moves a state by hand."""
    made_migrations()
    (migrations / "0002_by_hand.py").write_text(BY_HAND, encoding="utf-8")
    try:
        call_command("migrate", "shop", database="migrated", verbosity=0)
        order = Order.objects.using("migrated").get()
        assert order.current_state == "rejected"
        order.reopen()
        invoice: Any = Invoice(amount=1)
        invoice.save(using="migrated")
        invoice.paying.pay()
        assert [one.event for one in invoice.paying.transition_log()] == [None, "pay"]
        state: Any = Invoice.objects.using("migrated").get()
        assert state.payment_state == "paid"
    finally:
        connections["migrated"].close()


BY_HAND = '''
from django.db import migrations


def move(apps, schema_editor):
    """Create a row, and move it as any other value."""
    model = apps.get_model("shop", "Order")
    rows = model._base_manager.using(schema_editor.connection.alias)
    order = rows.create(title="flour", workflow_state="accepted")
    assert not hasattr(order, "accept")
    order.workflow_state = "rejected"
    order.save()
    assert rows.filter(workflow_state="rejected").count() == 1


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
'''


def test_an_old_table_gets_a_workflow() -> None:
    """Rows that were there before the column are in the initial state, and can move."""
    with connection.schema_editor() as editor:
        editor.execute("CREATE TABLE old_letters (id integer PRIMARY KEY, body text)")
        editor.execute("INSERT INTO old_letters VALUES (1, 'flour')")
    new, read = State(), State()
    meta = type("Meta", (), {"app_label": "passing", "db_table": "old_letters"})
    body: dict[str, Any] = {"__module__": __name__, "Meta": meta, "new": new, "read": read}
    body["open"] = Event(new.to(read))
    made: Any = new_class("OldLetter", (WorkflowModel,), None, lambda space: space.update(body))
    try:
        with connection.schema_editor() as editor:
            editor.add_field(made, made._meta.get_field("workflow_state"))
        letter = made.objects.get(pk=1)
        assert letter.current_state == "new"
        assert made.with_new_state().get() == letter
        letter.open()
        assert made.objects.get(pk=1).current_state == "read"
    finally:
        apps.all_models.pop("passing", None)
        with connection.schema_editor() as editor:
            editor.delete_model(made)
