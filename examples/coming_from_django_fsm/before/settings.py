"""The settings of the newspaper with django-fsm and django-fsm-log."""

from __future__ import annotations

import os
from pathlib import Path

SECRET_KEY = "an example has no secrets"  # noqa: S105
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_fsm",
    "django_fsm_log",
    "news",
]
FILE = os.environ.get("NEWS_DATABASE", str(Path(__file__).parent.parent / "news.sqlite3"))
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FILE}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
