"""The options of a class: which server, under which keys, for how long."""

from __future__ import annotations

from datetime import timedelta
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, NamedTuple

from statecraft.errors import Problem, WorkflowError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.spec import WorkflowSpec

_NO_CLIENT = (
    "it is missing: give a client of the package redis, or a function that returns one:"
    " client=redis.Redis()"
)

_SHORTEST = 0.001  # Redis counts in milliseconds
_LONGEST = 10.0**10


class Keys(NamedTuple):
    """Where the things of one object are: keys of one hash tag, so of one node of a cluster."""

    state: str
    log: str
    once: str
    tokens: str
    lock: str


class Settings(NamedTuple):
    """What a class and those that it inherits from say; see ``RedisWorkflow``."""

    client: Any = None
    prefix: str = "statecraft:"
    ttl: float | timedelta | None = None
    lock_timeout: float | timedelta = 10.0
    lock_wait: float | timedelta = 30.0
    log_keep: int | None = None

    def client_for(self, *, is_async: bool) -> Any:
        """Return the client; raise ``WorkflowError`` if it is of the wrong kind."""
        client = self.client() if callable(self.client) else self.client
        wrong = _wrong_client(client, is_async=is_async)
        if wrong:
            message = f"client: {wrong}"
            raise WorkflowError(message)
        return client

    def keys_of(self, key: str) -> Keys:
        """Return the keys of the object ``key``, whatever letters that has."""
        for letter in "%{}":  # braces make the hash tag
            key = key.replace(letter, f"%{ord(letter):02X}")
        return Keys(*(f"{self.prefix}{{{key}}}:{name}" for name in Keys._fields))

    @property
    def milliseconds(self) -> int | None:
        """How long things are kept after the last transition, or ``None``: for ever."""
        return None if self.ttl is None else round(seconds(self.ttl) * 1000)

    def problems(self, spec: WorkflowSpec, *, is_async: bool) -> Iterator[Problem]:
        """Return which options are missing or wrong."""
        wrong = _wrong_client(self.client, is_async=is_async)
        if wrong and not callable(self.client):
            yield Problem(spec.name, "client", wrong)
        given: dict[str, Any] = self._asdict()
        prefix = given["prefix"]
        if not isinstance(prefix, str) or "{" in prefix or "}" in prefix:
            what = f"it is a text without braces, which mark the name of an object, not {prefix!r}"
            yield Problem(spec.name, "prefix", what)
        for name in ("ttl", "lock_timeout", "lock_wait"):
            if not (name == "ttl" and given[name] is None) and not _is_duration(given[name]):
                what = f"it is a number of seconds above 0, or a timedelta, and not {given[name]!r}"
                yield Problem(spec.name, name, what)
        keep = given["log_keep"]
        if keep is not None and (not isinstance(keep, int) or keep < 1):
            what = f"it is the number of records that are kept, and not {keep!r}"
            yield Problem(spec.name, "log_keep", what)


def seconds(duration: float | timedelta) -> float:
    """Return a duration in seconds."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration


def _is_duration(value: object) -> bool:
    if isinstance(value, (int, float, timedelta)) and not isinstance(value, bool):
        return _SHORTEST <= seconds(value) <= _LONGEST
    return False


def _wrong_client(client: Any, *, is_async: bool) -> str | None:
    if client is None:
        return _NO_CLIENT
    execute = getattr(client, "execute_command", None)
    if execute is None:
        return f"it is no client of the package redis, but {type(client).__name__!r}"
    if iscoroutinefunction(execute) != is_async:
        base, wanted = "RedisWorkflow", "redis"
        if is_async:
            base, wanted = "AsyncRedisWorkflow", "redis.asyncio"
        return f"it is of the other kind: {base} takes a client of {wanted}"
    return None


def server_of(client: Any) -> str:
    """Return which server a client talks to, for errors; no password is in it."""
    pool = getattr(client, "connection_pool", None)
    if pool is None:
        nodes = client.nodes_manager.startup_nodes
        return f"the Redis cluster of {next(iter(nodes), 'no node')}"
    known = pool.connection_kwargs
    service = getattr(pool, "service_name", None)
    if service is not None:
        return f"Redis behind the sentinel service {service!r}"
    where = known.get("path") or f"{known.get('host', 'localhost')}:{known.get('port', 6379)}"
    return f"Redis at {where}, database {known.get('db', 0)}"
