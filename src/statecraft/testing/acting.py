"""What the handlers and hooks of a seat do in a test: store a row, raise, or something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.compiler.questions import settled
from statecraft.testing.suite import Suite

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from statecraft.testing.driving import Stored


def raising(error: Exception) -> Any:
    """Return a hook that raises."""

    def fail(*_: Any) -> None:
        raise error

    return staticmethod(fail)


def passing(*_: Any) -> None:
    """Be a handler that does nothing."""


def row_of(stored: Stored, kind: str = "row") -> str:
    """Return the text of a row that belongs to an object."""
    return f"{kind} of {stored.key}"


class ActingSuite(Suite):
    """Makes hooks of coroutine functions, for sync and async stores alike."""

    def hook(self, work: Callable[..., Coroutine[Any, Any, Any]]) -> Any:
        """Return a hook that does what a coroutine function does."""

        def call(*given: Any) -> Any:
            return self.in_hook(work(*given))

        return staticmethod(call)

    def writing(
        self, stored: Stored, end: Callable[..., Any] = passing, *, kind: str = "row"
    ) -> Any:
        """Return a hook that stores a row, and then ends as ``end`` does."""

        async def write(subject: Any, *_: Any) -> Any:
            await settled(self.add_row(subject, row_of(stored, kind)))
            return end(subject)

        return self.hook(write)
