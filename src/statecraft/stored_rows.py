"""The row of one object, whatever reads and writes it: compared and stored in one statement."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from statecraft.bundles import NamedTuple
from statecraft.errors import StaleState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class NamedFields(Protocol):
        """Which attributes of an object have its state, its version, and what it remembers."""

        field: str
        version_field: str | None
        remembered_field: str


Fields = TypeVar("Fields", bound="NamedFields")


class Found(Enum):
    """What is found where no state is: ``StaleState.found`` of an object whose row is gone."""

    NO_ROW = "no row"

    def __repr__(self) -> str:
        return "gone: its row was deleted"


class Shape(NamedTuple):
    """What an UPDATE has to do.

    ``values`` says with how many values it compares, ``nothing`` whether NULL is expected too;
    ``moves`` whether the state is stored, ``counts`` whether the version is compared and counted
    on, ``remembers`` whether a memory is stored.
    """

    values: int
    nothing: bool
    moves: bool
    counts: bool
    remembers: bool


class Move(NamedTuple):
    """What is to be stored, where it ``moves``, if what is stored is one of ``expected``.

    ``version`` is compared and counted on, ``remembered`` is stored, where they are not ``None``.
    """

    value: Any
    expected: tuple[Any, ...]
    moves: bool
    version: int | None
    remembered: Any

    @property
    def values(self) -> list[Any]:
        """The expected values, without the ``None`` for nothing."""
        return [one for one in self.expected if one is not None]

    @property
    def shape(self) -> Shape:
        """What the statement for it has to do."""
        values, remembers = len(self.values), self.remembered is not None
        nothing, counts = values < len(self.expected), self.version is not None
        return Shape(values, nothing, self.moves, counts, remembers)


class StoredRow(ABC, Generic[Fields]):
    """The row of the object that ``workflow`` moves; subclasses know how to reach it."""

    __slots__ = ()
    workflow: Any
    columns: Fields

    @property
    @abstractmethod
    def is_new(self) -> bool:
        """Whether the object has no row yet."""

    @abstractmethod
    def known(self, field: str) -> Any:
        """Return an attribute; what the object does not know is read."""

    @abstractmethod
    def held(self) -> Any:
        """Return the value that an object without a row has for its INSERT."""

    @abstractmethod
    def hold(self, told: dict[str, Any]) -> None:
        """Let the object know what is stored now; if that is undone, it has to forget it."""

    @abstractmethod
    def memory(self, remembered: Mapping[str, str]) -> Any:
        """Return what is stored for what compounds remember."""

    @abstractmethod
    def compare(self, move: Move) -> bool:
        """Compare and store in one statement; return whether the row was what is expected."""

    @abstractmethod
    def found(self) -> tuple[Any, Any]:
        """Return the value and the version that the row has now; the object knows them, too."""

    def move(
        self,
        value: Any,
        expected: tuple[Any, ...],
        *,
        moves: bool = True,
        memory: Mapping[str, str] | None = None,
    ) -> None:
        """Store ``value`` if what is stored is expected, in one statement; else ``StaleState``.

        If it does not move, the row is compared and locked. An object without a row keeps the
        value for its INSERT.
        """
        columns = self.columns
        remembered = None if memory is None else self.memory(memory)
        told = {columns.field: value} if moves else {}
        if remembered is not None:
            told[columns.remembered_field] = remembered
        if self.is_new:
            found = self.held()
            if found not in expected:
                raise StaleState(self.workflow, expected=expected, found=found)
        else:
            version = self._version if moves else None
            if not self.compare(Move(value, expected, moves, version, remembered)):
                raise self._stale(expected, version)
            if version is not None and columns.version_field is not None:
                told[columns.version_field] = version + 1
        if told:
            self.hold(told)

    @property
    def _version(self) -> int | None:
        field = self.columns.version_field
        return None if field is None else self.known(field) or 0

    def _stale(self, expected: tuple[Any, ...], version: int | None) -> StaleState:
        """Return the error of a writer who came too late; the object knows what is there now."""
        found, now = self.found()
        error = StaleState(self.workflow, expected=expected, found=found)
        if version is not None and found in expected:
            error.add_note(f"Its version was {version}, and is {now} now.")
        return error

    def remembered(self) -> dict[str, str]:
        """Return what compounds with history remember."""
        kept: Any = self.known(self.columns.remembered_field) or {}
        found: dict[str, str] = json.loads(kept) if isinstance(kept, str) else kept
        return found
