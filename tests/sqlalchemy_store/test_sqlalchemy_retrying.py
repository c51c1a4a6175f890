"""Transactions that are tried again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from statecraft import NoTransitionAllowed, StaleState
from statecraft.errors import WorkflowError
from statecraft.sqlalchemy import retry_stale
from tests.sqlalchemy_store.databases import connected_async
from tests.sqlalchemy_store.shop import Job, Order

if TYPE_CHECKING:
    from sqlalchemy import Engine


def overtaken(engine: Engine, key: int) -> None:
    """Let another one move the order, and back."""
    with Session(engine) as other, other.begin():
        order = other.get_one(Order, key)
        order.accept()


class Cause(Exception):
    """What a driver raises."""

    def __init__(self, *args: object, **attributes: Any) -> None:
        super().__init__(*args)
        self.__dict__.update(attributes)


def test_a_stale_transaction_is_tried_again(engine: Engine, session: Session) -> None:
    """With fresh objects: what another one has done is refused, or done no more."""
    session.add(Order(id=1))
    session.commit()
    attempts: list[int] = []

    @retry_stale(3)
    def accept(session: Session, key: int) -> bool:
        attempts.append(key)
        order = session.get_one(Order, key)
        assert order.amount == 0
        if len(attempts) == 1:
            overtaken(engine, key)
        return order.accept()

    with pytest.raises(NoTransitionAllowed):
        accept(session, 1)
    assert attempts == [1, 1]
    assert not session.in_transaction()


def test_the_last_attempt_raises(session: Session) -> None:
    """What the first ones raised, in the end; and its result is that of the function."""
    session.add(Order(id=1))
    session.commit()
    attempts: list[int] = []

    @retry_stale(2)
    def never(session: Session) -> None:
        attempts.append(1)
        raise StaleState(None, expected=("a",), found="b")

    with pytest.raises(StaleState):
        never(session)
    assert len(attempts) == 2

    @retry_stale(1)
    def once(session: Session) -> str | bool:
        return session.get_one(Order, 1).reject("late")

    assert once(session) == "late"
    assert not session.in_transaction()
    assert session.get_one(Order, 1).current_state == "rejected"


@pytest.mark.parametrize(
    ("cause", "passes"),
    [
        (Cause(sqlstate="40001"), True),
        (Cause(sqlstate="40P01"), True),
        (Cause(1213, "Deadlock found"), True),
        (Cause(sqlite_errorcode=261), True),
        (Cause("disk full"), False),
    ],
)
def test_what_the_database_raises(session: Session, cause: Exception, *, passes: bool) -> None:
    """Deadlocks and serialization failures are tried again, and nothing else."""
    attempts: list[int] = []

    @retry_stale(2)
    def fail(session: Session) -> None:
        attempts.append(1)
        raise OperationalError("UPDATE", {}, cause)

    with pytest.raises(DBAPIError):
        fail(session)
    assert len(attempts) == (2 if passes else 1)


def test_inside_of_a_transaction_it_is_refused(session: Session) -> None:
    """Nothing is called."""

    @retry_stale(2)
    def accept(session: Session) -> None:
        raise AssertionError

    session.begin()
    with pytest.raises(WorkflowError, match="accept is a transaction of its own"):
        accept(session)
    with pytest.raises(ValueError, match="once at least"):
        retry_stale(0)


def test_awaited_transactions(engine: Engine) -> None:
    """The same for functions that are async, with an AsyncSession."""
    attempts: list[int] = []

    @retry_stale(2)
    async def start(session: AsyncSession, key: int) -> bool:
        attempts.append(key)
        job = await session.get_one(Job, key)
        if len(attempts) == 1:
            raise StaleState(job, expected=("a",), found="b")
        return await job.start()

    @retry_stale(2)
    async def never(session: AsyncSession) -> None:
        attempts.append(0)
        raise StaleState(None, expected=("a",), found="b")

    async def test() -> None:
        other = connected_async("sqlite", engine.url.database)
        async with AsyncSession(other) as session:
            session.add(Job(id=1))
            await session.commit()
            assert await start(session, 1) is True
            assert attempts == [1, 1]
            assert not session.in_transaction()
            with pytest.raises(StaleState):
                await never(session)
            await session.begin()
            with pytest.raises(WorkflowError, match="start is a transaction of its own"):
                await start(session, 1)
        await other.dispose()

    asyncio.run(test())
    assert attempts == [1, 1, 0, 0]
