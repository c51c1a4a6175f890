"""Where the pages of the shop are, and where its flow is mounted."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from statecraft.flows import flow_urls
from storefront import views
from storefront.flows import Purchase

urlpatterns = [
    path("", views.products, name="products"),
    path("buy/<slug:sku>/", include(flow_urls(Purchase))),
    path("orders/<int:number>/", views.order, name="order"),
    path("login/", LoginView.as_view(template_name="storefront/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
