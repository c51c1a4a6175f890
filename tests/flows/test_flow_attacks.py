"""Bad moments and bad intentions: late claims, other users, other releases, odd settings."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from django.urls import include, path

from statecraft.flows import COMPLETE, Action, Linear, Scaffold, claims, flow_urls
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowClient, FlowForm
from tests.django_store.urls import who
from tests.flows.shopping import Purchase, TextForm
from tests.flows.test_flow_once import at_once, copied

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("database", "own_urls")
ran: list[Callable[[], object]] = []  # what the next runs of the second action do, the last first


class First(Action):
    """Some text."""

    form_class = TextForm


class Second(Action):
    """Some text that has an effect."""

    form_class = TextForm

    def form_valid(self, form: Any) -> Any:
        """Have it."""
        ran.pop()()
        return COMPLETE


class Third(Action):
    """Some text at the end."""

    form_class = TextForm


class Texts(Scaffold):
    """Three texts."""

    transition = Linear
    action_set = (First, Second, Third)

    def completed(self, task: Any) -> Any:
        """Go on."""
        return "/who/"


urlpatterns = [
    path("buy/<slug:sku>/", include(flow_urls(Purchase))),
    path("text/", include(flow_urls(Texts))),
    path("who/", who),
]


def at_second(client: FlowClient) -> Any:
    """Return the page of the second action."""
    return client.arrive(client.answer(client.get("/text/"), {"text": "a"}))


@override_settings(FLOWS_STATE_STORE="statecraft.flows.statestore.memory_store")
def test_who_is_overtaken_does_not_release_the_claim_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A step that took longer than its claim holds runs once more, and not a third time."""
    monkeypatch.setattr(claims, "LEASE", 0.5)
    client = FlowClient()
    form = FlowForm(at_second(client))
    both_run = threading.Event()

    def overtaking() -> None:
        both_run.set()
        time.sleep(0.2)  # the first one finds out meanwhile

    ran[:] = [lambda: pytest.fail("it ran a third time"), overtaking, lambda: both_run.wait(5)]

    results = at_once(2, lambda: copied(client).post(form.action, {**form.fields, "text": "b"}))
    assert len(ran) == 1
    assert len({response.headers["Location"] for response in results}) == 1


def test_the_page_for_what_is_too_large_leads_back_to_the_task() -> None:
    """Not to the start of another one; also before anything is stored."""
    client = FlowClient()
    first, second = client.get("/text/"), at_second(client)
    before = TaskState.objects.values_list("state").get()
    with override_settings(FLOWS_MAX_STATE_BYTES=2000):
        for page, label in ((first, "First"), (second, "Second")):
            ran[:] = [lambda: None]
            response = client.answer(page, {"text": "b" * 5000})
            assert response.status_code == 413
            address = response.context_data["continue_url"]
            landed = client.get(address)
            assert landed.status_code == 200
            assert label in landed.content.decode()
            names = [FlowForm(one).fields["_id"].split(":")[0] for one in (page, landed)]
            assert names[0] == names[1]  # but for the time in a token
    assert TaskState.objects.values_list("state").get() == before


@override_settings(FLOWS_TASK_BINDER=lambda request: request.user.username)
def test_a_binder_that_returns_an_empty_text_has_found_nobody(ada: User) -> None:
    """As that of somebody who is not logged in: or else all of those would be one owner."""
    visitor = FlowClient()
    assert visitor.answer(visitor.get("/text/"), {"text": "a"}).status_code == 404
    assert not TaskState.objects.exists()
    client = FlowClient()
    client.force_login(ada)
    assert at_second(client).status_code == 200


def test_an_old_form_shows_nothing_to_the_next_user(browser: FlowClient, ada: User) -> None:
    """Neither the session nor the token is that of the form: it is as any foreign one."""
    browser.force_login(ada)
    form = FlowForm(at_second(browser))
    before = TaskState.objects.values_list("state").get()
    browser.logout()
    browser.force_login(User.objects.create_user("bob"))
    browser.cookies["csrftoken"] = "z" * 32  # as a login rotates it
    sent = {**form.fields, "text": "b"}
    response = browser.post(form.action, sent, headers={"origin": "http://testserver"})
    assert response.status_code == 404
    assert TaskState.objects.values_list("state").get() == before


def test_a_task_that_was_finishing_is_carried_over_a_deploy(
    flow_client: FlowClient, ada: User
) -> None:
    """Its process was killed, and the next release has no action any more where it stood."""
    flow_client.force_login(ada)
    page: Any = flow_client.get("/buy/x1/")
    for data in ({"quantity": "1"}, {"kind": "Card"}, {"number": "4111"}):
        page = flow_client.arrive(flow_client.answer(page, data))
    row = TaskState.objects.get()
    document = json.loads(row.state)
    document |= {"definition": "of an earlier release", "status": "finishing"}
    document["trace"].append(["complete", "gone"])
    document["answers"]["gone"] = document["answers"]["offer"]
    document["pending"] = ["complete", str(len(document["trace"]))]
    row.state = json.dumps(document)
    row.save()
    landed = flow_client.get(page.context_data["flow"].address)
    assert landed.status_code == 200
    assert flow_client.answer(landed).headers["Location"] == "/who/"
    assert len(Purchase.orders) == 1


def test_pages_of_a_task_are_kept_by_no_cache(flow_client: FlowClient) -> None:
    """Nor is that of an expired task, or the way to where a task is."""
    page = at_second(flow_client)
    address = page.context_data["flow"].address
    elsewhere = flow_client.get("/text/third/")
    TaskState.objects.all().delete()
    expired = flow_client.get(address)
    assert (page.status_code, elsewhere.status_code, expired.status_code) == (200, 302, 410)
    for response in (page, elsewhere, expired):
        assert "no-store" in response.headers["Cache-Control"]


def test_flows_need_no_users() -> None:
    """A site without ``django.contrib.auth`` has all of them, and preconditions too."""
    code = """
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=["statecraft.flows"])
django.setup()
from statecraft import flows
for name in flows.__all__:
    getattr(flows, name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
