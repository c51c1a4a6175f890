"""The workflow whose objects are stored in an SQLite file."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.errors import Problem, StaleState
from statecraft.keyed import Keyed
from statecraft.log_entries import entry_of_change, entry_of_refusal
from statecraft.once import fired_once
from statecraft.sqlite.explaining import NO_FILE
from statecraft.sqlite.files import SECONDS, absolute, is_no_file, name_of, opened_by
from statecraft.sqlite.log import Log
from statecraft.sqlite.rows import remembered, store, stored_value
from statecraft.sqlite.units import Unit
from statecraft.sqlite.values import problems_of_values, values_by_plain
from statecraft.transition_log import TransitionLog
from statecraft.workflow import WorkflowMixin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from sqlite3 import Connection

    from statecraft.persistence import Attempt, Change, Plan
    from statecraft.spec import WorkflowSpec
    from statecraft.sqlite.files import Database

_MOST_SECONDS = 2_000_000.0  # SQLite counts milliseconds in 32 bits


class SQLiteWorkflow(Keyed, WorkflowMixin):
    """Keeps the state in an SQLite file: ``class Ticket(SQLiteWorkflow, database="tickets.db")``.

    ``database`` is a path, or a function without arguments that returns one; ``busy_timeout`` says
    for how many seconds to wait while others lock the file. An object needs an ``id``, or a
    ``workflow_key`` of its own. What goes wrong with the file raises ``WorkflowError``.
    """

    __slots__ = ()
    persistence_keeps_log = True
    _sqlite_database: ClassVar[Any] = None
    _sqlite_busy_timeout: ClassVar[Any] = SECONDS
    _sqlite_values: ClassVar[Mapping[Any, Any]] = {}

    def __init_subclass__(
        cls,
        *,
        database: Database | Callable[[], Database] | None = None,
        busy_timeout: float | None = None,
        **options: Any,
    ) -> None:
        if database is not None:
            cls._sqlite_database = database if callable(database) else absolute(database)
        if busy_timeout is not None:
            cls._sqlite_busy_timeout = busy_timeout
        super().__init_subclass__(**options)
        spec: WorkflowSpec | None = getattr(cls, "workflow_spec", None)
        if spec is not None:
            cls._sqlite_values = values_by_plain(spec)

    @classmethod
    def attached_options(cls) -> dict[str, Any]:
        """Return the options with which an attached workflow is stored as this class is."""
        return {"database": cls._sqlite_database, "busy_timeout": cls._sqlite_busy_timeout}

    def transition_log(self) -> TransitionLog:
        """Return the records of this object, in order: those of a class with ``log=True``."""
        return TransitionLog(_log_of(self).records(), spec=self.workflow_spec)

    # -- the interface of a persistence ----------------------------------------------------------

    def load_state(self) -> Any:
        """Read the row; return ``None`` if there is none."""
        key = self.workflow_key()
        found = stored_value(opened_by(type(self)), key)
        return self._sqlite_values.get(found, found)

    def load_remembered(self) -> Mapping[str, str]:
        """Return where each compound with history was left, both by name."""
        key = self.workflow_key()
        return remembered(opened_by(type(self)), key)

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store in one statement, or raise ``StaleState``."""
        key = self.workflow_key()
        if not store(opened_by(type(self)), key, value, expected):
            raise StaleState(self, expected=expected, found=self.load_state())

    def persist_change(self, change: Change) -> None:
        """Do the same, and write the log in the same transaction if the class has one."""
        key = self.workflow_key()
        opened = opened_by(type(self))
        logs = _logs(self)
        with Unit(opened, at_once=True) if logs else nullcontext():
            if change.internal:
                moved = self.load_state() not in change.expected
            else:
                moved = not store(opened, key, change.value, change.expected, change.remembered)
            if moved:
                raise StaleState(self, expected=change.expected, found=self.load_state())
            if logs:
                _log_of(self).append(entry_of_change(change, self.workflow_spec))

    def persistence_unit(self, plan: Plan) -> AbstractContextManager[Connection]:
        """Return a transaction, or a savepoint in one; it locks the file before code runs."""
        self.workflow_key()  # an object without one must not make the file
        return Unit(opened_by(type(self)), at_once=plan.before and plan.lock is not False)

    def when_committed(self, call: Callable[[], Any]) -> None:
        """Call it after the commit of the outermost transaction on the file, if there is one."""
        opened_by(type(self)).when_committed(call)

    def persist_refusal(self, attempt: Attempt) -> None:
        """Write a record of a refused attempt."""
        with Unit(opened_by(type(self)), at_once=True):
            _log_of(self).append(entry_of_refusal(attempt, self.workflow_spec))

    def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Fire ``event`` unless ``once`` was its key before: then return the first answer."""
        if not _logs(self):
            return super().fire_once(event, once, args, kwargs)
        self.workflow_key()
        fire = partial(getattr(self, event), *args, **kwargs)
        unit = Unit(opened_by(type(self)), at_once=True)
        return fired_once(self, event, once, fire, unit=unit, answer=_log_of(self).answer)

    @classmethod
    def persistence_problems(cls, spec: WorkflowSpec) -> Iterator[Problem]:
        """Return which options are missing or wrong, and which values no row can hold."""
        database = cls._sqlite_database
        if database is None:
            what = f'it is missing: class {spec.name}(SQLiteWorkflow, database="path/of/a/file")'
            yield Problem(spec.name, "database", what)
        elif isinstance(database, str) and is_no_file(database):
            yield Problem(spec.name, "database", NO_FILE.format(database))
        seconds = cls._sqlite_busy_timeout
        if not isinstance(seconds, (int, float)) or not 0 <= seconds <= _MOST_SECONDS:
            what = f"it is a number of seconds, and not {seconds!r}"
            yield Problem(spec.name, "busy_timeout", what)
        yield from problems_of_values(spec)


def _logs(workflow: SQLiteWorkflow) -> bool:
    context = workflow._context  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return context is not None and context.logs


def _log_of(workflow: SQLiteWorkflow) -> Log:
    key = workflow.workflow_key()
    cls = type(workflow)
    return Log(opened_by(cls), key, name_of(cls))
