"""One object in Redis: what is loaded, and the one call by which a transition is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from statecraft.errors import StaleState
from statecraft.log_entries import entry_of_change, entry_of_refusal
from statecraft.redis.logged import StoredLog
from statecraft.redis.once import Repeated, answer_to_keep, key_at_beginning
from statecraft.redis.records import fields_of_entry, text_of
from statecraft.redis.scripts import LOOK
from statecraft.redis.values import decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecraft.log_entries import Entry
    from statecraft.persistence import Attempt, Change
    from statecraft.redis.settings import Settings


class StoredObject(StoredLog):
    """What Redis keeps of one object, for the time of one call."""

    def __init__(
        self, workflow: Any, settings: Settings, values: Mapping[str, Any], *, logs: bool
    ) -> None:
        is_async: bool = workflow._is_async  # noqa: SLF001 - the library's own
        super().__init__(settings, workflow.workflow_key(), is_async=is_async)
        self.workflow = workflow
        self.values = values
        self.logs = logs

    async def load(self) -> Any:
        """Return the stored value; raise ``Repeated`` if the event that loads it has happened."""
        once = key_at_beginning(self.workflow)
        if once is None:
            return self._value(await self.read("hget", self.keys.state, "value"))
        value, first = await self.run(LOOK, once)
        if first is not None:
            raise Repeated(self.workflow, text_of(first))
        return self._value(value)

    def _value(self, reply: Any) -> Any:
        if reply is None:
            return None
        text = text_of(reply)
        return self.values[text] if text in self.values else decoded(text)

    async def load_remembered(self) -> dict[str, str]:
        """Return what compounds with history remember."""
        reply = await self.read("hget", self.keys.state, "remembered")
        found: dict[str, str] = {} if reply is None else json.loads(reply)
        return found

    async def load_first(self, once: str) -> str | None:
        """Return what is stored of the event that had this key first."""
        first: str | None = text_of(await self.read("hget", self.keys.once, once))
        return first

    async def store_value(self, value: Any, expected: tuple[Any, ...]) -> None:
        """Compare and store a value, and nothing else."""
        await self._compare(f"the value {value!r}", {"value": encoded(value)}, expected)

    async def store_change(self, change: Change) -> None:
        """Compare and store all of one transition."""
        event = change.transition.event
        call: dict[str, Any] = {} if change.internal else {"value": encoded(change.value)}
        if change.remembered is not None:
            call["remembered"] = json.dumps(dict(change.remembered))
        if change.once is not None:
            call |= {"once": change.once, "answer": answer_to_keep(change)}
        if self.logs:
            call |= self._logged(entry_of_change(change, self.workflow.workflow_spec))
        await self._compare(repr(event), call, change.expected)

    async def store_refusal(self, attempt: Attempt) -> None:
        """Keep a refused attempt in the log."""
        call = self._logged(entry_of_refusal(attempt, self.workflow.workflow_spec))
        await self.store(f"the refused {attempt.event!r}", call | self._kept_for)

    def _logged(self, entry: Entry) -> dict[str, Any]:
        keep = self.settings.log_keep
        logged = {"record": fields_of_entry(entry), "creation": fields_of_entry(entry.before)}
        return logged if keep is None else logged | {"keep": keep}

    @property
    def _kept_for(self) -> dict[str, Any]:
        milliseconds = self.settings.milliseconds
        return {} if milliseconds is None else {"ttl": milliseconds}

    async def _compare(self, what: str, call: dict[str, Any], expected: tuple[Any, ...]) -> None:
        call["expected"] = [encoded(one) for one in expected if one is not None]
        call["nothing"] = None in expected
        outcome, *rest = await self.store(what, call | self._kept_for)
        found = rest[0] if rest else None
        if text_of(outcome) == "repeated":
            raise Repeated(self.workflow, text_of(found))
        if text_of(outcome) == "stale":
            raise StaleState(self.workflow, expected=expected, found=self._value(found))
