"""The stores that the scenarios of acceptance run on: each shows what it keeps, and can age."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import redis
from django.db import connections
from django.db.models import F
from django.test import override_settings

from statecraft.flows.models import TaskState
from statecraft.flows.statestore import memory_store, state_store
from tests.flows.stores.tables import task_table
from tests.redis_store.servers import PREFIX, URL, free_port, require_redis

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager

MODULES = "statecraft.flows.statestore"
STORES = ("sqlite", "postgresql", "mariadb", "redis", "files", "memory")


class Keeping:
    """A store in use."""

    def texts(self) -> list[str]:
        """Return what is stored, a text for each task."""
        raise NotImplementedError

    def age(self, seconds: float) -> None:
        """Let nobody have used any task for so long."""
        raise NotImplementedError

    def empty(self) -> None:
        """Forget all tasks."""
        raise NotImplementedError

    def spoil(self, text: str) -> None:
        """Let what is stored of each task be ``text``."""
        raise NotImplementedError

    def away(self) -> AbstractContextManager[Any]:
        """Let the store not answer for a while."""
        raise NotImplementedError

    def documents(self) -> list[Any]:
        """Return what is stored, as JSON tells it."""
        return [json.loads(text) for text in self.texts()]


class _Memory(Keeping):
    @property
    def store(self) -> memory_store.StateStore:
        """The store of this process."""
        store: Any = state_store()
        found: memory_store.StateStore = store
        return found

    def texts(self) -> list[str]:
        return [kept.text for kept in self.store._kept.values()]

    def age(self, seconds: float) -> None:
        for key, kept in self.store._kept.items():
            touched = kept.touched - round(seconds * 1000)
            self.store._kept[key] = kept._replace(touched=touched)

    def empty(self) -> None:
        self.store._kept.clear()

    def spoil(self, text: str) -> None:
        for key, kept in self.store._kept.items():
            self.store._kept[key] = kept._replace(text=text)

    def away(self) -> AbstractContextManager[Any]:
        # memory always answers: a server that does not is in its place for a while
        return override_settings(
            FLOWS_STATE_STORE=f"{MODULES}.redis_store",
            FLOWS_REDIS_STATE_STORE_URL=f"redis://127.0.0.1:{free_port()}/0",
        )


class _Files(Keeping):
    def __init__(self, directory: str) -> None:
        self.directory = Path(directory)

    def files(self) -> list[Path]:
        """Return the file of each task."""
        return sorted(self.directory.glob("*.json"))

    def texts(self) -> list[str]:
        return [file.read_text("ascii") for file in self.files()]

    def age(self, seconds: float) -> None:
        for file in self.files():
            then = file.stat().st_mtime - seconds
            os.utime(file, (then, then))

    def empty(self) -> None:
        for file in self.files():
            file.unlink()

    def spoil(self, text: str) -> None:
        for file in self.files():
            file.write_text(text, "ascii")

    def away(self) -> AbstractContextManager[Any]:
        return override_settings(FLOWS_TMPFILE_STATE_STORE_DIRECTORY=f"{__file__}/nowhere")


class _Redis(Keeping):
    prefix = f"{PREFIX}acceptance:"

    def __init__(self) -> None:
        self.client = redis.Redis.from_url(URL, decode_responses=True)

    def keys(self) -> list[str]:
        """Return the key of each task."""
        found: list[str] = list(self.client.scan_iter(f"{self.prefix}*", count=1000))
        return sorted(found)

    def texts(self) -> list[str]:
        return [str(self.client.hget(key, "state")) for key in self.keys()]

    def age(self, seconds: float) -> None:
        for key in self.keys():
            left: Any = self.client.pttl(key)
            self.client.pexpire(key, left - round(seconds * 1000))

    def empty(self) -> None:
        for key in self.keys():
            self.client.delete(key)

    def spoil(self, text: str) -> None:
        for key in self.keys():
            self.client.hset(key, "state", text)

    def away(self) -> AbstractContextManager[Any]:
        return override_settings(FLOWS_REDIS_STATE_STORE_URL=f"redis://127.0.0.1:{free_port()}/0")


class _Table(Keeping):
    def __init__(self, alias: str) -> None:
        self.alias = alias

    @property
    def rows(self) -> Any:
        """The rows of all tasks."""
        return TaskState.objects.using(self.alias)

    def texts(self) -> list[str]:
        return list(self.rows.values_list("state", flat=True))

    def age(self, seconds: float) -> None:
        self.rows.update(touched=F("touched") - round(seconds * 1000))

    def empty(self) -> None:
        self.rows.all().delete()

    def spoil(self, text: str) -> None:
        self.rows.update(state=text)

    @contextmanager
    def away(self) -> Generator[None]:
        connection = connections[self.alias]
        nowhere = {"NAME": "/nowhere/at/all"} if self.alias == "sqlite" else {"PORT": free_port()}
        usual = {name: connection.settings_dict[name] for name in nowhere}
        connection.close()
        connection.settings_dict.update(nowhere)
        try:
            yield
        finally:
            connection.settings_dict.update(usual)


@contextmanager
def keeping(name: str) -> Generator[Keeping]:
    """Let flows keep their tasks in the store of this name."""
    if name == "memory":
        with override_settings(FLOWS_STATE_STORE=f"{MODULES}.memory_store"):
            yield _Memory()
    elif name == "files":
        with (
            tempfile.TemporaryDirectory() as directory,
            override_settings(
                FLOWS_STATE_STORE=f"{MODULES}.tmpfile_store",
                FLOWS_TMPFILE_STATE_STORE_DIRECTORY=directory,
            ),
        ):
            yield _Files(directory)
    elif name == "redis":
        require_redis()
        with override_settings(
            FLOWS_STATE_STORE=f"{MODULES}.redis_store",
            FLOWS_REDIS_STATE_STORE_URL=URL,
            FLOWS_REDIS_STATE_STORE_PREFIX=_Redis.prefix,
        ):
            kept = _Redis()
            yield kept
            kept.client.close()
    else:
        with task_table(name):
            yield _Table(name)
