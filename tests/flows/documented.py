"""What the pages of the docs about flows need: Django, its tables, and addresses of their own."""

from __future__ import annotations

from typing import Any

from tests.django_store.databases import configured, connected

configured()

from django.core.management import call_command  # noqa: E402 - Django has to be configured
from django.test import override_settings  # noqa: E402

from statecraft.flows.models import TaskState  # noqa: E402
from statecraft.flows.testing import FlowClient  # noqa: E402

_opened: list[Any] = []


def opened(urlpatterns: list[Any], **settings: Any) -> FlowClient:
    """Let the addresses of a page be those of the site, and return a browser for it."""
    connected("default")
    call_command("migrate", verbosity=0, run_syncdb=True)
    changed = override_settings(ROOT_URLCONF=tuple(urlpatterns), **settings)
    changed.enable()
    _opened.append(changed)
    return FlowClient()


def closed() -> None:
    """Undo it, at the end of the page, and forget the tasks."""
    TaskState.objects.all().delete()
    while _opened:
        _opened.pop().disable()
