"""The state store on Redis: which server it asks, what it keeps, and answers that are lost."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import redis
from django.test import override_settings

from statecraft.flows.errors import StateStoreUnavailable
from statecraft.flows.statestore import redis_store
from statecraft.flows.statestore.base import key_of
from tests.redis_store.servers import PREFIX, URL, OwnServer, Proxy, free_port, require_redis
from tests.services import require_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PREFIX_HERE = f"{PREFIX}flows-store:"


@pytest.fixture
def server() -> Iterator[Any]:
    """Let the store use the server that is there, by its URL; gives a client."""
    require_redis()
    with (
        redis.Redis.from_url(URL) as client,
        override_settings(
            FLOWS_REDIS_STATE_STORE_URL=URL, FLOWS_REDIS_STATE_STORE_PREFIX=PREFIX_HERE
        ),
    ):
        yield client
        keys: list[bytes] = list(client.scan_iter(f"{PREFIX_HERE}*", count=1000))
        for key in keys:
            client.delete(key)


def test_what_is_kept(server: Any) -> None:
    """One hash, under the prefix, that ends with the idle time."""
    task = uuid4().hex
    key = PREFIX_HERE + key_of(task)
    redis_store.StateStore().swap_state(task, {"revision": 4}, None)
    kept = server.hgetall(key)
    assert len(kept.pop(b"token")) == 16
    assert kept == {b"state": b'{"revision":4}', b"revision": b"4"}
    assert 1_190_000 < server.pttl(key) <= 1_200_000


@pytest.mark.parametrize("known", [True, False], ids=["by hash", "by text"])
def test_the_script_is_sent_again_after_a_restart(server: Any, *, known: bool) -> None:
    """A server that does not know it gets its text."""
    if not known:
        server.script_flush()
    assert redis_store.StateStore().swap_state(uuid4().hex, {"revision": 1}, None)


def test_the_server_is_named_by_its_parts(tmp_path: Path) -> None:
    """Host, port, number and password, as django-flows has it."""
    own = OwnServer(tmp_path)
    own.start()
    task, store = uuid4().hex, redis_store.StateStore()
    try:
        with own.client(db=3) as client:
            client.config_set("requirepass", "open sesame")
            with override_settings(
                FLOWS_REDIS_STATE_STORE_HOST="127.0.0.1",
                FLOWS_REDIS_STATE_STORE_PORT=own.port,
                FLOWS_REDIS_STATE_STORE_DB=3,
                FLOWS_REDIS_STATE_STORE_PASSWORD="open sesame",  # noqa: S106 - for this test
            ):
                store.put_state(task, {"revision": 1})
                assert store.get_state(task) == {"revision": 1}
            assert client.keys() == [f"statecraft:flows:{key_of(task)}".encode()]
            with (
                override_settings(FLOWS_REDIS_STATE_STORE_PORT=own.port),
                pytest.raises(StateStoreUnavailable, match=r"(?i)authenticat") as caught,
            ):
                store.get_state(task)
        assert caught.value.store == f"Redis at localhost:{own.port}, database 0"
    finally:
        own.kill()


def test_the_line_may_be_encrypted(tmp_path: Path) -> None:
    """By a URL that begins with rediss."""
    own = OwnServer(tmp_path)
    secure, key, certificate = free_port(), tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *(require_program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-keyout", str(key), "-out", str(certificate), "-days", "2"),
            *("-subj", "/CN=statecraft", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    own.command += ["--tls-port", str(secure), "--tls-auth-clients", "no"]
    own.command += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
    own.command += ["--tls-ca-cert-file", str(certificate)]
    own.start()
    url, task, store = f"rediss://127.0.0.1:{secure}/0", uuid4().hex, redis_store.StateStore()
    try:
        with override_settings(FLOWS_REDIS_STATE_STORE_URL=f"{url}?ssl_ca_certs={certificate}"):
            assert store.swap_state(task, {"revision": 1}, None)
            assert store.get_state(task) == {"revision": 1}
        with (
            override_settings(FLOWS_REDIS_STATE_STORE_URL=url),
            pytest.raises(StateStoreUnavailable, match="certificate"),
        ):
            store.get_state(task)
    finally:
        own.kill()


@pytest.fixture
def proxy(server: Any) -> Iterator[Proxy]:
    """Start a proxy between the store and the server."""
    started = Proxy()
    yield started
    started.close()


def test_a_call_that_is_sent_again_has_won(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer was lost, and its token tells that it was executed."""
    task, store = uuid4().hex, redis_store.StateStore()
    store.put_state(task, {"revision": 1})
    with redis.Redis(**proxy.options(retries=1)) as client:
        monkeypatch.setattr(redis_store, "_client", lambda: client)
        proxy.lose()
        assert store.swap_state(task, {"revision": 2}, 1)
        assert proxy.calls == 2
        assert not store.swap_state(task, {"revision": 2}, 1)


def test_an_answer_that_is_lost_for_good_is_said(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state is whole, whichever it is."""
    task, store = uuid4().hex, redis_store.StateStore()
    store.put_state(task, {"revision": 1})
    with redis.Redis(**proxy.options(retries=0)) as client, monkeypatch.context() as patch:
        patch.setattr(redis_store, "_client", lambda: client)
        proxy.lose()
        with pytest.raises(StateStoreUnavailable):
            store.swap_state(task, {"revision": 2}, 1)
    assert store.get_state(task) == {"revision": 2}


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("statecraft.flows.statestore.redis_store", "redis", "redis"),
        ("statecraft.flows.additional.celery", "celery", "celery"),
    ],
)
def test_without_the_package_the_error_says_what_to_install(
    module: str, package: str, extra: str
) -> None:
    """By the name of the extra."""
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        f"try: import {module}\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith(f'pip install "statecraft-fsm[{extra}]"\n')
    assert done.stdout.startswith(f"{module} needs the package ")
