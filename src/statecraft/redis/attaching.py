"""Workflows that are attached to an object in Redis: their states are stored there as well."""

from __future__ import annotations

from statecraft.attached import stored_like
from statecraft.redis.workflow import AsyncRedisWorkflow, RedisWorkflow


def persistence_of(owner: type) -> type | None:
    """Return what stores an attached workflow like its owner, or ``None`` if that is elsewhere."""
    for base in (RedisWorkflow, AsyncRedisWorkflow):
        if issubclass(owner, base):
            return stored_like(owner, base, owner.attached_options())
    return None
