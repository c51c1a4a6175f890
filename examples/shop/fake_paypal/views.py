"""The one page of the provider: pay, or do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest
from django.core.signing import BadSignature
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from fake_paypal.protocol import Result, demand_of, signed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest) -> HttpResponse:
    """Ask whether to pay what the shop has signed, and send the answer back to the shop."""
    try:
        demand = demand_of(request.GET.get("demand", ""))
    except BadSignature as error:
        message = "the shop did not sign this"
        raise BadRequest(message) from error
    if request.method != "POST":
        return render(request, "fake_paypal/pay.html", {"demand": demand})
    paid = request.POST.get("answer") == "pay"
    result = Result(demand.reference, demand.amount, demand.transaction if paid else "")
    separator = "&" if "?" in demand.return_url else "?"
    return HttpResponseRedirect(f"{demand.return_url}{separator}result={signed(result)}")
