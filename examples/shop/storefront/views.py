"""The pages around the flow: what there is to buy, and what was bought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render

from storefront.models import Order, Product

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def products(request: HttpRequest) -> HttpResponse:
    """Show what there is to buy, and the orders of whoever is logged in."""
    mine = Order.objects.filter(customer=request.user.pk).select_related("product").order_by("-pk")
    context = {"products": Product.objects.order_by("name"), "orders": mine}
    return render(request, "storefront/products.html", context)


@login_required
def order(request: HttpRequest, number: int) -> HttpResponse:
    """Show an order to its customer, and to nobody else."""
    found = get_object_or_404(Order.objects, pk=number, customer=request.user)
    return render(request, "storefront/order.html", {"order": found})
