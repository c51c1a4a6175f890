"""Pages of flows whose actions are skipped: what is ahead, and where nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.test import override_settings
from django.urls import include, path

from statecraft.flows import Action, Linear, Scaffold, flow_urls, start_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.flows.testing import FlowClient


class WishForm(forms.Form):
    wish = forms.CharField(required=False)


class Ask(Action):
    form_class = WishForm


def has_no_wish(task: Any) -> bool:
    return not task.answers[Ask]["wish"]


class Explain(Action):
    skip_if = has_no_wish


class Wishes(Scaffold):
    action_set = (Ask, Explain)
    transition = Linear

    def completed(self, task: Any) -> Any:
        return "/who/"


def always(task: Any) -> bool:
    return True


class One(Action):
    skip_if = always


class First(Scaffold):
    action_set = (One,)
    transition = Linear
    on_complete = "Second"


class Second(Scaffold):
    action_set = (One,)
    transition = Linear
    on_complete = "First"


class Circle(Scaffold):
    action_set = (First, Second)
    transition = Linear
    completed = Wishes.completed


@pytest.fixture(autouse=True)
def mounted() -> Iterator[None]:
    """Have the flows of this file in the addresses."""
    urls = (
        path("wishes/", include(flow_urls(Wishes))),
        path("circle/", include(flow_urls(Circle))),
    )
    with override_settings(ROOT_URLCONF=urls):
        yield


def test_what_is_ahead_may_depend_on_answers_to_come(flow_client: FlowClient) -> None:
    """It is shown as ahead until they are there; then the condition decides."""
    page: Any = flow_client.get(start_url(Wishes))
    steps = page.context_data["flow"].progress
    assert [(step.label, step.state) for step in steps] == [
        ("Ask", "current"),
        ("Explain", "ahead"),
    ]
    assert flow_client.answer(page, {"wish": ""}).headers["Location"] == "/who/"
    page = flow_client.arrive(
        flow_client.answer(flow_client.get(start_url(Wishes)), {"wish": "snow"})
    )
    assert page.resolver_match.url_name == "explain"


def test_a_flow_that_is_skipped_in_a_circle_has_nothing_to_do(flow_client: FlowClient) -> None:
    """A page says so, as where all is skipped; nothing is completed."""
    response: Any = flow_client.get(start_url(Circle))
    assert response.status_code == 200
    assert response.template_name == "flows/nothing_to_do.html"
