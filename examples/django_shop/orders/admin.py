"""The admin of the orders: what the workflow says, and nothing that it says twice."""

from __future__ import annotations

from django.contrib import admin

from orders.models import Order
from statecraft.django.admin import StateFilter, WorkflowAdmin


class OrderAdmin(WorkflowAdmin):
    """Orders with their states, their events, and what has happened to them."""

    list_display = ("__str__", "customer", "total", "state_badge", "payment_badge")
    list_filter = (StateFilter,)
    search_fields = ("customer", "email")
    readonly_fields = ("key", "shipped_on")


admin.site.register(Order, OrderAdmin)
admin.site.site_header = admin.site.site_title = "The shop"
