"""Workflows that are attached to an object in Redis: their states are stored there as well."""

from __future__ import annotations

from typing import Any

from statecraft.redis.workflow import AsyncRedisWorkflow, RedisWorkflow


def persistence_of(owner: type) -> Any:
    """Return what stores an attached workflow like its owner, or ``None`` if that is elsewhere."""
    for base in (RedisWorkflow, AsyncRedisWorkflow):
        if issubclass(owner, base):
            body = {"__module__": owner.__module__, "__slots__": ()}
            kind: Any = type(base)
            return kind(f"{owner.__name__}InRedis", (base,), body, **owner.attached_options())
    return None
