"""The conformance suite of state stores, on all stores and on each database."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
import redis
from django.db import connections
from django.test import override_settings

from statecraft.flows.models import TaskState
from statecraft.flows.statestore import django_store, memory_store, redis_store, tmpfile_store
from statecraft.flows.statestore.base import BaseStateStore, State, key_of
from statecraft.flows.statestore.codec import from_text
from statecraft.testing.statestore import StateStoreSuite
from tests.flows.stores.tables import task_table
from tests.redis_store.servers import PREFIX, URL, free_port, require_redis

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


class TestMemory(StateStoreSuite):
    """The memory of one process."""

    writers = ("threads",)
    store: ClassVar[memory_store.StateStore] = memory_store.StateStore()

    @pytest.fixture(autouse=True)
    def slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let another thread come between reading and writing, if there is no lock."""

        def read(text: str) -> State:
            time.sleep(0.001)
            return from_text(text)

        monkeypatch.setattr(memory_store, "from_text", read)

    def make(self) -> BaseStateStore:
        return self.store

    def idle(self, task_id: str, seconds: float) -> None:
        kept = self.store._kept[task_id]
        touched = kept.touched - round(seconds * 1000)
        self.store._kept[task_id] = kept._replace(touched=touched)


class TestFiles(StateStoreSuite):
    """A directory of files."""

    writers = ("threads", "processes")
    path: Path

    @pytest.fixture(autouse=True)
    def directory(self, tmp_path: Path) -> Iterator[None]:
        """Let the store use a directory of its own."""
        self.path = tmp_path / "states"
        with override_settings(FLOWS_TMPFILE_STATE_STORE_DIRECTORY=str(self.path)):
            yield
        left = {file.suffix for file in self.path.glob("*")}
        assert left <= {".json", ""}  # nothing but states and the lock

    def make(self) -> BaseStateStore:
        return tmpfile_store.StateStore()

    def idle(self, task_id: str, seconds: float) -> None:
        file = self.path / f"{key_of(task_id)}.json"
        then = file.stat().st_mtime - seconds
        os.utime(file, (then, then))

    def away(self) -> AbstractContextManager[Any]:
        return override_settings(FLOWS_TMPFILE_STATE_STORE_DIRECTORY=f"{__file__}/nowhere")


class TestRedis(StateStoreSuite):
    """A real server."""

    writers = ("threads", "processes")
    prefix = f"{PREFIX}flows:"

    @pytest.fixture(autouse=True)
    def server(self) -> Iterator[None]:
        """Let the store use the server that is there, and leave nothing there."""
        require_redis()
        with override_settings(
            FLOWS_REDIS_STATE_STORE_URL=URL, FLOWS_REDIS_STATE_STORE_PREFIX=self.prefix
        ):
            yield
            with redis.Redis.from_url(URL) as client:
                keys: list[bytes] = list(client.scan_iter(f"{self.prefix}*", count=1000))
                for key in keys:
                    client.delete(key)

    def make(self) -> BaseStateStore:
        return redis_store.StateStore()

    def idle(self, task_id: str, seconds: float) -> None:
        with redis.Redis.from_url(URL) as client:
            key = self.prefix + key_of(task_id)
            client.pexpire(key, int(client.pttl(key)) - round(seconds * 1000))

    def away(self) -> AbstractContextManager[Any]:
        return override_settings(FLOWS_REDIS_STATE_STORE_URL=f"redis://127.0.0.1:{free_port()}/0")


class DatabaseSuite(StateStoreSuite):
    """What the databases have in common."""

    writers = ("threads", "processes")
    database: ClassVar[str]
    nowhere: ClassVar[dict[str, Any]]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def table(cls) -> Iterator[None]:
        """Make the table, and drop it afterwards."""
        with task_table(cls.database):
            yield

    def make(self) -> BaseStateStore:
        return django_store.StateStore()

    def idle(self, task_id: str, seconds: float) -> None:
        row = TaskState.objects.using(self.database).get(key=key_of(task_id))
        row.touched -= round(seconds * 1000)
        row.save(using=self.database)

    @contextmanager
    def away(self) -> Generator[None]:
        connection = connections[self.database]
        usual = {name: connection.settings_dict[name] for name in self.nowhere}
        connection.close()
        connection.settings_dict.update(self.nowhere)
        try:
            yield
        finally:
            connection.settings_dict.update(usual)

    def enter_process(self) -> None:
        for connection in connections.all():
            connection.connection = None

    def leave_writer(self) -> None:
        if current_thread() is not main_thread():
            connections[self.database].close()


class TestSQLite(DatabaseSuite):
    """A file of SQLite, which is locked as a whole."""

    database = "sqlite"
    nowhere: ClassVar[dict[str, Any]] = {"NAME": "/nowhere/at/all"}


class TestPostgreSQL(DatabaseSuite):
    """PostgreSQL, as it is."""

    database = "postgresql"
    nowhere: ClassVar[dict[str, Any]] = {"PORT": free_port()}


class TestMariaDB(DatabaseSuite):
    """MariaDB, as it is."""

    database = "mariadb"
    nowhere: ClassVar[dict[str, Any]] = {"PORT": free_port()}


class OwnStore(BaseStateStore):
    """A store of two methods, as a user writes one; its JSON is that of the standard library."""

    kept: ClassVar[dict[str, str]] = {}

    def get_state(self, task_id: str) -> State | None:
        text = self.kept.get(task_id)
        return None if text is None else json.loads(text)

    def put_state(self, task_id: str, state: State) -> None:
        self.kept[task_id] = json.dumps(state, ensure_ascii=False).encode().decode()


class TestOwn(StateStoreSuite):
    """Two methods are enough."""

    def make(self) -> BaseStateStore:
        return OwnStore()
