"""The pages of the shop, and those of the provider of payments."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("storefront.urls")),
    path("paypal/", include("fake_paypal.urls")),
]
