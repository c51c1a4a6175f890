"""The state of tasks in Redis, which forgets those that nobody uses by itself.

A task is one hash: ``state``, ``revision``, and the ``token`` of the last call that swapped. A
client sends a call again if its answer is lost; by its token such a call is recognised, so that who
has won is not told that he has lost.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from secrets import token_hex
from typing import TYPE_CHECKING, Any

try:
    import redis
except ImportError as error:
    _message = (
        "statecraft.flows.statestore.redis_store needs the package redis:"
        ' pip install "statecraft-fsm[redis]"'
    )
    raise ImportError(_message) from error

from statecraft.flows import config
from statecraft.flows.errors import StateStoreUnavailable
from statecraft.flows.statestore.base import BaseStateStore, State, key_of
from statecraft.flows.statestore.clock import milliseconds
from statecraft.flows.statestore.codec import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Generator

_SECONDS = 5  # a server that does not answer for so long is down
_LARGEST_PORT = 65535
_SWAP = """
local task, expected, revision, state, token, idle = KEYS[1], unpack(ARGV)
if redis.call('HGET', task, 'token') == token then return 1 end
if (redis.call('HGET', task, 'revision') or '') ~= expected then return 0 end
redis.call('HSET', task, 'revision', revision, 'state', state, 'token', token)
redis.call('PEXPIRE', task, idle)
return 1
"""


class StateStore(BaseStateStore):
    """One hash for each task. There is nothing to clean up."""

    atomic = True
    expires = True

    def get_state(self, task_id: str) -> State | None:
        """Return the state of a task, or ``None``."""
        with _answering() as client:
            text = client.hget(_key(task_id), "state")
        return None if text is None else from_text(text)

    def put_state(self, task_id: str, state: State) -> None:
        """Store the state of a task."""
        key, text = _key(task_id), to_text(state)
        values: dict[str, Any] = {"revision": state.get("revision", 0), "state": text, "token": ""}
        with _answering() as client, client.pipeline(transaction=True) as both:
            both.hset(key, mapping=values)
            both.pexpire(key, milliseconds())
            both.execute()

    def swap_state(self, task_id: str, state: State, expected: int | None) -> bool:
        """Store the state if the stored one has the revision ``expected``: one call of a script."""
        arguments = [
            "" if expected is None else expected,
            state.get("revision", 0),
            to_text(state),
            token_hex(8),
            milliseconds(),
        ]
        with _answering() as client:
            return bool(client.register_script(_SWAP)([_key(task_id)], arguments))

    def delete_state(self, task_id: str) -> None:
        """Forget a task."""
        with _answering() as client:
            client.delete(_key(task_id))

    def touch(self, task_id: str) -> None:
        """Let the idle time begin again."""
        with _answering() as client:
            client.pexpire(_key(task_id), milliseconds())


def _key(task_id: str) -> str:
    return config.text("FLOWS_REDIS_STATE_STORE_PREFIX") + key_of(task_id)


def _client() -> Any:
    """Return the client of the server that the settings name now."""
    url = config.text("FLOWS_REDIS_STATE_STORE_URL")
    if url:
        return _client_of_url(url)
    return _client_of_host(
        config.text("FLOWS_REDIS_STATE_STORE_HOST"),
        config.whole_number("FLOWS_REDIS_STATE_STORE_PORT", least=1, most=_LARGEST_PORT),
        config.whole_number("FLOWS_REDIS_STATE_STORE_DB"),
        config.text("FLOWS_REDIS_STATE_STORE_PASSWORD") or None,
    )


@cache
def _client_of_url(url: str) -> Any:
    client: Any = redis.Redis
    try:
        return client.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
    except ValueError:
        what = "the URL of a server: redis://…, rediss://… or unix://…"
        config.refuse("FLOWS_REDIS_STATE_STORE_URL", what)


@cache
def _client_of_host(host: str, port: int, db: int, password: str | None) -> Any:
    return redis.Redis(
        host,
        port,
        db,
        password,
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
    )


@contextmanager
def _answering() -> Generator[Any]:
    client = _client()
    try:
        yield client
    except (redis.RedisError, OSError) as error:
        known = client.connection_pool.connection_kwargs
        where = known.get("path") or f"{known.get('host')}:{known.get('port')}"
        store = f"Redis at {where}, database {known.get('db', 0)}"
        raise StateStoreUnavailable(store, error) from error
