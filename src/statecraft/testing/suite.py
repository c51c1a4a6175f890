"""What the tests of the conformance suite are made of: what an author says, and what they use."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import wraps
from multiprocessing import get_all_start_methods
from types import MappingProxyType, new_class
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pytest

from statecraft.async_workflow import AsyncWorkflowMixin
from statecraft.testing.driving import Stored, run_plainly
from statecraft.testing.races import Writers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Hashable, Mapping

    from statecraft.testing.races import Meet
    from statecraft.workflow import AnyWorkflow

Kind = Literal["tasks", "threads", "processes"]
KINDS: tuple[Kind, ...] = ("tasks", "threads", "processes")


class Suite:
    """What the author of a store says of it; see ``PersistenceSuite``."""

    base: ClassVar[type[AnyWorkflow]]
    options: Mapping[str, Any] = MappingProxyType({})
    values: ClassVar[tuple[Hashable, ...]] = ("text", "", "Text", "text ", "☃ \\ \" '", "l" * 200)
    unknown_value: ClassVar[Hashable] = "no such state"
    writers: ClassVar[tuple[Kind, ...]] = ()
    writer_count: ClassVar[int] = 4
    rounds: ClassVar[int] = 20
    has_units: ClassVar[bool] = False
    has_locks: ClassVar[bool] = False
    has_optimistic_units: ClassVar[bool] = True
    has_log: ClassVar[bool] = False
    has_remembered: ClassVar[bool] = False

    def define(self, declared: type, **options: Any) -> type[Any]:
        """Return a workflow class with the states, events and hooks of ``declared``.

        ``options`` are keywords of the class that the test needs: ``log=True``, for example. Two
        classes of one name are to have their objects in the same place.
        """
        body = {"__module__": type(self).__module__}
        bases = (declared, self.base)
        keywords = {**self.options, **options}
        return new_class(declared.__name__, bases, keywords, lambda ns: ns.update(body))

    def open(self, workflow: type[Any], key: int) -> Any:
        """Return a new object for what is stored under ``key``, as another program would get it.

        It may be ``async def``, if the store is. No key was used before; a store that has to
        insert a row does so when the key is new.
        """
        return workflow(key)

    def commit(self, subject: Any) -> Any:
        """End the transaction that an object is in, so that everybody sees what it did.

        Called after each event, also after one that failed; may be ``async def``. Where each event
        is a transaction of its own, there is nothing to do.
        """

    def transaction(self, subject: Any) -> Any:
        """Return a context manager: one transaction for all events of an object that fire inside.

        It is committed at its end, and undone by an exception; it may be one for ``async with``.
        A store with units has it.
        """
        message = f"{type(self).__name__} says has_units, so it needs a method transaction"
        raise NotImplementedError(message)

    def add_row(self, subject: Any, text: str) -> Any:
        """Store a text of one's own, in the transaction that the object is in now.

        A store with units has it; it may be ``async def``.
        """
        message = f"{type(self).__name__} says has_units, so it needs a method add_row"
        raise NotImplementedError(message)

    def count_rows(self, text: str) -> Any:
        """Return how many such texts are stored, as everybody sees it; may be ``async def``."""
        message = f"{type(self).__name__} says has_units, so it needs a method count_rows"
        raise NotImplementedError(message)

    def enter_process(self) -> None:
        """Prepare a process that has just been forked: let go of what it must not share."""

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run what is to be awaited to its end."""
        return asyncio.run(coroutine) if self.is_async else run_plainly(coroutine)

    # -- what the tests use ----------------------------------------------------------------------

    @property
    def is_async(self) -> bool:
        """Whether the events of the store are awaited."""
        return issubclass(self.base, AsyncWorkflowMixin)

    def in_hook(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Return what a handler or hook returns that has to do what a coroutine does."""
        return coroutine if self.is_async else run_plainly(coroutine)

    def stored(self, declared: type, **options: Any) -> Stored:
        """Return something that nobody has stored yet."""
        return Stored(self, self.define(declared, **options))

    def races(self, declared: type, **options: Any) -> list[Stored]:
        """Return as many of them as there are rounds, of one class."""
        workflow = self.define(declared, **options)
        return [Stored(self, workflow) for _ in range(self.rounds)]

    @asynccontextmanager
    async def inside(self, subject: Any) -> AsyncGenerator[None]:
        """Be inside of the transaction of an object, whichever way it is entered."""
        transaction = self.transaction(subject)
        if hasattr(transaction, "__aenter__"):
            async with transaction:
                yield
        else:
            with transaction:
                yield

    def written(self, work: Callable[[int, Meet], Coroutine[Any, Any, Any]], kind: Kind) -> Any:
        """Let several writers do their work at once, and return what each of them returned."""
        if kind not in self.writers:
            pytest.skip(f"the store does not say that its writers may be {kind}")
        if kind == "processes" and "fork" not in get_all_start_methods():
            pytest.skip("this operating system cannot fork")
        writers = Writers(
            work, count=self.writer_count, run=self.run, enter_process=self.enter_process
        )
        return writers.answers(kind)


def needs(*claims: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Skip a test of what the store does not claim, with a line that says so."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(suite: Any, *arguments: Any, **keywords: Any) -> None:
            for claim in claims:
                if not getattr(suite, claim):
                    pytest.skip(f"the store does not say {claim} = True")
            test(suite, *arguments, **keywords)

        return run

    return decorate
