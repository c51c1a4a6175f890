"""The admin: badges, buttons, the page that fires an event, and actions on many objects."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client

from statecraft import (
    Event,
    NoTransitionAllowed,
    OutcomeUnknown,
    State,
    UnknownEvent,
    Workflow,
    acting_as,
)
from statecraft.django.event_forms import Arguments, form_for
from statecraft.django.outcomes import fired_as
from statecraft.testing import place
from tests.django_store.shop.models import Invoice, Order, Review
from tests.django_store.shop.ticket import Level, Ticket, Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def boss(database: None) -> Iterator[User]:
    """Return a user who may do everything; no user is left afterwards."""
    yield User.objects.create_superuser("boss")
    LogEntry.objects.all().delete()
    User.objects.all().delete()


@pytest.fixture
def client(boss: User) -> Client:
    """Return a browser in which the boss is logged in."""
    return signed_in(boss)


def signed_in(user: User) -> Client:
    """Return a browser in which somebody is logged in."""
    client = Client()
    client.force_login(user)
    return client


def clerk(*permissions: str) -> Client:
    """Return a browser of a user with some permissions only."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return signed_in(user)


def page_of(instance: Any, event: str | None = None) -> str:
    """Return the path of the page of an object, or of one of its events."""
    end = "change/" if event is None else f"event/{event}/"
    return f"/admin/shop/{instance._meta.model_name}/{instance.pk}/{end}"


def text_of(response: Any) -> str:
    """Return what a page says."""
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def told(response: Any) -> list[str]:
    """Return the messages of an answer that leads elsewhere."""
    assert response.status_code == 302
    storage: Any = get_messages(response.wsgi_request)
    return [str(one) for one in storage._queued_messages]  # without those that no page has shown


def fired(client: Client, instance: Any, event: str, **arguments: Any) -> Any:
    """Return the answer to the click that fires an event."""
    given = {f"event-{name}": value for name, value in arguments.items()}
    return client.post(page_of(instance, event), {"event-confirmed": "1", **given})


def state_of(instance: Any) -> str:
    """Return what the row says."""
    return str(type(instance).objects.get(pk=instance.pk).current_state)


# -- what pages show -----------------------------------------------------------------------------


def test_the_list_shows_the_state_as_a_badge(client: Client) -> None:
    """With its label, in its colour or in that of its kind; and that of an attached workflow."""
    Ticket.objects.create(title="one")
    place(Ticket.objects.create(title="two"), "done")
    text = text_of(client.get("/admin/shop/ticket/"))
    assert '<span class="statecraft-badge statecraft-amber">Waiting</span>' in text
    assert '<span class="statecraft-badge statecraft-grey">All done</span>' in text
    assert "statecraft/admin.css" in text
    Invoice.objects.create()
    text = text_of(client.get("/admin/shop/invoice/"))
    assert '<span class="statecraft-badge statecraft-blue">Open</span>' in text


def test_the_list_is_filtered_by_states(client: Client) -> None:
    """A compound has all that is inside of it; what is no state filters nothing."""
    Review.objects.create()
    inside = Review.objects.create()
    inside.start()
    for chosen, count in [("checking", 1), ("checking.legal", 1), ("draft", 1), ("nonsense", 2)]:
        response = client.get("/admin/shop/review/", {"in_state": chosen})
        noun = "review" if count == 1 else "reviews"
        assert f"{count} {noun}" in text_of(response)


def test_the_page_has_buttons_for_what_is_allowed_and_says_why_not(client: Client) -> None:
    """Events that leave the state: as a link, or disabled with the reason; no others."""
    order = Order.objects.create()
    text = text_of(client.get(page_of(order)))
    assert f'<a class="button" href="{page_of(order, "accept")}">Accept</a>' in text
    reason = '<span class="statecraft-reason">it is free</span>'
    assert f'<button type="button" disabled>Charge</button> {reason}' in text
    assert "Reopen</a>" not in text
    assert "Reopen</button>" not in text


def test_the_page_shows_the_log_and_attached_workflows(client: Client) -> None:
    """The last records first; the events of an attached workflow have pages of their own."""
    invoice = Invoice.objects.create()
    invoice.remind()
    text = text_of(client.get(page_of(invoice)))
    assert text.index("<td>2</td><td>Remind</td>") < text.index("<td>1</td><td></td>")
    assert page_of(invoice, "paying.pay") in text


def test_the_log_says_who_did_it_and_what_was_noted(client: Client, boss: User) -> None:
    """A user by name, anybody else as written; what was noted or refused; and names of the past."""
    invoice = Invoice.objects.create()
    with acting_as(boss):
        invoice.send("post")
    with acting_as("the night job"), pytest.raises(NoTransitionAllowed):
        invoice.send("post")
    Invoice.log_model().objects.filter(sequence=1).update(target="sketched")
    text = text_of(client.get(page_of(invoice)))
    rows = re.findall("<tr>(<td>[0-9].*?)</tr>", text)
    shown = [[*map(str.strip, re.findall(">([^<>]*)</td>", row))] for row in rows]
    refused, sent, created = [row[:4] + row[5:] for row in shown if row[1] != "Pay"][:3]
    assert refused[:5] == ["3", "Send", "Sent", "Sent", "the night job"]
    assert refused[5].startswith("by: post; Invoice cannot send from")
    assert sent == ["2", "Send", "Draft", "Sent", "boss", "by: post"]
    assert created == ["1", "", "", "sketched", "", ""]


def test_events_alone_move_the_state(client: Client) -> None:
    """It is shown and not asked for; what is posted for it changes nothing."""
    thing = Ticket.objects.create(title="one")
    assert 'name="workflow_state"' not in text_of(client.get(page_of(thing)))
    answer = client.post(page_of(thing), {"title": "two", "workflow_state": "done"})
    assert told(answer)
    assert Ticket.objects.get().title == "two"
    assert state_of(thing) == "waiting"
    assert 'name="workflow_state"' not in text_of(client.get("/admin/shop/ticket/add/"))


def test_an_unknown_value_is_a_message(client: Client) -> None:
    """In the list, on the page of the object, and where an event is fired."""
    order = Order.objects.create()
    Order.objects.update(workflow_state="lost")
    assert "lost?</span>" in text_of(client.get("/admin/shop/order/"))
    assert "&#x27;lost&#x27; is no state of Order" in text_of(client.get(page_of(order)))
    assert "is no state of Order" in told(client.get(page_of(order, "accept")))[0]
    assert "is no state of Order" in told(fired(client, order, "accept"))[0]
    assert Order.objects.get().workflow_state == "lost"


# -- firing --------------------------------------------------------------------------------------


def test_a_click_asks_and_a_second_one_fires(client: Client) -> None:
    """A GET changes nothing; the POST leads back, tells, and is in the history of the admin."""
    order = Order.objects.create()
    text = text_of(client.get(page_of(order, "accept")))
    assert '<input type="submit" class="default" value="Accept">' in text
    assert state_of(order) == "submitted"
    answer = fired(client, order, "accept")
    assert answer["Location"] == page_of(order)
    assert told(answer) == ["Accept: Submitted → Taken on"]
    assert state_of(order) == "accepted"
    assert "Accept: Submitted" in LogEntry.objects.get().change_message


def test_arguments_come_in_their_types(client: Client, boss: User) -> None:
    """One field for each parameter of the handler, and the defaults where nothing is given."""
    ticket = Ticket.objects.create(title="one")
    text = text_of(client.get(page_of(ticket, "close")))
    for piece in ('type="date"', 'type="datetime-local"', "<textarea", 'type="email"', "no hurry"):
        assert piece in text
    required = {
        "why": "over",
        "count": "3",
        "price": "1.50",
        "weight": "HEAVY",
        "owner": str(boss.pk),
        "day": "2026-02-03",
        "at": "2026-02-03T04:05",
    }
    expected = ["over", 3, Decimal("1.50"), Weight.HEAVY, boss, date(2026, 2, 3)]
    moment = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    assert told(fired(client, ticket, "close", **required)) == ["Close: Waiting → All done"]
    given: list[Any] = [False, Level.LOW, None, None, "post", "", "", None, None, {}]
    assert Ticket.given[:6] == expected
    assert Ticket.given[6].tzinfo is not None
    assert Ticket.given[7:] == given
    place(Ticket.objects.get(), "waiting")
    more = {
        "urgent": "on",
        "level": "HIGH",
        "factor": "0.5",
        "remark": "well",
        "way": "mail",
        "text": "long",
        "link": "a@example.com",
        "key": "12345678123456781234567812345678",
        "anything": "else",
    }
    assert told(fired(client, ticket, "close", **required, **more))
    key = UUID(more["key"])
    link = more["link"]
    given = [True, Level.HIGH, 0.5, "well", "mail", "long", link, key, "else", {}]
    assert Ticket.given[7:] == given
    assert Ticket.given[6].replace(tzinfo=UTC) == moment


def test_there_is_no_form_for_what_is_no_event() -> None:
    """Nor for another attribute of the object."""
    with pytest.raises(UnknownEvent, match="'has_title' is no event of Ticket"):
        form_for(Ticket, "has_title")


def test_a_type_may_be_known_in_several_ways() -> None:
    """A time, two types at once, a note that is no field, and ``None`` without a default."""
    from statecraft.django.event_forms import _field_for

    assert isinstance(_field_for(time, required=True), forms.TimeField)
    assert isinstance(_field_for(Annotated[int, "a note"], required=True), forms.IntegerField)
    assert isinstance(_field_for(Annotated[int, int], required=True), forms.IntegerField)
    assert _field_for(int | str, required=True) is None
    assert _field_for(list[int], required=True) is None
    text: Any = _field_for(str | None, required=True)
    assert not text.required
    assert text.clean("") is None


def test_bad_arguments_are_asked_for_again(client: Client) -> None:
    """Each field says what is wrong, and nothing has run."""
    ticket = Ticket.objects.create(title="one")
    Ticket.given.clear()
    text = text_of(fired(client, ticket, "close", why="x", count="many", weight="FAIR"))
    assert "Enter a whole number." in text
    assert "FAIR is not one of the available choices" in text
    assert 'value="many"' in text
    assert not Ticket.given
    assert state_of(ticket) == "waiting"


@pytest.mark.parametrize(("why", "text"), [("halt", "not on Mondays"), ("wrong", "no reason")])
def test_a_handler_that_says_no_is_asked_again(
    client: Client, boss: User, why: str, text: str
) -> None:
    """A halt and a ``ValidationError`` stand above the form; the arguments are still in it."""
    ticket = Ticket.objects.create(title="one")
    arguments = {"why": why, "count": "3", "price": "1", "weight": "LIGHT", "owner": boss.pk}
    moments = {"day": "2026-02-03", "at": "2026-02-03T04:05"}
    page = text_of(fired(client, ticket, "close", **arguments, **moments))
    assert text in page
    assert f'value="{why}"' in page
    assert state_of(ticket) == "waiting"


def test_an_event_that_became_impossible_is_a_message(client: Client) -> None:
    """It says what it is now, and what is possible; the second click fires nothing."""
    order = Order.objects.create()
    client.get(page_of(order, "reject"))
    Order.objects.get().accept()
    expected = (
        "Reject is not possible: it is Taken on, and has to be Submitted. From Taken on: Reopen."
    )
    assert told(fired(client, order, "reject", why="late")) == [expected]
    assert told(client.get(page_of(order, "reject"))) == [expected]
    assert state_of(order) == "accepted"


def test_an_event_lost_to_another_writer_is_a_message(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even one that moves it after the last look."""
    order = Order.objects.create()
    move = type(order)._row
    moved: list[Any] = []

    def overtaken(self: Any) -> Any:
        row = move(self)
        if not moved and row.state() == "submitted":
            moved.append(Order.objects.filter(pk=self.pk).update(workflow_state="rejected"))
        return row

    def racing(*args: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Order, "_row", overtaken)
            return fired_as(*args)

    monkeypatch.setattr("statecraft.django.admin.fired_as", racing)
    [text] = told(fired(client, order, "accept"))
    assert text == "Accept was not done: somebody else has moved it meanwhile. Look at it again."
    assert moved
    assert state_of(order) == "rejected"


class Door(Workflow):
    """One that says no in every way."""

    shut = State()
    open = State()
    is_locked = True
    has_key = False
    push = Event(shut.to(open, unless="is_locked"))
    pull = Event(shut.to(open, if_="has_key"))
    close = Event(open.to(shut))

    def on_unavailable_transition(self, attempt: Any) -> bool:
        """Deal with what cannot be closed; the others raise."""
        return bool(attempt.event == "close")


class House(Workflow):
    """One whose event fires that of another workflow."""

    empty = State()
    lived_in = State()

    @Event(empty.to(lived_in))
    def move_in(self) -> None:
        """Go in by a door that is locked."""
        Door().push()

    @Event(empty.to(lived_in))
    def buy(self) -> None:
        """Hear no answer from the bank."""
        raise OutcomeUnknown


@pytest.mark.parametrize(
    ("workflow", "event", "text"),
    [
        (
            House,
            "move_in",
            "Move in was not done: Push is not possible: is locked holds. From Shut",
        ),
        (House, "buy", "Buy: whether it was done is unknown, because the database gave no answer."),
        (Door, "push", "Push is not possible: is locked holds. From Shut: Pull."),
        (Door, "pull", "Pull is not possible: not has key. From Shut: Push."),
        (Door, "close", "Close: nothing was done."),
        (Order, "accept", "Accept was not done: an Order without a row cannot fire an event"),
    ],
)
def test_whatever_does_not_happen_is_told(workflow: Any, event: str, text: str) -> None:
    """A condition by its name, what the object dealt with itself, and any other error."""
    subject = workflow()
    outcome = fired_as(None, subject, event, Arguments((), {}))
    assert not outcome.happened
    assert outcome.text.startswith(text)
    assert subject.current_state == subject.workflow_spec.initial


def test_what_is_no_event_or_no_object_is_a_message(client: Client) -> None:
    """It leads back to what there is."""
    order = Order.objects.create()
    answer = client.get(page_of(order, "acept"))
    assert "'acept' is no event of Order. Did you mean 'accept'?" in told(answer)[0]
    assert answer["Location"] == page_of(order)
    assert "is no event" in told(client.get(page_of(order, "paying.pay")))[0]
    path = page_of(order, "accept")
    order.delete()
    answer = client.post(path, {"event-confirmed": "1"})
    assert "There is no order" in told(answer)[0]
    assert answer["Location"] == "/admin/shop/order/"


def test_a_type_that_has_no_field_is_a_message(client: Client) -> None:
    """It says what to write."""
    ticket = Ticket.objects.create(title="one")
    [text] = told(client.get(page_of(ticket, "hurry")))
    assert "there is no field for names: 'Sequence[str]'" in text
    assert "Annotated" in text
    assert state_of(ticket) == "waiting"


def test_an_event_with_types_and_no_handler_has_a_field_for_each(client: Client) -> None:
    """Named by their numbers."""
    ticket = Ticket.objects.create(title="one")
    assert "argument" in text_of(client.get(page_of(ticket, "mark")))


def test_attached_workflows_are_fired(client: Client) -> None:
    """By the name of the attribute and of the event."""
    invoice = Invoice.objects.create()
    assert told(fired(client, invoice, "paying.pay")) == ["Pay: Open → Paid"]
    assert Invoice.objects.get().paying.current_state == "paid"


# -- permissions ---------------------------------------------------------------------------------


def test_who_may_only_look_fires_nothing(boss: User) -> None:
    """No buttons, no actions; the page of an event is forbidden."""
    order = Order.objects.create()
    client = clerk("view_order")
    text = text_of(client.get(page_of(order)))
    assert "statecraft-badge" in text
    assert "Accept" not in text
    assert client.get(page_of(order, "accept")).status_code == 403
    assert fired(client, order, "accept").status_code == 403
    assert "fire-accept" not in text_of(client.get("/admin/shop/order/"))
    assert state_of(order) == "submitted"


def test_guards_decide_the_rest(boss: User) -> None:
    """The user of the request is the actor, whose permission is asked for, and logged."""
    invoice = Invoice.objects.create()
    client = clerk("change_invoice")
    assert "the permission &#x27;shop.send_invoice&#x27; is missing" in text_of(
        client.get(page_of(invoice))
    )
    [text] = told(fired(client, invoice, "send", by="post"))
    assert "the permission 'shop.send_invoice' is missing" in text
    assert state_of(invoice) == "draft"
    assert told(fired(signed_in(boss), invoice, "send", by="post")) == ["Send: Draft → Sent"]
    assert list(invoice.transition_log())[-1].actor == str(boss.pk)


# -- many objects --------------------------------------------------------------------------------


def acted(client: Client, model: str, event: str, *objects: Any, **more: Any) -> Any:
    """Return the answer to an action on objects of a list."""
    ids = [str(one.pk) for one in objects]
    data = {"action": f"fire-{event}", "_selected_action": ids, **more}
    return client.post(f"/admin/shop/{model}/", data)


def test_an_action_asks_and_then_tells_of_each_row(client: Client) -> None:
    """What is possible happens; the others say why not."""
    first, second = Order.objects.create(amount=1), Order.objects.create()
    text = text_of(acted(client, "order", "charge", first, second, index="0"))
    assert str(first) in text
    assert state_of(first) == "submitted"
    good, bad = told(acted(client, "order", "charge", first, second, **{"event-confirmed": "1"}))
    assert f"<b>{first}</b>: Charge: Submitted → Taken on" in good
    assert f"<b>{second}</b>: Charge was not done: it is free" in bad
    assert "<li" not in bad  # Django would show it as another message, one of success
    assert (state_of(first), state_of(second)) == ("accepted", "submitted")


def test_an_action_has_arguments_for_all_rows(client: Client, caplog: Any) -> None:
    """A wrong one is asked for again; what fails leaves the others alone, and is in the log."""
    tickets = [Ticket.objects.create(title=f"<{name}>") for name in ("one", "two")]
    locked = Ticket.objects.create(title="locked")
    confirmed = {"event-confirmed": "1"}
    assert "This field is required." in text_of(
        acted(client, "ticket", "finish", *tickets, **confirmed)
    )
    broken = {**confirmed, "event-why": "broken"}
    [text] = told(acted(client, "ticket", "finish", *tickets, **broken))
    assert "Finish failed, and nothing was stored: ZeroDivisionError." in text
    assert "ZeroDivisionError" in caplog.text
    assert "&lt;one&gt;" in text
    assert {state_of(one) for one in tickets} == {"waiting"}
    given = {**confirmed, "event-why": "over", "select_across": "1"}
    _, bad = told(acted(client, "ticket", "finish", *tickets, **given))
    assert "you may not change it" in bad
    assert {state_of(one) for one in tickets} == {"done"}
    assert state_of(locked) == "waiting"


def test_an_action_that_has_no_form_is_a_message(client: Client) -> None:
    """It says what to write."""
    ticket = Ticket.objects.create(title="one")
    assert "there is no field" in told(acted(client, "ticket", "hurry", ticket, index="0"))[0]


def test_what_has_no_actions_gets_none(client: Client, boss: User) -> None:
    """Neither in a popup, nor where the class of the admin switches them off."""
    Order.objects.create()
    assert "fire-accept" not in text_of(client.get("/admin/shop/order/", {"_popup": "1"}))


# -- the middleware ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/who/", "/who-async/"])
def test_every_request_acts_as_its_user(boss: User, path: str) -> None:
    """In views of both kinds; nobody acts afterwards."""
    from statecraft import current_actor

    assert text_of(signed_in(boss).get(path)) == "boss"
    assert text_of(Client().get(path)) == "AnonymousUser"
    assert current_actor() is None


def test_a_request_acts_as_the_user_whom_its_view_has_found(boss: User) -> None:
    """As those of APIs do, which know their users by tokens: the session says nothing then."""
    assert text_of(Client().get("/who-by-token/")) == "token"
    assert text_of(signed_in(boss).get("/who-by-token/")) == "token"


@pytest.mark.parametrize("path", ["/who/", "/who-async/"])
def test_every_asynchronous_request_acts_as_its_user(boss: User, path: str) -> None:
    """The whole chain is asynchronous there."""
    import asyncio

    from django.test import AsyncClient

    client = AsyncClient()
    client.force_login(boss)
    assert text_of(asyncio.run(_got(client, path))) == "boss"


async def _got(client: Any, path: str) -> Any:
    return await client.get(path)
