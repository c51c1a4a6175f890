"""``cleanupflows``: what it deletes, and what it says."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from statecraft.flows import cleaning
from statecraft.flows.cleaning import clean_up_files
from statecraft.flows.files import store_file
from statecraft.flows.statestore import django_store
from tests.flows.stores.tables import task_table

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def connection() -> Iterator[Any]:
    """Return the connection of a database with a table of tasks."""
    with task_table("sqlite") as made:
        yield made


MEMORY = {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}


@pytest.fixture(autouse=True)
def storage() -> Iterator[None]:
    """Let uploaded files be in memory."""
    with override_settings(STORAGES=MEMORY):
        yield


def said(**options: Any) -> str:
    """Return the first line that the command prints."""
    out = StringIO()
    call_command("cleanupflows", stdout=out, **options)
    return out.getvalue().partition("\n")[0]


def test_what_is_expired_is_deleted(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches; a dry run only counts, and what is in use stays."""
    monkeypatch.setattr(cleaning, "BATCH", 2)
    store, kept = django_store.StateStore(), uuid4().hex
    store.put_state(kept, {"revision": 1})
    assert said() == "Deleted: 0"
    for _ in range(4):
        store.put_state(uuid4().hex, {"revision": 1})
    with override_settings(FLOWS_TASK_IDLE_TIMEOUT=0):
        assert said(dry_run=True) == "Expired: 5"
        assert said(dry_run=True) == "Expired: 5"
    store.touch(kept)
    assert said() == "Deleted: 0"
    assert store.get_state(kept) == {"revision": 1}
    with override_settings(FLOWS_TASK_IDLE_TIMEOUT=0):
        assert said() == "Deleted: 5"
        assert said(dry_run=True) == "Expired: 0"


def test_files_go_with_their_task(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not those of a task that is there, those that were stored just now, or those of others."""
    store, kept, over = django_store.StateStore(), uuid4().hex, uuid4().hex
    store.put_state(kept, {"revision": 1})
    for task in (kept, over, "migrations"):
        for number in range(2):
            store_file(task, SimpleUploadedFile(f"{number}.txt", b"text"))
    out = StringIO()
    call_command("cleanupflows", stdout=out)
    assert out.getvalue() == "Deleted: 0\nFiles deleted of tasks: 0\n"
    assert len(default_storage.listdir(f"flows/{over}")[1]) == 2
    monkeypatch.setattr(cleaning, "_FRESH", timedelta(0))
    assert clean_up_files() == 1
    assert set(default_storage.listdir("flows")[0]) == {kept, "migrations"}
    assert len(default_storage.listdir("flows/migrations")[1]) == 2
    assert len(default_storage.listdir(f"flows/{kept}")[1]) == 2
    assert clean_up_files() == 0


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_store_that_is_away_is_one_line(*, dry_run: bool) -> None:
    """And the command fails."""
    with (
        override_settings(
            FLOWS_STATE_STORE="statecraft.flows.statestore.tmpfile_store",
            FLOWS_TMPFILE_STATE_STORE_DIRECTORY=f"{__file__}/nowhere",
        ),
        pytest.raises(CommandError, match=r"^the state store does not answer: the directory"),
    ):
        said(dry_run=dry_run)
