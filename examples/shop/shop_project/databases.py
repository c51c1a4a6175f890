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

    A file is ``sqlite:////absolute/path``. Raises ``ValueError`` for another kind of database.
    """
    parts = urlsplit(url or "sqlite:///")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path.removeprefix("/") or str(directory / "shop.sqlite3"),
            "OPTIONS": {"transaction_mode": "IMMEDIATE"},  # who comes second waits
        }
    if parts.scheme not in ENGINES:
        message = f"DATABASE_URL begins with {parts.scheme!r}. Known: sqlite, {', '.join(ENGINES)}"
        raise ValueError(message)
    return {
        "ENGINE": ENGINES[parts.scheme],
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "NAME": parts.path.lstrip("/"),
    }
