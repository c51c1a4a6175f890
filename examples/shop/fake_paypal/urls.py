"""Where the provider is."""

from __future__ import annotations

from django.urls import path

from fake_paypal.views import pay

urlpatterns = [path("", pay, name="fake_paypal")]
