"""What is said when the server does not answer, or refuses: what is stored, and what to do."""

from __future__ import annotations

from typing import Any

from redis.exceptions import (
    ClusterError,
    DataError,
    MaxConnectionsError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
)

from statecraft.errors import OutcomeUnknown, WorkflowError
from statecraft.redis.settings import server_of

TROUBLE = (RedisError, RedisClusterException, OSError)
"""What a client raises."""
_CERTAIN = (ResponseError, DataError, MaxConnectionsError)
_UNCERTAIN = (ReadOnlyError, ClusterError)


def is_certain(error: Exception) -> bool:
    """Whether an error means that nothing was stored, however often the client has asked.

    A server that has refused to run a script would have recognised one that it has run. One that
    became a replica meanwhile, or has lost its cluster, knows nothing of what came before.
    """
    return isinstance(error, _CERTAIN) and not isinstance(error, _UNCERTAIN)


def _said(error: Exception) -> str:
    return str(error).rstrip(".")


def not_read(client: Any, key: str, error: Exception) -> WorkflowError:
    """Return the error of an object that cannot be looked at."""
    why = _said(error)
    message = f"{server_of(client)} cannot be asked for {key}, so nothing was stored: {why}"
    return WorkflowError(message)


def not_stored(client: Any, key: str, what: str, error: Exception) -> WorkflowError:
    """Return the error of what was not stored for certain."""
    message = (
        f"{server_of(client)} did not store {what} of {key}: {_said(error)}. Nothing was stored,"
        " so it can be fired again"
    )
    return WorkflowError(message)


def not_known(client: Any, key: str, what: str, error: Exception) -> OutcomeUnknown:
    """Return the error of what may have been stored, or not."""
    message = (
        f"{server_of(client)} gave no answer, and whether {what} of {key} was stored is unknown:"
        f" {_said(error)}. Look at its state when the server answers again. An event that is fired"
        " with a key, fire(…, once=…), can be fired again with the same one, whatever happened"
    )
    return OutcomeUnknown(message)


def not_locked(client: Any, key: str, what: str, why: object) -> WorkflowError:
    """Return the error of an event that did not get its lock."""
    message = f"{what} of {key} got no lock from {server_of(client)}, so nothing was stored: {why}"
    return WorkflowError(message)
