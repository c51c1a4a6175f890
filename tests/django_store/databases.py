"""The databases of the tests, as Django has them: a file of SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.db import DatabaseError, connections

from tests.services import do_without

RUN = os.getpid()  # several may run their tests on one server
_SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
_DIRECTORY = Path(tempfile.mkdtemp(prefix="statecraft-django-"))
URLS = {
    "postgresql": os.environ.get(
        "STATECRAFT_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
    ),
    "mariadb": os.environ.get(
        "STATECRAFT_MARIADB_URL", "mysql+pymysql://root@127.0.0.1:3306/test?charset=utf8mb4"
    ),
}
_CRISPY = ("crispy_forms", "crispy_bootstrap5")
_MAILER = "django.core.mail.backends.locmem.EmailBackend"
_MAIL: dict[str, Any] = (
    {"EMAIL_BACKEND": _MAILER}
    if django.VERSION < (6, 1)
    else {"MAILERS": {"default": {"BACKEND": _MAILER}}}
)
_ENGINES = {"postgresql": "django.db.backends.postgresql", "mariadb": "django.db.backends.mysql"}


def _settings_of(name: str) -> dict[str, Any]:
    url = urlsplit(URLS[name])
    options = {"charset": "utf8mb4"} if name == "mariadb" else {}
    return {
        "ENGINE": _ENGINES[name],
        "HOST": url.hostname,
        "PORT": url.port,
        "USER": url.username,
        "PASSWORD": url.password or "",
        "NAME": url.path.strip("/"),
        "OPTIONS": options,
    }


def _file(name: str) -> dict[str, Any]:
    options = {"timeout": 60, "init_command": "PRAGMA synchronous = OFF"}  # nobody cuts the power
    path = str(_DIRECTORY / f"{name}.db")
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}


def configured() -> None:
    """Configure Django, once in a process."""
    if settings.configured:
        return
    import pymysql  # type: ignore[import-untyped] # pyright: ignore[reportMissingModuleSource]

    pymysql.version_info = (2, 2, 7, "final", 0)  # what Django asks of the other driver
    pymysql.install_as_MySQLdb()
    sys.path.append(str(_SHOP))
    settings.configure(
        DATABASES={
            "default": _file("default"),
            "migrated": _file("migrated"),
            "replica": _file("replica"),
            "sqlite": _file("sqlite"),
            **{name: _settings_of(name) for name in URLS},
        },
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "django.contrib.admin",
            "statecraft.django",
            "statecraft.flows",
            "storefront",
            "fake_paypal",
            "tests.django_store.shop",
            "tests.django_store.pages",
            *(one for one in _CRISPY if find_spec(one)),
        ],
        CRISPY_TEMPLATE_PACK="bootstrap5",
        CRISPY_ALLOWED_TEMPLATE_PACKS="bootstrap5",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "statecraft.django.middleware.ActingUser",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        ROOT_URLCONF="tests.django_store.urls",
        ALLOWED_HOSTS=["127.0.0.1", "testserver"],
        STATIC_URL="static/",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        TEMPLATES=[
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
        ],
        USE_TZ=True,
        **_MAIL,
        FAKE_PAYPAL_KEY="tests",
        SECRET_KEY="tests",  # noqa: S106 - nobody else signs in here
    )
    django.setup()


def connected(name: str) -> Any:
    """Return a connection; skip if no server answers, or fail in CI."""
    connection = connections[name]
    try:
        connection.ensure_connection()
    except DatabaseError:
        variable = f"STATECRAFT_{name.upper()}_URL"
        do_without(f"needs a server at {URLS[name]}: start one, or set {variable}")
    return connection


def made(*models: Any) -> None:
    """Make the tables of models that a page of the docs defines."""
    connection = connections["default"]
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)


def dropped(name: str) -> None:
    """Close the connection; a file goes with it."""
    connections[name].close()
    if name not in URLS:
        Path(str(connections[name].settings_dict["NAME"])).unlink(missing_ok=True)
