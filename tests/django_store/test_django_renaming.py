"""A state is renamed while its application runs: four releases, processes of two at a time."""

from __future__ import annotations

from benchmarks.renaming.deploying import renamed
from tests.django_store.databases import connected, dropped

ROWS = 20_000


def test_a_state_is_renamed_while_writers_of_two_releases_run() -> None:
    """No transition is lost, and no row has the older value, though the command was killed."""
    connected("postgresql")
    dropped("postgresql")
    run = renamed(ROWS, writers=2, batch=500, seconds=0.5)
    assert run.lost == 0
    assert run.stored.keys() == {"open", "rejected"}
    assert sum(run.stored.values()) == ROWS
    assert run.releases.keys() == {0, 1, 2, 3}
    assert all(run.releases.values())
    assert run.killed.rows >= ROWS * 2 // 5
    assert 0 < run.resumed.rows <= run.left < ROWS
    assert run.meanwhile.events > 0
    assert f"rows: {ROWS:,}" in run.text
