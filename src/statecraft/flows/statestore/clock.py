"""The clock of stores that count the idle time themselves."""

from __future__ import annotations

import time

from statecraft.flows import config


def now() -> int:
    """Return how many milliseconds have passed since 1970."""
    return time.time_ns() // 1_000_000


def last_expired() -> int:
    """Return the moment of the last use of a state that expires just now."""
    return now() - milliseconds()


def milliseconds() -> int:
    """Return how many milliseconds a state is kept that nobody uses."""
    return round(config.task_idle_timeout() * 1000)
