"""The orders of a shop behind FastAPI, with SQLAlchemy's AsyncSession.

A refusal is an answer: status 409, and what the refusal knows as JSON. A payment provider that
calls its webhook twice is answered twice, and has paid once. What follows a commit stands in
``after_commit``. Run as a script, it plays a customer; a server is ``uvicorn shop_api:app``.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from statecraft import (
    Event,
    Guard,
    NoTransitionAllowed,
    StaleState,
    State,
    Transition,
    TransitionHalted,
)
from statecraft.sqlalchemy import AsyncSQLAlchemyWorkflow

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable


class Base(DeclarativeBase):
    """The base of the shop."""


class Order(AsyncSQLAlchemyWorkflow, Base, log=True):
    """An order on its way to the customer."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None] = mapped_column(index=True)
    amount: Mapped[int]
    address: Mapped[str | None]

    submitted = State()
    paid = State()
    sent = State(final=True)
    cancelled = State(final=True)

    send = Event(
        paid.to(sent),
        guard=Guard("address", because="nobody knows where to send it", code="no-address"),
    )
    cancel = Event((submitted | paid).to(cancelled))

    @Event(submitted.to(paid), note=("amount",))
    async def pay(self, amount: int) -> dict[str, int]:
        """Take the money, if it is enough."""
        if amount < self.amount:
            self.halt(f"{self.amount - amount} are missing")
        return {"change": amount - self.amount}

    async def after_commit(self, transition: Transition) -> None:
        """Tell others: here they are as many lines in a log."""
        print(f"    (mail about order {self.id}: {transition.target})")


Button = Literal["send", "cancel"]


class NewOrder(BaseModel):
    """What is needed for an order."""

    amount: int
    address: str | None = None


class Payment(BaseModel):
    """What the provider sends; the number of the delivery is the same when it is sent again."""

    delivery: str
    order: int
    amount: int


class Shop:
    """The engine of the shop, once it is open."""

    engine: AsyncEngine


@asynccontextmanager
async def opened(_: FastAPI) -> AsyncGenerator[None]:
    """Make the tables, and let go of the database at the end."""
    url = os.environ.get("SHOP_DATABASE", "sqlite+aiosqlite:///shop.db")
    Shop.engine = create_async_engine(url)
    async with Shop.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await Shop.engine.dispose()


@asynccontextmanager
async def transaction() -> AsyncGenerator[AsyncSession]:
    """Give each request a transaction, committed before it is answered."""
    session = AsyncSession(Shop.engine, expire_on_commit=False)
    async with session, session.begin():
        yield session


app = FastAPI(lifespan=opened)


@app.post("/orders", status_code=201)
async def submit(new: NewOrder) -> dict[str, Any]:
    """Make an order."""
    async with transaction() as session:
        order = Order(amount=new.amount, address=new.address)
        session.add(order)
        await session.flush()
        return await described(order)


@app.get("/orders/{number}")
async def show(number: int) -> dict[str, Any]:
    """Return an order, and what can be done with it."""
    async with transaction() as session:
        return await described(await session.get_one(Order, number))


@app.post("/orders/{number}/{event}")
async def fire(number: int, event: Button) -> dict[str, Any]:
    """Fire an event that takes no arguments: the names of events are the names of the buttons."""
    async with transaction() as session:
        order = await session.get_one(Order, number)
        await order.fire(event)
        return await described(order)


@app.post("/webhooks/payments")
async def pay(payment: Payment) -> Any:
    """Take a payment once, however often it is delivered."""
    async with transaction() as session:
        order = await session.get_one(Order, payment.order)
        answer = await order.fire("pay", payment.amount, once=payment.delivery)
        if order.halted:
            return JSONResponse({"refused": str(order.halted_because)}, status_code=409)
        return answer


async def described(order: Order) -> dict[str, Any]:
    """Return what a client is to know."""
    return {
        "id": order.id,
        "state": order.current_state.name,
        "events": await order.allowed_events(),
    }


# -- refusals are answers ------------------------------------------------------------------------


@app.exception_handler(NoTransitionAllowed)
async def not_allowed(_: Request, error: NoTransitionAllowed) -> JSONResponse:
    """Say what is not possible, why, and what is possible instead."""
    refusal = error.refusal
    content = {
        "refused": str(error),
        "event": refusal.event,
        "state": refusal.state.name,
        "unmet": [{"reason": str(one), "code": one.code} for one in refusal.unmet],
        "events": refusal.events_here,
    }
    return JSONResponse(content, status_code=409)


@app.exception_handler(TransitionHalted)
async def halted(_: Request, error: TransitionHalted) -> JSONResponse:
    """Say why a guard said no."""
    content = {"refused": str(error.halted_because), "code": error.code}
    return JSONResponse(content, status_code=409)


@app.exception_handler(StaleState)
async def stale(_: Request, error: StaleState) -> JSONResponse:
    """Say that somebody else was faster: the client may look again, and decide anew."""
    return JSONResponse({"refused": str(error), "code": "stale"}, status_code=409)


@app.exception_handler(NoResultFound)
async def missing(_: Request, __: NoResultFound) -> JSONResponse:
    """Say that there is no such order."""
    return JSONResponse({"refused": "there is no such order"}, status_code=404)


# -- a customer ----------------------------------------------------------------------------------


async def play(client: httpx.AsyncClient, say: Callable[[str], object] = print) -> None:
    """Send an order, and do with it what is not possible, too."""

    async def post(path: str, **data: Any) -> None:
        answer = await client.post(path, json=data)
        say(f"POST {path} {data or ''}\n  {answer.status_code} {answer.text}")

    await post("/orders", amount=10)
    await post("/orders/1/send")
    await post("/webhooks/payments", delivery="d-1", order=1, amount=5)
    await post("/webhooks/payments", delivery="d-2", order=1, amount=12)
    await post("/webhooks/payments", delivery="d-2", order=1, amount=12)
    await post("/orders/1/send")
    await post("/orders/1/cancel")
    await post("/orders/2/cancel")


async def main() -> None:
    """Open the shop on a database that is deleted at the end, and let the customer in."""
    with TemporaryDirectory() as directory:
        os.environ["SHOP_DATABASE"] = f"sqlite+aiosqlite:///{directory}/shop.db"
        transport = httpx.ASGITransport(app)
        async with opened(app), httpx.AsyncClient(transport=transport, base_url="http://x") as one:
            await play(one)


if __name__ == "__main__":
    asyncio.run(main())
