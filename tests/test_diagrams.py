"""Diagrams: what is drawn, how it is written, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import graphviz  # type: ignore[import-untyped] # it comes without types
import pytest

from statecraft import (
    ANY,
    AsyncWorkflow,
    Compound,
    Event,
    Guard,
    State,
    Workflow,
    WorkflowError,
    WorkflowSpec,
    workflow_diagram,
)
from statecraft.diagrams import mermaid_text
from tests.services import require_program

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"


class Article(Workflow):
    """The article of the README, with a little of everything."""

    new = State()
    awaiting_review = State(label="Waits for review")
    being_reviewed = State()
    accepted = State(final=True)
    rejected = State(final=True)

    submit = Event(new.to(awaiting_review), label="Hand in")
    review = Event(awaiting_review.to(being_reviewed))
    accept = Event(being_reviewed.to(accepted), meta={"weight": 8})
    reject = Event(
        being_reviewed.to(rejected, guard=[Guard("is_read"), Guard("is_bad", because="it is good")])
    )
    note = Event(being_reviewed.internal(if_="is_read"))

    is_read = is_bad = True


class Player(Workflow):
    """States inside states, one of which remembers."""

    off = State()

    class on(Compound, history=True, label="switched on", meta={"graphviz": {"margin": "20"}}):
        class playing(Compound):
            slow = State()
            fast = State()

        paused = State()
        ended = State(final=True)

    broken = State(final=True)

    power = Event(off.to(on), on.to(off))
    finish = Event(on.on_done(off))
    faster = Event(on.playing.slow.to(on.playing.fast))
    pause = Event(on.playing.to(on.paused), guard=Guard("is_free", because="it is live"))
    end = Event(on.paused.to(on.ended))
    rewind = Event(on.to(on.playing.slow))
    restart = Event(on.to(on))
    again = Event(on.playing.to(on.playing))
    leave = Event(on.paused.to(on.playing))
    note = Event(on.internal())
    drop = Event(ANY.to(broken))

    is_free = True


class Device(Workflow):
    """Conditions, several events between two states, and a transition to itself."""

    off = State()
    on = State()
    low = State()

    turn_on = Event(off.to(on, if_=["is_charged", "is_dry"], unless="is_broken"), off.to(low))
    push = Event(off.to(on), meta={"weight": 2.6})
    switch = Event(off.to(on), meta={"weight": 1})
    turn_off = Event((on | low).to(off), meta={"weight": "heavy"})
    charge = Event(low.to(low))
    is_charged = is_dry = is_broken = True


class Ticket(Workflow):
    """Seven states, and events that leave nearly all of them."""

    a = State()
    b = State()
    c = State()
    d = State(label="the fourth")
    e = State()
    f = State()
    lost = State()
    closed = State(final=True)

    close = Event(ANY.except_(a, d).to(closed))
    drop = Event(ANY.except_(a, d).to(closed))
    burn = Event(ANY.except_(a, d).to(closed), meta={"graphviz": {"color": "red"}})
    lose = Event(ANY.to(lost), lost.to(lost))
    few = Event(ANY.except_(a, b, c).to(closed))
    move = Event((a | b | c | d).to(f))


def spec_of(states: dict[str, Any], *, event: str = "go", meta: Any = None) -> WorkflowSpec:
    """Return a spec with these states and their labels, joined in a ring by one event."""
    names = list(states)
    pairs = zip(names, names[1:] + names[:1], strict=True)
    return WorkflowSpec.from_dict(
        {
            "name": "Sample",
            "states": [
                {"name": name} | ({} if label is None else {"label": label})
                for name, label in states.items()
            ],
            "events": [
                {
                    "name": "go",
                    "label": event,
                    "meta": meta or {},
                    "transitions": [{"from": source, "to": target} for source, target in pairs],
                }
            ],
        }
    )


def source_of(target: object, **options: Any) -> str:
    """Return the text in the language of Graphviz."""
    return str(workflow_diagram(target, **options).source)


def statement(target: object, start: str, **options: Any) -> str:
    """Return the one statement of the DOT text that starts so."""
    lines = (line.strip() for line in source_of(target, **options).splitlines())
    (found,) = [line for line in lines if line.startswith(f"{start} [")]
    return found


def drawn(target: object, **options: Any) -> dict[str, list[str]]:
    """Return what the SVG shows: the lines of the graph, its nodes and edges, by their titles."""
    require_program("dot", package="graphviz")
    graph: Any = workflow_diagram(target, **options)
    shown: dict[str, list[str]] = {}
    picture = ET.fromstring(graph.pipe(format="svg"))  # noqa: S314 - dot wrote it just now
    for group in picture.iter(f"{SVG}g"):
        title = group.findtext(f"{SVG}title")
        if title is not None:
            texts = group.iterfind(f"{SVG}text")
            shown.setdefault(title, []).extend(text.text or "" for text in texts)
    return shown


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take the program dot away."""
    empty = tmp_path / "bin"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))


# What is drawn


def test_the_mermaid_text_of_an_article() -> None:
    """States in order, the initial dot, captions, the end, and the present state marked."""
    article = Article()
    article.submit()
    assert mermaid_text(article, name="An article") == (
        "---\n"
        'title: "An article"\n'
        "---\n"
        "stateDiagram-v2\n"
        "    direction LR\n"
        "    new\n"
        "    awaiting_review : Waits for review\n"
        "    being_reviewed : being_reviewed\n"
        "    being_reviewed : note [is_read]\n"
        "    accepted\n"
        "    rejected\n"
        "    [*] --> new\n"
        "    new --> awaiting_review : Hand in\n"
        "    awaiting_review --> being_reviewed : review\n"
        "    being_reviewed --> accepted : accept\n"
        "    being_reviewed --> rejected"
        " : reject<br/>guard#58; is_read<br/>guard#58; “it is good”\n"
        "    accepted --> [*]\n"
        "    rejected --> [*]\n"
        "    classDef current fill:#fde68a,stroke:#b45309,stroke-width:3px,color:#0f172a\n"
        "    class awaiting_review current\n"
    )


def test_the_picture_of_an_article() -> None:
    """Dot shows every state with what stays inside of it, and every arrow with its caption."""
    assert drawn(Article) == {
        "Article": [],
        "(initial)": [],
        "new": ["new"],
        "awaiting_review": ["Waits for review"],
        "being_reviewed": ["being_reviewed", "note", "[is_read]"],
        "accepted": ["accepted"],
        "rejected": ["rejected"],
        "(initial)->new": [],
        "new->awaiting_review": ["Hand in"],
        "awaiting_review->being_reviewed": ["review"],
        "being_reviewed->accepted": ["accept"],
        "being_reviewed->rejected": ["reject", "guard: is_read", "guard: “it is good”"],
    }


def test_final_states_have_a_double_border() -> None:
    """Only they have one."""
    assert "peripheries=2" in statement(Article, "accepted")
    assert "peripheries" not in statement(Article, "new")


def test_the_present_state_of_an_object_is_marked() -> None:
    """By its colour and by a thick border; a class and a spec have none."""
    marked = statement(Article(), "new")
    assert 'fillcolor="#fde68a"' in marked
    assert "penwidth=3" in marked
    assert source_of(Article()).count("penwidth=3") == 1
    assert "penwidth=3" not in source_of(Article)
    assert "penwidth=3" not in source_of(Article.workflow_spec)


def test_the_present_state_of_an_async_object_is_marked() -> None:
    """It is a plain property there too."""

    class Light(AsyncWorkflow):
        red = State()
        green = State()
        go = Event(red.to(green))

    assert "penwidth=3" in statement(Light(), "red")


def test_conditions_stand_in_brackets_and_the_last_way_is_else() -> None:
    """Several are joined by and, those of unless= are negated."""
    shown = drawn(Device)
    assert shown["off->on"][:3] == ["turn_on", "[is_charged and is_dry and not", "is_broken]"]
    assert "[is_charged and is_dry and not is_broken]" in mermaid_text(Device)
    assert shown["off->low"] == ["turn_on", "[else]"]


def test_events_between_two_states_share_one_edge() -> None:
    """Their captions are stacked, in the order of declaration; each direction has its own edge."""
    shown = drawn(Device)
    assert shown["off->on"][-2:] == ["push", "switch"]
    assert shown["on->off"] == ["turn_off"]
    assert shown["low->low"] == ["charge"]


def test_the_reason_of_a_guard_is_drawn_only_if_it_is_a_text() -> None:
    """Drawing runs no code of the user: a callable reason is not called."""

    def explain(_workflow: object) -> str:
        raise AssertionError

    class Door(Workflow):
        shut = State()
        wide = State()
        unlock = Event(shut.to(wide), guard=Guard("has_key", because=explain))
        has_key = True

    assert drawn(Door)["shut->wide"] == ["unlock", "guard: has_key"]


def test_an_event_that_leaves_nearly_all_states_is_drawn_once() -> None:
    """From a node that says which states are meant; what is excepted is named by its label."""
    shown = drawn(Ticket)
    assert shown["(any 1)"] == ["any state except a, the", "fourth"]
    assert shown["(any 1)->closed"] == ["close", "drop", "burn"]
    assert shown["(any 2)"] == ["any other state"]
    assert shown["(any 2)->lost"] == ["lose"]
    assert shown["lost->lost"] == ["lose"]
    assert "(any 3)" not in shown


def test_few_arrows_and_many_exceptions_are_drawn_one_by_one() -> None:
    """A node for them would take longer to read than the arrows."""
    shown = drawn(Ticket)
    assert [title for title in shown if "few" in shown[title]] == [
        f"{name}->closed" for name in ("d", "e", "f", "lost")
    ]
    assert [title for title in shown if "move" in shown[title]] == [
        f"{name}->f" for name in ("a", "b", "c", "d")
    ]


def test_a_node_for_many_states_stands_after_the_initial_dot() -> None:
    """An invisible edge holds it there, for dot would put it first."""
    lines = source_of(Ticket).splitlines()
    assert sum("style=invis" in line for line in lines) == 2
    assert "dasharray" in mermaid_text(Ticket)
    assert "dasharray" not in mermaid_text(Device)


def test_an_event_with_attributes_of_its_own_has_an_edge_of_its_own() -> None:
    """They would colour other events otherwise."""
    lines = [line for line in source_of(Ticket).splitlines() if '"(any 1)" -> closed' in line]
    assert ["color=red" in line for line in lines] == [False, True]
    assert mermaid_text(Ticket).count("state_any_1 --> closed") == 2


def test_the_largest_weight_of_an_edge_straightens_it() -> None:
    """Meta weight is rounded, as dot wants it; what is no number has another meaning."""
    assert "weight=3" in statement(Device, "off -> on")
    assert "weight" not in statement(Device, "on -> off")
    assert "weight=8" in statement(Article, "being_reviewed -> accepted")


def test_meta_graphviz_is_passed_on_as_text() -> None:
    """For states and events; it wins over what statecraft would have said."""

    class Painted(Workflow):
        dull = State()
        shiny = State(meta={"graphviz": {"fillcolor": "gold", "penwidth": 5, "name": "x"}})
        polish = Event(dull.to(shiny), meta={"weight": 2, "graphviz": {"weight": 7}})

    node = statement(Painted, "shiny")
    assert "fillcolor=gold" in node
    assert "penwidth=5" in node
    assert "weight=7" in statement(Painted, "dull -> shiny")


@pytest.mark.parametrize("given", ["red", 7])
def test_meta_graphviz_that_is_no_mapping_is_refused(given: object, tmp_path: Path) -> None:
    """With the name of what carries it; nothing is written."""
    spec = spec_of({"a": None, "b": None}, meta={"graphviz": given})
    with pytest.raises(WorkflowError, match=r"^Sample\.go: meta 'graphviz' takes .*, not "):
        workflow_diagram(spec, tmp_path / "a.mmd")
    assert list(tmp_path.iterdir()) == []


def test_orientation_font_and_name() -> None:
    """Landscape by default; the name is a title, which there is none of without it."""
    usual = source_of(Article)
    assert "rankdir=LR" in usual
    assert usual.count('fontname="Helvetica,Arial,sans-serif"') == 3
    assert "\tgraph [label" not in usual
    changed = source_of(Article, orientation="portrait", font="Noto Sans", name="A & <b>")
    assert "rankdir=TB" in changed
    assert changed.count('fontname="Noto Sans"') == 3
    assert 'label="A &amp; <b>"' in changed
    assert mermaid_text(Article, orientation="portrait").startswith(
        "stateDiagram-v2\n    direction TB\n"
    )
    assert mermaid_text(Article, name="a <b>\nc").startswith(
        '---\ntitle: "a \u2039b\u203a c"\n---\n'
    )


def test_captions_stand_close_to_their_arrow() -> None:
    """Centred above it in landscape, on its right in portrait."""
    assert 'ALIGN="CENTER"' in statement(Article, "new -> awaiting_review")
    assert 'ALIGN="LEFT"' in statement(Article, "new -> awaiting_review", orientation="portrait")


def test_the_output_is_deterministic() -> None:
    """Whatever the seed of the hashes."""
    program = (
        "from tests.test_diagrams import Ticket, source_of, mermaid_text\n"
        "print(source_of(Ticket), mermaid_text(Ticket))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


# Names and labels

NAMES = ["end", "graph", "node", "state", "note", "digraph", "subgraph", "edge", "strict", "été"]
LABELS = {
    "quotes": """say "no" and 'yes'""",
    "angles": "a <b>bold</b> <thing> & more &amp;",
    "backslashes": r"back\slash \N \G \n \\",
    "marks": "a: b; c, d # e | f % g {h} [i] ]",
    "bracket": "]",
    "unicode": "Grüße 日本語 🎉 \N{LEFT DOUBLE QUOTATION MARK}",
    "markdown": "**bold** _em_ `code` 1. one - two",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_graphviz_uses_itself_is_drawn(name: str) -> None:
    """Names of the grammar, and names in any script."""
    shown = drawn(spec_of({name: None, "other": None}))
    assert shown[name] == [name]
    assert shown[f"{name}->other"] == ["go"]


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_a_label_is_drawn_as_it_is(label: str) -> None:
    """In a state, on an arrow and as the title."""
    shown = drawn(spec_of({"a": label, "b": None}, event=label), name=label)
    assert " ".join(shown["a"]) == label
    assert " ".join(shown["a->b"]) == label
    assert shown["Sample"] == [label]


def test_a_label_may_have_several_lines() -> None:
    """Long lines are broken between words, empty ones are left out."""
    label = "first\n\n  second \r\nthird, which is too long for one line"
    shown = drawn(spec_of({"a": label, "b": None}, event=label))
    assert shown["a"] == ["first", "second", "third, which is too long", "for one line"]
    assert shown["a->b"][2:] == ["third, which is too long for", "one line"]


def test_what_no_picture_can_hold_is_replaced() -> None:
    """Control characters and half characters would make a file that does not open."""
    shown = drawn(spec_of({"a": "x\x00\x1b\ud800\ty", "b": None}))
    assert shown["a"] == ["x��� y"]


def test_an_empty_label_leaves_the_name() -> None:
    """Or else nobody could tell which state it is."""
    assert drawn(spec_of({"a": " \n", "b": None}))["a"] == ["a"]


def test_labels_are_translated_when_they_are_drawn() -> None:
    """And not when the class is created."""

    class Lazy:
        def __str__(self) -> str:
            return language["new"]

    class Greeting(Workflow):
        new = State(label=Lazy())
        old = State()
        age = Event(new.to(old), label=Lazy())

    for language in ({"new": "neu"}, {"new": "nouveau"}):
        assert drawn(Greeting)["new"] == [language["new"]]
        assert drawn(Greeting)["new->old"] == [language["new"]]


def test_a_name_that_mermaid_uses_itself_gets_another_one() -> None:
    """One that no state has; what is shown is the name."""
    text = mermaid_text(spec_of(dict.fromkeys(["note", "state_note", "__a__", "state_a"])))
    assert text.splitlines()[2:6] == [
        "    state_note_ : note",
        "    state_note",
        "    state_a_ : #95;#95;a#95;#95;",
        "    state_a",
    ]


# Files


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("PDF", b"%PDF"),
        ("dot", b"digraph Article {\n"),
        ("mmd", b"stateDiagram-v2\n"),
        ("md", b"```mermaid\nstateDiagram-v2\n"),
    ],
)
def test_the_end_of_the_path_says_the_format(suffix: str, start: bytes, tmp_path: Path) -> None:
    """A path may have spaces in it, and be a text."""
    require_program("dot", package="graphviz")
    path = tmp_path / f"an article.{suffix}"
    graph: Any = workflow_diagram(Article, str(path))
    assert path.read_bytes().startswith(start)
    assert isinstance(graph, graphviz.Digraph)


def test_markdown_is_a_fenced_block(tmp_path: Path) -> None:
    """Which GitHub and GitLab draw."""
    path = tmp_path / "article.md"
    workflow_diagram(Article, path)
    assert path.read_text("utf-8") == f"```mermaid\n{mermaid_text(Article)}```\n"


def test_dot_text_is_what_the_graph_says(tmp_path: Path) -> None:
    """In UTF-8, and with every label."""
    path = tmp_path / "a.dot"
    graph = workflow_diagram(spec_of({"a": "é", "b": None}), path)
    assert path.read_bytes() == graph.source.encode()
    assert "é" in graph.source


def test_a_png_is_sharp(tmp_path: Path) -> None:
    """Twice as many dots as a screen shows by default."""
    require_program("dot", package="graphviz")
    workflow_diagram(Article, tmp_path / "a.png")
    graph: Any = workflow_diagram(Article)
    plain = graph.pipe(format="png")
    width = int.from_bytes((tmp_path / "a.png").read_bytes()[16:20])
    assert width == pytest.approx(2 * int.from_bytes(plain[16:20]), rel=0.02)


def test_format_wins_over_the_end_of_the_path(tmp_path: Path) -> None:
    """For a path that does not say it."""
    workflow_diagram(Article, tmp_path / "article", format="mmd")
    assert (tmp_path / "article").read_text("utf-8") == mermaid_text(Article)


def test_format_without_a_path_is_that_of_the_graph() -> None:
    """For what the graph writes later, under a name that is no path."""
    graph: Any = workflow_diagram(Article, format="SVG")
    assert graph.format == "svg"
    assert graph.filename == "Article.gv"
    assert workflow_diagram(Article).format == graphviz.Digraph().format


@pytest.mark.parametrize(
    ("path", "format_name", "message"),
    [
        ("a.sgv", None, "'.sgv' is no format of a diagram. Did you mean 'svg'?"),
        ("a.b/c", None, "c' has no ending. Possible: .svg, .png, .pdf, .dot, .mmd, .md."),
        ("a.svg", "jpeg", "'jpeg' is no format of a diagram. Possible: .svg"),
        (None, "mmd", "format='mmd' needs a path= to write to."),
    ],
)
def test_a_format_that_cannot_be_is_refused(
    path: str | None, format_name: str | None, message: str, tmp_path: Path
) -> None:
    """With all that are possible; nothing is written."""
    (tmp_path / "a.b").mkdir()
    with pytest.raises(WorkflowError) as caught:
        workflow_diagram(Article, path and tmp_path / path, format=format_name)
    assert message in str(caught.value)
    assert list(tmp_path.rglob("*")) == [tmp_path / "a.b"]


def test_an_orientation_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """With the nearest right one; nothing is written."""
    with pytest.raises(WorkflowError, match=r"not 'portait'\. Did you mean 'portrait'\?"):
        workflow_diagram(Article, tmp_path / "a.mmd", orientation="portait")
    assert list(tmp_path.iterdir()) == []


class Abstract(Workflow):
    """It has no states."""


@pytest.mark.parametrize(
    ("target", "name"),
    [(Abstract, "Abstract"), (dict, "dict"), ({}, "a dict"), (Article.submit, "a function")],
)
def test_what_has_no_workflow_is_refused(target: object, name: str, tmp_path: Path) -> None:
    """With what would be right; nothing is written."""
    with pytest.raises(WorkflowError, match=rf"^{name} has no workflow to draw: take a class"):
        workflow_diagram(target, tmp_path / "a.mmd")
    assert list(tmp_path.iterdir()) == []


def test_an_object_with_an_unknown_state_is_refused(tmp_path: Path) -> None:
    """A picture without a mark would hide it."""
    article = Article()
    vars(article)["workflow_state"] = "lost"
    with pytest.raises(WorkflowError, match="'lost' is no state of Article"):
        workflow_diagram(article, tmp_path / "a.mmd")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("without_dot")
@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_a_missing_dot_says_what_to_install(suffix: str, tmp_path: Path) -> None:
    """And what needs nothing; a file that exists stays what it was."""
    path = tmp_path / f"a.{suffix}"
    path.write_text("before")
    with pytest.raises(WorkflowError) as caught:
        workflow_diagram(Article, path)
    assert str(caught.value) == (
        "The program 'dot', which draws .svg, .png and .pdf, was not found. Install Graphviz"
        " (apt install graphviz, brew install graphviz, winget install graphviz),"
        " or write .mmd, .md or .dot, which need nothing."
    )
    assert path.read_text() == "before"


@pytest.mark.usefixtures("without_dot")
@pytest.mark.parametrize("suffix", ["mmd", "md", "dot"])
def test_texts_need_no_dot(suffix: str, tmp_path: Path) -> None:
    """They are written without any program."""
    workflow_diagram(Article, tmp_path / f"a.{suffix}")
    assert "being_reviewed" in (tmp_path / f"a.{suffix}").read_text("utf-8")


def test_attributes_that_dot_does_not_understand_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With what dot said; a file that exists stays what it was."""
    require_program("dot", package="graphviz")
    spec = spec_of({"a": None, "b": None}, meta={"graphviz": {"label": "<<B>open>"}})
    path = tmp_path / "a.svg"
    path.write_text("before")
    with pytest.raises(WorkflowError, match=r"^The program 'dot' could not draw Sample: Error"):
        workflow_diagram(spec, path)
    assert path.read_text() == "before"
    capfd.readouterr()


# In notebooks, and before they are needed


def test_a_notebook_shows_the_picture() -> None:
    """As SVG, by the protocol of IPython."""
    require_program("dot", package="graphviz")
    graph: Any = workflow_diagram(Article)
    (mime_type, svg), *others = graph._repr_mimebundle_().items()
    assert mime_type == "image/svg+xml"
    assert "being_reviewed" in svg
    assert others == []


@pytest.mark.usefixtures("without_dot")
def test_a_notebook_without_dot_shows_mermaid() -> None:
    """And what to install, instead of a traceback; a copy of the graph has only the latter."""
    graph: Any = workflow_diagram(Article)
    bundle = graph._repr_mimebundle_()
    assert bundle["text/markdown"].startswith(f"```mermaid\n{mermaid_text(Article)}```\n")
    assert "Install Graphviz" in bundle["text/markdown"]
    assert bundle["text/plain"].startswith("The program 'dot'")
    assert "Install Graphviz" in graph.copy()._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize(
    ("statements", "module"),
    [
        ("import statecraft", "statecraft.diagrams"),
        ("from statecraft.diagrams import workflow_diagram", "graphviz"),
        ("write_diagram(Light, 'a.mmd'); write_diagram(Light, 'a.md')", "graphviz"),
        ("assert mermaid_text(Light)", "graphviz"),
    ],
)
def test_nothing_is_imported_before_it_is_needed(
    statements: str, module: str, tmp_path: Path
) -> None:
    """Diagrams when one is drawn, Graphviz when it is drawn by Graphviz."""
    workflow = (
        "from statecraft.diagrams import mermaid_text, write_diagram\n"
        "from statecraft import Event, State, Workflow\n"
        "class Light(Workflow):\n"
        "    red = State()\n"
        "    green = State()\n"
        "    go = Event(red.to(green))\n"
    )
    program = statements if statements.startswith("import") else workflow + statements
    check = f"\nimport sys\nassert {module!r} not in sys.modules"
    subprocess.run([sys.executable, "-c", program + check], check=True, cwd=tmp_path)


# -- states inside states ------------------------------------------------------------------------


def drawn_player(**options: Any) -> str:
    """Return the graph of a player that is on, and paused."""
    player: Any = Player()
    player.power()
    player.pause()
    return str(workflow_diagram(player, **options).source)


def test_compounds_are_boxes() -> None:
    """In boxes, with their events inside; where the object is, all of them are marked."""
    source = drawn_player()
    assert "compound=true" in source
    assert 'subgraph "cluster on" {' in source
    assert 'subgraph "cluster on.playing" {' in source
    head = source[source.index('subgraph "cluster on"') :].splitlines()
    assert "switched on" in head[1]
    assert ">note<" in head[1]
    assert "margin=20" in head[1]
    assert 'color="#b45309"' in head[1]
    inner = source[source.index('subgraph "cluster on.playing"') :].splitlines()
    assert "label=playing" in inner[1]
    assert "#b45309" not in inner[1]
    assert 'fillcolor="#fde68a"' in source
    assert "compound" not in workflow_diagram(Article).source


def edges_of(source: str) -> dict[tuple[str, str], str]:
    """Return the attributes of each arrow of a graph, by its two ends."""
    edges: dict[tuple[str, str], str] = {}
    for line in source.splitlines():
        if " -> " in line:
            ends, _, attributes = line.strip().partition(" [")
            tail, _, head = ends.partition(" -> ")
            edges[tail.strip('"'), head.strip('"')] = attributes
    return edges


def test_arrows_of_compounds_end_at_their_borders() -> None:
    """They go from a leaf to where the compound is entered, and are cut off at the borders."""
    edges = edges_of(drawn_player())
    assert 'lhead="cluster on"' in edges["off", "(initial on)"]
    assert 'ltail="cluster on"' in edges["on.paused", "broken"]
    assert 'ltail="cluster on"' in edges["on.ended", "off"]
    assert "when it is done" in edges["on.ended", "off"]
    assert 'ltail="cluster on.playing"' in edges["on.playing.fast", "on.paused"]
    assert 'lhead="cluster on.playing"' in edges["on.paused", "(initial on.playing)"]
    assert 'lhead="cluster on.playing"' in edges["(initial on)", "(initial on.playing)"]
    assert "cluster" not in edges["(initial on.playing)", "on.playing.slow"]


def test_what_leaves_a_compound_for_its_inside_starts_at_any_state_inside() -> None:
    """No arrow from the border can show it."""
    source = drawn_player()
    edges = edges_of(source)
    assert "any state inside" in source
    assert "rewind" in edges["(any inside on)", "on.playing.slow"]
    assert "restart" in edges["(any inside on)", "(initial on)"]
    assert "again" in edges["(any inside on.playing)", "(initial on.playing)"]


def test_a_history_is_marked() -> None:
    """As UML marks a deep one, in the place of the initial mark."""
    source = drawn_player()
    assert 'label="H*"' in next(line for line in source.splitlines() if '"(initial on)" [' in line)
    assert "H*" not in next(
        line for line in source.splitlines() if '"(initial on.playing)" [' in line
    )


def test_an_inner_final_state_is_one() -> None:
    """It has the double border of all final states."""
    assert "peripheries=2" in next(
        line for line in drawn_player().splitlines() if line.strip().startswith('"on.ended" [')
    )


def test_a_compound_may_be_the_initial_state() -> None:
    """The mark leads to its border."""

    class Lamp(Workflow):
        class on(Compound):
            bright = State()

        off = State()
        switch = Event(on.to(off), off.to(on.bright))

    edges = edges_of(workflow_diagram(Lamp).source)
    assert 'lhead="cluster on"' in edges["(initial)", "(initial on)"]
    assert "cluster" not in edges["off", "on.bright"]
    assert 'ltail="cluster on"' in edges["on.bright", "off"]


def test_compounds_are_no_exceptions_where_their_leaves_are_left() -> None:
    """An event that leaves nearly all states names the leaves that it does not leave."""

    class Long(Workflow):
        a, b, c = State(), State(), State()

        class inside(Compound):
            one = State()
            two = State()

        d = State()
        gone = State(final=True)
        drop = Event((a | b | c | inside | d).to(gone))
        lose = Event((a | b | c | inside.one | d).to(gone, if_="is_lost"))
        is_lost = True

    source = workflow_diagram(Long).source
    assert "any other state" in source
    assert "any state except two" in source


@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_dot_draws_states_inside_states(orientation: str) -> None:
    """Without a warning."""
    dot = require_program("dot", package="graphviz")
    done = subprocess.run(
        [dot, "-Tsvg"],
        input=drawn_player(orientation=orientation),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == ""
    root = ET.fromstring(done.stdout)  # noqa: S314 - it is our own
    clusters = [group for group in root.iter(f"{SVG}g") if group.get("class") == "cluster"]
    assert len(clusters) == 2
