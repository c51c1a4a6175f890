"""The addresses of the customer's pages: whoever knows the key of an order is its customer."""

from __future__ import annotations

from django.urls import path

from orders.views import fire, show

urlpatterns = [
    path("<uuid:key>/", show, name="order"),
    path("<uuid:key>/<str:event>/", fire, name="order-event"),
]
