"""Signals of flows, sent once what they tell is stored; the sender is the root of the flow."""

from __future__ import annotations

from django.dispatch import Signal

task_started = Signal()
"""A task was stored for the first time: ``task``, ``request``."""

task_moved = Signal()
"""A task went from one action to another: ``task``, ``request``, ``move``."""

task_finished = Signal()
"""A task is done: ``task``, ``request``, ``url`` (where it led)."""
