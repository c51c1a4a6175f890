"""The settings of the shop: Django's own apps, statecraft, and the orders."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import django

FILES = Path(os.environ.get("SHOP_FILES", Path(__file__).resolve().parent.parent))

SECRET_KEY = "nobody signs in here for real"  # noqa: S105 - an example has no secrets
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]

APIS = [name for name in ("rest_framework", "ninja") if find_spec(name)]  # those that are installed
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "statecraft.django",
    "orders",
    *APIS,
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "statecraft.django.middleware.ActingUser",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "shop_site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FILES / "shop.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},  # who comes second waits
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MAILS = FILES / "mails"  # what customers get, each mail in a file
MAILER = "django.core.mail.backends.filebased.EmailBackend"
if django.VERSION < (6, 1):
    EMAIL_BACKEND, EMAIL_FILE_PATH = MAILER, MAILS
else:
    MAILERS = {"default": {"BACKEND": MAILER, "OPTIONS": {"file_path": MAILS}}}
STATIC_URL = "static/"
TIME_ZONE = "UTC"
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "orders.rest.answered",
}
