"""The settings of Django for every process of the application, of each of its releases."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

URL = os.environ.get(
    "STATECRAFT_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
_PARTS = urlsplit(URL)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _PARTS.hostname,
        "PORT": _PARTS.port,
        "USER": _PARTS.username,
        "PASSWORD": _PARTS.password or "",
        "NAME": _PARTS.path.strip("/"),
    }
}
INSTALLED_APPS = ["statecraft.django", "benchmarks.renaming"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
