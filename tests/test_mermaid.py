"""Mermaid text: the real package draws it, and shows what was meant."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from statecraft import WorkflowSpec
from statecraft.diagrams import mermaid_text
from tests.services import do_without, require_program
from tests.test_diagrams import LABELS, NAMES, Article, Device, Player, Ticket, spec_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[..., list[dict[str, Any]]]

HERE = Path(__file__).parent / "mermaid"
FILES = ("package.json", "package-lock.json", "draw.mjs")


def _installed(npm: str) -> Path:
    """Return a directory with the package in it: made once, outside of the tree."""
    contents = b"".join((HERE / name).read_bytes() for name in FILES)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "statecraft-tests"
    place = cache / f"mermaid-{hashlib.sha256(contents).hexdigest()[:16]}"
    if place.exists():
        return place
    cache.mkdir(parents=True, exist_ok=True)
    # Made under another name, so that nobody finds it half done.
    with tempfile.TemporaryDirectory(dir=cache) as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        for name in FILES:
            shutil.copy(HERE / name, made)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
        command = [npm, "ci", *options, *patience]
        done = subprocess.run(command, cwd=made, capture_output=True, text=True, check=False)
        if done.returncode:
            said = " ".join(done.stderr.split())[:200]
            do_without(f"needs mermaid, which npm could not fetch: {said}")
        if not place.exists():
            made.rename(place)
    return place


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Return a function that has texts drawn by mermaid; see draw.mjs for what it returns."""
    node, npm = require_program("node", package="Node.js 20"), require_program("npm")
    place = _installed(npm)

    def draw(*texts: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [node, "draw.mjs"],
            input=json.dumps(texts),
            cwd=place,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        results: list[dict[str, Any]] = json.loads(done.stdout)
        assert len(results) == len(texts)
        return results

    return draw


def test_mermaid_understands_an_article(draw: Draw) -> None:
    """States, arrows, the present state, the direction and the title."""
    text = mermaid_text(Article(), name='An "article": é', orientation="portrait")
    assert draw(text) == [
        {
            "direction": "TB",
            "title": 'An "article": é',
            "states": {
                "root_start": [],
                "new": ["new"],
                "awaiting_review": ["Waits for review"],
                "being_reviewed": ["being_reviewed", "note [is_read]"],
                "accepted": ["accepted"],
                "rejected": ["rejected"],
                "root_end": [],
            },
            "parents": dict.fromkeys(["root_start", "root_end", *Article.workflow_spec.states]),
            "styles": {
                name: ["fill:#fde68a", "stroke:#b45309", "stroke-width:3px", "color:#0f172a"]
                if name == "new"
                else []
                for name in ["root_start", "root_end", *Article.workflow_spec.states]
            },
            "arrows": [
                ["root_start", "new", ""],
                ["new", "awaiting_review", "Hand in"],
                ["awaiting_review", "being_reviewed", "review"],
                ["being_reviewed", "accepted", "accept"],
                ["being_reviewed", "rejected", "reject\nguard: is_read\nguard: “it is good”"],
                ["accepted", "root_end", ""],
                ["rejected", "root_end", ""],
            ],
        }
    ]


def test_mermaid_understands_stacked_captions_and_collecting_states(draw: Draw) -> None:
    """Conditions too, transitions from a state to itself, and both directions between two."""
    device, ticket = draw(mermaid_text(Device), mermaid_text(Ticket))
    assert device["arrows"][1:] == [
        ["off", "on", "turn_on\n[is_charged and is_dry and not is_broken]\npush\nswitch"],
        ["off", "low", "turn_on\n[else]"],
        ["on", "off", "turn_off"],
        ["low", "off", "turn_off"],
        ["low", "low", "charge"],
    ]
    assert ticket["states"]["state_any_1"] == ["any state except a, the fourth"]
    assert ["state_any_1", "closed", "close\ndrop"] in ticket["arrows"]
    assert ticket["styles"]["state_any_1"] == ["fill:none", "stroke-dasharray:5 4"]


def test_mermaid_understands_states_inside_states(draw: Draw) -> None:
    """Boxes in boxes, arrows from and to them, histories, and what is left from anywhere inside."""
    player: Any = Player()
    player.power()
    (result,) = draw(mermaid_text(player))
    assert result["states"]["on"] == ["switched on / note"]
    assert result["parents"] == {
        "off": None,
        "broken": None,
        "root_start": None,
        "root_end": None,
        "on": None,
        "on_start": "on",
        "on_end": "on",
        "state_on_playing": "on",
        "state_on_playing_slow": "state_on_playing",
        "state_on_playing_fast": "state_on_playing",
        "state_on_playing_start": "state_on_playing",
        "state_any_inside_on_playing": "state_on_playing",
        "state_on_paused": "on",
        "state_on_ended": "on",
        "state_initial_on": "on",
        "state_any_inside_on": "on",
    }
    assert result["states"]["state_initial_on"] == ["H*"]
    assert result["styles"]["state_on_playing_slow"][0] == "fill:#fde68a"
    arrows = {(start, end): label for start, end, label in result["arrows"]}
    assert arrows["on_start", "state_initial_on"] == ""
    assert arrows["state_initial_on", "state_on_playing"] == ""
    assert arrows["state_on_playing_start", "state_on_playing_slow"] == ""
    assert arrows["state_on_ended", "on_end"] == ""
    assert arrows["off", "on"] == "power"
    assert arrows["on", "off"] == "power\nfinish\nwhen it is done"
    assert arrows["state_on_playing", "state_on_paused"] == "pause\nguard: “it is live”"
    assert arrows["state_any_inside_on", "state_on_playing_slow"] == "rewind"
    assert arrows["state_any_inside_on", "state_initial_on"] == "restart"
    assert arrows["state_any_inside_on_playing", "state_on_playing_slow"] == "again"


def test_any_name_of_a_state_is_understood(draw: Draw) -> None:
    """Keywords of Mermaid, what JavaScript objects have, and every name that looks like ours."""
    names = [
        *NAMES,
        *["accDescr", "accTitle", "class_", "classDef", "click", "CLICK", "clicked", "default"],
        *["href", "direction", "scale", "style", "styles", "stateDiagram", "statediagram", "root"],
        *["root_start", "root_end", "state_note", "state_note_", "state_any_1", "hide", "join"],
        *[
            "constructor",
            "toString",
            "valueOf",
            "hasOwnProperty",
            "__proto__",
            "__init__",
            "_",
            "__",
        ],
        *["fork", "choice", "current", "collects", "undefined", "null", "日本", "_1", "edge0"],
    ]
    (result,) = draw(mermaid_text(spec_of(dict.fromkeys(names))))
    assert [lines for lines in result["states"].values() if lines] == [[name] for name in names]
    named = {key: lines[0] for key, lines in result["states"].items() if lines}
    arrows = [(named[start], named[end], label) for start, end, label in result["arrows"][1:]]
    following = names[1:] + names[:1]
    assert arrows == [(name, after, "go") for name, after in zip(names, following, strict=True)]


def test_any_label_is_shown_as_it_is(draw: Draw) -> None:
    """In a state and on an arrow, whatever Mermaid, Markdown and HTML make of it elsewhere."""
    random.seed(8)
    pieces = [
        *LABELS.values(),
        *map(chr, range(32, 127)),
        *["<br/>", "&lt;", "#35;", "#lt;", "__", "_a_", "**", "```", "~~x~~", "[a](b)", "[x]: y"],
        *["1. ", "12) x", "- ", "> ", "# ", "| a | b |", "---", "===", "%%", "%%{init: {}}%%"],
        *["direction LR", "Direction  tb", "-->", ":::", "[[fork]]", "<<choice>>", "end note"],
        *["$$x$$", "http://a.b", "www.a.com", "a@b.de", "fa:fa-car", "two words", "a_b_c", "é"],
    ]
    labels = pieces + ["".join(random.choices(pieces, k=4)) for _ in range(100)]  # noqa: S311
    chunks = [labels[start : start + 40] for start in range(0, len(labels), 40)]
    results = draw(*(mermaid_text(labelled(chunk)) for chunk in chunks))
    for chunk, result in zip(chunks, results, strict=True):
        assert "error" not in result, result
        for position, label in enumerate(chunk):
            (shown,) = result["states"][f"state{position}"]
            assert plain(shown) == (plain(label) or f"state{position}")
            assert plain(result["arrows"][position + 1][2]) == (plain(label) or f"event{position}")


def plain(text: str) -> str:
    """Return the text with all white space made one space, as HTML shows it."""
    return " ".join(text.split())


def labelled(labels: list[str]) -> WorkflowSpec:
    """Return a spec with one state and one event for each label."""
    return WorkflowSpec.from_dict(
        {
            "name": "Labelled",
            "states": [
                {"name": f"state{position}", "label": label}
                for position, label in enumerate(labels)
            ],
            "events": [
                {
                    "name": f"event{position}",
                    "label": label,
                    "transitions": [{"from": f"state{position}", "to": "state0"}],
                }
                for position, label in enumerate(labels)
            ],
        }
    )


def test_lines_are_kept_on_arrows_and_joined_in_states(draw: Draw) -> None:
    """Mermaid's Markdown would read the second line of a state; it breaks long ones itself."""
    label = "first_ *x*\n_second_ \\\n1. third"
    (result,) = draw(mermaid_text(spec_of({"a": label, "b": None}, event=label)))
    assert result["states"]["a"] == [label.replace("\n", " ")]
    assert result["arrows"][1] == ["a", "b", label]


def test_thirty_states_are_understood(draw: Draw) -> None:
    """Each by its own name."""
    spec = spec_of({f"state_number_{number}": None for number in range(30)})
    assert isinstance(spec, WorkflowSpec)
    (result,) = draw(mermaid_text(spec))
    assert len(result["arrows"]) == 31
    assert set(spec.states) < set(result["states"])
