"""Processes that serve a flow are killed in the middle of it, and the next request goes on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from statecraft.flows.testing import FlowForm
from tests.django_store.databases import RUN, URLS, connected
from tests.redis_store.servers import MISSING, redis_is_missing
from tests.redis_store.servers import URL as REDIS_URL
from tests.services import do_without, require_module

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATABASE = f"statecraft_flows_{RUN}"


class Site:
    """A site that two processes of gunicorn serve, and what they have stored."""

    def __init__(self, address: str, store: str, directory: Path, server: Any) -> None:
        self.store = store
        self.directory = directory
        self.server = server
        self.client = httpx.Client(base_url=address, timeout=40)

    def sent(self, page: httpx.Response, **data: str) -> httpx.Response:
        """Send a form, again if the process that had it died; return the page that it leads to."""
        form = FlowForm(page)
        for _ in range(20):
            try:
                answer = self.client.post(form.action, data={**form.fields, **data})
            except httpx.TransportError:
                time.sleep(0.2)
            else:
                assert answer.status_code == 302, answer.text
                return self.client.get(answer.headers["Location"])
        message = "no process answers any more"
        raise AssertionError(message)

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        self.server.execute(f"SELECT count(*) FROM ordering_{table}")  # noqa: S608 - it is ours
        return int(self.server.fetchone()[0])


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Have a database of PostgreSQL that is empty, and return its address."""
    connected("postgresql").close()
    address = URLS["postgresql"].replace("+psycopg", "")
    with closing(psycopg.connect(address, autocommit=True)) as server:
        server.execute(f"CREATE DATABASE {DATABASE}".encode())
        yield address.rpartition("/")[0] + f"/{DATABASE}"
        server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)".encode())


@pytest.fixture(scope="module", params=["django_store", "redis_store"])
def site(
    request: pytest.FixtureRequest, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Return a site that is served by two processes, with one of the stores."""
    if request.param == "redis_store" and redis_is_missing():
        do_without(MISSING)
    directory, url = tmp_path_factory.mktemp("moments"), urlsplit(database)
    environment = {
        **os.environ,
        "FLOWS_TEST_HOST": str(url.hostname),
        "FLOWS_TEST_PORT": str(url.port or 5432),
        "FLOWS_TEST_USER": str(url.username),
        "FLOWS_TEST_PASSWORD": url.password or "",
        "FLOWS_TEST_DATABASE": DATABASE,
        "FLOWS_TEST_STORE": f"statecraft.flows.statestore.{request.param}",
        "FLOWS_TEST_REDIS": REDIS_URL,
        "FLOWS_TEST_PREFIX": f"flows:{RUN}:",
        "FLOWS_TEST_DIRECTORY": str(directory),
    }
    subprocess.run([sys.executable, "-m", "tests.flows.serving"], env=environment, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    require_module("gunicorn")
    served = [sys.executable, "-m", "gunicorn", "tests.flows.serving:application"]
    options = ["--workers", "2", "--bind", bind, "--timeout", "60", "--log-level", "critical"]
    with (
        subprocess.Popen([*served, *options], env=environment) as process,
        closing(psycopg.connect(database, autocommit=True)) as connection,
    ):
        found = Site(f"http://{bind}", request.param, directory, connection.cursor())
        _wait(found)
        yield found
        process.terminate()


def _wait(site: Site) -> None:
    for _ in range(200):
        try:
            site.client.get("/")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return


MOMENTS = ["before-note", "after-note", "before-order", "after-order"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_16_a_killed_process_is_followed_by_one_that_goes_on(site: Site, moment: str) -> None:
    """The form is sent again, as a browser does: there is one order, and no answer is lost."""
    site.client.cookies.clear()
    notes, orders = site.count("note"), site.count("placed")
    (site.directory / moment).touch()
    page = site.sent(site.client.get("/"), text="first")
    page = site.sent(page, text="second")
    assert site.sent(page).url.path == "/done/"
    assert not (site.directory / moment).exists()
    assert site.count("placed") == orders + 1
    done_again = moment == "after-note" and site.store == "redis_store"  # at least once
    assert site.count("note") - notes == (2 if done_again else 1)
