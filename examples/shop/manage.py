"""A shop whose check-out is a flow: ``python examples/shop/manage.py demo`` starts it.

That makes a file of SQLite with a few products, and a customer ``ada`` with the password
``lovelace``. The flow is in ``storefront/flows.py``, with its two large branches in
``account_flow.py`` and ``payment_flow.py``; the orders it makes are in ``storefront/models.py``.
"""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_project.settings")
    execute_from_command_line(sys.argv)
