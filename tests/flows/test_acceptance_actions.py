"""Actions: responses of their own, effects, the way back, htmx, and templates without tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.template import engines
from django.template.response import TemplateResponse
from django.test import override_settings
from django.urls import include, path

from statecraft import WorkflowError
from statecraft.flows import COMPLETE, Action, Linear, Scaffold, flow_urls
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowForm
from tests.flows.shopping import TextForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.flows.testing import FlowClient

pytestmark = pytest.mark.usefixtures("database", "own_urls", "forgotten")
EFFECTS: list[str] = []
HTMX = {"HX-Request": "true"}


class Plain(Action):
    """Some text, kept and pure."""

    form_class = TextForm


class Effect(Action):
    """Some text, with an effect."""

    form_class = TextForm

    def form_valid(self, form: Any) -> Any:
        EFFECTS.append(form.cleaned_data["text"])
        self.state["effects"] = len(EFFECTS)
        return COMPLETE


class Pure(Action):
    """Has a form_valid that has no effect, and says so."""

    form_class, pure = TextForm, True

    def form_valid(self, form: Any) -> Any:
        EFFECTS.append("asked")
        return COMPLETE


class Unwanted(Action):
    """Nobody comes back to it, although all of it is kept."""

    form_class, skip_on_back = TextForm, True


class Secret(Action):
    """Nothing of it is kept, and yet one may come back to it."""

    form_class, stores, skip_on_back = TextForm, (), False


class Hidden(Action):
    """Nothing of it is kept, so nobody comes back to it."""

    form_class, stores = TextForm, ()


class Final(Action):
    """The last one."""

    form_class = TextForm


class Path(Scaffold):
    """One after the other."""

    transition = Linear
    action_set = (Plain, Effect, Pure, Unwanted, Secret, Hidden, Final)
    ends: ClassVar[list[Any]] = []

    def completed(self, task: Any) -> Any:
        self.ends.append(dict(task.answers))
        return "/end/"


class Own(Action):
    """Answers with responses of its own."""

    form_class, success_url = TextForm, "/end/"
    moves_to = ()

    def form_valid(self, form: Any) -> Any:
        text = form.cleaned_data["text"]
        EFFECTS.append(text)
        self.state["last"] = text
        if text == "page":
            return HttpResponse("not yet")
        if text == "form":
            return self.render_to_response(self.get_context_data(form=form, said="once more"))
        if text == "leave":
            return HttpResponseRedirect("https://bank.example/pay")
        if text == "bad":
            return HttpResponseBadRequest("no")
        return COMPLETE if text == "on" else text


class Forgetful(Action):
    """Its template has no tags of flows."""

    form_class, success_url = TextForm, "/end/"

    def render_to_response(self, context: Any, **kwargs: Any) -> Any:
        template: Any = engines["django"].from_string(self.text)
        return TemplateResponse(self.request, template, context, **kwargs)

    text: ClassVar[str] = "<form method='post'>{% csrf_token %}{{ form }}</form>"


class Loop(Action):
    """Moves on while the text says so, and has a cap by what the workflow allows."""

    form_class, moves_to, completes = TextForm, ("Plain",), True

    def form_valid(self, form: Any) -> Any:
        return Plain if form.cleaned_data["text"] == "again" else COMPLETE


class Looping(Scaffold):
    """A loop."""

    transition = Linear
    action_set = (Plain, Loop)

    def completed(self, task: Any) -> Any:
        return "/end/"


urlpatterns = [
    path("path/", include(flow_urls(Path))),
    path("own/", include(flow_urls(Own))),
    path("forgetful/", include(flow_urls(Forgetful))),
    path("looping/", include(flow_urls(Looping))),
]


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Forget what tests have done."""
    yield
    EFFECTS.clear()
    Path.ends.clear()


def stored() -> list[Any]:
    """Return what is kept of tasks."""
    return list(TaskState.objects.values_list("state", "revision"))


def at_final(browser: FlowClient) -> Any:
    """Return the last page of the path, after one word for each of the others."""
    page = browser.get("/path/")
    for place in list(Path.tree.actions)[:-1]:
        page = browser.arrive(browser.answer(page, {"text": place}))
    return page


def place_of(page: Any) -> str:
    """Return which action a page shows."""
    assert page.status_code == 200, page.content
    place: str = page.context["flow"].place.path
    return place


def test_the_way_back_leads_by_those_that_want_it(browser: FlowClient) -> None:
    """What was not kept is skipped, unless the action says otherwise."""
    page = at_final(browser)
    way: list[str] = []
    while page.context["flow"].back_url:
        page = browser.get(page.context["flow"].back_url)
        way.append(place_of(page))
    assert way == ["secret", "pure", "effect", "plain"]


def test_the_address_of_a_step_that_is_skipped_on_back_leads_on(browser: FlowClient) -> None:
    """Nobody lands there, by no link and no bookmark."""
    page = at_final(browser)
    address = page.context["flow"].address
    for name in ("hidden", "unwanted"):
        response = browser.get(address.replace("final", name))
        assert (response.status_code, response.headers["Location"]) == (302, address)


def test_a_secret_is_asked_again_on_the_way_back(browser: FlowClient) -> None:
    """It is not shown, and whatever is sent is an answer."""
    page = browser.get(at_final(browser).context["flow"].back_url)
    assert page.context["form"]["text"].value() is None
    assert place_of(browser.arrive(browser.answer(page, {"text": "new"}))) == "hidden"


def test_after_a_change_pure_steps_are_walked_over_and_others_shown(browser: FlowClient) -> None:
    """One with an effect is shown with what was typed; the walk stops before it."""
    page = at_final(browser)
    assert EFFECTS == ["effect", "asked"]
    plain = browser.get(page.context["flow"].address.replace("final", "plain"))
    page = browser.arrive(browser.answer(plain, {"text": "changed"}))
    assert place_of(page) == "effect"
    assert page.context["form"]["text"].value() == "effect"
    assert EFFECTS == ["effect", "asked"]
    page = browser.arrive(browser.answer(page))
    assert place_of(page) == "secret"  # pure and unwanted are walked over
    assert EFFECTS == ["effect", "asked", "effect", "asked"]


def test_an_unchanged_answer_with_an_effect_has_it_once(browser: FlowClient) -> None:
    """Going back and sending the same again leads to where the task is."""
    last = at_final(browser)
    page = browser.get(last.context["flow"].address.replace("final", "effect"))
    response = browser.answer(page)
    assert response.headers["Location"] == last.context["flow"].address
    assert EFFECTS == ["effect", "asked"]


def test_a_page_of_ones_own_is_no_answer(browser: FlowClient) -> None:
    """What the action did to the state is kept; the form can be sent again."""
    page = browser.get("/own/")
    response = browser.answer(page, {"text": "page"})
    assert (response.status_code, response.content) == (200, b"not yet")
    assert TaskState.objects.get().revision == 2
    shown = browser.answer(page, {"text": "form"})
    assert place_of(shown) == "own"
    assert shown.context["flow"].task.state == {"last": "form"}
    response = browser.answer(shown, {"text": "on"})
    assert response.headers["Location"] == "/end/"
    assert EFFECTS == ["page", "form", "on"]


def test_an_error_of_ones_own_is_no_answer(browser: FlowClient) -> None:
    """It is sent as it is."""
    page = browser.get("/own/")
    response = browser.answer(page, {"text": "bad"})
    assert (response.status_code, response.content) == (400, b"no")
    assert browser.answer(page, {"text": "on"}).headers["Location"] == "/end/"


def test_a_redirect_of_ones_own_leaves_the_flow(browser: FlowClient) -> None:
    """The same form again is sent to the same address, and nothing is done a second time."""
    page = browser.get("/own/")
    for _ in range(2):
        response = browser.answer(page, {"text": "leave"})
        assert response.headers["Location"] == "https://bank.example/pay"
    assert EFFECTS == ["leave"]
    browser.answer(page, {"text": "on"})
    assert EFFECTS == ["leave", "on"]


def test_an_outcome_that_is_not_declared_is_a_clear_error(browser: FlowClient) -> None:
    """It says what was returned and what may be; nothing is kept."""
    page = browser.get("/own/")
    with pytest.raises(WorkflowError, match=r"returned .nonsense., but its moves_to"):
        browser.answer(page, {"text": "nonsense"})
    assert stored() == []
    page = browser.get("/looping/")
    page = browser.arrive(browser.answer(page, {"text": "a"}))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Loop, "completes", False)
        with pytest.raises(WorkflowError, match="returned COMPLETE, but its completes is False"):
            browser.answer(page, {"text": "on"})
    assert browser.answer(page, {"text": "on"}).headers["Location"] == "/end/"


def test_a_move_leads_back_and_the_step_is_asked_again(browser: FlowClient) -> None:
    """It is shown with what was answered before, and counts once at the end."""
    page = browser.get("/looping/")
    page = browser.arrive(browser.answer(page, {"text": "a"}))
    page = browser.arrive(browser.answer(page, {"text": "again"}))
    assert place_of(page) == "plain"
    assert page.context["form"]["text"].value() == "a"
    page = browser.arrive(browser.answer(page, {"text": "b"}))
    assert browser.answer(page, {"text": "on"}).headers["Location"] == "/end/"


def test_an_answer_that_is_too_large_has_no_effect_on_the_task(browser: FlowClient) -> None:
    """The page says so, 413; the state is as before, and something shorter is taken."""
    page = browser.arrive(browser.answer(browser.get("/path/"), {"text": "a"}))
    before = stored()
    with override_settings(FLOWS_MAX_STATE_BYTES=1000):
        assert browser.answer(page, {"text": "x" * 1000}).status_code == 413
        assert stored() == before
        assert browser.answer(page, {"text": "short"}).status_code == 302


def test_htmx_gets_422_for_an_invalid_form(browser: FlowClient) -> None:
    """Others get 200; both get the page with what is wrong."""
    page = browser.get("/path/")
    for headers, status in ((HTMX, 422), ({}, 200)):
        response = browser.answer(page, {"text": ""}, headers=headers)
        assert response.status_code == status
        assert "This field is required." in response.content.decode()


def test_htmx_is_sent_on_by_its_own_header(browser: FlowClient) -> None:
    """For each redirect of a flow: after an answer, ahead of it, and at the end."""
    page = browser.get("/path/")
    response = browser.answer(page, {"text": "a"}, headers=HTMX)
    assert (response.status_code, response.content) == (200, b"")
    address = response.headers["HX-Redirect"]
    assert place_of(browser.get(address)) == "effect"
    ahead = browser.get(address.replace("effect", "final"), headers=HTMX)
    assert ahead.headers["HX-Redirect"] == address
    response = browser.answer(browser.get("/own/"), {"text": "on"}, headers=HTMX)
    assert response.headers["HX-Redirect"] == "/end/"


def test_while_developing_a_template_without_the_tags_is_found(
    browser: FlowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On GET, and on POST if the page came from elsewhere; the error says what to add."""
    with override_settings(DEBUG=True):
        with pytest.raises(ImproperlyConfigured, match=r"Forgetful renders neither .% flow_form"):
            browser.get("/forgetful/")
        monkeypatch.setattr(
            Forgetful,
            "text",
            "{% load flows %}<form method='post' action='{{ flow.action_url }}'>{% flow_fields %}"
            "{{ form }}</form>",
        )
        page = browser.get("/forgetful/")
        form = FlowForm(page)
        fields = {key: one for key, one in form.fields.items() if key != "_receipt"}
        with pytest.raises(ImproperlyConfigured, match="what was sent to Forgetful has no receipt"):
            browser.post(form.action, {**fields, "text": "a"})
        assert browser.answer(page, {"text": "a"}).headers["Location"] == "/end/"


def test_in_production_a_template_without_the_tags_is_no_error(browser: FlowClient) -> None:
    """It is shown as it is; its form is answered by the page of a conflict, and nothing is lost."""
    page = browser.get("/forgetful/")
    assert page.status_code == 200
    data = {"text": "typed", "csrfmiddlewaretoken": page.context["csrf_token"]}
    response = browser.post("/forgetful/forgetful/", data)
    assert response.status_code == 409
    assert "typed" in response.content.decode()
    assert stored() == []
