"""Servers of PostgreSQL and MariaDB that a test has for itself, and may kill and start again."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Self

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from tests.services import do_without

SECONDS = 60.0  # as long as a server may take to answer


class OwnServer(ABC):
    """A server on a free port, with its data in a directory of its own; to be used by ``with``."""

    programs: ClassVar[tuple[str, str]]
    """What makes the data directory, and what serves."""
    places: ClassVar[str]
    """Where the programs may be, beside the path."""
    ending: ClassVar[signal.Signals] = signal.SIGKILL
    user: ClassVar[str]
    """Who runs it if the test is run by root, for whom these servers do not work."""

    def __init__(self) -> None:
        self.maker, self.server = (self._found(name) for name in self.programs)
        self.directory = Path(tempfile.mkdtemp(prefix="statecraft-server-"))
        self.data = self.directory / "data"
        self.runner = None if os.geteuid() else _existing(self.user)
        if self.runner is not None:
            shutil.chown(self.directory, self.runner)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def _found(self, name: str) -> str:
        places = map(str, sorted(Path("/").glob(self.places), reverse=True))
        found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(places))
        if found is None:
            do_without(f"needs the program {name}: install the server that it belongs to")
        return found

    def __enter__(self) -> Self:
        making = [self.maker, *self.making]
        subprocess.run(
            making, user=self.runner, cwd=self.directory, check=True, capture_output=True
        )
        self.start()
        return self

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.server, *self.serving],
                user=self.runner,
                cwd=self.directory,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + SECONDS
        while not self._answers():
            assert self.process.poll() is None, (self.directory / "log").read_text()
            assert time.monotonic() < end, f"{self.server} does not answer"
            time.sleep(0.02)

    def _answers(self) -> bool:
        engine = create_engine(self.url, poolclass=NullPool)
        with contextlib.suppress(DBAPIError), engine.connect():
            return True
        return False

    @property
    @abstractmethod
    def making(self) -> list[str]:
        """The options of the program that makes the data directory."""

    @property
    @abstractmethod
    def serving(self) -> list[str]:
        """The options of the server."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where SQLAlchemy finds it."""

    def kill(self) -> None:
        """End it as a crash would: what was not committed is gone, and it has to recover."""
        assert self.process is not None
        self.process.send_signal(self.ending)
        self.process.wait()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


class OwnPostgreSQL(OwnServer):
    """PostgreSQL."""

    programs = ("initdb", "postgres")
    places = "usr/lib/postgresql/*/bin"
    user = "postgres"
    ending = signal.SIGQUIT  # "immediate": all its processes end at once, and it recovers

    @property
    def making(self) -> list[str]:
        return ["--pgdata", str(self.data), "--auth", "trust", "--username", "postgres"]

    @property
    def serving(self) -> list[str]:
        return [
            *("-D", str(self.data), "-p", str(self.port), "-k", str(self.directory)),
            *("-c", "listen_addresses=127.0.0.1"),
        ]

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"


class OwnMariaDB(OwnServer):
    """MariaDB."""

    programs = ("mariadb-install-db", "mariadbd")
    places = "usr/sbin"
    user = "mysql"

    @property
    def making(self) -> list[str]:
        return [
            *("--no-defaults", f"--datadir={self.data}", "--skip-test-db"),
            "--auth-root-authentication-method=normal",
        ]

    @property
    def serving(self) -> list[str]:
        return [
            *("--no-defaults", f"--datadir={self.data}", f"--port={self.port}"),
            *(f"--socket={self.directory}/socket", "--bind-address=127.0.0.1"),
        ]

    @property
    def url(self) -> str:
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/mysql?charset=utf8mb4"


def _existing(user: str) -> str:
    try:
        return pwd.getpwnam(user).pw_name
    except KeyError:
        return "nobody"
