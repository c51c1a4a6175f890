"""A flow whose process can be killed at some moments."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from django import forms
from django.urls import include, path

from statecraft.flows import COMPLETE, Action, Linear, Scaffold, flow_urls
from tests.flows.ordering.models import Note, Placed


def die_at(moment: str) -> None:
    """Kill this process, as nothing can prevent it, if the test wants it to end at this moment."""
    order = Path(os.environ["FLOWS_TEST_DIRECTORY"]) / moment
    if order.exists():
        order.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


class TextForm(forms.Form):
    """Some text."""

    text = forms.CharField()


class First(Action):
    """Only kept."""

    form_class = TextForm


class Second(Action):
    """Done at once."""

    form_class = TextForm

    def form_valid(self, form: Any) -> Any:
        """Write a note."""
        die_at("before-note")
        Note.objects.create(text=form.cleaned_data["text"])
        die_at("after-note")
        return COMPLETE


class Last(Action):
    """Look at it."""


class Ordering(Scaffold):
    """Two texts and an order."""

    transition = Linear
    action_set = (First, Second, Last)

    def completed(self, task: Any) -> str:
        """Order it, once for each task."""
        die_at("before-order")
        Placed.objects.get_or_create(key=task.id)
        die_at("after-order")
        return "/done/"


urlpatterns = [path("", include(flow_urls(Ordering)))]
