"""What helps to develop flows: pictures, lists of paths, logs, and forms drawn by others."""

from __future__ import annotations

import logging
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.test import RequestFactory, override_settings
from django.urls import include, path

from statecraft.flows import Action, Choice, Scaffold, flow_urls, start_url
from tests.flows.shopping import CardForm, Purchase
from tests.services import require_module, require_program

if TYPE_CHECKING:
    from pathlib import Path

    from django.contrib.auth.models import User

    from statecraft.flows.testing import FlowClient


class One(Action):
    links_to = ("Two",)


class Two(Action): ...


class Small(Scaffold):
    action_set = (One, Two)
    transition = Choice


def output(*arguments: str) -> str:
    """Return what a command prints."""
    printed = StringIO()
    call_command(*arguments, stdout=printed, no_color=True)
    return printed.getvalue()


def test_the_paths_of_a_flow_are_listed() -> None:
    """One a line; a link is drawn in its own way."""
    assert output("flowpaths", f"{__name__}.Small").splitlines() == [
        "start -> one -> finished",
        "start -> one ~> two -> finished",
        "Paths: 2. Arrows: 4 of 4.",
    ]


@pytest.mark.parametrize("name", ["purchase", "gift", "Purchase", "tests.flows.shopping.Purchase"])
def test_a_flow_is_found_by_several_names(name: str) -> None:
    """Where it is mounted, by its class, and by its dotted name."""
    assert output("flowpaths", name) == output("flowpaths", "purchase")


def test_a_flow_inside_of_other_urls_has_their_names() -> None:
    """As ``reverse`` takes them; one that is mounted without a name is called as its class."""
    inner = ([path("one/", include(flow_urls(Small)))], "shop")
    bare = path("bare/", include(flow_urls(Two)[0]))
    with override_settings(ROOT_URLCONF=(path("s/", include(inner)), bare)):
        assert "Paths: 2." in output("flowpaths", "shop:small")
        assert "Paths: 1." in output("flowpaths", "Two")


@pytest.mark.parametrize("name", ["purchases", "nowhere.Purchase", "django.forms.Form", "json"])
def test_what_is_no_flow_is_told(name: str) -> None:
    """With what is mounted, and the nearest of it."""
    with pytest.raises(CommandError) as caught:
        output("flowpaths", name)
    text = str(caught.value)
    assert text.startswith(f"There is no flow {name!r}.")
    assert "Mounted are: purchase, gift." in text
    assert ("Did you mean 'purchase'?" in text) is (name == "purchases")


def test_a_flow_is_drawn_as_text() -> None:
    """Mermaid text, if nothing else is said; without the program dot."""
    drawn = output("flowgraph", f"{__name__}.Small")
    assert drawn.startswith(("---", "stateDiagram"))
    assert "link_to_two" in drawn
    assert "digraph" in output("flowgraph", f"{__name__}.Small", "--format", "dot")


def test_a_flow_is_drawn_into_a_file(tmp_path: Path) -> None:
    """Its end says the format, unless the option does."""
    require_program("dot", package="graphviz")
    picture = tmp_path / "small.svg"
    assert output("flowgraph", f"{__name__}.Small", "-o", str(picture)) == f"Wrote {picture}\n"
    assert "<svg" in picture.read_text(encoding="utf-8")
    text = tmp_path / "small.txt"
    output("flowgraph", f"{__name__}.Small", "--format", "dot", "-o", str(text))
    assert "digraph" in text.read_text(encoding="utf-8")


def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(CommandError, match="No such file"):
        output("flowgraph", f"{__name__}.Small", "-o", str(tmp_path / "nowhere" / "small.mmd"))


@override_settings(DEBUG=True)
def test_under_debug_a_page_shows_the_flow(flow_client: FlowClient) -> None:
    """An image, below the address at which the flow is mounted, arguments and all."""
    require_program("dot", package="graphviz")
    urls = (path("buy/<slug:sku>/", include(flow_urls(Small))),)
    with override_settings(ROOT_URLCONF=urls):
        response = flow_client.get("/buy/x1/.flowgraph")
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert b"link_to_two" in response.content


@override_settings(DEBUG=True)
def test_without_dot_the_page_shows_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mermaid, which needs no program."""
    from statecraft.flows.graph import flow_graph

    monkeypatch.setenv("PATH", "")
    response = flow_graph(RequestFactory().get("/"), Small)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert b"link_to_two" in response.content


def test_without_debug_there_is_no_such_page(flow_client: FlowClient) -> None:
    """Neither an address for it, nor an answer of the view."""
    from django.http import Http404

    from statecraft.flows.graph import flow_graph

    assert flow_client.get("/buy/x1/.flowgraph").status_code == 404
    with pytest.raises(Http404):
        flow_graph(RequestFactory().get("/"), Small)


def test_what_happens_to_a_task_is_logged(
    flow_client: FlowClient, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    """With the flow, the task, the event and the place beside the text; no answer is in it."""
    visited = ["offer", "get_user_account.login", "get_user_account.register"]
    visited += ["new_method.kind", "new_method.card", "confirm", "finished"]
    (walked,) = [one for one in Purchase.paths() if [move.target for move in one] == visited]
    with caplog.at_level(logging.INFO, "statecraft.flows"):
        data = {
            "Offer": {"quantity": "3"},
            "Register": {"username": "ada", "password": "pw"},
            "Kind": {"kind": "Card"},
            "Card": {"number": "4111"},
        }
        flow_client.walk(Purchase, walked, data=data, sku="x1")
    records: list[Any] = [one for one in caplog.records if one.name == "statecraft.flows"]
    ((task, _),) = Purchase.orders
    assert {(one.flow, one.task) for one in records} == {("Purchase", task)}
    assert [(one.event, one.place) for one in records] == [
        ("begin", "offer"),
        *((move.event, move.target) for move in walked[1:] if not move.is_link),
        ("finish", "finished"),
    ]
    assert records[1].getMessage() == f"Purchase {task} moved from offer to {walked[1].target}"
    assert "4111" not in caplog.text


def test_crispy_forms_send_what_a_flow_needs(flow_client: FlowClient) -> None:
    """The hidden fields once, and to the address of the action."""
    require_module("crispy_forms", package="django-crispy-forms")
    from statecraft.flows.additional.crispy import FlowHelper

    class Crispy(Action):
        form_class = CardForm
        template_name = "crispy_action.html"
        success_url = "/who/"

        def get_form(self, form_class: Any = None) -> Any:
            form = super().get_form(form_class)
            form.helper = FlowHelper(form, self.flow, submit="Go on")
            return form

    urls = (path("card/", include(flow_urls(Crispy))),)
    with override_settings(ROOT_URLCONF=urls):
        page = flow_client.get(start_url(Crispy))
        text = page.content.decode()
        assert text.count("csrfmiddlewaretoken") == text.count('name="_id"') == 1
        assert 'value="Go on"' in text
        refused = flow_client.answer(page, {"number": ""})
        assert refused.status_code == 200
        assert "is-invalid" in refused.content.decode()
        assert flow_client.answer(refused, {"number": "4111"}).headers["Location"] == "/who/"
