"""The pages of the tests: the admin, and views that say who acts."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path

from statecraft import WorkflowError, current_actor
from statecraft.flows import flow_urls
from tests.flows.shopping import Purchase


def _name() -> str:
    actor = current_actor()
    return "nobody" if actor is None else str(actor)


def who(request: HttpRequest) -> HttpResponse:
    """Say who acts."""
    return HttpResponse(_name())


def who_by_token(request: HttpRequest) -> HttpResponse:
    """Say who acts where the view itself has found out, as that of an API does."""
    request.user = User(username="token")
    return HttpResponse(_name())


async def who_async(request: HttpRequest) -> HttpResponse:
    """Say it from a view that is asynchronous."""
    return HttpResponse(await sync_to_async(_name)())


def fire(request: HttpRequest, model: str, number: int) -> HttpResponse:
    """Fire an event as the docs show it."""
    found: Any = get_object_or_404(apps.get_model("shop", model), pk=number)
    try:
        found.fire(request.POST["event"], *request.POST.getlist("argument"))
    except WorkflowError as error:
        return HttpResponse(str(error), status=409)
    return HttpResponse(status=204)


def finish(request: HttpRequest, number: int) -> HttpResponse:
    """Fire an event, and say what was told of commits by then."""
    from tests.django_store.shop.deeds import Deed

    Deed.objects.get(pk=number).finish()
    return HttpResponse(repr(Deed.heard))


def finish_and_fail(request: HttpRequest, number: int) -> HttpResponse:
    """Fire an event, and raise."""
    finish(request, number)
    raise RuntimeError(number)


urlpatterns = [
    path("admin/", admin.site.urls),
    path("fire/<str:model>/<int:number>/", fire),
    path("finish/<int:number>/", finish),
    path("finish-and-fail/<int:number>/", finish_and_fail),
    path("buy/<slug:sku>/", include(flow_urls(Purchase))),
    path("gift/<slug:sku>/", include(flow_urls(Purchase), namespace="gift")),
    path("who/", who),
    path("who-async/", who_async),
    path("who-by-token/", who_by_token),
]
