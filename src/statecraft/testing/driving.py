"""How the conformance suite runs: one text of each test for sync and async stores alike."""

from __future__ import annotations

from functools import wraps
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from statecraft.async_workflow import AsyncWorkflowMixin
from statecraft.compiler.questions import settled
from statecraft.errors import StaleState
from statecraft.testing import place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from statecraft.persistence import Change
    from statecraft.states import State
    from statecraft.testing.races import Meet
    from statecraft.transition_log import TransitionLog

Error = TypeVar("Error", bound=Exception)
_keys = count(1_000_001)  # far from those that an author's own tests may use


def require(holds: object, otherwise: str) -> None:
    """Fail with an explanation unless ``holds``."""
    if not holds:
        raise AssertionError(otherwise)


async def raised(error: type[Error], doing: Awaitable[Any], otherwise: str) -> Error:
    """Return the error that something raises, and fail with an explanation if it raises none."""
    try:
        await doing
    except error as found:
        return found
    raise AssertionError(otherwise)


async def called(method: Callable[..., Any], *arguments: Any) -> Any:
    """Call a method, sync or async, and return what it gives in the end."""
    return await settled(method(*arguments))


def driven(test: Callable[[Any], Coroutine[Any, Any, None]]) -> Callable[[Any], None]:
    """Make an ordinary test of a coroutine function; the suite knows how to run it."""

    @wraps(test)
    def run(suite: Any) -> None:
        suite.run(test(suite))

    return run


def run_plainly(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never has to wait, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    message = "the store has to wait for something, so its base must be an AsyncWorkflow"
    raise AssertionError(message)


class Stored:
    """What is stored under one key, seen through a new object each time."""

    def __init__(self, suite: Any, workflow: type[Any]) -> None:
        self.suite = suite
        self.workflow = workflow
        self.key = next(_keys)

    async def open(self) -> Any:
        """Return a new object for it."""
        return await settled(self.suite.open(self.workflow, self.key))

    async def value(self) -> Any:
        """Return the stored value itself."""
        return await settled((await self.open()).load_state())

    async def state(self) -> State:
        """Return the state, as everybody finds it."""
        subject = await self.open()
        if isinstance(subject, AsyncWorkflowMixin):
            return await subject.refresh_state()
        state: State = subject.current_state
        return state

    async def act(self, subject: Any, event: str, *args: Any, **kwargs: Any) -> Any:
        """Fire an event of an object, and commit; return what it returns."""
        return await self.committed(subject, subject.fire, event, *args, **kwargs)

    async def committed(self, subject: Any, do: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Do something with an object, and commit, whatever comes of it."""
        try:
            return await settled(do(*args, **kwargs))
        finally:
            await settled(self.suite.commit(subject))

    async def fire(self, event: str, *args: Any, **kwargs: Any) -> Any:
        """Fire an event of a new object, and return what it returns."""
        return await self.act(await self.open(), event, *args, **kwargs)

    async def submit(self) -> Any:
        """Fire the first event."""
        return await self.fire("submit")

    async def place(self, state: object) -> None:
        """Put a new object into a state."""
        subject = await self.open()
        await self.committed(subject, place, subject, state)

    async def persist(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store without an event."""
        subject = await self.open()
        await self.committed(subject, subject.persist_state, value, expected=expected)

    async def change(self, change: Change) -> None:
        """Compare and store a whole change without an event."""
        subject = await self.open()
        await self.committed(subject, subject.persist_change, change)

    async def records(self) -> TransitionLog:
        """Return the log, as everybody finds it."""
        log: TransitionLog = await settled((await self.open()).transition_log())
        return log

    async def walked(self) -> list[tuple[Any, ...]]:
        """Return the sequence, the event, the source and the target of each record."""
        return [record[:4] for record in await self.records()]

    async def wins(self, value: Any, meet: Meet) -> bool:
        """Store ``value`` for the initial one when all have come; tell whether it was stored."""
        subject = await self.open()
        await settled(subject.load_state())
        await meet()
        expected = (self.workflow.workflow_spec.initial.value, None)
        try:
            await self.committed(subject, subject.persist_state, value, expected=expected)
        except StaleState:
            return False
        return True

    async def steps(self) -> bool:
        """Fire ``step``; tell whether it succeeded."""
        try:
            await self.fire("step")
        except StaleState:
            return False
        return True

    async def expect_rows(self, text: str, count: int) -> None:
        """Require that a text is stored so many times."""
        found = await settled(self.suite.count_rows(text))
        require(found == count, f"{found} rows were stored, and {count} ought to be: {text}")

    async def expect(self, name: str) -> None:
        """Require that everybody finds the state of this name."""
        found = await self.state()
        require(found == name, f"{name!r} ought to be stored, and {found.name!r} is")

    async def expect_nothing_new(self) -> None:
        """Require that what is stored is what is stored for an object that did nothing."""
        found = await self.value()
        untouched = await Stored(self.suite, self.workflow).value()
        require(found == untouched, f"{found!r} was stored, though nothing has moved")

    async def expect_stale(self, value: Any, *, expected: tuple[Any, ...], found: Any) -> None:
        """Require that storing ``value`` is refused, with an error that says why."""
        otherwise = f"{value!r} was stored where {found!r} was, and {expected!r} expected"
        error = await raised(StaleState, self.persist(value, expected=expected), otherwise)
        require(error.expected == expected, f"error.expected is {error.expected!r}")
        require(error.found == found, f"error.found is {error.found!r}, and {found!r} is stored")

    async def expect_overtaken(self, subject: Any) -> None:
        """Require that ``hesitate`` fails because the object is ``waiting`` meanwhile."""
        otherwise = "the state was stored over that of another event"
        error = await raised(StaleState, self.act(subject, "hesitate"), otherwise)
        require(error.found == "waiting", f"error.found is {error.found!r}, and not 'waiting'")
        if self.suite.has_units:  # then the inner event is undone with the outer one
            await self.expect_nothing_new()
            await self.submit()
        await self.expect("waiting")
        await self.fire("publish")
        await self.expect("published")
