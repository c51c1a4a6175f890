"""Bad input: every one has a message that says what happened, and none has half a transition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template
from django.test import Client

from statecraft import UnknownState, WorkflowError
from tests.django_store import urls
from tests.django_store.shop.models import Invoice, Line, Order
from tests.django_store.shop.ticket import Ticket
from tests.django_store.test_django_admin import fired, page_of, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.usefixtures("database")
EVENTS = {"accept": (), "reject": ("late",)}
"""An event without code, which is one statement, and one with a handler, which locks its row."""


def moved() -> None:
    """Do what another writer does: move the order."""
    Order.objects.get().accept()


def deleted() -> None:
    """Delete it."""
    Order.objects.all().delete()


def spoiled() -> None:
    """Store what no state has."""
    Order.objects.update(workflow_state="acepted")


def stored() -> list[str]:
    """Return what the rows have, and the lines of handlers."""
    states = Order.objects.values_list("workflow_state", flat=True)
    return [*map(str, states), *Line.objects.values_list("text", flat=True)]


MEANWHILE = [
    pytest.param(moved, ["accepted"], "accepted", id="moved"),
    pytest.param(deleted, [], "delete", id="deleted"),
    pytest.param(spoiled, ["acepted"], "acepted", id="spoiled"),
]


# -- a view of one's own ---------------------------------------------------------------------------


@pytest.fixture
def clerk(database: None) -> Iterator[Client]:
    """Return a browser of somebody who may do nothing in particular."""
    client = Client()
    client.force_login(User.objects.create_user("clerk"))
    yield client
    User.objects.all().delete()


def clicked(client: Client, instance: Any, event: str, *arguments: str) -> tuple[int, str]:
    """Return the status and the text of the answer to a click."""
    given = {"event": event, "argument": arguments}
    answer = client.post(f"/fire/{instance._meta.model_name}/{instance.pk}/", given)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(("meanwhile", "left", "text"), MEANWHILE)
@pytest.mark.parametrize("event", EVENTS)
def test_what_happened_before_the_click_is_a_message(
    clerk: Client, event: str, meanwhile: Callable[[], None], left: list[str], text: str
) -> None:
    """Somebody has moved the order, deleted it, or stored nonsense."""
    order = Order.objects.create()
    meanwhile()
    status, said = clicked(clerk, order, event, *EVENTS[event])
    assert status == (409 if left else 404)
    assert text in said or not left
    assert stored() == left


@pytest.mark.parametrize(("meanwhile", "left", "text"), MEANWHILE)
@pytest.mark.parametrize("event", EVENTS)
def test_what_happens_while_the_view_runs_is_a_message(
    clerk: Client,
    monkeypatch: pytest.MonkeyPatch,
    event: str,
    meanwhile: Callable[[], None],
    left: list[str],
    text: str,
) -> None:
    """Right after it has loaded the order."""
    order = Order.objects.create()

    def found(model: Any, pk: int) -> Any:
        loaded = model.objects.get(pk=pk)
        meanwhile()
        return loaded

    monkeypatch.setattr(urls, "get_object_or_404", found)
    status, said = clicked(clerk, order, event, *EVENTS[event])
    assert status == 409
    assert text in said
    assert stored() == left


def test_what_is_no_event_is_a_message(clerk: Client) -> None:
    """With the nearest one that is."""
    order = Order.objects.create()
    status, said = clicked(clerk, order, "acept")
    assert status == 409
    assert "accept" in said
    assert stored() == ["submitted"]


def test_what_is_not_possible_says_what_is(clerk: Client) -> None:
    """From the present state."""
    order = Order.objects.create()
    status, said = clicked(clerk, order, "reopen")
    assert status == 409
    assert "From here: accept, charge, reject" in said
    assert stored() == ["submitted"]


def test_a_missing_permission_is_a_message(clerk: Client) -> None:
    """Whoever asks, and nobody in particular as well."""
    invoice = Invoice.objects.create()
    for client in (clerk, Client()):
        status, said = clicked(client, invoice, "send", "post")
        assert status == 409
        assert "the permission 'shop.send_invoice' is missing" in said
    assert Invoice.objects.get().current_state == "draft"


def test_an_object_that_was_never_saved_is_a_message() -> None:
    """It says what to do first."""
    with pytest.raises(WorkflowError, match=r"save\(\) it first"):
        Order().fire("accept")
    assert stored() == []


# -- templates -------------------------------------------------------------------------------------


def test_a_page_shows_an_object_with_an_unknown_value() -> None:
    """It allows nothing, and says why."""
    order = Order.objects.create()
    spoiled()
    order.refresh_from_db()
    text = (
        "{% load statecraft %}{% allowed_events order as events %}{{ events|length }}:"
        "{% refusal order 'accept' as why %}{{ why }}"
    )
    said = Template(text).render(Context({"order": order}))
    assert said.startswith("0:")
    assert "acepted" in said
    with pytest.raises(UnknownState):
        order.allowed_events()
    assert stored() == ["acepted"]


# -- the admin -------------------------------------------------------------------------------------


@pytest.fixture
def boss(database: None) -> Iterator[Client]:
    """Return a browser of somebody who may do everything."""
    from django.contrib.admin.models import LogEntry

    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    yield client
    LogEntry.objects.all().delete()
    User.objects.all().delete()


@pytest.mark.parametrize(("meanwhile", "left", "text"), MEANWHILE)
@pytest.mark.parametrize("event", EVENTS)
def test_what_happens_between_the_page_and_the_click_is_a_message(
    boss: Client, event: str, meanwhile: Callable[[], None], left: list[str], text: str
) -> None:
    """In the admin, too."""
    order = Order.objects.create()
    assert boss.get(page_of(order, event)).status_code == 200
    meanwhile()
    arguments = {"why": "late"} if event == "reject" else {}
    [said] = told(fired(boss, order, event, **arguments))
    assert text in said or "Taken on" in said
    assert stored() == left


@pytest.mark.parametrize(("meanwhile", "left", "text"), MEANWHILE)
def test_what_happens_before_an_action_is_a_message(
    boss: Client, meanwhile: Callable[[], None], left: list[str], text: str
) -> None:
    """What was selected and is gone is not there to be fired."""
    order = Order.objects.create()
    chosen = {"action": "fire-accept", "_selected_action": [order.pk], "event-confirmed": "1"}
    meanwhile()
    said = told(boss.post("/admin/shop/order/", chosen))
    assert all(text in one or "Taken on" in one for one in said)
    assert bool(said) is bool(left)
    assert stored() == left


@pytest.mark.parametrize("number", ["0", "nonsense", "1/2", "_5F"])
@pytest.mark.parametrize("event", ["accept", "nonsense"])
def test_what_is_no_object_is_a_message(boss: Client, number: str, event: str) -> None:
    """Whatever the path says."""
    [said] = told(boss.get(f"/admin/shop/order/{number}/event/{event}/"))
    assert "There is no order" in said


def test_who_is_not_signed_in_is_asked_to(boss: Client) -> None:
    """And fires nothing."""
    order = Order.objects.create()
    answer = fired(Client(), order, "accept")
    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")
    assert stored() == ["submitted"]


def test_a_click_from_elsewhere_fires_nothing(boss: Client) -> None:
    """Django asks for its token."""
    order = Order.objects.create()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get())
    assert fired(strict, order, "accept").status_code == 403
    assert stored() == ["submitted"]


@pytest.mark.parametrize(
    "given", [{}, {"count": "many"}, {"weight": "HUGE"}, {"owner": "-1"}, {"day": "2026-02-30"}]
)
def test_bad_arguments_are_asked_for_again(boss: Client, given: dict[str, str]) -> None:
    """The page comes again, each wrong field says why, and nothing has run."""
    ticket = Ticket.objects.create(title="one")
    Ticket.given.clear()
    answer = fired(boss, ticket, "close", **given)
    assert answer.status_code == 200
    assert b"errorlist" in answer.content
    assert Ticket.given == []
    assert Ticket.objects.get().current_state == "waiting"
