"""A flow that changes under running tasks: each lands on the first step that is not answered."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.test import override_settings
from django.urls import include, path

from statecraft.flows import COMPLETE, Action, Choice, Linear, Scaffold, flow_urls
from tests.flows.shopping import TextForm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from statecraft.flows.testing import FlowClient
    from tests.flows.keeping import Keeping

pytestmark = pytest.mark.usefixtures("forgotten")
ENDS: list[dict[str, Any]] = []


class StricterForm(forms.Form):
    """The form of a later release, which wants more."""

    text = forms.CharField(min_length=3)
    more = forms.CharField()


def step(name: str, form: Any = TextForm, **attributes: Any) -> Any:
    """Return a class of an action, as a release has it."""
    return type(name, (Action,), {"form_class": form, "__module__": "shop", **attributes})


def release(*steps: Any, **attributes: Any) -> AbstractContextManager[Any]:
    """Let the site have the flow of these steps: the same flow, as another release has it."""

    def completed(self: Any, task: Any) -> Any:
        ENDS.append({name: one["text"] for name, one in task.answers.items()})
        return "/end/"

    body: dict[str, Any] = {
        "__module__": "shop",
        "__qualname__": "Order",
        "transition": Linear,
        "action_set": steps,
        "completed": completed,
        **attributes,
    }
    site: Any = ModuleType("site")
    site.urlpatterns = [path("order/", include(flow_urls(type("Order", (Scaffold,), body))))]
    return override_settings(ROOT_URLCONF=site)


A, B, C, D = (step(name) for name in "ABCD")


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Forget what tests have ended."""
    yield
    ENDS.clear()


def answered(browser: FlowClient, *texts: str) -> Any:
    """Return the page after these answers."""
    page = browser.get("/order/")
    for text in texts:
        page = browser.arrive(browser.answer(page, {"text": text}))
    return page


def place_of(page: Any) -> str:
    """Return which action a page shows."""
    assert page.status_code == 200, page.content
    place: str = page.context["flow"].place.path
    return place


def test_scenario_20_a_step_that_is_gone_is_left_out(kept: Keeping, browser: FlowClient) -> None:
    """What was answered elsewhere counts; the task goes on where it was."""
    with release(A, B, C):
        page = answered(browser, "a", "b")
        address = page.context["flow"].address
        assert place_of(page) == "c"
    with release(A, C):
        page = browser.get(address)
        assert place_of(page) == "c"
        assert browser.answer(page, {"text": "c"}).headers["Location"] == "/end/"
    assert ENDS == [{"a": "a", "c": "c"}]


def test_scenario_20_where_a_task_stood_is_gone(kept: Keeping, browser: FlowClient) -> None:
    """Its address is not found any more; the start leads afresh, and others lead on."""
    with release(A, B, C):
        page = answered(browser, "a")
        address = page.context["flow"].address
        assert place_of(page) == "b"
    with release(A, C, D):
        assert browser.get(address).status_code == 404
        response = browser.get(address.replace("/b/", "/d/"))
        assert place_of(browser.get(response.headers["Location"])) == "c"


def test_scenario_20_a_step_that_is_renamed_is_asked_again(
    kept: Keeping, browser: FlowClient
) -> None:
    """And those after it are not, for their answers are still there."""
    with release(A, B, C):
        page = answered(browser, "a", "b")
        address = page.context["flow"].address
    with release(A, step("Bee"), C):
        response = browser.get(address)
        page = browser.get(response.headers["Location"])
        assert place_of(page) == "bee"
        page = browser.arrive(browser.answer(page, {"text": "bee"}))
        assert place_of(page) == "c"
        browser.answer(page, {"text": "c"})
    assert ENDS == [{"a": "a", "bee": "bee", "c": "c"}]


def test_scenario_20_a_step_more_is_asked_and_the_rest_is_not(
    kept: Keeping, browser: FlowClient
) -> None:
    """The task stands at it, though it had been past its place."""
    with release(A, B, C):
        address = answered(browser, "a", "b").context["flow"].address
    with release(A, D, B, C):
        page = browser.get(browser.get(address).headers["Location"])
        assert place_of(page) == "d"
        page = browser.arrive(browser.answer(page, {"text": "d"}))
        assert place_of(page) == "c"
        browser.answer(page, {"text": "c"})
    assert ENDS == [{"a": "a", "d": "d", "b": "b", "c": "c"}]


def test_scenario_20_a_form_that_wants_more_is_shown_before_the_end(
    kept: Keeping, browser: FlowClient
) -> None:
    """With what was typed, and with what is wrong; the definition of the flow is the same."""
    with release(A, B, C):
        page = answered(browser, "a", "b")
        address = page.context["flow"].address
    with release(A, step("B", StricterForm), C):
        page = browser.get(address)
        assert place_of(page) == "c"
        page = browser.arrive(browser.answer(page, {"text": "c"}))
        assert place_of(page) == "b"
        assert set(page.context["form"].errors) == {"text", "more"}
        assert 'value="b"' in page.content.decode()
        page = browser.arrive(browser.answer(page, {"text": "bbb", "more": "m"}))
        assert place_of(page) == "c"
        assert page.context["form"]["text"].value() == "c"
        browser.answer(page)
    assert ENDS == [{"a": "a", "b": "bbb", "c": "c"}]


def test_scenario_20_steps_in_another_order(kept: Keeping, browser: FlowClient) -> None:
    """What was answered is not asked again."""
    with release(A, B, C, D):
        address = answered(browser, "a", "b").context["flow"].address
    with release(B, A, C, D):
        assert place_of(browser.get(address)) == "c"
    with release(C, B, A, D):
        response = browser.get(address)
        page = browser.get(response.headers.get("Location", address))
        assert place_of(page) == "c"
        page = browser.arrive(browser.answer(page, {"text": "c"}))
        assert place_of(page) == "d"


def test_scenario_20_a_form_of_an_earlier_release_is_taken_or_shown(
    kept: Keeping, browser: FlowClient
) -> None:
    """On the same path it is taken; on another one it is a conflict, with what was typed."""
    with release(A, B, C):
        page = answered(browser, "a")
        assert place_of(page) == "b"
    with release(A, B, C, D):
        assert browser.answer(page, {"text": "b"}).status_code == 302
    with release(A, B, C):
        page = answered(browser, "a")
    with release(A, D, B, C):
        response = browser.answer(page, {"text": "typed with care"})
        assert response.status_code == 409
        assert "typed with care" in response.content.decode()
    assert ENDS == []


def test_scenario_20_the_first_page_of_an_earlier_release(
    kept: Keeping, browser: FlowClient
) -> None:
    """It was shown, and is sent to a flow that begins elsewhere: nothing is taken unseen."""
    with release(A, B):
        page = browser.get("/order/")
    with release(D, A, B):
        response = browser.answer(page, {"text": "typed with care"})
        assert response.status_code == 409
        assert "typed with care" in response.content.decode()
    assert kept.texts() == []


def test_scenario_20_an_ended_task_leads_where_it_led(kept: Keeping, browser: FlowClient) -> None:
    """Whatever the flow has become."""
    with release(A, B):
        page = answered(browser, "a")
        browser.answer(page, {"text": "b"})
    with release(D, B):
        assert browser.answer(page, {"text": "b"}).headers["Location"] == "/end/"
    assert len(ENDS) == 1


def test_scenario_20_all_that_is_left_is_answered(kept: Keeping, browser: FlowClient) -> None:
    """A GET never ends a task: the last step is shown with its answer, and its form ends it."""
    with release(A, B, C):
        page = answered(browser, "a", "b")
        address = page.context["flow"].address
    with release(A, B):
        start = address.replace("/c/", "/b/")
        page = browser.get(start)
        assert place_of(page) == "b"
        assert page.context["form"]["text"].value() == "b"
        assert ENDS == []
        assert browser.answer(page).headers["Location"] == "/end/"
    assert ENDS == [{"a": "a", "b": "b"}]


def test_scenario_20_a_scaffold_around_steps(kept: Keeping, browser: FlowClient) -> None:
    """Their places are others then, so they are asked again; the task is not lost."""
    with release(A, B, C):
        address = answered(browser, "a", "b").context["flow"].address
    body = {"__module__": "shop", "action_set": (B, D), "transition": Choice, "url": "g/"}
    with release(A, type("Group", (Scaffold,), body), C):
        page = browser.get(browser.get(address).headers["Location"])
        assert place_of(page) == "group.b"
        assert page.context["flow"].task.answers["A"]["text"] == "a"


def test_scenario_20_everything_is_skipped_now(kept: Keeping, browser: FlowClient) -> None:
    """There is nothing to do, by GET and by POST; the task has not ended, and is not lost."""
    with release(A, B):
        page = answered(browser, "a")
        address = page.context["flow"].address
    with release(step("C", skip_if=bool), step("B", skip_if=bool)):
        shown = browser.get(address)
        assert shown.status_code == 200
        assert "nothing to do" in shown.content.decode()
        response = browser.answer(page, {"text": "typed with care"})
        assert response.status_code == 409
        assert "typed with care" in response.content.decode()
    with release(A, B):
        assert browser.answer(page, {"text": "b"}).headers["Location"] == "/end/"
    assert ENDS == [{"a": "a", "b": "b"}]


def test_scenario_20_an_effect_is_not_had_again(kept: Keeping, browser: FlowClient) -> None:
    """A step with code of its own that was taken counts where its event leads now."""
    effects: list[str] = []

    def form_valid(self: Any, form: Any) -> Any:
        effects.append(form.cleaned_data["text"])
        return COMPLETE

    effect = step("B", form_valid=form_valid)
    with release(A, effect, C):
        address = answered(browser, "a", "b").context["flow"].address
    with release(A, effect, C, D):
        assert place_of(browser.get(address)) == "c"
    with release(A, effect, D, C):
        page = browser.get(browser.get(address).headers["Location"])
        assert place_of(page) == "d"
        assert page.context["flow"].task.answers["B"]["text"] == "b"
    assert effects == ["b"]
