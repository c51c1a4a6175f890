"""The addresses of the shop: the admin, the page of an order, and the APIs that are installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns: list[Any] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("orders/", include("orders.urls")),
]
if "rest_framework" in settings.APIS:
    urlpatterns.append(path("rest/", include("orders.rest_urls")))
if "ninja" in settings.APIS:
    urlpatterns.append(path("ninja/", import_module("orders.ninja_api").api.urls))
