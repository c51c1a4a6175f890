"""Django, configured for the tests of state stores."""

from __future__ import annotations

from tests.django_store.databases import configured

configured()
