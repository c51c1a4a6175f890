"""A store of one's own: documents in a file of JSON, with transactions, for threads and processes.

workflow-orchestrator shows users in CouchDB, where loading and storing are two methods. So they
are here; but a document that is saved as a whole does not know who else saves it. So the file is
read, changed and replaced under a lock, and an event with a handler holds the lock from its
beginning to its end: it happens as a whole, or not at all.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import threading
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from statecraft import Event, Plan, Problem, StaleState, State, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from statecraft import WorkflowSpec

Documents = dict[str, Any]


class DocumentFile:
    """Documents by their key, in one file that is always replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = threading.local()  # what the transaction of this thread has changed so far

    @property
    def _open(self) -> Documents | None:
        documents: Documents | None = getattr(self._thread, "documents", None)
        return documents

    def read(self) -> Documents:
        """Return all documents: as they are stored, or as they are inside of the transaction."""
        if self._open is not None:
            return self._open
        documents: Documents = json.loads(self.path.read_text()) if self.path.exists() else {}
        return documents

    @contextmanager
    def transaction(self) -> Generator[Documents]:
        """Change documents: an exception undoes all that was changed inside."""
        if self._open is not None:
            with self._undoing(self._open):
                yield self._open
            return
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # others wait here until we close the file
            calls: list[Callable[[], Any]] = []
            self._thread.documents, self._thread.calls = self.read(), calls
            try:
                yield self._thread.documents
                self._replace(self._thread.documents)
            finally:
                self._thread.documents = None
        for call in calls:
            call()

    @contextmanager
    def _undoing(self, documents: Documents) -> Generator[None]:
        before, mark = deepcopy(documents), len(self._thread.calls)
        try:
            yield
        except BaseException:
            documents.clear()
            documents.update(before)
            del self._thread.calls[mark:]
            raise

    def _replace(self, documents: Documents) -> None:
        new = self.path.with_suffix(".new")
        with new.open("w") as file:
            json.dump(documents, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)  # in one step: whoever reads finds the old file or the new one

    def when_committed(self, call: Callable[[], Any]) -> None:
        """Call when the transaction is over; at once where there is none."""
        if self._open is None:
            call()
        else:
            self._thread.calls.append(call)


class DocumentWorkflow(Workflow):
    """Keeps its state in a document: ``class User(DocumentWorkflow, file=DocumentFile(path))``."""

    file: ClassVar[DocumentFile]

    def __init_subclass__(cls, *, file: DocumentFile | None = None, **options: Any) -> None:
        if file is not None:
            cls.file = file
        super().__init_subclass__(**options)

    def __init__(self, number: int) -> None:
        self.key = f"{type(self).__name__} {number}"

    def load_state(self) -> Any:
        """Read the document."""
        return self.file.read().get(self.key, {}).get(self.workflow_spec.state_field)

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store under the lock."""
        with self.file.transaction() as documents:
            found = self.load_state()
            if found not in expected:
                raise StaleState(self, expected=expected, found=found)
            documents.setdefault(self.key, {})[self.workflow_spec.state_field] = value

    def persistence_unit(self, plan: Plan) -> Any:
        """Lock the file around everything that an event with code does."""
        del plan  # one lock for all: there is nothing to be decided
        return self.file.transaction()

    def when_committed(self, call: Callable[[], Any]) -> None:
        """Let ``after_commit`` wait for the file."""
        self.file.when_committed(call)

    @classmethod
    def persistence_problems(cls, spec: WorkflowSpec) -> Iterator[Problem]:
        """Say at once which values JSON would not give back as they are."""
        for state in spec.states.values():
            for value in state.stored_values:
                if type(value) not in {str, int, bool}:
                    what = f"{value!r} cannot be stored: take a text, a whole number or a boolean"
                    yield Problem(spec.name, state.name, what, state.place)


class User(DocumentWorkflow):
    """A user who proves that his address is his own."""

    submitted = State()
    proved_email = State()

    @Event(submitted.to(proved_email))
    def activate_via_link(self, email: str) -> None:
        """Write the address into the document of the user, and refuse an address without @."""
        with self.file.transaction() as documents:
            documents.setdefault(self.key, {})["email"] = email
        if "@" not in email:
            self.halt(f"{email} is no address")

    def after_commit(self) -> None:
        """Greet the user, once, and only if it is true."""
        print(f"welcome, {self.key}")


def main() -> None:
    """Try a wrong address and a right one."""
    with tempfile.TemporaryDirectory() as directory:
        User.file = DocumentFile(Path(directory, "users.json"))
        user = User(1)
        print(f"a new user is {user.current_state}")
        print(f"activated: {user.activate_via_link('homer')}, because {user.halted_because}")
        print(f"stored: {User.file.read()}")
        print(f"activated: {user.activate_via_link('homer@example.org')}")
        print(f"stored: {User.file.read()}")
        print(f"whoever opens the file finds that the user is {User(1).current_state}")


if __name__ == "__main__":
    main()
