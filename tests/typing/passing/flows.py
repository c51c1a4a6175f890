"""A flow as its pages of the docs write it: attributes, methods, a link to its start."""

from __future__ import annotations

from typing import Any, assert_type

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, include, path

from statecraft.flows import (
    COMPLETE,
    Action,
    Choice,
    Linear,
    LoginRequired,
    Precondition,
    RequiredState,
    Scaffold,
    Transition,
    flow_urls,
    start_url,
)


class NameForm(forms.Form):
    name = forms.CharField()


class Grown(Precondition):
    def holds(self, task: Any) -> bool:
        return bool(task.state.get("age"))

    def respond(self, action: Any) -> HttpResponseBase:
        return HttpResponse("Come back later", status=403)


class Offer(Action):
    url, form_class, template_name = "offer/", NameForm, "shop/offer.html"
    label = "What you get"
    links_to = ["Account"]
    preconditions = [RequiredState("sku"), Grown()]


class Account(Action):
    form_class = NameForm
    stores = ()
    pure = False
    skip_on_back = True
    moves_to, completes = [Offer, "Confirm"], False

    def form_valid(self, form: NameForm) -> object:
        self.state["name"] = form.cleaned_data["name"]
        assert_type(self.request, HttpRequest)
        return Offer if self.state["name"] else redirect("/")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, names=self.task.answers)


class Confirm(Action):
    async def form_valid(self, form: forms.Form) -> object:
        return COMPLETE


def is_known(task: Any) -> bool:
    return bool(task.user.is_authenticated)


class Sorted(Transition):
    targets = [Offer, COMPLETE]

    def choose_next(self, scaffold: Any) -> Any:
        return COMPLETE if scaffold.child is Offer else Offer


class Known(Scaffold):
    action_set = [Account, "shop.flows.Register"]
    transition = Choice
    skip_if = is_known
    on_complete = Offer


class Sorting(Scaffold):
    action_set = (Offer, Confirm)
    transition = Sorted()


class Purchase(Scaffold):
    url, transition = "", Linear
    action_set = [Known, Sorting, Confirm]
    preconditions = [LoginRequired()]

    def prepare(self) -> HttpResponseBase | None:
        return None if self.kwargs else HttpResponse(status=404)

    def completed(self, task: Any) -> Any:
        return redirect(f"/thanks/{task.id}/")


def mounted() -> list[Any]:
    assert_type(flow_urls(Purchase), tuple[list[URLPattern], str])
    return [
        path("buy/<slug:sku>/", include(flow_urls(Purchase))),
        path("gift/<slug:sku>/", include(flow_urls(Purchase), namespace="gift")),
    ]


def link() -> str:
    return start_url(Purchase, namespace="gift", state={"sku": "x1"}, sku="x1")
