"""Django under fire: many processes at once, and workers that are killed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.django_store.databases import connected, dropped
from tests.races.running import Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.django_store.parcels import DjangoDatabase

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest) -> Iterator[DjangoDatabase]:
    """Return a database with a table of parcels."""
    from tests.django_store.parcels import DjangoDatabase

    connected(request.param)
    found = DjangoDatabase(request.param)
    yield found
    found.forget()
    dropped(request.param)


def test_many_writers_walk_legally(database: DjangoDatabase, tmp_path: Path) -> None:
    """Every success has its record, every record its row, and no row is there without."""
    run = Run(database, tmp_path)
    run.disturb("look", lambda: None)
    assert run.faults() == []


def test_killed_writers_leave_nothing_half_done(database: DjangoDatabase, tmp_path: Path) -> None:
    """Whenever it hits them; and who has a key can fire again."""
    run = Run(database, tmp_path)
    run.disturb("kill -9", run.kill_one)
    assert run.faults() == []
