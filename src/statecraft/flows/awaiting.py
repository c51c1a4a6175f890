"""What a user's method returned, whether it was declared with ``def`` or with ``async def``."""

from __future__ import annotations

from inspect import isawaitable
from typing import Any

from asgiref.sync import async_to_sync


def result_of(returned: Any) -> Any:
    """Return the result, awaited if need be: on the event loop of the server, if it has one."""
    return async_to_sync(_awaited)(returned) if isawaitable(returned) else returned


async def _awaited(awaitable: Any) -> Any:
    return await awaitable
