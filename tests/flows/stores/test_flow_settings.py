"""The settings of flows: their defaults, and what is said of wrong ones."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from statecraft.flows import config
from statecraft.flows.statestore import django_store, memory_store, redis_store, state_store

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_defaults() -> None:
    """Those of the manual: twenty minutes, the table, and ``_id``."""
    assert config.task_idle_timeout() == 1200
    assert config.task_id_param() == "_id"
    assert config.max_state_bytes() == 1024 * 1024
    assert isinstance(state_store(), django_store.StateStore)
    assert config.value_of("FLOWS_REDIS_STATE_STORE_PORT") == 6379
    assert set(config.KNOWN) == set(config.DEFAULTS)


def binder(request: Any) -> str:
    """Bind a task to nobody."""
    return ""


def test_settings_are_read_when_they_are_used() -> None:
    """A test may change them."""
    with override_settings(
        FLOWS_TASK_IDLE_TIMEOUT=timedelta(minutes=1),
        FLOWS_TASK_ID_PARAM="task",
        FLOWS_TASK_BINDER=f"{__name__}.binder",
        FLOWS_STATE_STORE="statecraft.flows.statestore.memory_store",
    ):
        assert config.task_idle_timeout() == 60
        assert config.task_id_param() == "task"
        assert config.task_binder()(None) == ""  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
        store = state_store()
        assert isinstance(store, memory_store.StateStore)
        assert state_store() is store
    with override_settings(FLOWS_TASK_BINDER=binder):
        assert config.task_binder() is binder
    assert config.task_id_param() == "_id"


@pytest.mark.parametrize(
    ("name", "read", "wrong", "said"),
    [
        ("FLOWS_TASK_IDLE_TIMEOUT", config.task_idle_timeout, -1, "seconds, 0 or more.* not -1"),
        ("FLOWS_TASK_IDLE_TIMEOUT", config.task_idle_timeout, True, "and not True"),
        ("FLOWS_TASK_IDLE_TIMEOUT", config.task_idle_timeout, "20", "and not '20'"),
        ("FLOWS_TASK_IDLE_TIMEOUT", config.task_idle_timeout, float("nan"), "and not nan"),
        ("FLOWS_TASK_IDLE_TIMEOUT", config.task_idle_timeout, 1e11, "and not 1"),
        ("FLOWS_TASK_IDLE_TIMEOUT", config.task_idle_timeout, None, "and not None"),
        ("FLOWS_TASK_ID_PARAM", config.task_id_param, "", "a name"),
        ("FLOWS_TASK_ID_PARAM", config.task_id_param, "a&b=", "and not 'a&b='"),
        ("FLOWS_TASK_ID_PARAM", config.task_id_param, 1, "and not 1"),
        ("FLOWS_TASK_BINDER", config.task_binder, 1, "a function of a request"),
        ("FLOWS_TASK_BINDER", config.task_binder, "os.path", "a function of a request"),
        ("FLOWS_TASK_BINDER", config.task_binder, "shop.binder", "'shop.binder' cannot be impor"),
        ("FLOWS_TASK_BINDER", config.task_binder, "os.no_such", "no_such"),
        ("FLOWS_TASK_BINDER", config.task_binder, "a b", "a dotted name, and not 'a b'"),
        ("FLOWS_MAX_STATE_BYTES", config.max_state_bytes, 0, "whole number, 1 or more, and not 0"),
        ("FLOWS_MAX_STATE_BYTES", config.max_state_bytes, 1.5, "and not 1.5"),
        ("FLOWS_MAX_STATE_BYTES", config.max_state_bytes, True, "and not True"),
        ("FLOWS_STATE_STORE", state_store, "", "a dotted name, and not ''"),
        ("FLOWS_STATE_STORE", state_store, None, "a dotted name, and not None"),
        ("FLOWS_STATE_STORE", state_store, 1, "a text, and not 1"),
        ("FLOWS_STATE_STORE", state_store, "shop.store", "'shop.store.StateStore' cannot be"),
        ("FLOWS_STATE_STORE", state_store, "statecraft.flows.config", "StateStore"),
        ("FLOWS_STATE_STORE", state_store, "wrong_store", "does not extend .*BaseStateStore"),
    ],
)
def test_a_wrong_setting_is_named(
    name: str, read: Callable[[], object], wrong: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it is to be."""
    other: Any = ModuleType("wrong_store")
    other.StateStore = object
    monkeypatch.setitem(sys.modules, "wrong_store", other)
    with (
        override_settings(**{name: wrong}),
        pytest.raises(ImproperlyConfigured, match=rf"^{name}.*{said}"),
    ):
        read()


@pytest.mark.parametrize("name", ["flows.statestore.redis_store", "statestore.redis_store"])
def test_the_name_of_another_library_is_corrected(name: str) -> None:
    """As the manual of django-flows has it."""
    right = "Did you mean 'statecraft.flows.statestore.redis_store'"
    with (
        override_settings(FLOWS_STATE_STORE=name),
        pytest.raises(ImproperlyConfigured, match=right),
    ):
        state_store()


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("PORT", 70_000, "a whole number, 1 to 65,535, and not 70000"),
        ("DB", -1, "a whole number, 0 or more, and not -1"),
        ("HOST", 1, "a text, and not 1"),
        ("PASSWORD", b"secret", "a text, and not bytes"),
        ("PREFIX", 5, "a text, and not 5"),
        ("URL", b"redis://:secret@localhost", "a text, and not bytes"),
        ("URL", "http://:secret@localhost", "the URL of a server: .* and not str"),
    ],
)
def test_a_wrong_setting_of_redis_is_named(name: str, wrong: object, said: str) -> None:
    """A password is not shown."""
    setting = {f"FLOWS_REDIS_STATE_STORE_{name}": wrong}
    with override_settings(**setting), pytest.raises(ImproperlyConfigured) as caught:
        redis_store.StateStore().get_state("task")
    assert "secret" not in str(caught.value)
    pattern = rf"FLOWS_REDIS_STATE_STORE_{name} is to be {said}"
    assert re.fullmatch(pattern, str(caught.value))
