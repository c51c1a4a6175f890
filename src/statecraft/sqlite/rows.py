"""The row of one object: read, compared and stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from statecraft.sqlite.values import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecraft.sqlite.connections import Opened

_VALUE = "SELECT value FROM statecraft_state WHERE key = ?"
_REMEMBERED = "SELECT remembered FROM statecraft_state WHERE key = ?"
_UPDATE = """
UPDATE statecraft_state SET value = ?, remembered = coalesce(?, remembered)
WHERE key = ? AND value IN ({})
"""
_UPSERT = """
INSERT INTO statecraft_state (value, remembered, key) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE
SET value = excluded.value, remembered = coalesce(excluded.remembered, remembered)
WHERE value IN ({})
"""


def stored_value(opened: Opened, key: str) -> Any:
    """Return the plain value that is stored, or ``None``."""
    rows = opened.read(_VALUE, key)
    return rows[0][0] if rows else None


def remembered(opened: Opened, key: str) -> Mapping[str, str]:
    """Return what the compounds with history remember."""
    rows = opened.read(_REMEMBERED, key)
    found: Mapping[str, str] = json.loads(rows[0][0]) if rows and rows[0][0] else {}
    return found


def store(
    opened: Opened,
    key: str,
    value: Any,
    expected: tuple[Any, ...],
    remembering: Mapping[str, str] | None = None,
) -> bool:
    """Compare and store in one statement; return whether something that was expected was there."""
    values = [plain(one) for one in expected if one is not None]
    statement = _UPSERT if None in expected else _UPDATE
    statement = statement.format(", ".join("?" * len(values)))
    history = None if remembering is None else json.dumps(dict(remembering))
    return opened.write(statement, plain(value), history, key, *values) == 1
