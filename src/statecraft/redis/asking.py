"""How the server is asked for one object, and what becomes of a call whose answer is lost.

Everything is written once, as coroutines. A client of ``redis`` never lets them wait, so that
``plainly`` runs them without an event loop.
"""

from __future__ import annotations

import json
from secrets import token_hex
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from statecraft.compiler.questions import settled
from statecraft.errors import WorkflowError
from statecraft.redis.records import text_of
from statecraft.redis.scripts import SECONDS_OF_TOKENS, SETTLE, STORE
from statecraft.redis.trouble import (
    TROUBLE,
    is_certain,
    not_known,
    not_read,
    not_stored,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from statecraft.redis.scripts import Script
    from statecraft.redis.settings import Settings

Answer = TypeVar("Answer")


def plainly(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a coroutine that never has to wait, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    coroutine.close()
    message = "the client has to be waited for, and a RedisWorkflow takes one that has not"
    raise WorkflowError(message)


class PlainManager:
    """``async with`` of a manager that never has to wait, as ``with``."""

    def __init__(self, manager: AbstractAsyncContextManager[None]) -> None:
        self.manager = manager

    def __enter__(self) -> None:
        plainly(self.manager.__aenter__())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return plainly(self.manager.__aexit__(kind, error, traceback))


class Asked:
    """The server, asked for the object of one key."""

    def __init__(self, settings: Settings, key: str, *, is_async: bool) -> None:
        self.settings = settings
        self.is_async = is_async
        self.client = settings.client_for(is_async=is_async)
        self.key = key
        self.keys = settings.keys_of(key)

    async def read(self, command: str, *arguments: Any) -> Any:
        """Return the answer to a command that changes nothing."""
        try:
            return await settled(getattr(self.client, command)(*arguments))
        except TROUBLE as error:
            raise not_read(self.client, self.key, error) from error

    async def run(self, script: Script, *arguments: str) -> Any:
        """Return what a script returns that may as well run twice."""
        try:
            return await script.run(self.client, self.keys, *arguments)
        except TROUBLE as error:
            raise not_read(self.client, self.key, error) from error

    async def store(self, what: str, call: dict[str, Any]) -> Any:
        """Let ``STORE`` do what ``call`` says, once, and return its answer.

        Raises ``WorkflowError`` if nothing was stored, and ``OutcomeUnknown`` if nobody knows.
        """
        token = token_hex(8)
        begun = monotonic()
        try:
            given = json.dumps(call | {"token": token})
            answer = await STORE.run(self.client, self.keys, given)
        except TROUBLE as error:
            return await self._settled(what, token, error)
        if text_of(answer[0]) == "stale" and monotonic() - begun > SECONDS_OF_TOKENS:
            late = TimeoutError("the answer took so long that the call is no longer recognised")
            raise not_known(self.client, self.key, what, late)
        return answer

    async def _settled(self, what: str, token: str, error: Exception) -> Any:
        """Find out whether a call was executed; if it was not, see to it that it never is."""
        if is_certain(error):
            raise not_stored(self.client, self.key, what, error) from error
        try:
            outcome = await SETTLE.run(self.client, self.keys, token)
        except TROUBLE:
            raise not_known(self.client, self.key, what, error) from error
        if text_of(outcome) == "void":
            raise not_stored(self.client, self.key, what, error) from error
        return ["stored"]
