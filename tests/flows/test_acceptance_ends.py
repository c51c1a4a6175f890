"""The end of a flow on each store: once, where it leads, and what happens if it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.db import connections, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import include, path

from statecraft.flows import COMPLETE, Action, Linear, Scaffold, flow_urls
from statecraft.flows.signals import task_finished, task_moved, task_started
from tests.flows.shopping import TextForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.flows.testing import FlowClient
    from tests.flows.keeping import Keeping

pytestmark = pytest.mark.usefixtures("own_urls", "flow_ends")


class Words(Action):
    """Some text."""

    form_class = TextForm


class Send(Action):
    """An action with an effect."""

    form_class = TextForm
    sent: ClassVar[list[str]] = []

    def form_valid(self, form: Any) -> Any:
        """Have the effect."""
        self.sent.append(form.cleaned_data["text"])
        self.state["sent"] = len(self.sent)
        return COMPLETE


class There:
    """An object that has an address."""

    def get_absolute_url(self) -> str:
        return "/end/object/"


class Letter(Scaffold):
    """A letter."""

    transition = Linear
    action_set = (Words, Send)
    result: ClassVar[Any] = "/end/"
    orders: ClassVar[list[str]] = []

    def completed(self, task: Any) -> Any:
        """Note down the order, and lead where the test says."""
        if isinstance(self.result, Exception):
            raise self.result
        self.orders.append(task.id)
        return self.result


urlpatterns = [
    path("letter/", include(flow_urls(Letter))),
    path("end/", lambda _request: HttpResponse("the end"), name="end"),
]


@pytest.fixture
def flow_ends(kept: Keeping) -> Iterator[None]:
    """Forget afterwards what tests have ended."""
    yield
    Letter.orders.clear()
    Send.sent.clear()
    Letter.result = "/end/"


def at_send(browser: FlowClient) -> Any:
    """Return the last page."""
    page = browser.get("/letter/")
    return browser.arrive(browser.answer(page, {"text": "hello"}))


@pytest.mark.parametrize(
    ("result", "url"),
    [
        ("/end/", "/end/"),
        ("end", "/end/"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
        (HttpResponseRedirect("/end/redirect/"), "/end/redirect/"),
        (There(), "/end/object/"),
    ],
    ids=["address", "name", "elsewhere", "redirect", "object"],
)
def test_the_end_leads_where_completed_says(
    kept: Keeping, browser: FlowClient, monkeypatch: pytest.MonkeyPatch, result: Any, url: str
) -> None:
    """And a repeated request leads there as well; the end is not done again."""
    monkeypatch.setattr(Letter, "result", result)
    page = at_send(browser)
    for _ in range(2):
        assert browser.answer(page, {"text": "bye"}).headers["Location"] == url
    assert browser.get(page.context["flow"].address).headers["Location"] == url
    assert len(Letter.orders) == 1
    assert [one["result"] for one in kept.documents()] == [url]


@pytest.mark.parametrize("result", [None, HttpResponse("a page")], ids=["nothing", "a page"])
def test_an_end_that_leads_nowhere_is_a_clear_error(
    kept: Keeping, browser: FlowClient, monkeypatch: pytest.MonkeyPatch, result: Any
) -> None:
    """It names the flow and says what is wanted; the task is not finished, and nothing is lost."""
    monkeypatch.setattr(Letter, "result", result)
    page = at_send(browser)
    with pytest.raises(TypeError, match=r"Letter.completed returned .*: a redirect, a URL, or"):
        browser.answer(page, {"text": "bye"})
    (document,) = kept.documents()
    assert document.get("status") != "finished"
    assert "hello" in str(document)


def test_an_end_that_fails_can_be_tried_again(
    kept: Keeping, browser: FlowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost, and the second try ends it: one order."""
    page = at_send(browser)
    monkeypatch.setattr(Letter, "result", RuntimeError("the printer is on fire"))
    with pytest.raises(RuntimeError, match="on fire"):
        browser.answer(page, {"text": "bye"})
    (document,) = kept.documents()
    assert document.get("status") != "finished"
    assert Letter.orders == []
    monkeypatch.setattr(Letter, "result", "/end/")
    assert browser.answer(page, {"text": "bye"}).headers["Location"] == "/end/"
    assert len(Letter.orders) == 1


def test_after_an_end_that_failed_every_page_can_be_used(
    kept: Keeping, browser: FlowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page that was answered last is shown, and so is the one before; one can change it."""
    page = at_send(browser)
    monkeypatch.setattr(Letter, "result", RuntimeError("the printer is on fire"))
    with pytest.raises(RuntimeError, match="on fire"):
        browser.answer(page, {"text": "bye"})
    again = browser.get(page.context["flow"].address)
    assert again.status_code == 200
    words = browser.get(again.context["flow"].back_url)
    assert words.context["form"]["text"].value() == "hello"
    page = browser.arrive(browser.answer(words, {"text": "hello, world"}))
    monkeypatch.setattr(Letter, "result", "/end/")
    assert browser.answer(page, {"text": "bye"}).headers["Location"] == "/end/"
    assert len(Letter.orders) == 1


def test_an_action_that_fails_keeps_nothing(
    kept: Keeping, browser: FlowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its claim is undone: the next try is not kept waiting, and is the first one that counts."""
    page = at_send(browser)
    (before,) = kept.documents()

    def fail(self: Any, form: Any) -> Any:
        self.state["half"] = "done"
        raise RuntimeError("no network")

    with monkeypatch.context() as patched:
        patched.setattr(Send, "form_valid", fail)
        with pytest.raises(RuntimeError, match="no network"):
            browser.answer(page, {"text": "bye"})
    (after,) = kept.documents()
    for one in (before, after):  # of the claim, there is no more left than that it is over
        assert one.pop("lease", 0) == 0
        assert one.pop("revision") > 0
    assert after == before
    assert browser.answer(page, {"text": "bye"}).headers["Location"] == "/end/"
    assert Send.sent == ["bye"]


def test_signals_tell_in_order_what_was_stored(kept: Keeping, browser: FlowClient) -> None:
    """Started, moved, moved, finished; each when no transaction is open any more."""
    heard: list[Any] = []

    def hear(signal: Any, sender: Any, task: Any, **about: Any) -> None:
        open_ones = [one.alias for one in connections.all() if one.in_atomic_block]
        move = about.get("move")
        what = str(move and move.event)
        heard.append((signal, sender, what, task.status, open_ones))
        assert kept.documents()[0]["revision"] == task.revision

    signals = (task_started, task_moved, task_finished)
    for signal in signals:
        signal.connect(hear)
    try:
        page = at_send(browser)
        assert browser.answer(page, {"text": ""}).status_code == 200
        browser.answer(page, {"text": "bye"})
        browser.answer(page, {"text": "bye"})
    finally:
        for signal in signals:
            signal.disconnect(hear)
    assert heard == [
        (task_started, Letter, "None", "active", []),
        (task_moved, Letter, "complete", "active", []),
        (task_moved, Letter, "complete", "finished", []),
        (task_finished, Letter, "None", "finished", []),
    ]


def test_requests_in_transactions_change_nothing(
    kept: Keeping, browser: FlowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ATOMIC_REQUESTS the pages of a flow are not in one: an end that fails loses nothing."""
    for connection in connections.all():
        monkeypatch.setitem(connection.settings_dict, name="ATOMIC_REQUESTS", value=True)
    page = at_send(browser)
    assert len(kept.texts()) == 1
    monkeypatch.setattr(Letter, "result", RuntimeError("the printer is on fire"))
    with pytest.raises(RuntimeError, match="on fire"):
        browser.answer(page, {"text": "bye"})
    assert not transaction.get_connection().in_atomic_block
    assert len(kept.texts()) == 1
    monkeypatch.setattr(Letter, "result", "/end/")
    assert browser.answer(page, {"text": "bye"}).headers["Location"] == "/end/"
    assert len(Letter.orders) == 1
