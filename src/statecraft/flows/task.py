"""A task: one run through a flow, kept as plain JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from statecraft.flows.errors import UnreadableState
from statecraft.flows.files import StoredFile
from statecraft.flows.statestore.codec import pack, unpack
from statecraft.flows.trace import Trace
from statecraft.names import did_you_mean, listed

if TYPE_CHECKING:
    from statecraft.flows.tree import Tree

ACTIVE, FINISHING, FINISHED = "active", "finishing", "finished"


class Answer(NamedTuple):
    """What a task keeps of one answer.

    ``values`` are the cleaned values, packed; ``revision`` is that of the task which brought it,
    ``nonce`` that of the form which it came by; ``typed`` what was typed, where it is not just the
    value; ``files`` the stored uploads.
    """

    values: Any
    revision: int
    nonce: str
    typed: Mapping[str, list[str]] = {}
    files: Mapping[str, dict[str, Any]] = {}

    def stored(self) -> list[Any]:
        """Return it as plain JSON, as short as it goes: most answers have no more than values."""
        if self.files:
            return list(self)
        return list(self[:4] if self.typed else self[:3])

    @classmethod
    def read(cls, stored: Sequence[Any]) -> Answer:
        """Return what ``stored`` gave."""
        return cls(*stored)

    @property
    def cleaned(self) -> Any:
        """The cleaned values as they were, with an open-able file for each upload."""
        values = unpack(self.values)
        if self.files:
            values |= {name: StoredFile(about) for name, about in self.files.items()}
        return values


class Answers(Mapping[Any, Any]):
    """The answers of the actions on the path of a task, by action, by its name, or by its place."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __getitem__(self, wanted: Any) -> Any:
        for path in self:
            if self._task.tree.actions[path].is_called(wanted):
                return self._task.records[path].cleaned
        name = getattr(wanted, "__name__", wanted)
        there = listed(map(repr, self), none="none yet")
        message = (
            f"no answer of {name!r} is on the path.{did_you_mean(name, self)} There are: {there}"
        )
        raise KeyError(message)

    def __iter__(self) -> Iterator[str]:
        task = self._task
        path = dict.fromkeys((*task.trace.path, *((task.answering,) if task.answering else ())))
        return (one for one in path if one in task.records and one in task.tree.actions)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        return repr(dict(self))


class Task:
    """One run through a flow.

    ``id`` names it in the store and for others, who may keep it as their idempotency key. ``flow``
    is the dotted name of the flow, ``kwargs`` the arguments of its URLs, ``state`` a dictionary for
    whatever actions share, ``answers`` what was answered on the path, ``trace`` the moves made,
    ``user`` who asks now, ``status`` one of ``active``, ``finishing`` and ``finished``.
    """

    def __init__(
        self, tree: Tree, task_id: str, document: Mapping[str, Any], request: Any = None
    ) -> None:
        self.tree = tree
        self.id = task_id
        self.request = request
        self.answering: str | None = None
        try:
            self._read(document)
        except (LookupError, TypeError, ValueError) as error:
            message = f"the stored state of task {task_id} cannot be read: {error!r}"
            raise UnreadableState(message) from error

    def _read(self, document: Mapping[str, Any]) -> None:
        self.flow = self.tree.name  # an id is of one flow only, so that it need not be stored
        self.definition: str = document["definition"]
        self.revision: int = document["revision"]
        self.status: str = document.get("status", ACTIVE)
        self.kwargs: dict[str, Any] = unpack(document.get("kwargs", {}))
        self.state: dict[str, Any] = unpack(document.get("state", {}))
        self.trace = Trace.read(document.get("trace", ()))
        records: Mapping[str, Any] = document.get("answers", {})
        self.records = {path: Answer.read(one) for path, one in records.items()}
        self.left: dict[str, list[str]] = dict(document.get("left", {}))
        self.lease: float = document.get("lease", 0.0)
        self.pending: list[str] = document.get("pending", [])
        self.result: str = document.get("result", "")

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON; of one that is finished, only where it led."""
        head: dict[str, Any] = {"definition": self.definition, "revision": self.revision}
        if self.status == FINISHED:
            kwargs = pack(self.kwargs)
            return {**head, "status": FINISHED, "kwargs": kwargs, "result": self.result}
        body = {
            "status": "" if self.status == ACTIVE else self.status,
            "kwargs": pack(self.kwargs),
            "state": pack(self.state),
            "trace": self.trace.stored(),
            "answers": {path: one.stored() for path, one in self.records.items()},
            "left": self.left,
            "lease": self.lease,
            "pending": self.pending,
        }
        return head | {key: value for key, value in body.items() if value}

    @property
    def user(self) -> Any:
        """Who asks now: a login in the middle changes it."""
        return getattr(self.request, "user", None)

    @property
    def answers(self) -> Answers:
        """The answers of the actions on the path."""
        return Answers(self)

    def revision_of(self, place: str) -> int:
        """Return the revision of the answer that is kept of an action; 0 if there is none."""
        record = self.records.get(place)
        return record.revision if record else 0
