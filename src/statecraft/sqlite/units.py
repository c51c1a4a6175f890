"""Units: what is stored inside of one is stored as a whole, or not at all."""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from statecraft.errors import WorkflowError
from statecraft.sqlite.explaining import OTHER_TASK

if TYPE_CHECKING:
    from sqlite3 import Connection
    from types import TracebackType

    from statecraft.sqlite.connections import Opened

# the outermost units that the present task is inside of
_entered: ContextVar[tuple[Any, ...]] = ContextVar("statecraft_sqlite_units", default=())


class Unit:
    """A transaction, or a savepoint in the unit that is open: to be used with ``with``, once.

    It takes the lock on the file when it begins: at its entry, or with the first thing that is
    written, if it is not ``at_once``.
    """

    __slots__ = ("_at_once", "_depth", "_mark", "_opened", "begun")

    def __init__(self, opened: Opened, *, at_once: bool) -> None:
        self._opened = opened
        self._at_once = at_once
        self._depth = 0
        self._mark = 0
        self.begun = False

    def __enter__(self) -> Connection:
        opened = self._opened
        self._depth = len(opened.units)
        self._mark = len(opened.calls)
        if self._depth:
            opened.units[0].require_entered()
        else:
            _entered.set((*_entered.get(), self))
        opened.units.append(self)
        if self._at_once:
            try:
                self.begin()
            except BaseException:
                self._leave()
                raise
        return opened.connection

    def require_entered(self) -> None:
        """Raise ``WorkflowError`` if it is another task that has entered it."""
        if self not in _entered.get():
            raise WorkflowError(OTHER_TASK.format(path=self._opened.path))

    def begin(self) -> None:
        """Begin it, and the units around it, unless that was done before."""
        if self.begun:
            return
        opened = self._opened
        if self._depth:
            opened.units[self._depth - 1].begin()
        opened.execute(f"SAVEPOINT {self._name}" if self._depth else "BEGIN IMMEDIATE")
        self.begun = True

    @property
    def _name(self) -> str:
        return f"statecraft_{self._depth}"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        opened = self._opened
        if opened.process != os.getpid():
            return  # after a fork, it is the parent's to end
        try:
            if kind is None:
                self._keep()
            else:
                self._undo()
        finally:
            self._leave()
        if not opened.units:
            opened.call_committed()

    def _keep(self) -> None:
        if not self.begun:
            return
        opened = self._opened
        try:
            if self._depth:
                opened.execute(f"RELEASE {self._name}")
            else:
                opened.require_file()
                opened.execute("COMMIT")
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        opened = self._opened
        del opened.calls[self._mark :]
        if self.begun and opened.connection.in_transaction:
            if self._depth:
                opened.execute(f"ROLLBACK TO {self._name}")
            opened.execute(f"RELEASE {self._name}" if self._depth else "ROLLBACK")

    def _leave(self) -> None:
        self._opened.units.pop()
        if not self._depth:
            _entered.set(tuple(one for one in _entered.get() if one is not self))
