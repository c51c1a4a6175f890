"""An async store that has everything: units, locks, a log and a memory, all in one process."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from contextvars import ContextVar
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from statecraft import AsyncWorkflow, StaleState, current_actor
from statecraft.once import fired_once_awaited, require_same
from statecraft.transition_log import (
    TransitionLog,
    TransitionRecord,
    actor_text,
    noted_json,
    result_json,
    tried_json,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from statecraft import Attempt, Change, Plan


class Tables(NamedTuple):
    """What is stored."""

    values: dict[int, Any]
    remembered: dict[int, dict[str, str]]
    rows: list[str]
    logs: dict[int, list[TransitionRecord]]


class Vault:
    """Keeps tables; a unit that fails puts back the ones from before."""

    def __init__(self) -> None:
        self.tables = Tables({}, {}, [], {})
        self.lock = asyncio.Lock()
        self.calls: list[Callable[[], Any]] = []
        self.entered: ContextVar[bool] = ContextVar("entered", default=False)

    @asynccontextmanager
    async def unit(self) -> AsyncGenerator[None]:
        """Enter a unit, or one inside of the unit that the task is in."""
        if self.entered.get():
            async with self._undoing():
                yield
            return
        async with self.lock:
            token = self.entered.set(True)
            try:
                async with self._undoing():
                    yield
            finally:
                self.entered.reset(token)
        calls, self.calls = self.calls, []
        for call in calls:
            await call()

    @asynccontextmanager
    async def _undoing(self) -> AsyncGenerator[None]:
        before, mark = deepcopy(self.tables), len(self.calls)
        try:
            yield
        except BaseException:
            self.tables = before
            del self.calls[mark:]
            raise


class VaultWorkflow(AsyncWorkflow):
    """What is kept in a vault: ``class Order(VaultWorkflow, vault=vault)``."""

    persistence_keeps_log = True
    vault: ClassVar[Vault]

    def __init_subclass__(cls, *, vault: Vault | None = None, **options: Any) -> None:
        if vault is not None:
            cls.vault = vault
        super().__init_subclass__(**options)

    def __init__(self, number: int) -> None:
        self.number = number

    async def load_state(self) -> Any:
        await asyncio.sleep(0)
        return self.vault.tables.values.get(self.number)

    async def load_remembered(self) -> Any:
        return self.vault.tables.remembered.get(self.number, {})

    async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        async with self.vault.unit():
            await self._compare(expected)
            self.vault.tables.values[self.number] = value

    async def _compare(self, expected: tuple[Any, ...]) -> None:
        found = await self.load_state()
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)

    async def persist_change(self, change: Change) -> None:
        async with self.vault.unit():
            await self._compare(change.expected)
            tables = self.vault.tables
            if not change.internal:
                tables.values[self.number] = change.value
            if change.remembered is not None:
                tables.remembered[self.number] = dict(change.remembered)
            source, target = change.transition.source.name, change.transition.target.name
            noted = json.loads(noted_json(change.noted, change.transition.event))
            if self._context is not None and self._context.logs:
                event = change.transition.event
                more: dict[str, Any] = {"noted": noted, "internal": change.internal}
                if change.once is not None:
                    result = json.loads(result_json(change.answer, event))
                    more |= {"once": change.once, "result": result}
                self._append(event, source, target, **more)

    def _append(self, event: str, source: str, target: str, **more: Any) -> None:
        log = self.vault.tables.logs.setdefault(self.number, [])
        if not log:
            log.append(TransitionRecord(1, None, None, source))
        now, actor = datetime.now(UTC), actor_text(current_actor())
        log.append(TransitionRecord(len(log) + 1, event, source, target, now, actor, **more))

    async def transition_log(self) -> TransitionLog:
        records = self.vault.tables.logs.get(self.number, [])
        return TransitionLog(records, spec=self.workflow_spec)

    async def persist_refusal(self, attempt: Attempt) -> None:
        state = attempt.source.name
        noted = json.loads(tried_json(attempt, self.workflow_spec))
        async with self.vault.unit():
            self._append(attempt.event, state, state, noted=noted, refused=str(attempt.refusal))

    def persistence_unit(self, plan: Plan) -> Any:
        return self.vault.unit()

    async def when_committed(self, call: Callable[[], Any]) -> None:
        if self.vault.entered.get():
            self.vault.calls.append(call)
        else:
            await call()

    async def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        fire = partial(getattr(self, event), *args, **kwargs)
        unit = self.vault.unit()
        return await fired_once_awaited(self, event, once, fire, unit=unit, answer=self._answer)

    async def _answer(self, once: str, event: str) -> tuple[Any, ...]:
        for record in await self.transition_log():
            if record.once == once:
                require_same(str(record.event), event, once)
                return (record.result,)
        return ()
