"""The texts of the admin in another language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils.translation import gettext, gettext_lazy, override

import statecraft.django
from statecraft import Event, Guard, State, Workflow
from statecraft.django.badges import badge
from statecraft.django.event_forms import Arguments
from statecraft.django.outcomes import fired_as
from tests.django_store.shop.models import Invoice, Order
from tests.django_store.test_django_admin import fired, page_of, told

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("database")
PACKAGE = Path(str(statecraft.django.__file__)).parent
CATALOGUE = PACKAGE / "locale" / "de" / "LC_MESSAGES"
KEYWORDS: Any = {"_": None, "gettext": None, "gettext_lazy": None}
Message = tuple["str | None", str]


@pytest.fixture
def client(database: None) -> Iterator[Client]:
    """Return a browser of somebody who reads German, and may do everything."""
    client = Client(headers={"accept-language": "de"})
    client.force_login(User.objects.create_superuser("boss"))
    with override("de"):
        yield client
    LogEntry.objects.all().delete()
    User.objects.all().delete()


def written() -> dict[Message, Any]:
    """Return the translations that people write."""
    with (CATALOGUE / "django.po").open("rb") as file:
        return {(one.context, str(one.id)): one.string for one in read_po(file) if one.id}


def test_the_compiled_translations_are_those_that_are_written() -> None:
    """Programs read the others: msgfmt --output-file=django.mo django.po."""
    with (CATALOGUE / "django.mo").open("rb") as file:
        found: Any = [one for one in read_mo(file) if one.id]
    compiled = {(one.context and one.context.decode(), one.id): one.string for one in found}
    assert compiled == written()


def test_every_text_is_translated_and_none_is_left_over() -> None:
    """Those of the modules, and those of the templates."""
    used: set[Message] = set()
    for path in PACKAGE.rglob("*.py"):
        found: Any = extract_from_file("python", str(path), keywords=KEYWORDS)
        used |= {(None, text) for _, text, *_ in found}
    mark = r'{% translate "([^"]+)"(?: context "([^"]+)")? %}'
    for path in PACKAGE.rglob("*.html"):
        marked: list[tuple[str, str]] = re.findall(mark, path.read_text(encoding="utf-8"))
        used |= {(context or None, text) for text, context in marked}
    ours = {one for one in used if one not in {(None, "Home"), (None, "No, take me back")}}
    assert ours == set(written())


@pytest.mark.parametrize("message", [*written()])
def test_a_translation_keeps_what_is_filled_in(message: Message) -> None:
    """Nothing is missing, and nothing is misspelt."""
    places = r"{\w+(?:!r)?}|%\(\w+\)s"
    assert set(re.findall(places, message[1])) == set(re.findall(places, written()[message]))


def test_pages_are_translated(client: Client) -> None:
    """The list, the page of an object, its log, and what is refused."""
    order = Order.objects.create()
    page = client.get("/admin/shop/order/").content.decode()
    assert "orders, die ausgewählt sind: Accept" in page
    assert "Zustand" in page
    invoice = Invoice.objects.create()
    invoice.remind()
    page = client.get(page_of(invoice)).content.decode()
    for word in ("Zustand", "Protokoll", "Ereignis", "Von", "Nach", "Wann", "Wer", "Vermerkt"):
        assert word in page
    [said] = told(fired(client, order, "reopen"))
    assert said == (
        "Reopen ist nicht möglich: der Zustand ist Submitted, und müsste Taken on oder Rejected"
        " sein. Von Submitted aus: Accept, Charge, Reject."
    )
    answer = fired(client, order, "reject", why="halt")
    assert "Reject wurde nicht ausgeführt: not today." in answer.content.decode()
    assert Order.objects.get().current_state == "submitted"


def test_labels_and_reasons_are_translated_when_they_are_read() -> None:
    """Those of users, which are lazy."""

    class Asked(Workflow):
        yes = State(label=gettext_lazy("Yes"))
        no = State(label=gettext_lazy("No"))
        deny = Event(yes.to(no), guard=Guard(bool, because=gettext_lazy("Unknown")))
        ask = Event(no.to(yes), label=gettext_lazy("Search"))

        def __bool__(self) -> bool:
            return False

    asked = Asked()
    for language, badge_text, refused in [
        ("de", "Ja", "Deny wurde nicht ausgeführt: Unbekannt."),
        ("en", "Yes", "Deny was not done: Unknown."),
    ]:
        with override(language):
            assert f">{badge_text}<" in badge(asked)
            outcome = fired_as(None, asked, "deny", Arguments((), {}))
            assert outcome.text == refused
    assert asked.current_state == "yes"


def test_other_languages_have_the_english_texts() -> None:
    """As long as nobody has translated them."""
    with override("fr"):
        assert gettext("somebody else has moved it meanwhile. Look at it again.").startswith("some")
