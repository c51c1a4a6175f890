"""The examples: each runs as a script, and does what its first sentence says."""

from __future__ import annotations

import asyncio
import runpy
import sys
from contextlib import asynccontextmanager
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from statecraft import NoTransitionAllowed, TransitionHalted, Workflow

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import ModuleType

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))


@cache
def load(name: str) -> ModuleType:
    """Import an example: they are files to be run, and no package."""
    spec = spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where a dataclass looks for the names in its annotations
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_an_example_runs_as_a_script(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It needs no arguments, prints something and complains of nothing."""
    script = str(EXAMPLES / f"{name}.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [script])
    runpy.run_path(script, run_name="__main__")
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) > 5
    assert not captured.err


def start_article(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Start the example of the article, and return what it prints."""
    load("article").main(arguments)
    return capsys.readouterr().out


def test_the_article_goes_on_where_it_stood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second start knows nothing but the file; the third finds nothing left to do."""
    folder = str(tmp_path / "a new folder")
    first = start_article(capsys, folder)
    assert "Article 1 is new." in first
    assert "Its state, being_reviewed, is in" in first
    second = start_article(capsys, folder)
    assert "Article 1 is being_reviewed." in second
    assert "Article 1: being_reviewed -> accepted" in second
    third = start_article(capsys, folder)
    assert "Article 1 is accepted." in third
    assert "->" not in third


def test_the_article_starts_over_when_it_is_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The state is forgotten; another file in the folder is not touched."""
    note = tmp_path / "note.txt"
    note.touch()
    first = start_article(capsys, str(tmp_path))
    assert start_article(capsys, str(tmp_path), "--start-over") == first
    assert note.exists()


def test_the_article_explains_its_refusals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One by the state, one by the handler, and one when nothing is left."""
    explanations = [start_article(capsys, str(tmp_path)) for _ in range(3)]
    assert (
        "Article cannot accept from 'new': 'accept' leaves 'being_reviewed'. From here: submit."
    ) in explanations[0]
    assert "False: We do not reject articles unless the reason is important" in explanations[1]
    assert "Article cannot reject from 'accepted'" in explanations[2]


@pytest.mark.parametrize(("dot", "names"), [(None, {"article.mmd"}), ("/bin/dot", None)])
def test_the_article_draws_what_can_be_drawn(
    dot: str | None,
    names: set[str] | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The Mermaid text always, the picture where the program dot is installed."""
    drawn: set[str] = set()

    def draw(_article: object, *, path: Path) -> None:
        drawn.add(path.name)

    module = load("article")
    monkeypatch.setattr(module.shutil, "which", {"dot": dot}.get)
    monkeypatch.setattr(module, "workflow_diagram", draw)
    printed = start_article(capsys, str(tmp_path))
    assert drawn == (names or {"article.mmd", "article.svg"})
    assert all(name in printed for name in drawn)


def test_the_diagram_of_the_article_marks_its_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is drawn anew at every start."""
    for state in ("being_reviewed", "accepted"):
        start_article(capsys, str(tmp_path))
        assert f"class {state} current" in (tmp_path / "article.mmd").read_text(encoding="utf-8")


def test_the_article_can_be_walked_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the beginning to the end, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    printed = start_article(capsys, "--in-memory")
    assert "Article 1 is new." in printed
    assert "Article 1 is accepted." in printed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("battery_level", "state"), [(80, "on"), (11, "on"), (10, "low_battery"), (1, "low_battery")]
)
def test_a_device_turns_on_as_far_as_its_battery_lets_it(battery_level: int, state: str) -> None:
    """The first condition that holds chooses the transition."""
    device = load("device").Device(battery_level)
    assert device.target_of("turn_on") == state
    assert device.turn_on() is True
    assert device.current_state == state
    assert device.turn_off() is True
    assert device.current_state == "off"


def test_a_device_with_an_empty_battery_stays_off() -> None:
    """The refusal names both conditions."""
    device = load("device").Device(0)
    with pytest.raises(NoTransitionAllowed) as caught:
        device.turn_on()
    first, second = caught.value.refusal.unmet
    assert first.name == "sufficient_battery_level"
    assert second.name.startswith("lambda")
    assert device.current_state == "off"


def test_the_device_example_shows_all_three(capsys: pytest.CaptureFixture[str]) -> None:
    """On, on a low battery, refused."""
    load("device").main()
    printed = capsys.readouterr().out
    assert "now it is on" in printed
    assert "now it is low_battery" in printed
    assert "refused: Device cannot turn_on from 'off'" in printed


def test_an_article_without_a_reviewer_is_not_rejected() -> None:
    """The guard says why beforehand, and again when it is fired; the handler does not run."""
    article = load("reject_guard").Article()
    refusal = article.refusal("reject")
    assert [unmet.code for unmet in refusal.unmet] == ["no-reviewer"]
    with pytest.raises(TransitionHalted, match="Nobody reviews it yet") as caught:
        article.reject("important")
    assert caught.value.code == "no-reviewer"
    assert article.notes == []
    assert article.current_state == "being_reviewed"


def test_an_article_is_not_rejected_for_an_unimportant_reason() -> None:
    """The handler halts: the event returns False, and the article stays where it is."""
    article = load("reject_guard").Article()
    article.reviewer = "Homer"
    assert article.reject("no") is False
    assert article.halted_because.startswith("We do not reject articles unless")
    assert article.current_state == "being_reviewed"
    assert article.reject("important") is True
    assert article.halted_because is None
    assert article.notes == ["Homer: important"]


def test_an_article_that_is_paid_for_is_not_withdrawn() -> None:
    """The handler raises, and its exception reaches the caller with its code."""
    article = load("reject_guard").Article(fee=1)
    with pytest.raises(TransitionHalted) as caught:
        article.withdraw()
    assert caught.value.code == "paid"
    assert article.halted_because == "The author has been paid 1"
    article.fee = 0
    assert article.withdraw() is True
    assert article.current_state == "withdrawn"


def test_the_guard_example_ends_with_a_rejection(capsys: pytest.CaptureFixture[str]) -> None:
    """Three refusals, each with its reason, and then the important one."""
    load("reject_guard").main()
    printed = capsys.readouterr().out.splitlines()
    assert any(line.endswith("The author has been paid 300 (code paid)") for line in printed)
    assert printed[-1].startswith("    now it is rejected")


def test_an_order_stores_members_of_its_enum() -> None:
    """Under the name that the table has, and can be read back from it."""
    module = load("enum_values")
    order = module.Order()
    assert order.pay() is True
    assert order.status is module.Status.PAID
    assert module.Order(module.Status.PAID).ship() is True
    assert [state.value for state in module.Order.states] == list(module.Status)


def test_a_ticket_stores_numbers() -> None:
    """Zero is a value like any other; states are compared by their order, not by their number."""
    ticket = load("enum_values").Ticket(0)
    assert ticket.start() is True
    assert ticket.code == 10
    assert ticket.current_state.between("waiting", "done")
    assert ticket.journal == ["waiting (0) -> in_work (10)"]


def test_the_example_of_values_shows_what_is_stored(capsys: pytest.CaptureFixture[str]) -> None:
    """A member of the Enum, and a number."""
    load("enum_values").main()
    printed = capsys.readouterr().out
    assert "<Status.PAID: 'paid'>" in printed
    assert "the column holds 10" in printed


def test_a_draft_needs_its_fields_only_where_it_goes_on() -> None:
    """All missing ones are reported at once, and an event that needs none is free."""
    module = load("validation")
    article = module.Article()
    assert module.missing(article, "delete") == []
    assert module.missing(article, "accept") == ["title", "text"]
    assert article.allowed_events() == ("delete",)
    with pytest.raises(TransitionHalted) as caught:
        article.accept()
    assert caught.value.code == "title"
    assert article.current_state == "draft"


def test_an_article_with_its_fields_goes_on() -> None:
    """Each step asks for what it needs itself."""
    module = load("validation")
    article = module.Article(title="The moon", text="is moving away")
    assert article.accept() is True
    assert module.missing(article, "correct") == ["reason"]
    assert not article.can("correct")
    article.reason = "by centimetres, not metres"
    assert article.correct() is True
    assert article.current_state == "corrected"


def test_the_example_of_validation_names_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """Fewer and fewer of them, until the article is accepted."""
    load("validation").main()
    printed = capsys.readouterr().out
    assert "To accept it, fill in: title, text" in printed
    assert "With a title, it lacks: text" in printed
    assert "With both it is accepted." in printed


def test_the_shop_says_what_is_stored(capsys: pytest.CaptureFixture[str]) -> None:
    """A halt undoes the payment, a rollback the event and its mail, a clerk too late is refused."""
    load("shop").main()
    printed = capsys.readouterr().out
    assert "Ada pays 5: False - 5 are missing" in printed
    assert "payments that are stored: 0" in printed
    assert "The second one is refused: Order cannot cancel from 'cancelled'" in printed
    assert printed.count("(mail to") == 2
    assert "After a rollback it is paid" in printed
    assert printed.endswith("    2 pay -> paid by Grace {'amount': 12}\n")


@pytest.fixture
def shop_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the shop behind FastAPI, with a database of its own."""
    monkeypatch.setenv("SHOP_DATABASE", f"sqlite+aiosqlite:///{tmp_path}/shop.db")
    return load("shop_api")


@asynccontextmanager
async def ordered(shop_api: Any) -> AsyncGenerator[httpx.AsyncClient]:
    """Open the shop, and let a client order something."""
    transport = httpx.ASGITransport(shop_api.app)
    async with (
        shop_api.opened(shop_api.app),
        httpx.AsyncClient(transport=transport, base_url="http://shop") as client,
    ):
        await client.post("/orders", json={"amount": 10})
        yield client


def test_refusals_of_the_shop_are_answers(shop_api: Any) -> None:
    """With status 409, and everything that the refusal knows; nothing has moved by then."""

    async def answers() -> list[Any]:
        async with ordered(shop_api) as client:
            return [
                await client.post("/orders/1/send"),
                await client.post(
                    "/webhooks/payments", json={"delivery": "d-1", "order": 1, "amount": 5}
                ),
                await client.get("/orders/1"),
                await client.post("/orders/7/send"),
                await client.post("/orders/1/pay"),
            ]

    refused, halted, seen, missing, wrong = asyncio.run(answers())
    assert refused.status_code == halted.status_code == 409
    assert refused.json() == {
        "refused": "Order cannot send from 'submitted': 'send' leaves 'paid'."
        " From here: cancel, pay.",
        "event": "send",
        "state": "submitted",
        "unmet": [],
        "events": ["cancel", "pay"],
    }
    assert halted.json() == {"refused": "5 are missing"}
    assert seen.json() == {"id": 1, "state": "submitted", "events": ["cancel", "pay"]}
    assert (missing.status_code, wrong.status_code) == (404, 422)


def test_a_webhook_of_the_shop_pays_once(shop_api: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Delivered several times, one after the other and at once, it gets the same answer."""

    async def answers() -> list[Any]:
        payment = {"delivery": "d-1", "order": 1, "amount": 12}
        async with ordered(shop_api) as client:
            calls = (client.post("/webhooks/payments", json=payment) for _ in range(4))
            return [*await asyncio.gather(*calls), await client.get("/orders/1")]

    *paid, seen = asyncio.run(answers())
    assert [(one.status_code, one.json()) for one in paid] == [(200, {"change": 2})] * 4
    assert seen.json()["state"] == "paid"
    assert capsys.readouterr().out.count("mail about order 1: paid") == 1


def test_one_of_several_clients_of_the_shop_cancels(shop_api: Any) -> None:
    """The others are refused, whether they came too late or lost a race."""

    async def answers() -> list[Any]:
        async with ordered(shop_api) as client:
            calls = (client.post("/orders/1/cancel") for _ in range(6))
            return await asyncio.gather(*calls)

    assert sorted(one.status_code for one in asyncio.run(answers())) == [200] + [409] * 5


# Typed from RFC 9293, section 3.3.2: source, what happens, what is done, target. States are
# called as in the text of the section, where the figure abbreviates them; "x" is the figure's own.
FIGURE_5 = [
    ("CLOSED", "passive OPEN", "create TCB", "LISTEN"),
    ("CLOSED", "active OPEN", "create TCB, snd SYN", "SYN-SENT"),
    ("LISTEN", "CLOSE", "delete TCB", "CLOSED"),
    ("LISTEN", "rcv SYN", "snd SYN,ACK", "SYN-RECEIVED"),
    ("LISTEN", "SEND", "snd SYN", "SYN-SENT"),
    ("SYN-SENT", "CLOSE", "delete TCB", "CLOSED"),
    ("SYN-SENT", "rcv SYN", "snd SYN,ACK", "SYN-RECEIVED"),
    ("SYN-SENT", "rcv SYN,ACK", "snd ACK", "ESTABLISHED"),
    ("SYN-RECEIVED", "rcv RST (note 1)", "", "LISTEN"),
    ("SYN-RECEIVED", "rcv ACK of SYN", "x", "ESTABLISHED"),
    ("SYN-RECEIVED", "CLOSE", "snd FIN", "FIN-WAIT-1"),
    ("ESTABLISHED", "CLOSE", "snd FIN", "FIN-WAIT-1"),
    ("ESTABLISHED", "rcv FIN", "snd ACK", "CLOSE-WAIT"),
    ("FIN-WAIT-1", "rcv ACK of FIN", "x", "FIN-WAIT-2"),
    ("FIN-WAIT-1", "rcv FIN", "snd ACK", "CLOSING"),
    ("CLOSE-WAIT", "CLOSE", "snd FIN", "LAST-ACK"),
    ("FIN-WAIT-2", "rcv FIN", "snd ACK", "TIME-WAIT"),
    ("CLOSING", "rcv ACK of FIN", "x", "TIME-WAIT"),
    ("LAST-ACK", "rcv ACK of FIN", "x", "CLOSED"),
    ("TIME-WAIT", "Timeout=2MSL", "delete TCB", "CLOSED"),
]
# "The figure omits a transition from FIN-WAIT-1 to TIME-WAIT if a FIN is received and the local
# FIN is also acknowledged." What is sent is in section 3.10.7.4: a FIN is acknowledged.
NOTE_2 = [("FIN-WAIT-1", "rcv FIN + ACK of FIN", "snd ACK", "TIME-WAIT")]
# "Similarly, receipt of a RST from any state results in a transition to LISTEN or CLOSED."
# Section 3.5.3 says which: LISTEN ignores it, SYN-RECEIVED returns to LISTEN if it came from
# there, and any other state goes to CLOSED.
NOTE_3 = [
    ("SYN-SENT", "rcv RST", "delete TCB", "CLOSED"),
    ("SYN-RECEIVED", "rcv RST", "delete TCB", "CLOSED"),
    ("ESTABLISHED", "rcv RST", "delete TCB", "CLOSED"),
    ("FIN-WAIT-1", "rcv RST", "delete TCB", "CLOSED"),
    ("FIN-WAIT-2", "rcv RST", "delete TCB", "CLOSED"),
    ("CLOSE-WAIT", "rcv RST", "delete TCB", "CLOSED"),
    ("CLOSING", "rcv RST", "delete TCB", "CLOSED"),
    ("LAST-ACK", "rcv RST", "delete TCB", "CLOSED"),
    ("TIME-WAIT", "rcv RST", "delete TCB", "CLOSED"),
]
ARROWS = [*FIGURE_5, *NOTE_2, *NOTE_3]
EVENTS = {
    "passive OPEN": "passive_open",
    "active OPEN": "active_open",
    "SEND": "send",
    "CLOSE": "close",
    "rcv SYN": "receive_syn",
    "rcv SYN,ACK": "receive_syn_and_ack",
    "rcv ACK of SYN": "receive_ack_of_syn",
    "rcv FIN": "receive_fin",
    "rcv ACK of FIN": "receive_ack_of_fin",
    "rcv FIN + ACK of FIN": "receive_fin_and_ack_of_fin",
    "rcv RST (note 1)": "receive_reset",
    "rcv RST": "receive_reset",
    "Timeout=2MSL": "time_out",
}


# One way to each state; SYN-RECEIVED is reached by a passive and by an active OPEN.
OPENED = ["active_open", "receive_syn_and_ack"]
ROADS = {
    "CLOSED": [],
    "LISTEN": ["passive_open"],
    "SYN-SENT": ["active_open"],
    "SYN-RECEIVED": ["active_open", "receive_syn"],
    "ESTABLISHED": OPENED,
    "FIN-WAIT-1": [*OPENED, "close"],
    "FIN-WAIT-2": [*OPENED, "close", "receive_ack_of_fin"],
    "CLOSE-WAIT": [*OPENED, "receive_fin"],
    "CLOSING": [*OPENED, "close", "receive_fin"],
    "LAST-ACK": [*OPENED, "receive_fin", "close"],
    "TIME-WAIT": [*OPENED, "close", "receive_fin_and_ack_of_fin"],
}
PASSIVE_ROAD = ["passive_open", "receive_syn"]


def walk(workflow: Workflow, events: list[str]) -> None:
    """Fire one event after the other."""
    for event in events:
        workflow.fire(event)


@pytest.mark.parametrize(("source", "trigger", "action", "target"), ARROWS)
def test_a_connection_follows_the_arrow(
    source: str, trigger: str, action: str, target: str
) -> None:
    """It goes where the RFC says, sends what it says, and has a control block when it says so."""
    connection = load("tcp_connection").Connection()
    walk(connection, PASSIVE_ROAD if trigger == "rcv RST (note 1)" else ROADS[source])
    assert connection.current_state.value == source
    connection.sent.clear()
    result = connection.fire(EVENTS[trigger])
    assert connection.current_state.value == target
    _, sends, segment = action.partition("snd ")
    assert result == (segment if sends else True)
    assert connection.sent == ([segment] if sends else [])
    assert (connection.control_block is None) == (target == "CLOSED")


def test_a_connection_has_no_arrow_that_the_rfc_has_not() -> None:
    """Its transitions are those of the table, and its states the eleven of the RFC."""
    spec = load("tcp_connection").Connection.workflow_spec
    arrows = {(one.source.value, one.event, one.target.value) for one in spec.transitions}
    assert arrows == {(source, EVENTS[trigger], target) for source, trigger, _, target in ARROWS}
    assert len(spec.states) == 11
    assert len(FIGURE_5) == 20


def test_a_connection_refuses_what_has_no_arrow() -> None:
    """In every state, every event that the table does not have there; nothing moves or is sent."""
    spec = load("tcp_connection").Connection.workflow_spec
    arrows = {(source, EVENTS[trigger]) for source, trigger, _, _ in ARROWS}
    for state in spec.states.values():
        for event in spec.events:
            if (state.value, event) not in arrows:
                connection = load("tcp_connection").Connection()
                walk(connection, ROADS[state.value])
                connection.sent.clear()
                with pytest.raises(NoTransitionAllowed):
                    connection.fire(event)
                assert connection.current_state == state
                assert connection.sent == []


def test_sending_makes_a_listening_connection_the_active_one() -> None:
    """After it, a reset closes the connection and does not bring it back to LISTEN."""
    connection = load("tcp_connection").Connection()
    connection.passive_open()
    assert connection.opened_passively
    assert connection.send() == "SYN"
    assert connection.receive_syn() == "SYN,ACK"
    connection.receive_reset()
    assert connection.current_state == "closed"


def test_the_two_ends_open_and_close_a_connection(capsys: pytest.CaptureFixture[str]) -> None:
    """By the three-way handshake and the normal close sequence; both are closed in the end."""
    load("tcp_connection").main()
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["client", "segment", "server", "event"]
    exchanged = [word for line in lines if "cannot" not in line for word in line.split()[2:3]]
    segments = [word for word in exchanged if word in {"SYN", "SYN,ACK", "ACK", "FIN"}]
    assert segments == ["SYN", "SYN,ACK", "ACK", "FIN", "ACK", "FIN", "ACK"]
    assert lines[-1].split()[:2] == ["CLOSED", "CLOSED"]


# The default of Bugzilla 5 (STATUS_WORKFLOW in its Bugzilla/Install.pm), which its manual draws
# under "Life Cycle of a Bug": from, to.
BUGZILLA_ARROWS = {
    ("UNCONFIRMED", "CONFIRMED"),
    ("UNCONFIRMED", "IN_PROGRESS"),
    ("UNCONFIRMED", "RESOLVED"),
    ("CONFIRMED", "IN_PROGRESS"),
    ("CONFIRMED", "RESOLVED"),
    ("IN_PROGRESS", "CONFIRMED"),
    ("IN_PROGRESS", "RESOLVED"),
    ("RESOLVED", "UNCONFIRMED"),
    ("RESOLVED", "CONFIRMED"),
    ("RESOLVED", "VERIFIED"),
    ("VERIFIED", "UNCONFIRMED"),
    ("VERIFIED", "CONFIRMED"),
}


def test_a_bug_has_the_arrows_of_bugzilla() -> None:
    """All of them, and no other."""
    spec = load("bugzilla").Bug.workflow_spec
    arrows = {(one.source.value, one.target.value) for one in spec.transitions}
    assert arrows == BUGZILLA_ARROWS


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([], "UNCONFIRMED"),
        (["confirm"], "CONFIRMED"),
        (["start_work"], "CONFIRMED"),
        (["start_work", "stop_work"], "CONFIRMED"),
    ],
)
def test_a_reopened_bug_is_confirmed_if_it_ever_was(events: list[str], status: str) -> None:
    """From RESOLVED and from VERIFIED alike; its resolution is gone."""
    module = load("bugzilla")
    for closing in ([], ["verify"]):
        bug = module.Bug(1)
        for event in events:
            bug.fire(event)
        bug.resolve(module.Resolution.WORKSFORME)
        for event in closing:
            bug.fire(event)
        assert bug.resolution is module.Resolution.WORKSFORME
        bug.reopen()
        assert bug.bug_status == status
        assert bug.resolution is None


@pytest.mark.parametrize(
    ("duplicate_of", "code"), [(None, "dupe_id_required"), (7, "dupe_of_self_disallowed")]
)
def test_a_duplicate_needs_another_bug(duplicate_of: int | None, code: str) -> None:
    """Without its number, or with the bug's own, nothing is resolved."""
    module = load("bugzilla")
    bug = module.Bug(7)
    with pytest.raises(TransitionHalted) as caught:
        bug.resolve(module.Resolution.DUPLICATE, duplicate_of)
    assert caught.value.code == code
    assert bug.resolution is None
    assert bug.current_state == "unconfirmed"


def test_a_duplicate_forgets_the_other_bug_when_it_is_reopened() -> None:
    """It is no duplicate any more."""
    module = load("bugzilla")
    bug = module.Bug(7)
    bug.resolve(module.Resolution.DUPLICATE, duplicate_of=1)
    assert bug.duplicate_of == 1
    bug.reopen()
    assert bug.duplicate_of is None


def test_the_example_of_bugzilla_tells_two_lives(capsys: pytest.CaptureFixture[str]) -> None:
    """One bug is verified; the other one was no duplicate, and is unconfirmed again."""
    load("bugzilla").main()
    printed = capsys.readouterr().out
    assert "VERIFIED FIXED" in printed
    assert "dupe_id_required" in printed
    assert printed.splitlines()[-1].endswith("UNCONFIRMED")


# -- states inside states, and several workflows on one object -----------------------------------


def walked(example: str, workflow: str, *events: str) -> list[str]:
    """Return the states of an example, one for each event."""
    walker = getattr(load(example), workflow)()
    states = [str(walker.current_state)]
    for event in events:
        assert walker.fire(event) is True
        states.append(str(walker.current_state))
    return states


def test_a_traffic_light_has_phases_for_those_who_walk() -> None:
    """The sequence of XState's example; a failure of power interrupts any phase."""
    assert walked(
        "traffic_light", "TrafficLight", *["tick", "tick", "count_down", "count_down"]
    ) == [
        "green",
        "yellow",
        "red.walk",
        "red.wait",
        "red.stop",
    ]
    events = ["tick", "tick", "count_down", "lose_power", "restore_power", "tick"]
    assert walked("traffic_light", "TrafficLight", *events)[3:] == [
        "red.wait",
        "blinking",
        "red.walk",
        "green",
    ]


def test_a_media_player_goes_on_where_it_was() -> None:
    """The sequence of a player with a history, turned off while it plays fast, and while paused."""
    events = ["power", "play", "hurry", "power", "power", "pause", "power", "power", "play", "stop"]
    assert walked("media_player", "MediaPlayer", *events) == [
        "off",
        "on.stopped",
        "on.playing.normal",
        "on.playing.fast_forward",
        "off",
        "on.playing.fast_forward",
        "on.paused",
        "off",
        "on.paused",
        "on.playing.normal",
        "on.stopped",
    ]


def test_a_review_can_be_interrupted_and_resumed() -> None:
    """It goes on at the step where it was; what is done passes on by itself, through two levels."""
    events = ["submit", "negotiate", "interrupt", "resume", "clear", "interrupt", "resume", "clear"]
    assert walked("document_review", "Document", *events) == [
        "draft",
        "under_review.legal.reading",
        "under_review.legal.negotiating",
        "on_hold",
        "under_review.legal.negotiating",
        "under_review.technical.checking",
        "on_hold",
        "under_review.technical.checking",
        "published",
    ]


def test_the_hooks_of_three_levels_run_in_this_order() -> None:
    """Exits from the leaf outward, entries inward, and only of what is left and entered."""
    document = load("document_review").Document()

    def steps(event: str) -> list[str]:
        document.steps.clear()
        document.fire(event)
        return list(document.steps)

    assert steps("submit") == [
        "before submit",
        "  leaves draft",
        "  enters the review",
        "  enters the legal department",
        "  enters the reading",
        "after submit: under_review.legal.reading",
    ]
    assert steps("interrupt") == [
        "before interrupt",
        "  leaves the reading",
        "  leaves the legal department",
        "  leaves the review",
        "after interrupt: on_hold",
    ]
    assert steps("resume") == [
        "before resume",
        "  enters the review",
        "  enters the legal department",
        "  enters the reading",
        "after resume: under_review.legal.reading",
    ]
    assert steps("clear") == [
        "before clear",
        "  leaves the reading",
        "after clear: under_review.legal.cleared",
        "before pass_on",
        "  leaves the legal department",
        "  enters the technical department",
        "after pass_on: under_review.technical.checking",
    ]
    assert steps("clear") == [
        "before clear",
        "after clear: under_review.technical.cleared",
        "before approve",
        "after approve: under_review.approved",
        "before publish",
        "  leaves the review",
        "after publish: published",
    ]


def test_an_order_is_not_sent_before_it_is_paid_for() -> None:
    """One workflow asks the other, and fires an event of it; each has its own state."""
    order = load("order").Order(price=30)
    with pytest.raises(TransitionHalted, match="nobody has paid for it"):
        order.shipping.send()
    assert (order.payment_state, order.shipping_state) == (None, None)
    assert order.payment.pay(20) is False
    assert order.payment.halted_because == "10 are missing"
    assert order.payment.pay(30)
    assert order.shipping.send()
    assert order.shipping.cancel()
    assert (order.payment_state, order.shipping_state) == ("refunded", "returned")
