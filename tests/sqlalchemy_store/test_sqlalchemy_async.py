"""Objects in an AsyncSession: what waits is awaited, and what cannot wait says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from statecraft import NoTransitionAllowed, StaleState
from statecraft.errors import WorkflowError
from statecraft.testing import place
from tests.sqlalchemy_store.databases import connected_async
from tests.sqlalchemy_store.shop import Job, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy import Engine


@pytest.fixture
def run(engine: Engine) -> Callable[..., None]:
    """Return what runs a test with an AsyncSession."""

    def run(test: Callable[[AsyncSession], Coroutine[Any, Any, None]], **options: Any) -> None:
        async def run_with_session() -> None:
            other = connected_async("sqlite", engine.url.database)
            async with AsyncSession(other, **options) as session:
                await test(session)
            await other.dispose()

        asyncio.run(run_with_session())

    return run


async def job_in(session: AsyncSession) -> Job:
    """Return a job that is stored; it is expired, if the session expires."""
    job = Job()
    session.add(job)
    await session.commit()
    return job


def test_events_before_and_after_a_commit(run: Callable[..., None]) -> None:
    """What is expired is loaded when an event fires."""

    async def test(session: AsyncSession) -> None:
        job = await job_in(session)
        assert await job.start() is True
        assert job.current_state == "running"
        await session.commit()
        assert await job.finish("well") == "well"
        assert job.note == "well"
        await session.commit()
        assert await job.refresh_state() == "done"
        records = await job.transition_log()
        assert [one.target for one in records] == ["waiting", "running", "done"]

    run(test)
    run(test, expire_on_commit=False)


def test_what_cannot_wait_says_what_to_await(run: Callable[..., None]) -> None:
    """An expired row is not loaded by a look at the state."""

    async def test(session: AsyncSession) -> None:
        job = await job_in(session)
        for look in (lambda: job.current_state, getattr(job, "is_waiting")):  # noqa: B009
            with pytest.raises(WorkflowError, match=r"Job 1 is expired.*await its refresh_state"):
                look()
        assert await job.refresh_state() == "waiting"
        assert job.current_state == "waiting"
        assert await job.allowed_events() == ("start",)

    run(test)


def test_without_expiry_nothing_waits(run: Callable[..., None]) -> None:
    """The state stays known across the commit."""

    async def test(session: AsyncSession) -> None:
        job = await job_in(session)
        assert job.current_state == "waiting"
        await job.start()
        await session.commit()
        assert job.current_state == "running"

    run(test, expire_on_commit=False)


def test_a_sync_workflow_says_what_to_inherit_from(run: Callable[..., None]) -> None:
    """Or to run it inside of the session, which works."""

    async def test(session: AsyncSession) -> None:
        order = Order()
        session.add(order)
        await session.commit()
        with pytest.raises(WorkflowError, match="AsyncSQLAlchemyWorkflow"):
            order.accept()
        await session.refresh(order)
        for fire in (order.accept, lambda: order.reject("late")):
            with pytest.raises(WorkflowError, match=r"await session.run_sync"):
                fire()
        assert order.current_state == "submitted"
        assert await session.run_sync(lambda _: order.accept()) is True
        assert order.current_state == "accepted"

    run(test)


def test_the_truth_after_an_exception(run: Callable[..., None]) -> None:
    """The unit is undone; and so is the transaction, when it is rolled back."""

    async def test(session: AsyncSession) -> None:
        job = await job_in(session)
        await job.start()
        with pytest.raises(ValueError, match="raise"):
            await job.finish("raise")
        assert await job.refresh_state() == "running"
        await session.rollback()
        assert await job.refresh_state() == "waiting"
        with pytest.raises(NoTransitionAllowed):
            await job.finish("early")
        assert await job.refresh_state() == "waiting"

    run(test)


def test_a_cancelled_event_is_undone(run: Callable[..., None]) -> None:
    """And the session can be used."""

    async def test(session: AsyncSession) -> None:
        inside = asyncio.Event()

        class Long(Job):
            async def on_transition(self, transition: Any) -> None:
                if transition.event == "finish" and transition.args == ("never",):
                    inside.set()
                    await asyncio.sleep(60)

        job = Long()
        session.add(job)
        await job.start()
        await session.commit()
        task = asyncio.ensure_future(job.finish("never"))
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await job.refresh_state() == "running"
        assert await job.finish("well") == "well"

    run(test)


def test_after_commit_is_awaited(run: Callable[..., None]) -> None:
    """It can use the session, and what it does there is committed."""

    class Told(Job):
        async def after_commit(self, transition: Any) -> None:
            await self.refresh_state()
            told.append((transition.event, self.current_state.name))
            if transition.event == "start":
                await self.finish("well")

    told: list[Any] = []

    async def test(session: AsyncSession) -> None:
        job = Told()
        session.add(job)
        await session.commit()
        await job.start()
        assert told == []
        await session.commit()
        assert told == [("start", "running"), ("finish", "done")]
        assert not session.in_transaction()
        found = await session.execute(text("SELECT workflow_state, note FROM jobs"))
        assert found.all() == [("done", "well")]

    run(test)


def test_two_writers_do_not_both_win(run: Callable[..., None], engine: Engine) -> None:
    """As in a Session."""

    async def test(session: AsyncSession) -> None:
        job = await job_in(session)
        with Session(engine) as other:
            other.execute(text("UPDATE jobs SET workflow_state = 'done'"))
            other.commit()
        with pytest.raises(StaleState) as caught:
            await job.start()
        assert caught.value.found == "done"
        assert job.current_state == "done"
        await session.execute(text("DELETE FROM jobs"))
        with pytest.raises(WorkflowError, match="has no row any more"):
            await job.refresh_state()

    run(test, expire_on_commit=False)


def test_place_and_once(run: Callable[..., None]) -> None:
    """As in a Session; a new object is placed without one."""

    async def test(session: AsyncSession) -> None:
        job = Job()
        await place(job, "running")
        assert job.current_state == "running"
        session.add(job)
        await session.commit()
        for _ in range(2):
            assert await job.fire("finish", "well", once="k") == "well"
        await place(job, "waiting")
        await session.commit()
        with pytest.raises(NoTransitionAllowed):
            await job.fire("finish", "again", once="other")
        assert len(await job.transition_log()) == 2

    run(test)
