"""What is sent twice is done once: at the same time, with an old session, after the end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import override_settings

from statecraft.flows import start_url
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowClient, FlowForm
from tests.flows.shopping import Purchase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import User

pytestmark = pytest.mark.usefixtures("database")

STORES = ["django_store", "memory_store", "tmpfile_store", "redis_store"]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[str]:
    """Have the tasks in one of the stores."""
    if request.param == "redis_store":
        import os

        from tests.redis_store.servers import URL

        prefix = f"flows-{os.getpid()}:"
        settings = override_settings(
            FLOWS_REDIS_STATE_STORE_URL=URL, FLOWS_REDIS_STATE_STORE_PREFIX=prefix
        )
    else:
        settings = override_settings(FLOWS_TMPFILE_STATE_STORE_DIRECTORY=str(tmp_path))
    with (
        settings,
        override_settings(FLOWS_STATE_STORE=f"statecraft.flows.statestore.{request.param}"),
    ):
        yield request.param


def at_once(count: int, action: Any) -> list[Any]:
    """Return what several threads got, which did one thing at the same time."""
    barrier, results = threading.Barrier(count), list[Any]()

    def run() -> None:
        barrier.wait()
        try:
            results.append(action())
        except BaseException as error:  # noqa: BLE001 - the test shows it
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def copied(client: FlowClient) -> FlowClient:
    """Return a second window of the same browser: what it sends has the same cookies."""
    twin = FlowClient(enforce_csrf_checks=client.handler.enforce_csrf_checks)
    twin.cookies.update(client.cookies)
    return twin


def test_09_two_posts_at_once_make_one_order(store: str, ada: User) -> None:
    """And all of them get the same answer."""
    client = FlowClient()
    client.force_login(ada)
    page = client.get(start_url(Purchase, sku="x1"))
    page = client.arrive(client.answer(page, {"quantity": "2"}))
    page = client.arrive(client.answer(page, {"kind": "Card"}))
    page = client.arrive(client.answer(page, {"number": "4111"}))
    form = FlowForm(page)
    results = at_once(6, lambda: copied(client).post(form.action, form.fields))
    assert [(one.status_code, one.headers["Location"]) for one in results] == [(302, "/who/")] * 6
    assert len(Purchase.orders) == 1


def test_a_step_with_code_of_the_user_runs_once(
    store: str, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several that are sent at the same time."""
    from tests.flows.shopping import AskEmail

    ran: list[str] = []
    usual = AskEmail.form_valid

    def counted(self: AskEmail, form: Any) -> Any:
        ran.append(form.cleaned_data["email"])
        return usual(self, form)

    monkeypatch.setattr(AskEmail, "form_valid", counted)
    client = FlowClient()
    page = client.get(start_url(Purchase, sku="x1"))
    page = client.arrive(client.answer(page, {"quantity": "2"}))
    page = client.follow(page, AskEmail)
    form = FlowForm(page)
    results = at_once(
        5, lambda: copied(client).post(form.action, {**form.fields, "email": "ada@example.com"})
    )
    assert len({one.headers["Location"] for one in results}) == 1
    assert ran == ["ada@example.com"]


def test_a_doubled_first_post_without_a_session_makes_one_task(store: str) -> None:
    """Both browsers windows can go on with it, whichever session they keep."""
    client = FlowClient(enforce_csrf_checks=True)
    form = FlowForm(client.get(start_url(Purchase, sku="x1")))
    assert "sessionid" not in client.cookies
    twins = [copied(client) for _ in range(4)]
    waiting = iter(twins)
    results = at_once(4, lambda: next(waiting).post(form.action, {**form.fields, "quantity": "2"}))
    (address,) = {one.headers["Location"] for one in results}
    if store == "django_store":
        assert TaskState.objects.count() == 1
    assert {twin.get(address).status_code for twin in twins} == {200}


def test_a_login_that_is_sent_again_with_the_old_session_is_not_done_again(
    store: str, ada: User
) -> None:
    """The first answer is given again, and the new session of the browser is left alone."""
    client = FlowClient(enforce_csrf_checks=True)
    page = client.arrive(
        client.answer(client.get(start_url(Purchase, sku="x1")), {"quantity": "2"})
    )
    form, old = FlowForm(page), copied(client)
    data = {**form.fields, "username": "ada", "password": "pw"}
    first = client.post(form.action, data)
    assert client.cookies["sessionid"].value != old.cookies["sessionid"].value
    sessions = Session.objects.count()
    again = old.post(form.action, data)
    assert (again.status_code, again.headers["Location"]) == (302, first.headers["Location"])
    assert "sessionid" not in again.cookies
    assert Session.objects.count() == sessions
    assert client.get(first.headers["Location"]).status_code == 200
    assert old.get(first.headers["Location"]).status_code == 404
    other = {**data, "_receipt": FlowForm(client.get(first.headers["Location"])).fields["_receipt"]}
    assert old.post(form.action, other).status_code == 404


def test_a_form_from_before_a_login_is_a_page_with_what_was_typed(ada: User) -> None:
    """Its token is old: nothing has run, and the form can be sent again from that page."""
    client = FlowClient(enforce_csrf_checks=True)
    page = client.arrive(
        client.answer(client.get(start_url(Purchase, sku="x1")), {"quantity": "2"})
    )
    offer = client.follow(page, "Offer")
    client.answer(page, {"username": "ada", "password": "pw"})
    before = TaskState.objects.get().state
    form = FlowForm(offer)
    data = {**form.fields, "quantity": "7", "note": "typed & kept"}
    refused = client.post(form.action, data, headers={"Origin": "http://testserver"})
    assert refused.status_code == 403
    assert "typed &amp; kept" in refused.content.decode()
    assert TaskState.objects.get().state == before
    sent = client.answer(refused, {"quantity": "7"}, headers={"Origin": "http://testserver"})
    assert sent.status_code == 302
    assert '"quantity":7' in TaskState.objects.get().state
    plain = client.post(form.action, {**data, "csrfmiddlewaretoken": ""})
    assert plain.status_code == 403
    assert b"typed" not in plain.content
