"""To whom a task belongs: to the session, or to what a binder of one's own says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.urls import include, path

from statecraft.flows import Action, Linear, Scaffold, flow_urls
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowClient, FlowForm
from tests.flows.shopping import TextForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

pytestmark = pytest.mark.usefixtures("database", "own_urls", "forgotten")
ENDS: list[Any] = []


def by_user(request: HttpRequest) -> Any:
    """Bind to the user, on whatever machine; to nothing for those who are not logged in."""
    return request.user.pk


class ByKey:
    """Binds to a key of the session that is issued at the first answer."""

    def __call__(self, request: HttpRequest) -> Any:
        return request.session.get("key")

    def issue(self, request: HttpRequest, nonce: str) -> Any:
        request.session["key"] = f"issued for {nonce}"
        return request.session["key"]


by_key = ByKey()


class First(Action):
    """The first one."""

    form_class = TextForm


class Second(Action):
    """The second one."""

    form_class = TextForm


class Pair(Scaffold):
    """Two actions."""

    transition = Linear
    action_set = (First, Second)

    def completed(self, task: Any) -> Any:
        ENDS.append(task.id)
        return "/end/"


urlpatterns = [path("pair/", include(flow_urls(Pair)))]


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Forget what tests have ended."""
    yield
    ENDS.clear()


@pytest.fixture
def bound_to_users() -> Iterator[None]:
    """Bind tasks to users."""
    with override_settings(FLOWS_TASK_BINDER=by_user):
        yield


@pytest.mark.usefixtures("bound_to_users")
def test_a_task_of_a_user_goes_on_in_another_browser(ada: User) -> None:
    """Whoever logs in there as the same user finds it; nobody else does."""
    here, there, elsewhere = FlowClient(), FlowClient(), FlowClient()
    here.force_login(ada)
    there.force_login(ada)
    elsewhere.force_login(User.objects.create_user("eve"))
    page = here.arrive(here.answer(here.get("/pair/"), {"text": "a"}))
    address = page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"]
    assert elsewhere.get(address).status_code == 404
    assert FlowClient().get(address).status_code == 404
    assert there.answer(there.get(address), {"text": "b"}).headers["Location"] == "/end/"
    assert here.get(address).headers["Location"] == "/end/"
    assert len(ENDS) == 1


@pytest.mark.usefixtures("bound_to_users")
def test_with_nothing_to_bind_to_no_answer_is_taken() -> None:
    """The first page is shown; its answer is a 404, and nothing is kept."""
    client = FlowClient()
    page = client.get("/pair/")
    assert page.status_code == 200
    assert client.answer(page, {"text": "a"}).status_code == 404
    assert not TaskState.objects.exists()


@pytest.mark.usefixtures("bound_to_users")
def test_a_first_answer_twice_is_one_task(ada: User) -> None:
    """The id of the task is made of the form and of whom it is bound to."""
    client = FlowClient()
    client.force_login(ada)
    page = client.get("/pair/")
    locations = {client.answer(page, {"text": "a"}).headers["Location"] for _ in range(2)}
    assert len(locations) == 1
    assert TaskState.objects.count() == 1


@pytest.mark.parametrize("binder", [by_key, f"{__name__}.by_key"], ids=["object", "name"])
def test_a_binder_that_issues_is_asked_at_the_first_answer(binder: Any) -> None:
    """Not before: who only looks gets no session. Once: the next task is bound to the same."""
    client = FlowClient()
    with override_settings(FLOWS_TASK_BINDER=binder):
        page = client.get("/pair/")
        assert "sessionid" not in client.cookies
        page = client.arrive(client.answer(page, {"text": "a"}))
        key = client.session["key"]
        assert key.startswith("issued for ")
        client.arrive(client.answer(client.get("/pair/"), {"text": "a"}))
        assert client.session["key"] == key
        assert client.answer(page, {"text": "b"}).headers["Location"] == "/end/"
        address = FlowForm(page).action.partition("?")[0]
        assert FlowClient().get(address).status_code == 302


def test_a_binder_that_is_none_is_refused() -> None:
    """With the name of the setting."""
    with (
        override_settings(FLOWS_TASK_BINDER=3),
        pytest.raises(ImproperlyConfigured, match="FLOWS_TASK_BINDER is to be a function"),
    ):
        FlowClient().get("/pair/")
