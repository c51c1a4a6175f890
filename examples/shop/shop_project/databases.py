"""Where the database is: a file beside the example, or what ``DATABASE_URL`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path

ENGINES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "mysql": "django.db.backends.mysql",
    "mariadb": "django.db.backends.mysql",
}


def database(url: str | None, directory: Path) -> dict[str, Any]:
    """Return the settings of ``postgresql://user:password@host:port/name``, or of a file.

    Raises ``KeyError`` for a kind of database that is not known.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": directory / "shop.sqlite3",
            "OPTIONS": {"transaction_mode": "IMMEDIATE"},  # who comes second waits
        }
    parts = urlsplit(url)
    return {
        "ENGINE": ENGINES[parts.scheme],
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "NAME": parts.path.lstrip("/"),
    }
