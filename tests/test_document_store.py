"""The worked example of a store, documents in a file of JSON, passes the conformance suite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from statecraft import Event, State, WorkflowDefinitionError
from statecraft.testing.persistence import PersistenceSuite
from tests.services import require_module

require_module("fcntl", package="fcntl, which Windows has not")

from examples.documents import DocumentFile, DocumentWorkflow, User  # noqa: E402 - see above

if TYPE_CHECKING:
    from pathlib import Path


class TestDocumentFile(PersistenceSuite):
    """It has transactions and locks, for threads and for processes."""

    base = DocumentWorkflow
    writers = ("threads", "processes")
    has_units = has_locks = True
    has_optimistic_units = False

    @pytest.fixture(autouse=True)
    def file(self, tmp_path: Path) -> None:
        """Use a file of its own for each test."""
        self.options = {"file": DocumentFile(tmp_path / "documents.json")}

    def transaction(self, subject: Any) -> Any:
        return subject.file.transaction()

    def add_row(self, subject: Any, text: str) -> None:
        with subject.file.transaction() as documents:
            documents.setdefault("rows", []).append(text)

    def count_rows(self, text: str) -> int:
        rows: list[str] = self.options["file"].read().get("rows", [])
        return rows.count(text)


def test_a_user_is_a_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A halt leaves nothing of what the handler wrote; a success is in the file as a whole."""
    file = DocumentFile(tmp_path / "users.json")

    class Member(User, file=file):
        pass

    assert Member(1).activate_via_link("homer") is False
    assert not file.path.exists()
    assert Member(1).activate_via_link("homer@example.org") is True
    assert json.loads(file.path.read_text()) == {
        "Member 1": {"email": "homer@example.org", "workflow_state": "proved_email"}
    }
    assert capsys.readouterr().out == "welcome, Member 1\n"


def test_a_crash_while_writing_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is replaced in one step, so that it is the old one until it is the new one."""
    file = DocumentFile(tmp_path / "users.json")

    class Door(DocumentWorkflow, file=file):
        ajar = State()
        shut = State()
        push = Event(ajar.to(shut))
        pull = Event(shut.to(ajar))

    Door(1).push()

    def fail(_: int) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        with pytest.raises(OSError, match="the disk is gone"):
            Door(1).pull()
    assert Door(1).current_state == "shut"
    assert Door(1).pull() is True


def test_values_that_json_would_change_are_definition_errors(tmp_path: Path) -> None:
    """Like a tuple, which would come back as a list."""
    with pytest.raises(WorkflowDefinitionError, match=r"\('a', 'b'\) cannot be stored"):

        class Lamp(DocumentWorkflow, file=DocumentFile(tmp_path / "lamps.json")):
            off = State(("a", "b"))
