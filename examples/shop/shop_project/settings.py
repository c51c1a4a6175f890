"""The settings of the shop: Django's own apps, flows, the shop, and the provider of payments."""

from __future__ import annotations

import os
from pathlib import Path

import django

from shop_project.databases import database

FILES = Path(os.environ.get("SHOP_FILES", Path(__file__).resolve().parent.parent))

SECRET_KEY = "nobody pays here for real"  # noqa: S105 - an example has no secrets
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "storefront",  # before the flows: its flows/base.html makes all their pages look like the shop
    "fake_paypal",
    "statecraft.django",
    "statecraft.flows",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "statecraft.django.middleware.ActingUser",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "shop_project.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": database(os.environ.get("DATABASE_URL"), FILES)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MAILER = "django.core.mail.backends.locmem.EmailBackend"  # the pages show what is in there
if django.VERSION < (6, 1):
    EMAIL_BACKEND = MAILER
else:
    MAILERS = {"default": {"BACKEND": MAILER}}
INTERNAL_IPS = ["127.0.0.1"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "products"
LOGOUT_REDIRECT_URL = "products"
STATIC_URL = "static/"
TIME_ZONE = "UTC"
USE_TZ = True
FAKE_PAYPAL_KEY = "what the shop and the provider both know"
