"""The admin of the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from statecraft.django.admin import StateFilter, WorkflowAdmin
from tests.django_store.shop.models import Invoice, Order, Review
from tests.django_store.shop.ticket import Ticket

if TYPE_CHECKING:
    from django.http import HttpRequest


class InvoiceAdmin(WorkflowAdmin):
    """With the badge of an attached workflow."""

    list_display = ("__str__", "state_badge", "paying_badge")


class TicketAdmin(WorkflowAdmin):
    """With a filter; what is locked may be looked at only."""

    list_filter = (StateFilter,)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether it may be changed."""
        locked = obj is not None and obj.title == "locked"
        return not locked and super().has_change_permission(request, obj)


class ReviewAdmin(WorkflowAdmin):
    """With a filter that knows compounds."""

    list_filter = (StateFilter,)


for model, model_admin in (
    (Invoice, InvoiceAdmin),
    (Order, WorkflowAdmin),
    (Review, ReviewAdmin),
    (Ticket, TicketAdmin),
):
    admin.site.register(model, model_admin)
