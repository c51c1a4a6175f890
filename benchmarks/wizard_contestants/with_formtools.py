"""The wizard of django-formtools: named steps, kept in the session."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseRedirect
from django.urls import path
from formtools.wizard.views import NamedUrlSessionWizardView

from benchmarks.wizard_contestants.forms import AddressForm, ConfirmForm, OfferForm, PaymentForm

NAMES = ("offer", "address", "payment", "confirm")
FORMS = list(zip(NAMES, (OfferForm, AddressForm, PaymentForm, ConfirmForm), strict=True))


class Buying(NamedUrlSessionWizardView):
    """All four, one after the other."""

    template_name = "wizard.html"

    def done(self, form_list: Any, **_: Any) -> HttpResponseRedirect:
        """Look at the answers."""
        assert len(list(form_list)) == 4
        return HttpResponseRedirect("/done/")


view = Buying.as_view(FORMS, url_name="step", done_step_name="finished")
urlpatterns = [
    path("wizard/<slug:step>/", view, name="step"),
    path("wizard/", view, name="wizard"),
]
START = "/wizard/"
PREFIXED = True
