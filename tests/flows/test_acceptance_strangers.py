"""What strangers, forgers and prefetching browsers get: nothing, and all of them the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path

from statecraft.flows import Action, Linear, Scaffold, flow_urls, start_url
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowClient, FlowForm
from tests.django_store.urls import who
from tests.flows.shopping import Purchase, TextForm

if TYPE_CHECKING:
    from django.contrib.auth.models import User

START = "/buy/x1/"
LOGIN = "/buy/x1/account/login/"
pytestmark = pytest.mark.usefixtures("database", "own_urls")


class First(Action):
    """Some text."""

    form_class = TextForm


class Second(Action):
    """Some more text."""

    form_class = TextForm


class Texts(Scaffold):
    """A flow whose argument may be any text."""

    transition = Linear
    action_set = (First, Second)

    def completed(self, task: Any) -> Any:
        """Go on."""
        return "/who/"


urlpatterns = [
    path("buy/<slug:sku>/", include(flow_urls(Purchase))),
    path("text/<str:what>/", include(flow_urls(Texts))),
    path("other/", include(flow_urls(Texts), namespace="other")),
    path("who/", who),
]


@pytest.fixture
def page(browser: FlowClient) -> Any:
    """Return the page that asks who it is, after the first one was answered."""
    first = browser.get(start_url(Purchase, sku="x1"))
    return browser.arrive(browser.answer(first, {"quantity": "3"}))


def address_of(page: Any) -> str:
    """Return the address of a page that shows an action."""
    address: str = page.context["flow"].address
    return address


def id_of(page: Any) -> str:
    """Return what names the task in the addresses of a page."""
    return parse_qs(urlsplit(address_of(page)).query)["_id"][0]


def stored() -> list[Any]:
    """Return all that is kept of tasks, but for when it was used."""
    return list(TaskState.objects.order_by("key").values_list("key", "state", "revision"))


def forged(shown: str) -> dict[str, str]:
    """Return ids that are none, each looking a little like the one that is ``shown``."""
    task_id, _, proof = shown.partition(".")
    return {
        "path": "../../etc/passwd",
        "long": "x" * 10_000,
        "nul": "\0",
        "nul inside": f"{shown[:5]}\0{shown[6:]}",
        "empty": "",
        "bare": task_id,
        "no task": f"{'0' * 32}.{proof}",
        "other proof": f"{task_id}.{proof[::-1]}",
        "capitals": f"{task_id.upper()}.{proof}",
        "newline": f"{shown}\n",
        "digits of elsewhere": f"{shown[:-1]}\N{ARABIC-INDIC DIGIT ONE}",
        "half a letter": "\udcff",
        "start": "start.",
        "start of nothing": "start.e30:1tzCnx:AAAA",
        "start with dots": "start..::..",
        "percent": "%00%ff",
    }


def answered(client: FlowClient, address: str, shown: str) -> tuple[int, bytes, dict[str, str]]:
    """Return all of what is sent for an id."""
    response = client.get(f"{address}?_id={quote(shown, errors='surrogateescape')}")
    headers = dict(response.headers.items())
    return response.status_code, response.content, headers


def test_scenario_5_foreign_and_unknown_and_malformed_ids_are_answered_alike(
    page: Any, browser: FlowClient
) -> None:
    """Byte for byte, headers included; whoever asks has a session or not."""
    stranger = FlowClient()
    other = stranger.get(start_url(Purchase, sku="x1"))
    stranger.arrive(stranger.answer(other, {"quantity": "1"}))
    task_id, _, proof = id_of(page).partition(".")
    unknown = f"{'0' * 32}.{proof}"
    for client in (stranger, FlowClient()):
        found = [
            answered(client, LOGIN, shown)
            for shown in (id_of(page), unknown, "malformed", task_id, "start.malformed")
        ]
        assert found[0][0] == 404
        assert found == [found[0]] * 5
        assert all(one[2].get("Set-Cookie") is None for one in found)
    assert browser.get(address_of(page)).status_code == 200


def test_scenario_5_a_stranger_costs_no_look_up(page: Any) -> None:
    """Neither a task nor a session is read for an id that is not of who asks."""
    with CaptureQueriesContext(connection) as statements:
        assert FlowClient().get(address_of(page)).status_code == 404
    assert len(statements) == 0


def test_scenario_6_forged_ids_are_never_an_error(page: Any, browser: FlowClient) -> None:
    """Each is a 404 on GET, HEAD and POST, and nothing moves."""
    before, fields = stored(), FlowForm(page).fields
    for kind, shown in forged(id_of(page)).items():
        address = f"{LOGIN}?_id={quote(shown, errors='surrogateescape')}"
        assert browser.get(address).status_code == 404, kind
        assert browser.head(address).status_code == 404, kind
        sendable = shown.encode(errors="replace").decode()
        data = {**fields, "_id": sendable, "username": "ada", "password": "pw"}
        assert browser.post(LOGIN, data).status_code == 404, kind
    assert stored() == before


def test_scenario_6_an_id_of_another_flow_opens_nothing(
    page: Any, browser: FlowClient, ada: User
) -> None:
    """Nor does a start token of another flow, or of other arguments."""
    assert browser.get(f"/other/?_id={id_of(page)}").status_code == 404
    token = FlowForm(browser.get(START)).fields["_id"]
    assert token.startswith("start.")
    assert browser.get(f"/other/?_id={token}").status_code == 404
    assert browser.get(f"/buy/x2/?_id={token}").status_code == 404
    assert browser.get(f"/buy/x2/account/login/?_id={id_of(page)}").status_code == 404


def test_two_ids_are_as_wrong_as_a_wrong_one(page: Any, browser: FlowClient) -> None:
    """Two equal ones are one."""
    mine = id_of(page)
    other = id_of(
        browser.arrive(browser.answer(browser.get(START), {"quantity": "1"})),
    )
    assert browser.get(f"{LOGIN}?_id={mine}&_id={other}").status_code == 404
    assert browser.get(f"{LOGIN}?_id={mine}&_id={mine}").status_code == 200
    sent = {**FlowForm(page).fields, "_id": [mine, other], "username": "a", "password": "b"}
    assert browser.post(LOGIN, sent).status_code == 404


def test_scenario_19_another_address_to_go_to_leads_nowhere(browser: FlowClient, ada: User) -> None:
    """Parameters of requests never say where an answer leads."""
    evil = "?next=//evil.example&_on_complete=//evil.example"
    page = browser.get(f"{START}{evil}")
    form = FlowForm(page)
    assert "evil" not in form.action
    data = {**form.fields, "quantity": "3", "next": "//evil.example"}
    response = browser.post(f"{START}offer/{evil}", data)
    assert response.status_code == 302
    assert "evil" not in response.headers["Location"]


def test_scenario_19_arguments_of_urls_are_escaped(browser: FlowClient) -> None:
    """A quote in an argument stands in no page as it is."""
    page = browser.get("/text/%22%3E%3Cscript%3Ealert(1)/")
    assert page.status_code == 200
    assert "<script>" not in page.content.decode()
    response = browser.answer(page, {"text": '"><script>alert(2)</script>'})
    page = browser.arrive(response)
    assert "<script>" not in page.content.decode()
    back = browser.get(page.context["flow"].back_url)
    assert "<script>" not in back.content.decode()
    assert "alert(2)" in back.content.decode()


def test_scenario_19_without_a_token_django_refuses_plainly(page: Any, browser: FlowClient) -> None:
    """A missing token, or one from another site, is a plain 403: no page of the flow."""
    before, form = stored(), FlowForm(page)
    fields = {key: one for key, one in form.fields.items() if key != "csrfmiddlewaretoken"}
    for extra in ({}, {"headers": {"origin": "http://testserver"}}):
        refused = browser.post(form.action, {**fields, "username": "typed"}, **extra)  # type: ignore[arg-type]
        assert refused.status_code == 403
        assert "typed" not in refused.content.decode()
    data = {**form.fields, "username": "typed"}
    foreign = browser.post(form.action, data, headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert "typed" not in foreign.content.decode()
    browser.cookies.pop("csrftoken")
    assert browser.post(form.action, data).status_code == 403
    assert stored() == before


def test_a_form_from_before_a_login_is_shown_again(
    page: Any, browser: FlowClient, ada: User
) -> None:
    """A 403 page with what was typed; nothing ran; sent again, it is taken."""
    old = FlowForm(browser.get(page.context["flow"].back_url))
    browser.arrive(browser.answer(page, {"username": "ada", "password": "pw"}))
    before = stored()
    data = {**old.fields, "quantity": "5", "note": "with care"}
    stale = browser.post(old.action, data, headers={"origin": "http://testserver"})
    assert stale.status_code == 403
    assert "with care" in stale.content.decode()
    assert stored() == before
    again = browser.answer(stale)
    assert again.status_code == 302
    page = browser.arrive(again)
    assert page.context["flow"].task.answers["Offer"]["quantity"] == 5


def test_scenario_19_prefetching_every_url_changes_nothing(
    page: Any, browser: FlowClient, ada: User
) -> None:
    """Neither GET nor HEAD moves the task, of any action, to any other."""
    before = stored()
    for name, place in Purchase.tree.actions.items():
        route = "".join(level.component.url for level in place.line)
        for ask in (browser.get, browser.head, browser.get):
            response: Any = ask(f"{START}{route}?_id={id_of(page)}")
            assert response.status_code in {200, 302, 422}, name
        assert browser.get(f"{START}{route}").status_code in {200, 302}
    links = re.findall(r'href="([^"]+)"', page.content.decode())
    assert links
    for link in links:
        browser.get(link.replace("&amp;", "&"))
    assert (stored(), Purchase.orders) == (before, [])
    assert browser.get(address_of(page)).resolver_match.url_name == "get_user_account.login"


def test_head_is_get_without_a_body(page: Any, browser: FlowClient) -> None:
    """Its status and headers are those of GET."""
    for address in (START, address_of(page), f"{START}confirm/?_id={id_of(page)}"):
        got, headed = browser.get(address), browser.head(address)
        assert headed.status_code == got.status_code
        assert headed.content == b""
        assert set(headed.headers) == set(got.headers)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused(page: Any, browser: FlowClient, method: str) -> None:
    """405, which says what is allowed; nothing moves."""
    before = stored()
    for address in (START, address_of(page)):
        response = getattr(browser, method)(address)
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD, POST"
    assert stored() == before


def test_a_post_to_the_start_is_refused(browser: FlowClient) -> None:
    """The start is only looked at; its form is sent to its action."""
    form = FlowForm(browser.get(START))
    assert browser.post(START, {**form.fields, "quantity": "3"}).status_code == 405
    assert stored() == []


def test_an_own_id_with_other_arguments_is_not_found(page: Any, browser: FlowClient) -> None:
    """The task of one thing is not continued under the address of another one."""
    before = stored()
    other = address_of(page).replace("/x1/", "/x2/")
    assert browser.get(other).status_code == 404
    form = FlowForm(page)
    sent = {**form.fields, "username": "ada", "password": "pw"}
    assert browser.post(form.action.replace("/x1/", "/x2/"), sent).status_code == 404
    assert stored() == before


def test_a_receipt_of_elsewhere_is_none(page: Any, browser: FlowClient) -> None:
    """A forged one, one of another action, and none at all are refused with a page."""
    before, form = stored(), FlowForm(page)
    register = FlowForm(browser.get(page.context["flow"].link("Register")))
    data = {**form.fields, "username": "typed", "password": "secret"}
    for receipt in ("", "nonsense", "a:b:c", register.fields["_receipt"]):
        response = browser.post(form.action, {**data, "_receipt": receipt})
        assert response.status_code == 409
        assert "typed" in response.content.decode()
        assert "secret" not in response.content.decode()
    del data["_receipt"]
    assert browser.post(form.action, data).status_code == 409
    assert stored() == before


def test_with_a_timeout_of_0_a_task_ends_at_once(browser: FlowClient) -> None:
    """The first answer is too late already: a page that says so, and not an error."""
    with override_settings(FLOWS_TASK_IDLE_TIMEOUT=0):
        page = browser.get(START)
        response = browser.answer(page, {"quantity": "3", "note": "typed"})
        if response.status_code == 302:
            response = browser.get(response.headers["Location"])
        assert response.status_code == 410
    assert Purchase.orders == []
