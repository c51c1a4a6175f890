"""Wizards, completed: ``python -m benchmarks.wizards``, on PostgreSQL, with the session in it.

Each takes the same four forms, shown by a template of the same size; they take turns, wizard by
wizard. Counted are requests, statements, the bytes that the database keeps at the last step, and
the time that passes in the application and the database.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from benchmarks.databases import URL, as_django

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = f"statecraft_wizards_{os.getpid()}"
PACKAGE = "benchmarks.wizard_contestants"
PEERS = {"statecraft": "with_statecraft", "django-formtools": "with_formtools"}
COUNTED = ("requests", "statements", "bytes stored", "milliseconds")


def enter() -> None:
    """Configure Django for a schema of its own in the database."""
    database = as_django(URL, f"-c synchronous_commit=off -c search_path={SCHEMA}")
    templates = Path(__file__).parent / "wizard_contestants" / "templates"
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.sessions", "formtools", "statecraft.flows"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
        ],
        ROOT_URLCONF="benchmarks.wizards",
        SECRET_KEY="benchmarks",  # noqa: S106 - nobody signs in here
        ALLOWED_HOSTS=["testserver"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [templates],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
    )
    django.setup()


def __getattr__(name: str) -> Any:
    if name == "urlpatterns":
        modules = [import_module(f"{PACKAGE}.{one}") for one in PEERS.values()]
        return [pattern for module in modules for pattern in module.urlpatterns]
    raise AttributeError(name)


class Form(HTMLParser):
    """The form of a page: its address and its hidden fields."""

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.action, self.hidden = "", dict[str, str]()
        self.feed(page.content.decode())
        self.address = self.action or page.wsgi_request.get_full_path()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Note down what a browser would send."""
        given = dict(attrs)
        if tag == "form":
            self.action = given.get("action") or ""
        if tag == "input" and given.get("type") == "hidden":
            self.hidden[given["name"]] = given.get("value", "")


class Statements:
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, *statement: Any) -> Any:
        """Count one, and let it through."""
        self.count += 1
        return execute(*statement)


def completed(module: Any) -> dict[str, float]:
    """Complete one wizard as a browser does, and return what it took."""
    from django.test import Client  # noqa: PLC0415 - Django has to be configured

    from benchmarks.wizard_contestants.forms import FILLED_IN  # noqa: PLC0415

    client, statements, requests, stored = Client(enforce_csrf_checks=True), Statements(), 0, 0
    names = getattr(module, "NAMES", ("",) * len(FILLED_IN))
    began = perf_counter()
    with connection.execute_wrapper(statements):
        page = client.get(module.START)
        requests += 1
        for number, data in enumerate(FILLED_IN):
            while page.status_code == 302:
                page = client.get(page.headers["Location"])
                requests += 1
            form = Form(page)
            prefix = f"{names[number]}-" if module.PREFIXED else ""
            filled = {f"{prefix}{key}": value for key, value in data.items()}
            if number == len(FILLED_IN) - 1:
                asked = perf_counter()
                stored = _bytes(statements)
                began += perf_counter() - asked  # nobody waits for that
            page = client.post(form.address, {**form.hidden, **filled})
            requests += 1
        while page.headers["Location"] != "/done/":
            page = client.get(page.headers["Location"])
            requests += 1
    seconds = perf_counter() - began
    figures = (requests, statements.count, stored, seconds * 1000)
    _forget()
    return dict(zip(COUNTED, figures, strict=True))


def _bytes(statements: Statements) -> int:
    before = statements.count
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM django_session t)"
            " + (SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM statecraft_flows_taskstate t)"
        )
        (found,) = cursor.fetchone()
    statements.count = before
    return int(found)


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
        cursor.execute("DELETE FROM statecraft_flows_taskstate WHERE key NOT LIKE 'open %'")


def compared(rounds: int) -> Mapping[str, dict[str, float]]:
    """Return the median of what each took, who took turns."""
    modules = {name: import_module(f"{PACKAGE}.{one}") for name, one in PEERS.items()}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in modules}
    for number in range(rounds + 3):
        for name in list(modules) if number % 2 else reversed(modules):
            figures = completed(modules[name])
            if number >= 3:  # the first ones warm up
                found[name].append(figures)
    return {
        name: {key: median(one[key] for one in each) for key in COUNTED}
        for name, each in found.items()
    }


def crowded(count: int) -> tuple[float, float]:
    """Return what one step and one clean-up of a single task take beside ``count`` open tasks.

    In milliseconds, the medians.
    """
    from statecraft.flows.cleaning import clean_up  # noqa: PLC0415 - as above
    from statecraft.flows.models import TaskState  # noqa: PLC0415
    from statecraft.flows.statestore.clock import now  # noqa: PLC0415

    TaskState.objects.all().delete()
    state = '{"revision":1}' + " " * 900
    rows = (
        TaskState(key=f"open {number}", state=state, revision=1, touched=now())
        for number in range(count)
    )
    TaskState.objects.bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE statecraft_flows_taskstate")
    module = import_module(f"{PACKAGE}.with_statecraft")
    steps, cleanings = [], []
    for _ in range(30):
        steps.append(completed(module)["milliseconds"])
        TaskState.objects.create(key="old", state=state, revision=1, touched=0)
        began = perf_counter()
        clean_up()
        cleanings.append((perf_counter() - began) * 1000)
    return median(steps), median(cleanings)


def main() -> None:
    """Measure, and print two tables."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--open", type=int, default=10_000, help="tasks that others have open")
    options = parser.parse_args()
    enter()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    try:
        call_command("migrate", verbosity=0)
        figures = compared(options.rounds)
        print(f"{'per wizard completed':24}", *(f"{name:>18}" for name in figures))
        for key in COUNTED:
            print(f"{key:24}", *(f"{one[key]:18.1f}" for one in figures.values()))
        for count in (0, options.open):
            step, cleaning = crowded(count)
            print(
                f"beside {count:,} open tasks: {step:.1f} ms a wizard, {cleaning:.2f} ms to clean"
            )
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


if __name__ == "__main__":
    sys.modules["benchmarks.wizards"] = sys.modules["__main__"]
    main()
