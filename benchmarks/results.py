"""Tables of numbers: what was measured, before anybody prints or draws it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Line:
    """One row of a table: a number for each contestant that took part, and statecraft's limit."""

    title: str
    values: dict[str, float]
    limit: float | None = None


@dataclass(frozen=True)
class Table:
    """Lines in one unit, which ``show`` writes."""

    title: str
    show: Callable[[float], str]
    lines: list[Line] = field(default_factory=list[Line])


def as_ratio(value: float) -> str:
    """Write a multiple with as many digits as mean something."""
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def as_milliseconds(value: float) -> str:
    """Write milliseconds."""
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def as_nanoseconds(value: float) -> str:
    """Write nanoseconds."""
    return f"{value:,.0f}"


def as_microseconds(value: float) -> str:
    """Write microseconds."""
    return f"{value:,.0f}"


def as_bytes(value: float) -> str:
    """Write bytes, with their sign: they are a difference."""
    return f"{round(value):+,d}" if round(value) else "0"
