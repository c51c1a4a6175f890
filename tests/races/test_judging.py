"""The harness itself: it has to find what is wrong with a broken store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from statecraft.sqlite import close_connections, transaction
from tests.races.plans import Size
from tests.races.running import Run
from tests.races.sqlite_files import FiledParcel, Files, SQLiteFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from statecraft import Change, Plan

SMALL = Size(workers=4, objects=3, attempts=40, disturbances=3)


class NeverCompares(FiledParcel):
    """Each process believes what it has stored last, and overwrites what others have stored."""

    known: ClassVar[dict[int, Any]] = {}

    def load_state(self) -> Any:
        return self.known.get(self.number) or super().load_state()

    def persist_change(self, change: Change) -> None:
        anything = (None, *self.workflow_spec.by_value)
        super().persist_change(change._replace(expected=anything))
        self.known[self.number] = change.value


class WritesRowsApart(FiledParcel):
    """What its handlers write is committed by itself."""

    def write_effect(self, event: str, actor: str) -> None:
        with transaction(Files.path.with_suffix(".apart")) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS effects (number, event, actor)")
            connection.execute("INSERT INTO effects VALUES (?, ?, ?)", (self.id, event, actor))


class LosesRows(FiledParcel):
    """It writes the rows of every other parcel only."""

    def write_effect(self, event: str, actor: str) -> None:
        if self.number % 2:
            super().write_effect(event, actor)


class KeepsWhatFails(FiledParcel):
    """It takes its units for transactions, and does not undo them."""

    def persistence_unit(self, plan: Plan) -> Any:
        return _Swallowing()


class _Swallowing:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class ForgetsKeys(FiledParcel):
    """It fires again whatever comes again."""

    def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        return getattr(self, event)(*args, **kwargs)


class StoresTwice(FiledParcel):
    """It keeps two records of what happens by itself."""

    def persist_change(self, change: Change) -> None:
        super().persist_change(change)
        if change.transition.event == "look":
            super().persist_change(change)


class LosesChanges(FiledParcel):
    """It says that something has happened, and stores nothing."""

    def persist_change(self, change: Change) -> None:
        if change.transition.event != "find":
            super().persist_change(change)


class BrokenFile(SQLiteFile):
    """A file with the parcels of a broken store; its rows may be in another file."""

    def seen(self, objects: int) -> Any:
        seen = super().seen(objects)
        if self.parcel is not WritesRowsApart:
            return seen
        with transaction(self.path.with_suffix(".apart")) as connection:
            return seen._replace(effects=self.effects_in(connection))


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """Close the files of the test at its end."""
    yield tmp_path
    close_connections()


@pytest.mark.parametrize(
    ("parcel", "fault"),
    [
        (NeverCompares, "leaves"),
        (WritesRowsApart, "a row without its transition"),
        (LosesRows, "a transition without its row"),
        (KeepsWhatFails, "a row without its transition"),
        (ForgetsKeys, "the key is that of None"),
        (StoresTwice, "its records are"),
        (LosesChanges, "its records are"),
    ],
)
def test_a_broken_store_is_found(parcel: type[FiledParcel], fault: str, directory: Path) -> None:
    """Each of them is broken in one way, and named for it."""
    run = Run(BrokenFile(directory / "parcels.db", "wal", parcel), directory, SMALL)
    assert any(fault in one for one in run.faults())


def test_the_same_store_unbroken_passes(directory: Path) -> None:
    """It is the stores that are found, and not the harness that finds something always."""
    run = Run(BrokenFile(directory / "parcels.db", "wal"), directory, SMALL)
    assert run.faults() == []
