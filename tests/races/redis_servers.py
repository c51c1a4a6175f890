"""Redis under fire: the server that is there, or one of the test's own that may be ill-treated."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from statecraft import OutcomeUnknown, WorkflowError
from statecraft.redis import RedisWorkflow
from tests.races.contenders import Contender, Seen, Verdict
from tests.races.parcels import Parcel
from tests.redis_store.servers import PREFIX, Servers, client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.races.plans import Attempt

numbers = count(1)


class KeyedParcel(RedisWorkflow, Parcel, client=client, prefix=PREFIX, log=True):
    """A parcel in Redis; there is no place for rows of handlers."""

    run = 0

    def __init__(self, number: int) -> None:
        self.number = number

    def workflow_key(self) -> str:
        """Return a key that no other run uses."""
        return f"{self.run}-{self.number}"


class RedisServer(Contender):
    """A server, by a function that returns a new client of it."""

    has_transactions = False

    def __init__(self, make_client: Callable[[], Any]) -> None:
        self.make_client = make_client

    def prepare(self, objects: int) -> None:
        """Take new keys; an object needs nothing stored before its first transition."""
        KeyedParcel.run = next(numbers)

    def enter_process(self) -> None:
        """Take a client of one's own."""
        Servers.client = self.make_client()

    def carry_out(self, attempt: Attempt) -> list[Any]:
        """Fire the one event."""
        ((number, event),) = attempt.steps
        return [KeyedParcel(number).fire(event, once=attempt.key)]

    def failed(self, error: Exception) -> Verdict | None:
        """Tell what the store knows from what it does not."""
        if isinstance(error, OutcomeUnknown):
            return Verdict.UNKNOWN
        return Verdict.UNDONE if isinstance(error, WorkflowError) else None

    def seen(self, objects: int) -> Seen:
        """Read it all."""
        parcels = {number: KeyedParcel(number) for number in range(objects)}
        return Seen(
            {number: one.current_state.name for number, one in parcels.items()},
            {number: one.transition_log() for number, one in parcels.items()},
            None,
        )
