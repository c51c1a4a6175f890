"""What an action may answer, and how a scaffold decides where its children lead."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias


class _Outcome(Enum):
    COMPLETE = "complete"

    def __repr__(self) -> str:
        return self.name


COMPLETE: Final = _Outcome.COMPLETE
"""The answer of an action that leaves to its scaffold where the user goes next."""

Complete: TypeAlias = Literal[_Outcome.COMPLETE]


class Transition:
    """Where the children of a scaffold lead that complete; subclass it for a rule of your own.

    ``targets`` are the children (classes or names, ``COMPLETE`` too) that ``choose_next`` may name.
    """

    targets: ClassVar[Sequence[Any]] = ()

    def choose_next(self, scaffold: Any) -> Any:
        """Return one of ``targets``: ``scaffold.child`` has completed in ``scaffold.task``."""
        message = f"{type(self).__qualname__} has no choose_next"
        raise NotImplementedError(message)


class Linear(Transition):
    """A child that completes leads to the next one; the last one completes the scaffold."""


class Choice(Transition):
    """Any child that completes, completes the scaffold."""
