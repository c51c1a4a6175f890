"""Several writers at once: as tasks of one event loop, as threads, and as processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import queue
import threading
import warnings
from traceback import format_exc
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import TypeAlias

    Meet: TypeAlias = Callable[[], Awaitable[object]]

Answer = TypeVar("Answer")
_PATIENCE = 60.0  # seconds after which a writer that never comes is given up


class Writers:
    """Runs one coroutine function ``count`` times at once, each with its number.

    ``work(number, meet)`` awaits ``meet()`` where all of them shall wait for one another; ``run``
    runs a coroutine to its end; ``enter_process`` is called first in every new process.
    """

    def __init__(
        self,
        work: Callable[[int, Meet], Coroutine[Any, Any, Answer]],
        *,
        count: int,
        run: Callable[[Coroutine[Any, Any, Any]], Any],
        enter_process: Callable[[], None],
    ) -> None:
        self.work = work
        self.count = count
        self.run = run
        self.enter_process = enter_process

    def answers(self, kind: str) -> list[Any]:
        """Return what each of the writers returns; ``kind`` is tasks, threads or processes."""
        if kind == "tasks":
            answers: list[Any] = self.run(self._in_tasks())
            return answers
        return self._in_threads() if kind == "threads" else self._in_processes()

    async def _in_tasks(self) -> list[Any]:
        barrier = asyncio.Barrier(self.count)
        writers = (self.work(number, barrier.wait) for number in range(self.count))
        answers: list[Any] = await asyncio.gather(*writers)
        return answers

    def _in_threads(self) -> list[Any]:
        barrier = threading.Barrier(self.count)
        told: queue.SimpleQueue[Any] = queue.SimpleQueue()
        writers = [
            threading.Thread(target=self._write, args=(number, barrier, told), daemon=True)
            for number in range(self.count)
        ]
        return self._joined(writers, told)

    def _in_processes(self) -> list[Any]:
        context: Any = multiprocessing.get_context("fork")
        barrier = context.Barrier(self.count)
        told = context.SimpleQueue()
        writers = [
            context.Process(
                target=self._write,
                args=(number, barrier, told, self.enter_process),
                daemon=True,
            )
            for number in range(self.count)
        ]
        with warnings.catch_warnings():  # threads of other tests have nothing to do with this fork
            warnings.simplefilter("ignore", DeprecationWarning)
            return self._joined(writers, told)

    def _write(
        self, number: int, barrier: Any, told: Any, enter: Callable[[], None] = lambda: None
    ) -> None:
        async def meet() -> None:
            barrier.wait(_PATIENCE)

        try:
            enter()
            told.put((number, self.run(self.work(number, meet)), None))
        except BaseException:  # noqa: BLE001 - of whatever kind, it belongs to the test
            told.put((number, None, format_exc()))
            barrier.abort()

    def _joined(self, writers: list[Any], told: Any) -> list[Any]:
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        answers: dict[int, Any] = {}
        while not told.empty():
            number, answers[number], trouble = told.get()
            if trouble is not None:
                message = f"writer {number} failed:\n{trouble}"
                raise AssertionError(message)
        if len(answers) != self.count:
            message = f"{self.count} writers began, and {len(answers)} came to an end"
            raise AssertionError(message)
        return [answers[number] for number in range(self.count)]
