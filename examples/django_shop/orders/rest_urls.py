"""The addresses of Django REST framework."""

from __future__ import annotations

from django.urls import path

from orders.rest import fire, show

urlpatterns = [
    path("orders/<int:number>/", show),
    path("orders/<int:number>/<str:event>/", fire),
]
