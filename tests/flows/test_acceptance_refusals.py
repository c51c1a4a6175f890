"""What is refused with a page, and with what was typed; what is refused to the developer."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.http import HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import include, path

from statecraft import WorkflowError
from statecraft.flows import (
    Action,
    Linear,
    Precondition,
    Scaffold,
    flow_urls,
    receiving,
    workflows,
)
from statecraft.flows.flattening import Flattening
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowForm
from statecraft.flows.trace import Trace
from tests.flows.shopping import Purchase, TextForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User

    from statecraft.flows.testing import FlowClient

pytestmark = pytest.mark.usefixtures("database", "own_urls")


class LineForm(forms.Form):
    """One line."""

    item = forms.CharField()
    colours = forms.MultipleChoiceField(choices=[("r", "Red"), ("g", "Green")], required=False)
    secret = forms.CharField(required=False, widget=forms.PasswordInput)


class Lines(Action):
    """Lines, of which nothing is kept."""

    form_class, stores, skip_on_back = forms.formset_factory(LineForm, extra=2), (), False


class Linked(Action):
    """Links to what is skipped, and to what is not."""

    form_class = TextForm
    links_to = ("Skipped", "Last")
    link = "Last"

    def render_to_response(self, context: Any, **kwargs: Any) -> Any:
        template: Any = engines["django"].from_string(
            "{% load flows %}{% flow_form %}[{% flow_link view.link %}]"
        )
        return TemplateResponse(self.request, template, context, **kwargs)


class Last(Action):
    """The last one that is asked."""

    form_class = TextForm


class Skipped(Action):
    """Never asked; the end is behind it."""

    skip_if = staticmethod(bool)  # a task is always true


class Listing(Scaffold):
    """A list."""

    transition = Linear
    action_set = (Lines, Linked, Last, Skipped)

    def completed(self, task: Any) -> Any:
        return "/end/"


urlpatterns = [
    path("buy/<slug:sku>/", include(flow_urls(Purchase))),
    path("list/", include(flow_urls(Listing))),
    path("who/", lambda _request: HttpResponse("who")),
]
FILLED = {"form-0-item": "bread", "form-0-colours": ["r", "g"], "form-0-secret": "hush"}


def stored() -> list[Any]:
    """Return what is kept of tasks."""
    return list(TaskState.objects.values_list("state", "revision"))


def place_of(page: Any) -> str:
    """Return which action a page shows."""
    assert page.status_code == 200, page.content
    place: str = page.context["flow"].place.path
    return place


def at_card(browser: FlowClient, ada: User) -> Any:
    """Return the page that asks for a card."""
    browser.force_login(ada)
    page = browser.get("/buy/x1/")
    page = browser.arrive(browser.answer(page, {"quantity": "3"}))
    return browser.arrive(browser.answer(page, {"kind": "Card"}))


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return what takes an arrow out of the workflow of the shop."""
    assert Purchase.workflow

    def take_out(event: str, source: str) -> None:
        class Fewer(Flattening):
            def __init__(self, tree: Any) -> None:
                super().__init__(tree)
                self.arrows = [one for one in self.arrows if one[:2] != (event, source)]

        with monkeypatch.context() as patched:
            patched.setattr(workflows, "Flattening", Fewer)
            fewer = workflows.workflow_of(Purchase.tree)
        monkeypatch.setattr(Purchase, "_made_workflow", fewer)

    return take_out


def test_an_arrow_that_is_taken_out_of_the_workflow_is_refused_by_the_web(
    browser: FlowClient, without: Callable[[str, str], None]
) -> None:
    """With a page of a conflict that has what was typed; nothing moves."""
    page = browser.get("/buy/x1/")
    without("complete", "offer")
    response = browser.answer(page, {"quantity": "3", "note": "with care"})
    assert response.status_code == 409
    assert "with care" in response.content.decode()
    assert stored() == []


def test_the_walk_over_answers_stops_where_an_arrow_is_taken_out(
    browser: FlowClient, ada: User, without: Callable[[str, str], None]
) -> None:
    """The task that had been past it stands there, and cannot go on."""
    page = browser.arrive(browser.answer(at_card(browser, ada), {"number": "4111"}))
    assert place_of(page) == "confirm"
    without("complete", "new_method.card")
    response = browser.get(page.context["flow"].address)
    card = browser.arrive(response)
    assert place_of(card) == "new_method.card"
    refused = browser.answer(card, {"number": "4112"})
    assert refused.status_code == 409
    assert "4112" in refused.content.decode()
    assert Purchase.orders == []


def test_a_form_of_a_branch_that_was_left_is_refused_even_if_it_was_taken_before(
    browser: FlowClient, ada: User
) -> None:
    """The same data again is no doubled answer there: the task is elsewhere by now."""
    card = at_card(browser, ada)
    page = browser.arrive(browser.answer(card, {"number": "4111"}))
    kind = browser.get(page.context["flow"].address.replace("confirm", "new/kind"))
    bank = browser.arrive(browser.answer(kind, {"kind": "Bank"}))
    before = stored()
    conflict = browser.answer(card, {"number": "4111"})
    assert conflict.status_code == 409
    assert "4111" in conflict.content.decode()
    assert stored() == before
    assert place_of(browser.get(bank.context["flow"].address)) == "new_method.bank.account"


def test_a_page_that_was_linked_to_conflicts_if_an_answer_before_it_changed(
    browser: FlowClient,
) -> None:
    """The page says which one."""
    login = browser.arrive(browser.answer(browser.get("/buy/x1/"), {"quantity": "3"}))
    register = browser.get(login.context["flow"].link("Register"))
    offer = browser.get(login.context["flow"].back_url)
    browser.answer(offer, {"quantity": "4"})
    before = stored()
    conflict = browser.answer(register, {"username": "typed", "password": "secret"})
    assert conflict.status_code == 409
    assert "“Offer” was answered anew." in conflict.content.decode()
    assert "typed" in conflict.content.decode()
    assert "secret" not in conflict.content.decode()
    assert stored() == before


def test_a_task_that_is_in_use_all_the_time_is_told_as_unavailable(
    browser: FlowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, and nothing moves; when the claim is over, the same form is taken."""
    page = browser.arrive(browser.answer(browser.get("/buy/x1/"), {"quantity": "3"}))
    page = browser.get(page.context["flow"].link("ForgotPassword"))
    row = TaskState.objects.get()
    claimed = {**json.loads(row.state), "lease": time.time() + 60}
    TaskState.objects.update(state=json.dumps(claimed))
    before = stored()
    with monkeypatch.context() as patched:
        patched.setattr(receiving, "LEASE", 0.03)
        response = browser.answer(page, {"email": "ada@example.com"})
    assert response.status_code == 503
    assert "ada@example.com" in response.content.decode()
    assert stored() == before
    TaskState.objects.update(state=row.state)
    assert browser.answer(page, {"email": "ada@example.com"}).status_code == 302


def test_a_formset_is_told_with_what_was_typed(browser: FlowClient) -> None:
    """In a conflict: of each line, each with its label; never a password, nor what is empty."""
    form = FlowForm(browser.get("/list/"))
    conflict = browser.post(form.action, {**form.fields, **FILLED, "_receipt": "of elsewhere"})
    assert conflict.status_code == 409
    assert conflict.context["typed"] == [("Item", "bread"), ("Colours", "r, g")]


def test_a_formset_with_an_old_token_is_shown_again(browser: FlowClient) -> None:
    """With the lines that were filled in; sent again from there, it is taken."""
    form = FlowForm(browser.get("/list/"))
    browser.cookies["csrftoken"] = "x" * 32
    data = {**form.fields, **FILLED}
    stale = browser.post(form.action, data, headers={"origin": "http://testserver"})
    assert stale.status_code == 403
    assert stale.context["form"].initial == [
        {"item": "bread", "colours": ["r", "g"], "secret": "hush"}
    ]
    assert 'value="bread"' in stale.content.decode()
    assert "hush" not in stale.content.decode()
    assert stored() == []
    page = browser.arrive(browser.answer(stale, {"form-0-colours": ["r"]}))
    assert place_of(page) == "linked"
    assert page.context["flow"].task.answers["lines"] == []  # it keeps nothing


def test_a_link_to_what_is_skipped_up_to_the_end_is_empty(
    browser: FlowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link never ends a flow; one that is not declared is a clear error."""
    page = browser.arrive(browser.answer(browser.get("/list/"), FILLED))
    flow = page.context["flow"]
    assert "/list/last/?_id=" in page.content.decode()
    assert flow.link(Skipped) == ""
    with pytest.raises(WorkflowError, match=r"Linked has no 'Lasst' .* Did you mean 'Last'\?"):
        flow.link("Lasst")
    monkeypatch.setattr(Linked, "link", "Skipped")
    assert browser.get(flow.address).content.decode().endswith("[]")


def test_answers_that_are_not_there_are_a_clear_error(browser: FlowClient) -> None:
    """It names those that are; all of them can be printed."""
    page = browser.arrive(browser.answer(browser.get("/list/"), FILLED))
    page = browser.arrive(browser.answer(page, {"text": "a"}))
    task = page.context["flow"].task
    assert repr(task.answers) == "{'lines': [], 'linked': {'text': 'a'}}"
    with pytest.raises(KeyError, match=r"no answer of 'Last' is on the path"):
        task.answers[Last]


def test_traces_are_told_apart_and_printed() -> None:
    """An empty one stands at the start."""
    trace = Trace().then("begin", "offer")
    assert repr(Trace()) == "<Trace start>"
    assert "begin" in repr(trace)
    assert trace != "begin"
    assert {trace, Trace().then("begin", "offer")} == {trace}


def test_a_precondition_without_its_methods_is_told() -> None:
    """The error names the class and the method."""

    class Half(Precondition):
        pass

    for method in (Half().holds, Half().respond):
        with pytest.raises(NotImplementedError, match=r"Half has no method (holds|respond)"):
            method(None)


def test_the_client_of_tests_says_what_it_found_instead(browser: FlowClient, ada: User) -> None:
    """Where there is no form, no redirect, or another action than the path says."""
    with pytest.raises(AssertionError, match="no form of a flow on this page"):
        FlowForm(browser.get("/who/"))
    page = browser.get("/buy/x1/")
    with pytest.raises(AssertionError, match="a redirect was expected: 200"):
        browser.arrive(browser.answer(page, {"quantity": "many"}))
    browser.force_login(ada)
    path_of_others = next(one for one in Purchase.paths() if "register" in str(one))
    with pytest.raises(AssertionError, match=r"was to be walked, but it led to new_method\.kind"):
        browser.walk(Purchase, path_of_others, data={"Offer": {"quantity": "3"}}, sku="x1")
