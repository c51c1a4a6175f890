"""The examples that are projects of Django: each is started as a user starts it."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tests.services import require_module

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SHOP = EXAMPLES / "django_shop" / "manage.py"
TEA = EXAMPLES / "shop" / "manage.py"
MOVE = EXAMPLES / "coming_from_django_fsm" / "move.py"
NEWS = EXAMPLES / "coming_from_django_fsm" / "after" / "manage.py"


def run(script: Path, *arguments: str, variables: Mapping[str, str]) -> str:
    """Run a script, in a process of its own, and return what it says."""
    environment = os.environ | variables
    command = [sys.executable, "-W", "error", str(script), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_the_shop_is_started_by_one_command(tmp_path: Path) -> None:
    """It has an order in each state, and users; a second start changes nothing."""
    variables = {"SHOP_FILES": str(tmp_path)}
    first = run(SHOP, "demo", "--no-server", variables=variables)
    assert "/admin/  admin / admin" in first
    states = re.findall(r"/orders/[-0-9a-f]+/  (\w+)", first)
    assert set(states) == {"Placed", "Paid", "Packed", "Shipped", "Cancelled", "Returned"}
    assert list((tmp_path / "mails").iterdir())
    assert run(SHOP, "demo", "--no-server", variables=variables) == first


def test_the_migrations_of_the_shop_are_complete(tmp_path: Path) -> None:
    """Nothing in its models is newer than they are."""
    variables = {"SHOP_FILES": str(tmp_path)}
    run(SHOP, "makemigrations", "--check", "--dry-run", variables=variables)


def test_the_shop_does_what_it_says(tmp_path: Path) -> None:
    """Its own tests pass: the admin, the pages of customers, and both APIs."""
    require_module("rest_framework", package="djangorestframework")
    require_module("ninja", package="django-ninja")
    said = run(SHOP, "test", "orders", variables={"SHOP_FILES": str(tmp_path)})
    assert re.search(r"Ran \d\d tests", said)


def test_the_shop_with_a_flow_is_started_by_one_command(tmp_path: Path) -> None:
    """It has something to sell and a customer; a second start changes nothing."""
    variables = {"SHOP_FILES": str(tmp_path), "DATABASE_URL": ""}
    first = run(TEA, "demo", "--no-server", variables=variables)
    assert "log in as ada / lovelace" in first
    assert run(TEA, "demo", "--no-server", variables=variables) == first
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        products = database.execute("SELECT count(*) FROM storefront_product").fetchone()
        customers = database.execute("SELECT username FROM auth_user").fetchall()
    assert (products, customers) == ((4,), [("ada",)])
    run(TEA, "makemigrations", "--check", "--dry-run", variables=variables)


def test_a_newspaper_moves_from_django_fsm(tmp_path: Path) -> None:
    """Rows of the old application, and their log with its times, live on in the new one."""
    require_module("django_fsm_log", package="django-fsm-log")
    said = run(MOVE, str(tmp_path), variables={})
    assert "2  'in-review'  in_review" in said
    assert "  3 accept -> accepted, by 1, {}" in said
    assert "'accept' leaves 'in_review'. From here: submit, withdraw, reject." in said
    assert "Article cannot accept from 'in_review': nobody reviews it yet" in said
    with closing(sqlite3.connect(tmp_path / "news.sqlite3")) as database:
        old = database.execute(
            "SELECT object_id, transition, timestamp FROM django_fsm_log_statelog ORDER BY id"
        ).fetchall()
        new = database.execute(
            "SELECT subject_id, event, at FROM news_article_log WHERE event <> '' ORDER BY at"
        ).fetchall()
        stored = database.execute("SELECT id, state FROM news_article ORDER BY id").fetchall()
    assert [event for _, event, _ in old] == [
        "submit",
        "submit",
        "submit",
        "accept",
        "submit",
        "reject",
    ]
    assert new[:-1] == old
    assert new[-1][:2] == (2, "accept")
    states = ["new", "accepted", "in-review", "accepted", "rejected"]
    assert [state for _, state in stored] == states


def test_the_new_newspaper_needs_no_old_one(tmp_path: Path) -> None:
    """On a new database its migrations run, and they are complete."""
    variables = {"NEWS_DATABASE": str(tmp_path / "news.sqlite3")}
    run(NEWS, "migrate", "--verbosity=0", variables=variables)
    run(NEWS, "makemigrations", "--check", "--dry-run", variables=variables)
    assert not run(NEWS, "workflow_stored", "news.Article", variables=variables)
