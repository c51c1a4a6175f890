"""A small shop, with its admin: ``python examples/django_shop/manage.py demo`` starts it.

That makes a file of SQLite with a few orders in it, and users who may do different things. The life
of an order is in ``orders/models.py``, the admin in ``orders/admin.py``, what the customer sees in
``orders/views.py``, and two APIs in ``orders/rest.py`` and ``orders/ninja_api.py``.
"""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_site.settings")
    execute_from_command_line(sys.argv)
