"""The settings of flows and their defaults: read when they are used, and checked then."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from statecraft.names import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest

DEFAULTS: dict[str, Any] = {
    "FLOWS_STATE_STORE": "statecraft.flows.statestore.django_store",
    "FLOWS_REDIS_STATE_STORE_URL": None,
    "FLOWS_REDIS_STATE_STORE_HOST": "localhost",
    "FLOWS_REDIS_STATE_STORE_PORT": 6379,
    "FLOWS_REDIS_STATE_STORE_DB": 0,
    "FLOWS_REDIS_STATE_STORE_PASSWORD": None,
    "FLOWS_REDIS_STATE_STORE_PREFIX": "statecraft:flows:",
    "FLOWS_TMPFILE_STATE_STORE_DIRECTORY": None,
    "FLOWS_TASK_IDLE_TIMEOUT": 20 * 60,
    "FLOWS_TASK_ID_PARAM": "_id",
    "FLOWS_TASK_BINDER": "statecraft.flows.binder.session_binder",
    "FLOWS_MAX_STATE_BYTES": 1024 * 1024,
}
KNOWN = tuple(DEFAULTS)
"""The names of all settings."""

_LONGEST = 10.0**10  # seconds; some stores count further, but none of them all
_SECRET = ("FLOWS_REDIS_STATE_STORE_PASSWORD", "FLOWS_REDIS_STATE_STORE_URL")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def value_of(name: str) -> Any:
    """Return what the setting ``name`` says, or its default; nothing is checked."""
    return getattr(settings, name, DEFAULTS[name])


def task_idle_timeout() -> float:
    """Return for how many seconds a task is kept that nobody uses; 0: it ends at once."""
    value = value_of("FLOWS_TASK_IDLE_TIMEOUT")
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST:
        refuse("FLOWS_TASK_IDLE_TIMEOUT", "a number of seconds, 0 or more, or a timedelta")
    return float(value)


def task_id_param() -> str:
    """Return the name of the parameter that has the id of the task."""
    value = value_of("FLOWS_TASK_ID_PARAM")
    if not isinstance(value, str) or not _PARAMETER.fullmatch(value):
        what = "a name: letters, digits and _ . - after a letter or _"
        refuse("FLOWS_TASK_ID_PARAM", what)
    return value


def task_binder() -> Callable[[HttpRequest], Any]:
    """Return the function that says to whom a task belongs."""
    binder: Any = value_of("FLOWS_TASK_BINDER")
    if isinstance(binder, str):
        binder = imported("FLOWS_TASK_BINDER", binder)
    if not callable(binder):
        refuse("FLOWS_TASK_BINDER", "a function of a request, or its dotted name")
    bound: Callable[[HttpRequest], Any] = binder
    return bound


def max_state_bytes() -> int:
    """Return how many bytes the state of a task may have."""
    return whole_number("FLOWS_MAX_STATE_BYTES", least=1)


def whole_number(name: str, *, least: int = 0, most: float = math.inf) -> int:
    """Return the setting ``name``, which is a whole number in these bounds."""
    value = value_of(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        bounds = f"{least:,} or more" if most == math.inf else f"{least:,} to {most:,}"
        refuse(name, f"a whole number, {bounds}")
    return value


def text(name: str) -> str:
    """Return the setting ``name``, which is a text; ``None`` is an empty one."""
    value = value_of(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        refuse(name, "a text")
    return value


def imported(name: str, dotted: str, known: Iterable[str] = ()) -> Any:
    """Return what is called ``dotted``, which is what the setting ``name`` says.

    Raises ``ImproperlyConfigured`` with the reason if it cannot be imported, and with the one of
    ``known`` that looks most like it.
    """
    try:
        if not all(part.isidentifier() for part in dotted.split(".")):
            refuse(name, "a dotted name")
        return import_string(dotted)
    except ImportError as error:
        message = f"{name}: {dotted!r} cannot be imported: {error}.{did_you_mean(dotted, known)}"
        raise ImproperlyConfigured(message) from error


def refuse(name: str, what: str) -> NoReturn:
    """Raise the error of the setting ``name``, which is to be ``what``; it tells no password."""
    value = value_of(name)
    shown = type(value).__name__ if name in _SECRET else repr(value)
    message = f"{name} is to be {what}, and not {shown}"
    raise ImproperlyConfigured(message)
