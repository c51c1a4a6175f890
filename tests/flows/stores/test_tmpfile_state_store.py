"""The state store on files: who can read them, and what a killed program leaves."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import override_settings

from statecraft.flows.errors import StateStoreUnavailable
from statecraft.flows.statestore import tmpfile_store
from statecraft.flows.statestore.base import key_of


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the directory for temporary files be one of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def store() -> tmpfile_store.StateStore:
    """Return the store."""
    return tmpfile_store.StateStore()


def mode(path: Path) -> str:
    """Return who may do what with a file, as ls shows it."""
    return stat.filemode(path.stat().st_mode)


def test_files_are_read_by_their_owner_only(
    store: tmpfile_store.StateStore, temporary: Path
) -> None:
    """In a directory that is made when it is needed; names of files are those of no path."""
    store.put_state("../../etc/passwd", {"revision": 1})
    directory = temporary / f"statecraft-flows-{os.getuid()}"
    assert mode(directory) == "drwx------"
    file = directory / f"{key_of('../../etc/passwd')}.json"
    assert mode(file) == "-rw-------"
    assert file.read_text(encoding="ascii") == '{"revision":1}'
    assert {one.name for one in directory.iterdir()} == {file.name, "lock"}


def test_a_directory_of_somebody_else_is_not_used(
    store: tmpfile_store.StateStore, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all may write, somebody may have made it, or a link of its name, before."""
    theirs, link = temporary / "theirs", temporary / "link"
    theirs.mkdir()
    link.symlink_to(theirs)
    with (
        override_settings(FLOWS_TMPFILE_STATE_STORE_DIRECTORY=str(link)),
        pytest.raises(StateStoreUnavailable, match="link: it belongs to somebody else"),
    ):
        store.put_state("task", {"revision": 1})
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with (
        override_settings(FLOWS_TMPFILE_STATE_STORE_DIRECTORY=str(theirs)),
        pytest.raises(StateStoreUnavailable, match="it belongs to somebody else"),
    ):
        store.put_state("task", {"revision": 1})
    assert list(theirs.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    store: tmpfile_store.StateStore, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of the new one."""

    def full(path: Path, target: Path) -> None:
        message = "no space left"
        raise OSError(message)

    task = uuid4().hex
    store.put_state(task, {"revision": 1})
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(StateStoreUnavailable, match="no space left"):
            store.swap_state(task, {"revision": 2}, 1)
    assert store.get_state(task) == {"revision": 1}
    assert not list(temporary.rglob("*.part"))


def test_a_killed_program_has_no_lock_any_more(store: tmpfile_store.StateStore) -> None:
    """Whoever comes next goes on, with the state as it was."""
    store.put_state("task", {"revision": 1})
    locked, child = os.pipe()
    pid = os.fork()
    if not pid:  # pragma: no cover - it is killed
        with tmpfile_store._locked():
            os.write(child, b"!")
            signal.pause()
    assert os.read(locked, 1) == b"!"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert store.swap_state("task", {"revision": 2}, 1)
    os.close(locked)
    os.close(child)


def test_what_a_killed_program_left_is_cleaned_up(
    store: tmpfile_store.StateStore, temporary: Path
) -> None:
    """The part of a file that it was writing."""
    store.put_state("task", {"revision": 1})
    part = next(iter(temporary.iterdir())) / "abc.part"
    part.touch()
    assert store.expire(10) == 0
    assert not part.exists()
    assert store.get_state("task") == {"revision": 1}
