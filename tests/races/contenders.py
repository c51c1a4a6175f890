"""What a run needs to know of a store: the few methods that each of them is an adapter for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from typing import Any

    from statecraft.transition_log import TransitionRecord
    from tests.races.plans import Attempt


class Verdict(StrEnum):
    """What an attempt has come to, as far as its worker knows."""

    MOVED = "moved"
    HALTED = "halted"
    REFUSED = "refused"
    UNDONE = "undone"
    """The store has failed, and says that nothing of it is stored."""
    UNKNOWN = "unknown"
    """The store has failed, and nobody knows; or the worker was killed before it could tell."""


class Effect(NamedTuple):
    """A row that a handler has written."""

    number: int
    event: str
    actor: str


class Seen(NamedTuple):
    """What is stored after a run; ``effects`` is ``None`` for a store that cannot keep any."""

    states: dict[int, str]
    logs: dict[int, Sequence[TransitionRecord]]
    effects: Counter[Effect] | None


class Contender(ABC):
    """A store under fire: parcels that are stored in it, and moved by several processes."""

    has_transactions: ClassVar[bool] = True
    """Whether an attempt may fire several events, and whether an exception undoes them."""

    def __str__(self) -> str:
        return type(self).__name__

    @abstractmethod
    def prepare(self, objects: int) -> None:
        """Make room for so many parcels, numbered from 0."""

    @abstractmethod
    def enter_process(self) -> None:
        """Begin anew in a new process, with connections of its own."""

    @abstractmethod
    def carry_out(self, attempt: Attempt) -> list[Any]:
        """Fire the events of an attempt in one transaction; return what each of them returned."""

    @abstractmethod
    def failed(self, error: Exception) -> Verdict | None:
        """Return what an error of the store means; ``None`` for one that must not happen."""

    @abstractmethod
    def seen(self, objects: int) -> Seen:
        """Return what is stored."""
