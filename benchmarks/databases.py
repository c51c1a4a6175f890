"""The server of PostgreSQL that the benchmarks use, and how Django is told of it."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

URL = os.environ.get(
    "STATECRAFT_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)


def as_django(url: str, options: str = "") -> dict[str, Any]:
    """Return the settings of Django for a database; ``options`` are those of its connections."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.hostname,
        "PORT": parts.port,
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "NAME": parts.path.strip("/"),
        "OPTIONS": {"options": options},
    }
