"""``RedisWorkflow``: its options, its keys, its values, and everything that can be wrong there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from itertools import count
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.crc import key_slot

from statecraft import (
    Event,
    StaleState,
    State,
    UnknownState,
    Workflow,
    WorkflowDefinitionError,
    WorkflowError,
)
from statecraft.redis import AsyncRedisWorkflow, RedisWorkflow
from statecraft.redis.asking import plainly
from statecraft.redis.values import ForeignValue, decoded, encoded
from statecraft.testing import place
from tests.redis_store.servers import PREFIX, URL, Servers, client

numbers = count(1)


class Stored(RedisWorkflow, client=client, prefix=PREFIX):
    """What the workflows of these tests inherit from: objects that have numbers."""

    def __init__(self, number: Any = None) -> None:
        self.id = next(numbers) if number is None else number


class Ticket(Stored):
    """A ticket that is opened and closed."""

    opened = State()
    closed = State()
    close = Event(opened.to(closed))
    reopen = Event(closed.to(opened))


class Drawer:
    """A class with a class inside."""

    class Ticket(Ticket):
        """Another kind of ticket, of the same name."""


def key_of(workflow: Any, name: str = "state") -> str:
    """Return the key of something of an object."""
    return f"{PREFIX}{{{workflow.workflow_key()}}}:{name}"


def stored(server: Any, workflow: Any) -> dict[str, str]:
    """Return what is stored of the state of an object."""
    found: dict[str, str] = server.hgetall(key_of(workflow))
    return found


# -- keys ----------------------------------------------------------------------------------------


def test_looking_stores_nothing(server: Any) -> None:
    """Asking for the state, or for what is possible, leaves no key."""
    ticket = Ticket()
    assert ticket.current_state == "opened"
    assert ticket.can("close")
    assert ticket.refusal("reopen") is not None
    assert server.keys(f"{PREFIX}*{ticket.workflow_key()}*") == []


@pytest.mark.parametrize("number", [7, 0, "", "seven"])
def test_the_key_names_module_class_and_id(number: int | str, server: Any) -> None:
    """What is stored is called after the module, the class and the id, whatever that is."""
    ticket = Ticket(number)
    ticket.close()
    key = f"{PREFIX}{{{__name__}.Ticket:{number}}}:state"
    assert server.hgetall(key) == {"value": "closed"}


def test_a_subclass_has_keys_of_its_own() -> None:
    """Objects of two classes do not meet, though their names and ids are alike."""
    inner = Drawer.Ticket()
    inner.close()
    assert Ticket(inner.id).current_state == "opened"


def test_the_key_can_be_chosen(server: Any) -> None:
    """A class may name its objects as it likes; then they need no id."""

    class Door(RedisWorkflow, client=client, prefix=PREFIX):
        ajar = State()
        shut = State()
        close = Event(ajar.to(shut))

        def workflow_key(self) -> str:
            return "the door"

    assert Door().close() is True
    assert server.hgetall(f"{PREFIX}{{the door}}:state") == {"value": "shut"}


def test_an_object_without_id_has_no_key() -> None:
    """An object that has no id yet can neither be asked nor moved."""
    ticket = Ticket()
    vars(ticket)["id"] = None
    for ask in (lambda: ticket.current_state, ticket.close):
        with pytest.raises(WorkflowError, match=r"a Ticket without an id .* workflow_key"):
            ask()


NAMES = ("plain", "}", "{", "}{", "a}b{c}", "{}", "%7D", "☃")


class Named(Ticket):
    """A ticket whose number is the whole key."""

    def workflow_key(self) -> str:
        return f"{self.id}"


@pytest.mark.parametrize("name", NAMES)
def test_all_keys_of_an_object_are_on_one_node(name: str, server: Any) -> None:
    """Braces in a key cannot break the hash tag, nor make two objects one."""
    ticket = Named(name)
    ticket.close()
    keys = ticket._in_redis().keys
    assert len({key_slot(key.encode()) for key in keys}) == 1
    assert server.hget(keys.state, "value") == "closed"
    others = {*NAMES} - {name}
    assert keys.state not in {Named(other)._in_redis().keys.state for other in others}


def test_another_writer_is_seen_at_once(server: Any) -> None:
    """The server is the truth: an object knows what anybody stored, and goes on from there."""
    ticket = Ticket()
    ticket.close()
    server.hset(key_of(ticket), "value", "opened")
    assert ticket.current_state == "opened"
    assert ticket.close() is True


# -- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("accepted", "accepted"),
        ("", ""),
        ("7", '"7"'),
        ("null", '"null"'),
        ('"', '"'),
        ("Café", "Café"),
        ('"☃"', '"\\"☃\\""'),
        (7, "7"),
        (-1.5, "-1.5"),
        (10**40, str(10**40)),
    ],
)
def test_values_are_readable_texts(value: Any, text: str) -> None:
    """A text is stored as it is, where it does not look like something else, a number as JSON."""
    assert encoded(value) == text
    assert decoded(text) == value
    assert type(decoded(text)) is type(value)


def test_equal_values_are_stored_alike() -> None:
    """What Python takes for the same value, the store does too."""
    assert {encoded(value) for value in (1, 1.0, True)} == {"1"}


@pytest.mark.parametrize("text", ["1.0", '"accepted"', "true", "null", "[1]", "NaN", '"\\ud800"'])
def test_a_foreign_value_is_no_state(text: str, server: Any) -> None:
    """What only others would write is never taken for a state, stays, and can be mended."""

    class Odd(Stored):
        opened = State(text)
        closed = State()
        close = Event(opened.to(closed))

    odd = Odd()
    server.hset(key_of(odd), "value", text)
    with pytest.raises(UnknownState) as caught:
        odd.close()
    assert str(caught.value.value) == text
    assert stored(server, odd) == {"value": text}
    place(odd, "closed")
    assert odd.current_state == "closed"


def test_foreign_values_equal_only_themselves() -> None:
    """Not a text of the same letters, which is a value."""
    assert ForeignValue("1.0") == ForeignValue("1.0")
    assert ForeignValue("1.0") != "1.0"
    assert len({ForeignValue("1.0"), ForeignValue("1.0"), "1.0"}) == 2
    assert encoded(ForeignValue("1.0")) == "1.0"


def test_an_unknown_value_moves_nothing(server: Any) -> None:
    """A value that no state has raises UnknownState, and stays as it is."""
    ticket = Ticket()
    server.hset(key_of(ticket), "value", "close")
    with pytest.raises(UnknownState, match="Did you mean 'closed'"):
        ticket.reopen()
    assert stored(server, ticket) == {"value": "close"}


def test_older_values_are_accepted_and_written_anew(server: Any) -> None:
    """A state is found by its older values too; the next transition stores a new one."""

    class Review(Stored):
        fresh = State(1, was=["new"])
        reviewed = State(was=["in_review", 5])
        review = Event(fresh.to(reviewed))

    review = Review()
    server.hset(key_of(review), "value", "new")
    assert review.current_state == "fresh"
    review.persist_state("reviewed", expected=(1, "new", None))
    assert stored(server, review) == {"value": "reviewed"}
    server.hset(key_of(review), "value", "5")
    assert review.current_state == "reviewed"
    with pytest.raises(StaleState) as caught:
        review.persist_state(1, expected=("reviewed", "in_review"))
    assert caught.value.found == 5
    assert stored(server, review) == {"value": "5"}


@pytest.mark.parametrize("decode_responses", [True, False])
@pytest.mark.parametrize("protocol", [2, 3])
def test_any_way_of_asking_will_do(
    protocol: int, decode_responses: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a client decodes, and which protocol it speaks, changes nothing."""

    class Snow(Stored, log=True):
        fallen = State("☃")
        molten = State()

        @Event(fallen.to(molten), note=("why",))
        def melt(self, why: str) -> str:
            return why.upper()

    options: dict[str, Any] = {"protocol": protocol, "decode_responses": decode_responses}
    with redis.Redis.from_url(URL, **options) as chosen:
        monkeypatch.setattr(Servers, "client", chosen)
        snow = Snow()
        assert snow.fire("melt", "é", once="☃") == "É"
        assert snow.fire("melt", "é", once="☃") == "É"
        assert snow.current_state == "molten"
        (_, record) = snow.transition_log()
        assert (record.once, record.noted, record.result) == ("☃", {"why": "é"}, "É")
        with pytest.raises(StaleState) as caught:
            snow.persist_state("molten", expected=("☃", None))
        assert caught.value.found == "molten"
        assert snow.load_remembered() == {}


# -- options -------------------------------------------------------------------------------------

CLIENT = redis.Redis.from_url(URL)
ASYNC_CLIENT = redis.asyncio.Redis.from_url(URL)


@pytest.mark.parametrize(
    ("options", "name", "what"),
    [
        ({}, "client", r"it is missing: .*client=redis\.Redis\(\)"),
        ({"client": "redis://"}, "client", "no client of the package redis, but 'str'"),
        ({"client": ASYNC_CLIENT}, "client", "RedisWorkflow takes a client of redis$"),
        ({"prefix": "{shop}"}, "prefix", "a text without braces"),
        ({"prefix": 7}, "prefix", "and not 7|not 7"),
        ({"ttl": 0}, "ttl", "a number of seconds above 0, or a timedelta, and not 0"),
        ({"ttl": True}, "ttl", "and not True"),
        ({"ttl": "1h"}, "ttl", "and not '1h'"),
        ({"ttl": timedelta(days=-1)}, "ttl", "and not datetime"),
        ({"ttl": float("nan")}, "ttl", "and not nan"),
        ({"lock_timeout": 0}, "lock_timeout", "and not 0"),
        ({"lock_wait": -1}, "lock_wait", "and not -1"),
        ({"log_keep": 0}, "log_keep", "the number of records that are kept, and not 0"),
        ({"log_keep": "all"}, "log_keep", "and not 'all'"),
    ],
)
def test_wrong_options_are_definition_errors(options: dict[str, Any], name: str, what: str) -> None:
    """An option that is missing or wrong is found when the class is created."""
    known: dict[str, Any] = {} if name == "client" else {"client": CLIENT}
    with pytest.raises(WorkflowDefinitionError, match=what) as caught:

        class Light(RedisWorkflow, **known, **options):
            dark = State()

    assert [problem.name for problem in caught.value.problems] == [name]


def test_an_async_workflow_takes_an_async_client() -> None:
    """It would not wait for the other kind, and nothing else could run meanwhile."""
    with pytest.raises(WorkflowDefinitionError, match=r"takes a client of redis\.asyncio"):

        class Light(AsyncRedisWorkflow, client=CLIENT):  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
            dark = State()


def test_a_function_must_return_a_client(monkeypatch: pytest.MonkeyPatch, server: Any) -> None:
    """What it returns is looked at when it is needed, and nothing moves."""
    ticket = Ticket()
    for wrong, what in ((None, "missing"), (ASYNC_CLIENT, "of the other kind")):
        with monkeypatch.context() as patch:
            patch.setattr(Servers, "client", wrong)
            with pytest.raises(WorkflowError, match=f"client: it is {what}"):
                ticket.close()
    assert stored(server, ticket) == {}


def test_what_has_to_be_waited_for_cannot_be_run_plainly() -> None:
    """A client that only looks like one of the plain kind is found out."""
    with pytest.raises(WorkflowError, match="has to be waited for"):
        plainly(asyncio.sleep(0))


def test_options_are_inherited_one_by_one() -> None:
    """A class without states can bring the options, for classes and for specs; the nearest wins."""

    class Quick(RedisWorkflow, ttl=timedelta(seconds=60), prefix="quick:"):
        """Brings how long things are kept."""

    class Both(Stored, Quick, ttl=30):
        """Inherits the client from one base, and something else from the other."""

    settings = Both._redis_settings
    assert settings.prefix == PREFIX
    assert settings.milliseconds == 30_000
    assert Quick._redis_settings.milliseconds == 60_000
    made: Any = Both.from_spec(Ticket.workflow_spec, name="Made")
    assert made().fire("close") is True


def test_options_survive_a_decorator() -> None:
    """A decorator that builds the class again keeps its client."""

    @dataclass(slots=True)
    class Light(RedisWorkflow, client=client, prefix=PREFIX):
        id: int

        dark = State()
        light = State()
        switch = Event(dark.to(light))

    light = Light(next(numbers))
    assert light.switch() is True
    assert light.current_state == "light"


def test_it_mixes_with_the_metaclass() -> None:
    """With Workflow among its bases, a class sees the names that are written twice."""
    with pytest.raises(WorkflowDefinitionError, match="writes this name twice"):

        class Light(RedisWorkflow, Workflow, client=client):
            dark = State()
            dark = State()  # noqa: PIE794 - that is the mistake


class Colour(Enum):
    """Members that stand for texts."""

    RED = "red"
    BLUE = (0, 0, 255)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ((1, 2), r"its value \(1, 2\) cannot be stored in Redis\. Take a text, a number"),
        (float("inf"), "its value inf cannot be stored"),
        ("\ud800", "cannot be stored"),
        (Colour.BLUE, "cannot be stored"),
        (Colour.RED, "it would be stored as red, which stands for 'dark' already"),
    ],
)
def test_what_cannot_be_stored_is_a_definition_error(value: Any, what: str) -> None:
    """A value that would not come back, or would be another state's, is found at once."""
    with pytest.raises(WorkflowDefinitionError, match=what) as caught:

        class Light(Stored):
            dark = State("red")
            light = State(value)

    assert [problem.name for problem in caught.value.problems] == ["light"]


def test_a_missing_package_names_the_extra() -> None:
    """The error says what to install, and everything else works without it."""
    code = """if True:
        import sys
        sys.modules["redis"] = None
        import statecraft
        try:
            import statecraft.redis
        except ImportError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        'statecraft.redis needs the package redis: pip install "statecraft-fsm[redis]"\n'
    )


# -- how long things are kept --------------------------------------------------------------------


def test_nothing_ends_by_itself_unless_it_is_said(server: Any) -> None:
    """Without ttl, what is stored stays; only the tokens of the calls go."""
    ticket = Ticket()
    ticket.close()
    assert server.ttl(key_of(ticket)) == -1
    assert 0 < server.ttl(key_of(ticket, "tokens")) <= 600


def test_everything_is_kept_as_long(server: Any) -> None:
    """With ttl, all that is stored of an object ends at one moment, which a transition puts off."""

    class Basket(Stored, ttl=timedelta(hours=1), log=True):
        empty = State()
        filled = State()
        fill = Event(empty.to(filled))
        take_out = Event(filled.to(empty))

    basket = Basket()
    basket.fire("fill", once="key")
    keys = [key_of(basket, name) for name in ("state", "log", "once")]
    assert len({server.pexpiretime(key) for key in keys}) == 1
    assert 3_590_000 < server.pttl(keys[0]) <= 3_600_000
    for key in keys:
        server.pexpire(key, 600_000)
    basket.take_out()
    assert all(server.pttl(key) > 3_590_000 for key in keys)
    server.delete(*keys)  # as if the time were over
    assert basket.current_state == "empty"
    assert basket.transition_log() == ()


def test_what_compounds_remember_is_stored_with_the_state(server: Any) -> None:
    """In the same call; a change that has none leaves what was remembered before."""
    ticket = Ticket()
    assert ticket.load_remembered() == {}
    remembered = {"parked": "parked.first", "☃": "é"}
    change = change_of(ticket)
    ticket.persist_change(change._replace(remembered=remembered))
    assert ticket.load_remembered() == remembered
    with pytest.raises(StaleState):
        ticket.persist_change(change._replace(remembered={}))
    assert ticket.load_remembered() == remembered
    ticket.reopen()
    assert ticket.load_remembered() == remembered
    ticket.persist_change(change._replace(remembered={}))
    assert ticket.load_remembered() == {}
    assert stored(server, ticket) == {"value": "closed", "remembered": "{}"}


def test_an_async_workflow_remembers_too() -> None:
    """What a compound remembers is waited for like everything else."""

    class Parked(AsyncRedisWorkflow, client=lambda: Servers.client, prefix=PREFIX):
        here = State()
        there = State()
        go = Event(here.to(there))
        id = next(numbers)

    async def scenario() -> tuple[Any, Any]:
        async with redis.asyncio.Redis.from_url(URL) as waiting:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Servers, "client", waiting)
                parked = Parked()
                before = await parked.load_remembered()
                await parked.persist_change(change_of(parked)._replace(remembered={"a": "b"}))
                return before, await parked.load_remembered()

    assert asyncio.run(scenario()) == ({}, {"a": "b"})


def change_of(workflow: Any) -> Any:
    """Return what is stored by a transition from the first state to the second."""
    from statecraft import Change, Transition

    source, target = list(workflow.workflow_spec.states.values())[:2]
    transition = Transition("close", source, target, (), {})
    return Change(target.value, (source.value, None), transition)
