"""When the server does not answer, answers too late, forgets everything, or refuses."""

from __future__ import annotations

import asyncio
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
import redis
import redis.asyncio
import redis.exceptions
import redis.sentinel
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from statecraft import (
    Event,
    NoTransitionAllowed,
    OutcomeUnknown,
    StaleState,
    State,
    WorkflowError,
)
from statecraft.redis import AsyncRedisWorkflow, RedisWorkflow, asking
from statecraft.redis.settings import server_of
from tests.redis_store.servers import PREFIX, OwnServer, Proxy, Servers, client, free_port

numbers = count(1)


class Ring(RedisWorkflow, client=client, prefix=PREFIX, log=True):
    """Three states in a ring; the events are without code, or with some."""

    first = State()
    second = State()
    third = State()

    step = Event(first.to(second), second.to(third), third.to(first))
    before_storing: Any = staticmethod(lambda: None)

    def __init__(self, number: int | None = None) -> None:
        self.id = next(numbers) if number is None else number

    @Event(first.to(second), second.to(third), third.to(first))
    def walk(self) -> str:
        """Do something before the state is stored."""
        self.before_storing()
        return "walked"


def found(server: Any, ring: Any) -> tuple[str | None, list[str]]:
    """Return the state and the records, as the server itself has them."""
    keys = ring._in_redis().keys
    records = [fields["target"] for _, fields in server.xrange(keys.log)]
    return server.hget(keys.state, "value"), records


@pytest.fixture
def ring(proxy: Proxy, monkeypatch: pytest.MonkeyPatch, request: Any) -> Any:
    """Return an object in its second state, whose client goes through the proxy."""
    ring = Ring()
    ring.step()  # and the script is known from now on
    retries = getattr(request, "param", 0)
    through = redis.Redis(**proxy.options(retries))
    monkeypatch.setattr(Servers, "client", through)
    yield ring
    through.close()


def other(server: Any, ring: Any) -> Any:
    """Return another object for the same state, whose client has no proxy."""

    class Other(Ring, client=server):
        def workflow_key(self) -> str:
            key: str = ring.workflow_key()
            return key

    return Other()


# -- lost replies --------------------------------------------------------------------------------


@pytest.mark.parametrize("ring", [2], indirect=True)
def test_a_call_that_is_sent_again_happens_once(ring: Any, proxy: Proxy, server: Any) -> None:
    """A client that lost the reply sends the call again, and learns that it has succeeded."""
    proxy.lose()
    proxy.lose()
    assert ring.fire("walk", once="key") == "walked"
    assert proxy.calls == 4  # one that looks for the key, and three for one transition
    assert found(server, ring) == ("third", ["first", "second", "third"])


@pytest.mark.parametrize("ring", [1], indirect=True)
def test_a_call_that_is_sent_again_is_recognised_though_others_came_between(
    ring: Any, proxy: Proxy, server: Any
) -> None:
    """What others did since then is not undone, and nobody is told that he has lost."""
    proxy.lose(lambda: other(server, ring).step())
    assert ring.step() is True
    assert found(server, ring) == ("first", ["first", "second", "third", "first"])


@pytest.mark.parametrize("ring", [1], indirect=True)
def test_a_loser_whose_reply_is_lost_has_lost(ring: Any, proxy: Proxy, server: Any) -> None:
    """A call that was refused is refused again."""
    ring.before_storing = lambda: other(server, ring).step()
    proxy.lose()
    with pytest.raises(StaleState):
        ring.walk()
    assert found(server, ring) == ("third", ["first", "second", "third"])


@pytest.mark.parametrize("ring", [0, 1], indirect=True)
def test_a_writer_without_a_reply_asks_what_became_of_it(
    ring: Any, proxy: Proxy, server: Any, request: Any
) -> None:
    """A client that gives up is asked no more: the store finds out, and the event succeeds."""
    for _ in range(request.node.callspec.params["ring"] + 1):
        proxy.lose()
    assert ring.step() is True
    assert found(server, ring) == ("third", ["first", "second", "third"])


def test_a_call_that_comes_too_late_does_nothing(ring: Any, proxy: Proxy, server: Any) -> None:
    """A writer who was told that nothing was stored can rely on it: the call is void."""
    proxy.hold()
    with pytest.raises(WorkflowError, match="Nothing was stored, so it can be fired") as caught:
        ring.step()
    assert isinstance(caught.value.__cause__, redis.ConnectionError)
    assert not isinstance(caught.value, OutcomeUnknown)
    proxy.release()
    assert found(server, ring) == ("second", ["first", "second"])
    assert ring.step() is True


def test_where_nobody_can_be_asked_the_outcome_is_unknown(
    ring: Any, proxy: Proxy, server: Any
) -> None:
    """The error says so, and what to do: an event with a key can be fired again."""
    proxy.lose(proxy.close)
    what = r"whether 'step' of .*:\d+ was stored is unknown: .*[a-z]\. Look at its state"
    with pytest.raises(OutcomeUnknown, match=what) as caught:
        ring.step()
    assert f"Redis at localhost:{proxy.port}, database" in str(caught.value)
    assert isinstance(caught.value.__cause__, redis.ConnectionError)
    assert found(server, ring)[0] == "third"  # it was stored: who fires it again does so twice


def test_with_a_key_it_is_safe_to_fire_again(
    ring: Any, proxy: Proxy, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the outcome was, it has happened once."""
    ring.before_storing = lambda: proxy.lose(proxy.close)
    with pytest.raises(OutcomeUnknown):
        ring.fire("walk", once="key")
    monkeypatch.setattr(Servers, "client", server)
    ring.before_storing = lambda: None
    assert ring.fire("walk", once="key") == "walked"
    assert found(server, ring) == ("third", ["first", "second", "third"])


def test_a_refused_attempt_is_kept_once(
    proxy: Proxy, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records of refusals have tokens, too."""

    class Strict(Ring, log="refusals"):
        back = Event(Ring.second.to(Ring.first))

    strict = Strict()
    with redis.Redis(**proxy.options(1)) as through:
        monkeypatch.setattr(Servers, "client", through)
        proxy.lose()
        with pytest.raises(NoTransitionAllowed):
            strict.back()
    assert found(server, strict) == (None, ["first", "first"])


def test_an_answer_that_comes_too_late_is_no_answer(
    ring: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ten minutes a call is no longer recognised, so that a refusal of it says nothing."""

    def be_slow() -> None:
        other(server, ring).persist_state("third", expected=("second",))
        monkeypatch.setattr(asking, "monotonic", iter([0.0, 601.0]).__next__)

    ring.before_storing = be_slow
    with pytest.raises(OutcomeUnknown, match="is unknown: the answer took so long"):
        ring.walk()
    assert found(server, ring)[0] == "third"


def test_awaited_calls_are_recognised_too(
    proxy: Proxy, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is sent again, one whose reply is lost, and one that comes too late."""

    class Waiting(AsyncRedisWorkflow, client=client, prefix=PREFIX):
        first = State()
        second = State()
        third = State()
        step = Event(first.to(second), second.to(third), third.to(first))
        id = next(numbers)

    async def scenario() -> None:
        waiting = Waiting()
        for retries in (1, 0):
            options: dict[str, Any] = proxy.options(0) | {"retry": AsyncRetry(NoBackoff(), retries)}
            async with redis.asyncio.Redis(**options) as through:
                monkeypatch.setattr(Servers, "client", through)
                await waiting.load_state()
                proxy.lose()
                assert await waiting.step() is True
        async with redis.asyncio.Redis(**options) as through:
            monkeypatch.setattr(Servers, "client", through)
            proxy.hold()
            with pytest.raises(WorkflowError, match="Nothing was stored"):
                await waiting.step()
            await asyncio.to_thread(proxy.release)
            assert await waiting.refresh_state() == "third"

    asyncio.run(scenario())


# -- servers that are not there, forget, or refuse -----------------------------------------------


def test_a_server_that_is_not_there_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which one, and the client's own is its cause."""
    ring = Ring()
    retry = Retry(NoBackoff(), 0)
    with redis.Redis.from_url("redis://:secret@localhost:1/3", retry=retry) as nobody:
        monkeypatch.setattr(Servers, "client", nobody)
        for ask in (ring.step, ring.walk, ring.transition_log, lambda: ring.current_state):
            with pytest.raises(WorkflowError, match="so nothing was stored") as caught:
                ask()
            assert str(caught.value).startswith("Redis at localhost:1, database 3 cannot be asked")
            assert "secret" not in str(caught.value)
            assert isinstance(caught.value.__cause__, redis.ConnectionError)
            assert not isinstance(caught.value, OutcomeUnknown)
        with pytest.raises(WorkflowError, match="so nothing was stored"):
            ring.prune_log(keep=1)


def test_on_error_deals_with_the_server_as_well(server: Any) -> None:
    """What goes wrong while storing is for on_error, like all that goes wrong before."""

    class Careful(Ring):
        def on_error(self, error: Exception) -> None:
            self.error = error

    careful = Careful()
    server.set(careful._in_redis().keys.log, "no stream")
    assert careful.walk() is False
    assert isinstance(careful.error, WorkflowError)
    assert careful.current_state == "first"


@pytest.mark.parametrize("name", ["state", "log", "once", "tokens"])
def test_a_key_of_another_type_moves_nothing(name: str, server: Any) -> None:
    """What somebody else keeps there is left alone, and nothing of the transition is stored."""
    ring = Ring()
    keys = ring._in_redis().keys
    key = getattr(keys, name)
    server.set(key, "mine")
    with pytest.raises(WorkflowError, match="WRONGTYPE"):
        ring.fire("walk", once="k")
    assert server.get(key) == "mine"
    assert server.exists(*keys) == 1


def test_a_full_server_moves_nothing(
    own_server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without room for the transition, none of it is stored; what is there can be read."""
    ring = Ring()
    with own_server.client(decode_responses=True) as own:
        monkeypatch.setattr(Servers, "client", own)
        ring.step()
        own.config_set("maxmemory", 1)
        with pytest.raises(
            WorkflowError, match=r"Nothing was stored, so it can be fired"
        ) as caught:
            ring.step()
        assert isinstance(caught.value.__cause__, redis.ResponseError)
        assert found(own, ring) == ("second", ["first", "second"])
        own.config_set("maxmemory", 0)
        assert ring.step() is True


def test_a_replica_moves_nothing(own_server: OwnServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether a server that became a replica has stored something before it did."""
    ring = Ring()
    with own_server.client(decode_responses=True) as own:
        monkeypatch.setattr(Servers, "client", own)
        ring.step()
        ring.before_storing = lambda: own.replicaof("127.0.0.1", "1")
        with pytest.raises(OutcomeUnknown, match="read only replica"):
            ring.walk()
        assert found(own, ring) == ("second", ["first", "second"])


def test_scripts_that_are_forgotten_are_told_again(
    own_server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SCRIPT FLUSH at any time changes nothing."""
    ring = Ring()
    with own_server.client(decode_responses=True) as own:
        monkeypatch.setattr(Servers, "client", own)
        for _ in range(3):
            assert ring.fire("step", once=f"k{_}") is True
            own.script_flush()
        assert found(own, ring) == ("first", ["first", "second", "third", "first"])


def test_a_flushed_server_knows_nothing(
    own_server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing stored means the initial state; who has read before is stale, and nothing moves."""
    ring = Ring()
    with own_server.client(decode_responses=True) as own:
        monkeypatch.setattr(Servers, "client", own)
        ring.fire("step", once="k")
        ring.before_storing = own.flushall
        with pytest.raises(StaleState) as caught:
            ring.walk()
        assert caught.value.found is None
        assert ring.current_state == "first"
        assert found(own, ring) == (None, [])
        assert ring.walk() == "walked"  # nothing was there, and nothing is lost: flushed before it
        assert found(own, ring) == ("second", ["first", "second"])


def test_a_server_that_is_started_again_knows_all(
    own_server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an event has stored is on the disk, if the server is told to keep it there."""
    ring = Ring()
    options: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "decode_responses": True}
    with own_server.client(**options) as own:
        monkeypatch.setattr(Servers, "client", own)
        ring.step()
        ring.before_storing = own_server.kill
        with pytest.raises(OutcomeUnknown):
            ring.walk()
        own_server.start()
        assert found(own, ring) == ("second", ["first", "second"])
        ring.before_storing = lambda: None
        assert ring.step() is True
        assert found(own, ring)[0] == "third"


def failing(*_: Any) -> None:
    """Be a node that no client can find."""
    raise redis.exceptions.SlotNotCoveredError("no node")


def test_a_cluster_keeps_an_object_on_one_node(tmp_path: Any, monkeypatch: Any) -> None:
    """All keys of an object have one hash tag, so that the one call is possible."""
    # without a port of its own, the bus takes one that may be beyond the last
    options = ("--cluster-enabled", "yes", "--cluster-require-full-coverage", "no")
    server = OwnServer(tmp_path, *options, "--cluster-port", str(free_port()))
    server.start()
    try:
        with server.client() as node:
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            while node.cluster("INFO")["cluster_state"] != "ok":
                pass
        with redis.RedisCluster("127.0.0.1", server.port, decode_responses=True) as cluster:
            monkeypatch.setattr(Servers, "client", cluster)

            class Locked(Ring, lock=True):
                pass

            locked = Locked()
            assert locked.fire("walk", once="k") == locked.fire("walk", once="k") == "walked"
            assert found(cluster, locked) == ("second", ["first", "second"])
            monkeypatch.setattr(cluster, "evalsha", failing)
            with pytest.raises(WorkflowError, match="the Redis cluster of"):
                locked.step()
            assert server_of(cluster) == f"the Redis cluster of 127.0.0.1:{server.port}"
    finally:
        server.kill()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("redis://:secret@example.com:7000/2", "Redis at example.com:7000, database 2"),
        ("redis://", "Redis at localhost:6379, database 0"),
        ("unix:///run/redis.sock?db=1", "Redis at /run/redis.sock, database 1"),
    ],
)
def test_errors_name_the_server(url: str, name: str) -> None:
    """Where it is, and which database, but no password."""
    assert server_of(redis.Redis.from_url(url)) == name


def test_errors_name_the_service_of_a_sentinel() -> None:
    """And a cluster by one of its nodes."""
    sentinel: Any = redis.sentinel.Sentinel([("localhost", 1)])  # type: ignore[no-untyped-call]
    assert server_of(sentinel.master_for("shop")) == "Redis behind the sentinel service 'shop'"
    nobody: Any = SimpleNamespace(nodes_manager=SimpleNamespace(startup_nodes={}))
    assert server_of(nobody) == "the Redis cluster of no node"
