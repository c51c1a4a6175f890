"""The settings of Django for every process of the application, of each of its releases."""

from __future__ import annotations

from benchmarks.databases import URL, as_django

DATABASES = {"default": as_django(URL)}
INSTALLED_APPS = ["statecraft.django", "benchmarks.renaming"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
