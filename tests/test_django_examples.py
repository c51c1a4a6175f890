"""The examples that are projects of Django: each is started as a user starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.services import require_module

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SHOP = EXAMPLES / "django_shop" / "manage.py"


def manage(script: Path, *arguments: str, variables: Mapping[str, str]) -> str:
    """Run a command of a project, in a process of its own, and return what it says."""
    environment = os.environ | variables
    command = [sys.executable, "-W", "error", str(script), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_the_shop_is_started_by_one_command(tmp_path: Path) -> None:
    """It has an order in each state, and users; a second start changes nothing."""
    variables = {"SHOP_FILES": str(tmp_path)}
    first = manage(SHOP, "demo", "--no-server", variables=variables)
    assert "/admin/  admin / admin" in first
    states = re.findall(r"/orders/[-0-9a-f]+/  (\w+)", first)
    assert set(states) == {"Placed", "Paid", "Packed", "Shipped", "Cancelled", "Returned"}
    assert list((tmp_path / "mails").iterdir())
    assert manage(SHOP, "demo", "--no-server", variables=variables) == first


def test_the_migrations_of_the_shop_are_complete(tmp_path: Path) -> None:
    """Nothing in its models is newer than they are."""
    variables = {"SHOP_FILES": str(tmp_path)}
    manage(SHOP, "makemigrations", "--check", "--dry-run", variables=variables)


def test_the_shop_does_what_it_says(tmp_path: Path) -> None:
    """Its own tests pass: the admin, the pages of customers, and both APIs."""
    require_module("rest_framework", package="djangorestframework")
    require_module("ninja", package="django-ninja")
    said = manage(SHOP, "test", "orders", variables={"SHOP_FILES": str(tmp_path)})
    assert re.search(r"Ran \d\d tests", said)
