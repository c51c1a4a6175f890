"""System checks: what is wrong with the settings of flows, and with the flows that are mounted."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, router
from django.utils.module_loading import import_string

from statecraft.flows import config
from statecraft.flows.binder import SessionBinder
from statecraft.flows.flow_checks import problems_of_mount
from statecraft.flows.models import TaskState
from statecraft.flows.mounted import mounted_flows
from statecraft.flows.statestore import state_store
from statecraft.flows.statestore.django_store import StateStore as DjangoStore
from statecraft.names import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from statecraft.flows.mounted import MountedFlow

TAG = "flows"
_SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
_CSRF = "django.middleware.csrf.CsrfViewMiddleware"


@checks.register(TAG)
def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Judge the ``FLOWS_*`` settings, and what the state store cannot promise."""
    return [*_values(), *_unknown(), *_store()]


@checks.register(TAG)
def check_flows(**_: Any) -> list[checks.CheckMessage]:
    """Judge every flow that the URLconf leads to, and the middleware that flows need."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    mounts = mounted_flows()
    return [*_middleware(mounts), *(one for mount in mounts for one in problems_of_mount(mount))]


def _values() -> Iterator[checks.CheckMessage]:
    readers: tuple[Callable[[], object], ...] = (
        state_store,
        config.task_idle_timeout,
        config.task_id_param,
        config.task_binder,
        config.max_state_bytes,
    )
    for read in readers:
        try:
            read()
        except ImproperlyConfigured as error:
            yield checks.Error(str(error), id="statecraft_flows.E001")


def _unknown() -> Iterator[checks.CheckMessage]:
    for name in dir(settings):
        if name.startswith("FLOWS_") and name not in config.KNOWN:
            hint = (
                did_you_mean(name, config.KNOWN).strip() or f"There are: {', '.join(config.KNOWN)}"
            )
            yield checks.Warning(
                f"Flows know no setting {name}.", hint=hint, id="statecraft_flows.W001"
            )


def _store() -> Iterator[checks.CheckMessage]:
    try:
        store = state_store()
    except ImproperlyConfigured:
        return
    name = f"The state store {type(store).__module__!r}"
    if not store.shared and not settings.DEBUG:
        text = (
            f"{name} is not shared: a task is lost where another process answers, or it restarts."
        )
        hint = "Use the Django store or the Redis store; this one is for tests and development."
        yield checks.Warning(text, hint=hint, id="statecraft_flows.W002")
    if not store.atomic:
        text = f"{name} does not compare and swap at once: of two answers at once, one may be lost."
        hint = "Write its swap_state so that it does, and say so with atomic = True."
        yield checks.Warning(text, hint=hint, id="statecraft_flows.W003")
    if not store.expires:
        text = f"{name} keeps tasks for ever, whatever FLOWS_TASK_IDLE_TIMEOUT says."
        yield checks.Warning(text, id="statecraft_flows.W004")
    alias = router.db_for_write(TaskState)
    if isinstance(store, DjangoStore) and alias != DEFAULT_DB_ALIAS:
        text = (
            f"Tasks are kept in the database {alias!r}: what completed() writes to another one is"
            " not in one transaction with them."
        )
        hint = "Let it write there too, or make it repeatable: by task.id."
        yield checks.Info(text, hint=hint, id="statecraft_flows.I001")


def _middleware(mounts: list[MountedFlow]) -> Iterator[checks.CheckMessage]:
    if not mounts:
        return
    used: list[Any] = [import_string(name) for name in settings.MIDDLEWARE]
    binder: Any = None
    with suppress(ImproperlyConfigured):  # which has been told
        binder = config.task_binder()
    needed = {_CSRF: ("E003", "every answer would be refused as forged")}
    if isinstance(binder, SessionBinder):
        needed[_SESSIONS] = ("E002", "a task is bound to its session")
    for name, (number, why) in needed.items():
        wanted: Any = import_string(name)
        if not any(isinstance(one, type) and issubclass(one, wanted) for one in used):
            text = f"MIDDLEWARE has no {wanted.__name__}, which flows need: {why}."
            yield checks.Error(text, hint=f"Add {name!r}.", id=f"statecraft_flows.{number}")
