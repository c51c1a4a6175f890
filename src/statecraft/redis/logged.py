"""The log of one object: read, and shortened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.errors import WorkflowError
from statecraft.redis.asking import Asked
from statecraft.redis.records import record_of, text_of
from statecraft.redis.scripts import FORGET
from statecraft.transition_log import TransitionLog

if TYPE_CHECKING:
    from datetime import datetime

_AT_ONCE = 1000  # so that no other program has to wait for long


class StoredLog(Asked):
    """What Redis keeps of the transitions of one object."""

    async def load_log(self) -> TransitionLog:
        """Return the records."""
        return TransitionLog(record_of(fields) for _, fields in await self._entries())

    async def _entries(self) -> list[tuple[str, Any]]:
        entries: list[tuple[str, Any]] = []
        start = "-"
        while True:
            found = await self.read("xrange", self.keys.log, start, "+", _AT_ONCE)
            entries += [(text_of(identifier), fields) for identifier, fields in found]
            if len(found) < _AT_ONCE:
                return entries
            milliseconds, _, number = entries[-1][0].partition("-")
            start = f"{milliseconds}-{int(number) + 1}"

    async def prune_log(self, keep: int | None, before: datetime | None) -> int:
        """Forget old records; return how many they were."""
        if (keep is None) == (before is None):
            message = "prune_log takes either keep, a number of records, or before, a datetime"
            raise WorkflowError(message)
        entries = await self._entries()
        records = [record_of(fields) for _, fields in entries]
        entered = [
            number for number, one in enumerate(records) if one.refused is None and not one.internal
        ]
        candidates = min(len(entries) - (keep or 0), max(entered, default=0))
        moment = None if before is None else int(before.timestamp() * 1000)
        old = [
            identifier
            for identifier, _ in entries[: max(candidates, 0)]
            if _is_before(identifier, moment)
        ]
        for number in range(0, len(old), _AT_ONCE):
            await self.run(FORGET, *old[number : number + _AT_ONCE])
        return len(old)


def _is_before(identifier: str, moment: int | None) -> bool:
    return moment is None or int(identifier.partition("-")[0]) < moment
