"""The commands: a diagram, what is stored, and older values rewritten while writers run."""

from __future__ import annotations

from io import StringIO
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections, transaction

from statecraft.django import command, stored_values
from statecraft.django.stored_values import columns_of, count_stored, rewrite_older
from tests.django_store.databases import connected
from tests.django_store.shop.models import Invoice, Lamp, Order, Parcel, Tank
from tests.django_store.shop.ticket import Parked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def said(name: str, *arguments: Any, **options: Any) -> str:
    """Return what a command prints."""
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def refused(name: str, *arguments: Any, **options: Any) -> str:
    """Return the line of a command that fails."""
    with pytest.raises(CommandError) as caught:
        said(name, *arguments, **options)
    return str(caught.value)


# -- workflow_diagram ----------------------------------------------------------------------------


def test_a_diagram_is_printed_or_written(tmp_path: Path) -> None:
    """Of the workflow of a model, or of one that is attached."""
    text = said("workflow_diagram", "shop.Order")
    assert text.startswith("stateDiagram-v2")
    assert "accepted" in text
    path = tmp_path / "payment.mmd"
    assert said("workflow_diagram", "shop.Invoice.paying", "-o", str(path)) == f"Wrote {path}\n"
    assert "refunded" in path.read_text(encoding="utf-8")


def test_what_cannot_be_drawn_is_said_in_one_line(tmp_path: Path) -> None:
    """A model that there is not, one without a workflow, a file of no known kind."""
    text = refused("workflow_diagram", "shop.Ordr")
    assert text.startswith("There is no model 'shop.Ordr'. Did you mean 'shop.Order'?")
    assert "There is no model 'Order'" in refused("workflow_diagram", "Order")
    text = refused("workflow_diagram", "shop.Line")
    assert text == "'shop.Line' has no workflow. Of this model: none."
    text = refused("workflow_diagram", "shop.Invoice.payment")
    assert text.endswith("Of this model: shop.Invoice, shop.Invoice.paying.")
    assert ".svg" in refused("workflow_diagram", "shop.Order", "-o", str(tmp_path / "order.gif"))
    assert not list(tmp_path.iterdir())


# -- workflow_stored -----------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_stored_values_are_counted() -> None:
    """With their states; an older value says what to do, NULL is the initial state."""
    for value in ("accepted", "accepted", "accepted", "refused", "refused", None):
        Order.objects.create()
        Order.objects.filter(workflow_state="submitted").update(workflow_state=value)
    assert said("workflow_stored", "shop.Order").splitlines() == [
        "           3  'accepted'  accepted",
        "           2  'refused'  older value of rejected",
        "           1  None  submitted",
        "Older values: workflow_rewrite shop.Order",
    ]


@pytest.mark.usefixtures("database")
def test_a_value_that_no_state_has_is_a_failure() -> None:
    """It is named; the others are counted all the same."""
    Order.objects.create()
    Order.objects.create()
    Order.objects.filter(pk=Order.objects.latest("pk").pk).update(workflow_state="lost")
    out = StringIO()
    with pytest.raises(CommandError, match="No state of Order has 'lost'") as caught:
        call_command("workflow_stored", "shop.Order", stdout=out)
    assert "State(was=" in str(caught.value)
    assert "           1  'lost'  no state has it" in out.getvalue()
    assert "           1  'submitted'  submitted" in out.getvalue()


@pytest.mark.usefixtures("database")
def test_numbers_members_and_children_are_counted() -> None:
    """What a child with more states has stored in the table of its parent is known too."""
    Tank.objects.create().fill()
    Lamp.objects.create()
    Parcel.objects.create().lose()
    Invoice.objects.create()
    assert said("workflow_stored", "shop.Tank") == "           1  10  high\n"
    assert said("workflow_stored", "shop.Lamp") == "           1  'r'  red\n"
    assert said("workflow_stored", "shop.Letter") == "           1  'lost'  lost\n"
    assert said("workflow_stored", "shop.Parcel") == "           1  'lost'  lost\n"
    assert said("workflow_stored", "shop.Invoice.paying") == "           1  'open'  open\n"


# -- workflow_rewrite ----------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_older_values_are_rewritten_in_batches() -> None:
    """All others stay; what was stopped goes on, and the second time there is nothing to do."""
    for value in ("refused", "rejected", "refused", "accepted", "refused"):
        order = Order.objects.create()
        Order.objects.filter(pk=order.pk).update(workflow_state=value)
    batches = rewrite_older(columns_of("shop.Order"), "default", 2)
    first = next(batches)
    assert (first.rows, first.last) == (2, Order.objects.all()[2].pk)
    batches.close()  # stopped
    assert Order.objects.filter(workflow_state="refused").count() == 1
    assert said("workflow_rewrite", "shop.Order", batch_size=2) == "Rewritten: 1\n"
    assert said("workflow_rewrite", "shop.Order") == "Rewritten: 0\n"
    assert said("workflow_rewrite", "shop.Tank") == "Rewritten: 0\n"
    stored = [*Order.objects.order_by("pk").values_list("workflow_state", flat=True)]
    assert stored == ["rejected", "rejected", "rejected", "accepted", "rejected"]


@pytest.mark.usefixtures("database")
def test_a_row_that_has_moved_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The UPDATE compares with what was read."""
    order = Order.objects.create()
    Order.objects.update(workflow_state="refused")
    rewrite = stored_values._rewrite

    def later(*args: Any) -> int:
        Order.objects.get().reopen()
        return rewrite(*args)

    monkeypatch.setattr(stored_values, "_rewrite", later)
    assert said("workflow_rewrite", "shop.Order") == "Rewritten: 0\n"
    order.refresh_from_db()
    assert order.current_state == "submitted"


@pytest.mark.usefixtures("database")
def test_only_what_is_exactly_an_older_value_is_rewritten() -> None:
    """A database may find "REFUSED" for "refused"."""
    order = Order.objects.create()
    Order.objects.update(workflow_state="REFUSED")
    found = [(order.pk, "REFUSED")]
    newer = {"refused": "rejected"}
    assert stored_values._rewrite(Order.objects.all(), "workflow_state", newer, found) == 0
    assert Order.objects.values_list("workflow_state", flat=True).get() == "REFUSED"


@pytest.mark.usefixtures("database")
def test_progress_is_told_with_the_key_to_go_on_after() -> None:
    """To stderr, after each batch; what is before the key stays as it is."""
    keys = [Order.objects.create().pk for _ in range(5)]
    Order.objects.update(workflow_state="refused")
    progress = StringIO()
    after = str(keys[1])
    said("workflow_rewrite", "shop.Order", batch_size=2, after=after)
    assert Order.objects.filter(workflow_state="refused").count() == 2
    call_command("workflow_rewrite", "shop.Order", stdout=StringIO(), stderr=progress)
    assert progress.getvalue() == f"2 of 2, up to the key {keys[1]}\n"


@pytest.mark.usefixtures("database")
def test_what_cannot_be_is_refused() -> None:
    """A batch without rows, and a key that is none; no row is changed."""
    Order.objects.create()
    Order.objects.update(workflow_state="refused")
    text = refused("workflow_rewrite", "shop.Order", batch_size=0)
    assert text == "--batch-size is 1 or more, and not 0"
    text = refused("workflow_rewrite", "shop.Order", after="x")
    assert text == "--after is a key, and not 'x': “x” value must be an integer."
    assert Order.objects.filter(workflow_state="refused").count() == 1


def test_a_command_without_work_is_none() -> None:
    """The base has no work of its own."""
    with pytest.raises(NotImplementedError):
        command.WorkflowCommand().run(columns_of("shop.Order"), {})


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return a database on a server, with the table of what is parked."""
    name: str = request.param
    with connected(name).schema_editor() as editor:
        editor.create_model(Parked)
    yield name
    with connections[name].schema_editor() as editor:
        editor.delete_model(Parked)
    connections[name].close()


def counted(server: str) -> dict[Any, int]:
    """Return how many rows have which value."""
    return {one.value: one.rows for one in count_stored(columns_of("shop.Parked"), server)}


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so, for ten seconds at most."""
    end = monotonic() + 10
    while not condition():
        assert monotonic() < end
        sleep(0.01)


def test_nothing_is_lost_while_writers_run(server: str) -> None:
    """Each row is rewritten, or moved by a writer who had read the older value: both happen."""
    rows = 3000
    objects = Parked.objects.using(server)
    objects.bulk_create(Parked() for _ in range(rows))
    objects.update(workflow_state="parked")
    read = list(objects.order_by("pk"))  # the writers know the older value only
    moved: list[int] = []
    errors: list[BaseException] = []

    def write() -> None:
        try:
            for parked in read[::-3]:
                parked.drive()
                moved.append(parked.pk)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            errors.append(error)
        finally:
            connections[server].close()

    writer = Thread(target=write)
    writer.start()
    said("workflow_rewrite", "shop.Parked", batch_size=50, database=server)
    writer.join()
    assert not errors
    assert counted(server) == {"standing": rows - len(moved), "driven": len(moved)}
    assert len(moved) == rows // 3


def test_a_locked_row_stops_nobody_else(server: str) -> None:
    """The others of its batch are rewritten while somebody has it; itself when it is free."""
    objects = Parked.objects.using(server)
    objects.bulk_create(Parked() for _ in range(10))
    objects.update(workflow_state="parked")
    first = objects.order_by("pk")[0]
    errors: list[BaseException] = []

    def rewrite() -> None:
        try:
            said("workflow_rewrite", "shop.Parked", database=server)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            errors.append(error)
        finally:
            connections[server].close()

    thread = Thread(target=rewrite)
    with transaction.atomic(using=server):
        objects.select_for_update().get(pk=first.pk)
        thread.start()
        until(lambda: counted(server) == {"standing": 9, "parked": 1})
        for other in objects.exclude(pk=first.pk):
            other.drive()
    thread.join()
    assert not errors
    assert counted(server) == {"driven": 9, "standing": 1}
