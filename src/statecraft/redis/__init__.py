"""The Redis store: the state of each object in a hash, compared and set by one call of a script.

Theory of operation
-------------------
The server is the truth: every event reads the state and stores the next one, and no object keeps a
copy (but what an asynchronous object holds, so that it can say its state without waiting). What
one transition stores (the state, what compounds remember, the record of the log, the key of
``once``) is stored by one script, which compares first: Redis runs one script at a time, so that
of two writers one finds another state than he expects, and gets ``StaleState``.

A call whose answer is lost may be sent again by the client, and may arrive late. So each has a
token, and a writer without an answer asks what became of it: see ``scripts``.
"""

from __future__ import annotations

try:
    import redis as _redis
except ImportError as error:
    _message = 'statecraft.redis needs the package redis: pip install "statecraft-fsm[redis]"'
    raise ImportError(_message) from error

from statecraft.attached import persistence_finders
from statecraft.redis.attaching import persistence_of
from statecraft.redis.workflow import AsyncRedisWorkflow, RedisWorkflow

persistence_finders.append(persistence_of)
del _redis, persistence_finders, persistence_of

__all__ = ["AsyncRedisWorkflow", "RedisWorkflow"]
