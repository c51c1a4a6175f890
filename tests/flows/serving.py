"""The application that gunicorn serves in the tests: a flow whose processes are killed."""

from __future__ import annotations

import os
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["FLOWS_TEST_HOST"],
            "PORT": os.environ["FLOWS_TEST_PORT"],
            "USER": os.environ["FLOWS_TEST_USER"],
            "PASSWORD": os.environ["FLOWS_TEST_PASSWORD"],
            "NAME": os.environ["FLOWS_TEST_DATABASE"],
        }
    },
    INSTALLED_APPS=["statecraft.flows", "tests.flows.ordering"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    ROOT_URLCONF="tests.flows.ordering.flows",
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="tests",  # noqa: S106 - nobody else signs in here
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ],
    USE_TZ=True,
    FLOWS_STATE_STORE=os.environ["FLOWS_TEST_STORE"],
    FLOWS_REDIS_STATE_STORE_URL=os.environ["FLOWS_TEST_REDIS"],
    FLOWS_REDIS_STATE_STORE_PREFIX=os.environ["FLOWS_TEST_PREFIX"],
)
django.setup()

from statecraft.flows import claims  # noqa: E402 - Django has to be configured

claims.LEASE = 1.0  # seconds: nobody wants to wait here
application = get_wsgi_application()

if __name__ == "__main__":
    call_command("migrate", verbosity=0, run_syncdb=True)
    sys.exit(0)
