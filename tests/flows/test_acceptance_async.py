"""Methods of users declared with ``async def``, in a server of either kind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.urls import include, path

from statecraft.flows import COMPLETE, Action, Linear, Scaffold, flow_urls
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowForm
from tests.flows.shopping import TextForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.flows.testing import FlowClient

pytestmark = pytest.mark.usefixtures("database", "own_urls", "forgotten")
HEARD: list[Any] = []


async def heard(what: str) -> None:
    """Note down what ran, and on which event loop, after waiting for a moment."""
    await asyncio.sleep(0)
    HEARD.append((what, id(asyncio.get_running_loop())))


class Ask(Action):
    """Asks a service elsewhere."""

    form_class = TextForm

    async def prepare(self) -> Any:
        await heard("prepare")

    async def form_valid(self, form: Any) -> Any:
        await heard("form_valid")
        if form.cleaned_data["text"] == "fail":
            raise RuntimeError("no network")
        self.state["asked"] = True
        return COMPLETE


class Last(Action):
    """The last one."""

    form_class = TextForm


class Waiting(Scaffold):
    """A flow that waits for others."""

    transition = Linear
    action_set = (Ask, Last)
    states: ClassVar[list[Any]] = []

    async def completed(self, task: Any) -> Any:
        await heard("completed")
        self.states.append(dict(task.state))
        return "/end/"


urlpatterns = [path("waiting/", include(flow_urls(Waiting)))]


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Forget what tests have done."""
    yield
    HEARD.clear()
    Waiting.states.clear()


def test_without_an_event_loop_each_is_run_to_its_end(browser: FlowClient) -> None:
    """A server of threads needs nothing for it."""
    page = browser.get("/waiting/")
    page = browser.arrive(browser.answer(page, {"text": "a"}))
    assert browser.answer(page, {"text": "b"}).headers["Location"] == "/end/"
    assert [what for what, _ in HEARD] == ["prepare", "prepare", "form_valid", "completed"]
    assert Waiting.states == [{"asked": True}]


def test_one_that_fails_keeps_nothing(browser: FlowClient) -> None:
    """As one that is declared with ``def``."""
    page = browser.get("/waiting/")
    with pytest.raises(RuntimeError, match="no network"):
        browser.answer(page, {"text": "fail"})
    assert not TaskState.objects.exists()
    assert browser.answer(page, {"text": "a"}).status_code == 302


def test_under_asgi_each_runs_on_the_loop_of_the_server(database: None) -> None:
    """The flow is walked from its first page to its end; what is open there can be used."""

    async def walk() -> int:
        application: Any = get_asgi_application()
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            page = await client.get("/waiting/")
            for text in ("a", "b"):
                form = FlowForm(page)
                page = await client.post(form.action, data={**form.fields, "text": text})
                assert page.status_code == 302
                if text == "a":
                    page = await client.get(page.headers["Location"])
            assert urlsplit(page.headers["Location"]).path == "/end/"
        return id(asyncio.get_running_loop())

    loop = asyncio.run(walk())
    expected = ["prepare", "prepare", "form_valid", "completed"]
    assert [(what, loop) for what in expected] == HEARD
    assert Waiting.states == [{"asked": True}]
