"""SQLite under fire: many processes at once, some are killed, and the disk is full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from statecraft.sqlite import close_connections
from tests.races.running import Run
from tests.races.sqlite_files import ImpatientParcel, SmallDisk, SQLiteFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["delete", "wal"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SQLiteFile]:
    """Return a file of the test's own, in both journal modes."""
    yield SQLiteFile(tmp_path / "parcels.db", request.param)
    close_connections()


def test_many_writers_walk_legally(file: SQLiteFile, tmp_path: Path) -> None:
    """Every success has its record, every record its row, and no row is there without."""
    run = Run(file, tmp_path)
    run.disturb("look", lambda: None)
    assert run.faults() == []


def test_killed_writers_leave_nothing_half_done(file: SQLiteFile, tmp_path: Path) -> None:
    """Whenever it hits them; and who has a key can fire again."""
    run = Run(file, tmp_path)
    run.disturb("kill -9", run.kill_one)
    assert run.faults() == []


def test_writers_who_give_up_have_stored_nothing(file: SQLiteFile, tmp_path: Path) -> None:
    """An error that says so is to be believed, and the event can be fired again."""
    file.parcel = ImpatientParcel
    run = Run(file, tmp_path)
    run.disturb("kill -9", run.kill_one)
    assert run.faults() == []


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_full_disk_leaves_nothing_half_done(journal_mode: str, tmp_path: Path) -> None:
    """What does not fit is undone as a whole, and said; with room again, all goes on."""
    run = Run(SmallDisk(tmp_path / "parcels.db", journal_mode), tmp_path)
    run.disturb("look", lambda: None)
    assert run.faults() == []
    assert run.failures > 0
    close_connections()
