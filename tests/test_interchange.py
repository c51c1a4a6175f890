"""The spec as data: what is written, what is read, and what is refused in both directions."""

from __future__ import annotations

import json
from copy import deepcopy
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from statecraft.arrows import ANY, Arrow
from statecraft.errors import WorkflowDefinitionError
from statecraft.predicates import Guard
from statecraft.resolution import EventDraft, WorkflowDraft
from statecraft.spec import WorkflowSpec, build_spec
from statecraft.states import State

if TYPE_CHECKING:
    from collections.abc import Callable

ARTICLE: dict[str, Any] = {
    "name": "Article",
    "state_field": "status",
    "states": [
        {"name": "new"},
        {
            "name": "in_review",
            "value": 8,
            "label": "In review",
            "meta": {"importance": 8, "teams": ["legal", None, {"size": 2.5}]},
            "entry": "announce",
            "exit": "on_in_review_exit",
        },
        {"name": "accepted", "value": "ok"},
        {"name": "rejected", "value": False, "final": True},
    ],
    "events": [
        {"name": "submit", "transitions": [{"from": "new", "to": "in_review"}]},
        {
            "name": "accept",
            "transitions": [
                {
                    "from": "in_review",
                    "to": "accepted",
                    "if": ["is_complete", "is_signed"],
                    "unless": ["is_blocked"],
                    "guards": [
                        {"test": "has_reviewer", "because": "nobody reviews it", "code": "x"},
                        {"test": "has_budget"},
                    ],
                },
                {"from": "in_review", "to": "in_review", "unless": ["is_hopeless"]},
                {"from": "in_review", "internal": True},
            ],
            "label": "Accept it",
            "meta": {"weight": 8},
            "arguments": 2,
        },
        {
            "name": "reject",
            "transitions": [{"from": "in_review", "to": "rejected"}],
            "handler": "reject",
        },
    ],
}


class Colour(Enum):
    """What has a name, but no JSON form."""

    RED = "red"


class Lazy:
    """A lazily translated text."""

    def __str__(self) -> str:
        """Translate."""
        return "Übersetzt"


class Marked(str):
    """A text that says of itself that it is safe in a page, as those of Django do."""

    __slots__ = ()

    def __str__(self) -> str:
        """Stay marked."""
        return self


def is_ready(_workflow: object) -> bool:
    """Stand for a condition or guard that is a function."""
    return True


def is_urgent(_workflow: object) -> bool:
    """Stand for another one."""
    return True


def look_alike() -> Callable[[object], bool]:
    """Return another function of the name ``is_ready``."""

    def is_ready(_workflow: object) -> bool:
        return False

    return is_ready


def spec_of(*arrows: Arrow, states: dict[str, State] | None = None, **event: Any) -> WorkflowSpec:
    """Return the spec of one event ``go`` with these transitions, as a class body makes it."""
    declared = states or {"new": State(), "old": State()}
    drafted = EventDraft(name="go", generations=(arrows,), **event)
    draft = WorkflowDraft(name="Loan", states=declared, events=(drafted,))
    spec, problems = build_spec(draft)
    assert spec is not None
    assert not problems
    return spec


def arrow(**details: Any) -> Arrow:
    """Return an arrow from ``new`` to ``old``."""
    return State().named("new").to("old", **details)


def problems_of(action: Callable[[], object]) -> dict[str, str]:
    """Return what the definition error of ``action`` says, by path."""
    with pytest.raises(WorkflowDefinitionError) as caught:
        action()
    return {problem.name: problem.what for problem in caught.value.problems}


def transition_of(spec: WorkflowSpec) -> dict[str, Any]:
    """Return the only transition of a spec as it is written."""
    written: dict[str, Any] = spec.to_dict()["events"][0]["transitions"][0]
    return written


def test_data_is_written_as_it_was_read() -> None:
    """Canonical data comes back the same, key by key and in the same order."""
    written = WorkflowSpec.from_dict(ARTICLE).to_dict()
    assert json.dumps(written) == json.dumps(ARTICLE)


def test_a_spec_is_read_as_it_was_written() -> None:
    """A spec that came from data equals the one that its data makes."""
    spec = WorkflowSpec.from_dict(ARTICLE)
    assert WorkflowSpec.from_dict(spec.to_dict()) == spec


def test_json_text_holds_a_spec() -> None:
    """Through JSON text a spec stays what it is."""
    spec = WorkflowSpec.from_dict(ARTICLE)
    assert WorkflowSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_yaml_text_holds_a_spec() -> None:
    """Through YAML text, written and read by its safe functions, a spec stays what it is."""
    spec = WorkflowSpec.from_dict(ARTICLE)
    assert WorkflowSpec.from_dict(yaml.safe_load(yaml.safe_dump(spec.to_dict()))) == spec


def test_everything_that_is_written_is_read() -> None:
    """The parts of the spec are those that the data names."""
    spec = WorkflowSpec.from_dict(ARTICLE)
    review, rejected = spec.states["in_review"], spec.states["rejected"]
    assert (spec.name, spec.state_field, spec.initial.name) == ("Article", "status", "new")
    assert (review.value, review.label, review.meta["importance"]) == (8, "In review", 8)
    assert (review.entry_hook, review.exit_hook) == ("announce", "on_in_review_exit")
    assert (rejected.final, rejected.value) == (True, False)
    chosen, again, internal = spec.events["accept"].transitions
    assert [(one.test, one.negated) for one in chosen.conditions] == [
        ("is_complete", False),
        ("is_signed", False),
        ("is_blocked", True),
    ]
    assert chosen.guards[0] == Guard("has_reviewer", because="nobody reviews it", code="x")
    assert (again.target.name, again.internal) == ("in_review", False)
    assert (internal.target.name, internal.internal) == ("in_review", True)
    assert spec.events["accept"].argument_count == 2
    assert spec.events["reject"].handler == "reject"


def test_what_is_not_said_is_not_written() -> None:
    """A plain workflow makes plain data: defaults and empty things are left out."""
    assert spec_of(arrow()).to_dict() == {
        "name": "Loan",
        "states": [{"name": "new"}, {"name": "old"}],
        "events": [{"name": "go", "transitions": [{"from": "new", "to": "old"}]}],
    }


def test_a_workflow_of_states_alone_is_data_too() -> None:
    """Without events there is no key for them."""
    data = {"name": "Loan", "states": [{"name": "new"}]}
    assert WorkflowSpec.from_dict(data).to_dict() == data


@pytest.mark.parametrize("value", [0, False, "", 0.0])
def test_a_false_value_is_a_value(value: object) -> None:
    """``0``, ``False`` and the empty text are written like any other value."""
    data = {"name": "Loan", "states": [{"name": "new", "value": value, "label": ""}]}
    written = WorkflowSpec.from_dict(data).to_dict()
    assert repr(written) == repr(data)


def test_the_short_forms_mean_the_long_ones() -> None:
    """One name stands for a list of one, and several sources for as many transitions."""
    short = deepcopy(ARTICLE)
    short["events"][0]["transitions"] = [
        {"from": ["new", "accepted"], "to": "in_review", "if": "is_x", "internal": False}
    ]
    written = WorkflowSpec.from_dict(short).to_dict()
    assert written["events"][0]["transitions"] == [
        {"from": "new", "to": "in_review", "if": ["is_x"]},
        {"from": "accepted", "to": "in_review", "if": ["is_x"]},
    ]


def test_any_is_written_as_the_states_that_it_means() -> None:
    """The data holds what the class body resolves to."""
    states = {"new": State(), "open": State(), "old": State(final=True)}
    written = spec_of(ANY.to("old"), states=states).to_dict()
    assert written["events"][0]["transitions"] == [
        {"from": "new", "to": "old"},
        {"from": "open", "to": "old"},
    ]


def test_the_way_of_writing_one_transition() -> None:
    """The keys stand in the order in which one reads an arrow."""
    drawn = arrow(guard=Guard("is_free", code="x"), unless="is_late", if_="is_ready")
    assert list(transition_of(spec_of(drawn))) == ["from", "to", "if", "unless", "guards"]


def test_functions_go_by_their_names() -> None:
    """Conditions, guards and handlers are written as names, the same one as often as it is used."""
    drawn = arrow(if_=[is_ready, "is_signed"], unless=is_urgent, guard=[Guard(is_ready)])
    spec = spec_of(drawn, handler=is_urgent)
    assert spec.to_dict()["events"] == [
        {
            "name": "go",
            "transitions": [
                {
                    "from": "new",
                    "to": "old",
                    "if": ["is_ready", "is_signed"],
                    "unless": ["is_urgent"],
                    "guards": [{"test": "is_ready"}],
                }
            ],
            "handler": "is_urgent",
        }
    ]


def test_a_lazily_translated_text_is_written_as_it_reads_now() -> None:
    """Labels and reasons become texts that YAML writes as well, whatever class they had."""
    states = {"new": State(label=Lazy()), "old": State(label=Marked("<b>"))}
    drawn = arrow(guard=Guard("is_ready", because=Lazy()))
    written = spec_of(drawn, states=states, label=Lazy()).to_dict()
    assert yaml.safe_load(yaml.safe_dump(written)) == written
    assert [state["label"] for state in written["states"]] == ["Übersetzt", "<b>"]
    assert written["events"][0]["label"] == "Übersetzt"
    assert written["events"][0]["transitions"][0]["guards"][0]["because"] == "Übersetzt"


def test_what_has_no_name_is_refused_with_its_path() -> None:
    """A lambda, a partial and a function as the reason are all reported at once."""
    drawn = arrow(
        if_=["is_signed", lambda _: True],
        unless=partial(is_ready),
        guard=[Guard(lambda _: True), Guard("is_free", because=is_urgent)],
    )
    spec = spec_of(arrow(if_="is_x"), drawn, handler=partial(is_ready))
    where = "events[0].transitions[1]"
    problems = problems_of(spec.to_dict)
    assert list(problems) == [
        f"{where}.if[1]",
        f"{where}.unless[0]",
        f"{where}.guards[0].test",
        f"{where}.guards[1].because",
        "events[0].handler",
    ]
    assert problems[f"{where}.if[1]"] == (
        "a name that Python code can use is wanted here, not"
        " test_what_has_no_name_is_refused_with_its_path.<locals>.<lambda>."
        " A function goes by its name, which has to be its own"
    )
    assert problems[f"{where}.guards[1].because"] == "a text is wanted here, not is_urgent"


def test_two_functions_of_one_name_are_refused() -> None:
    """What two functions share is no name: read again, both would mean the same."""
    drawn = arrow(if_=[is_ready, look_alike()])
    problems = problems_of(spec_of(drawn).to_dict)
    assert list(problems) == ["events[0].transitions[0].if[1]"]


@pytest.mark.parametrize(
    "value", [Colour.RED, (1, 2), float("nan"), float("inf"), None, 1j, b"x", Marked("x")]
)
def test_a_value_without_a_json_form_is_refused(value: Any) -> None:
    """What JSON would turn into something else, or not write at all, is an error in both ways."""
    spec = spec_of(arrow(), states={"new": State(), "old": State(value)})
    problems = problems_of(spec.to_dict)
    assert list(problems) == ["states[1].value"]
    assert "a text, a finite number or a boolean is wanted here" in problems["states[1].value"]
    data = {"name": "Loan", "states": [{"name": "new", "value": value}]}
    assert list(problems_of(lambda: WorkflowSpec.from_dict(data))) == ["states[0].value"]


def test_meta_without_a_json_form_is_refused() -> None:
    """The path leads to the very thing, however deep."""
    meta = {"fine": [1, None], "a": {"b": [0, (1,)]}, 3: "three", "c": Colour, "d": float("nan")}
    spec = spec_of(arrow(), meta=meta)
    problems = problems_of(spec.to_dict)
    where = "events[0].meta"
    assert list(problems) == [f"{where}.a.b[1]", f"{where}.3", f"{where}.c", f"{where}.d"]
    assert problems[f"{where}.3"] == "a key that is a text is wanted here, not 3"
    assert problems[f"{where}.c"] == "something that has a JSON form is wanted here, not Colour"


def test_meta_that_contains_itself_is_refused() -> None:
    """What YAML can write by an anchor, JSON cannot."""
    text = "{name: Loan, states: [{name: new, meta: {a: &a [1, {b: *a}]}}]}"
    problems = problems_of(lambda: WorkflowSpec.from_dict(yaml.safe_load(text)))
    assert problems == {
        "states[0].meta.a[1].b": "it contains itself, or is nested too deep",
    }


def test_meta_may_be_deep_but_not_bottomless() -> None:
    """A hundred levels are enough for everybody; nobody meets a RecursionError."""
    meta: dict[str, Any] = {}
    for _ in range(10_000):
        meta = {"a": meta}
    data = {"name": "Loan", "states": [{"name": "new", "meta": meta}]}
    problems = problems_of(lambda: WorkflowSpec.from_dict(data))
    assert list(problems.values()) == ["it contains itself, or is nested too deep"]


def test_data_and_spec_share_nothing() -> None:
    """Neither what was read nor what was written is a handle on the frozen spec."""
    data = deepcopy(ARTICLE)
    spec = WorkflowSpec.from_dict(data)
    data["states"][1]["meta"]["teams"].append("sales")
    spec.to_dict()["states"][1]["meta"]["teams"].append("sales")
    assert spec == WorkflowSpec.from_dict(ARTICLE)


def test_a_name_is_never_code() -> None:
    """An expression is no name, and a text that looks like code stays a text."""
    data = deepcopy(ARTICLE)
    data["states"][0]["value"] = "__import__('os').getcwd()"
    data["events"][1]["transitions"][0]["if"] = ["__import__('os').getcwd()"]
    assert list(problems_of(lambda: WorkflowSpec.from_dict(data))) == [
        "events[1].transitions[0].if[0]"
    ]


NAME = "a name that Python code can use is wanted here, "
STATE = "the name of a state is wanted here, "
YAML = ". YAML reads on, off, yes and no as booleans: put such a name in quotes"
MALFORMED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("", {"name": "my loan"}, {"name": f"{NAME}not 'my loan'"}),
    ("", {"name": None}, {"name": f"{NAME}not None"}),
    ("", {"state_field": "class"}, {"state_field": f"{NAME}not 'class'"}),
    ("", {"states": {"new": {}}}, {"states": "a list is wanted here, not {'new': {}}"}),
    ("", {"states": [3]}, {"states[0]": "a mapping is wanted here, not 3"}),
    (
        "",
        {"evnets": []},
        {
            "evnets": "this key means nothing here. Did you mean 'events'?"
            " Keys: name, state_field, states, events"
        },
    ),
    ("state", {"name": True}, {"states[0].name": f"{NAME}not True{YAML}"}),
    ("state", {"name": "in_review"}, {"states[1].name": "states[0] is called 'in_review' already"}),
    ("state", {"label": 3}, {"states[0].label": "a text is wanted here, not 3"}),
    ("state", {"meta": [1]}, {"states[0].meta": "a mapping is wanted here, not [1]"}),
    ("state", {"final": 1}, {"states[0].final": "true or false is wanted here, not 1"}),
    (
        "state",
        {"entry": 1, "exit": "a-b"},
        {
            "states[0].entry": f"{NAME}not 1",
            "states[0].exit": f"{NAME}not 'a-b'",
        },
    ),
    (
        "state",
        {True: 1},  # type: ignore[dict-item] # what YAML makes of the key on
        {
            "states[0].True": "this key means nothing here."
            " Keys: name, value, was, label, meta, final, entry, exit, states, history"
        },
    ),
    ("event", {"name": "accept"}, {"events[1].name": "events[0] is called 'accept' already"}),
    ("event", {"transitions": "x"}, {"events[0].transitions": "a list is wanted here, not 'x'"}),
    ("event", {"handler": 3}, {"events[0].handler": f"{NAME}not 3"}),
    (
        "event",
        {"arguments": True},
        {
            "events[0].arguments": "a whole number from 0 on is wanted here, not True",
        },
    ),
    (
        "event",
        {"arguments": -1},
        {
            "events[0].arguments": "a whole number from 0 on is wanted here, not -1",
        },
    ),
    ("arrow", {"from": []}, {"events[0].transitions[0].from": f"{STATE}not []"}),
    ("arrow", {"from": ["new", 3]}, {"events[0].transitions[0].from[1]": f"{STATE}not 3"}),
    ("arrow", {"to": ""}, {"events[0].transitions[0].to": f"{STATE}not ''"}),
    ("arrow", {"to": True}, {"events[0].transitions[0].to": f"{STATE}not True{YAML}"}),
    (
        "arrow",
        {"internal": True},
        {
            "events[0].transitions[0].to": "an internal transition leads nowhere: leave this out",
        },
    ),
    (
        "arrow",
        {"if": ["a", "b c"], "unless": 3},
        {
            "events[0].transitions[0].if[1]": f"{NAME}not 'b c'",
            "events[0].transitions[0].unless": f"{NAME}not 3",
        },
    ),
    (
        "arrow",
        {"guards": ["x"]},
        {
            "events[0].transitions[0].guards[0]": "a mapping is wanted here, not 'x'",
        },
    ),
    (
        "arrow",
        {"guards": [{"because": 3, "code": 4}]},
        {
            "events[0].transitions[0].guards[0].test": f"{NAME}and nothing is there",
            "events[0].transitions[0].guards[0].because": "a text is wanted here, not 3",
            "events[0].transitions[0].guards[0].code": "a text is wanted here, not 4",
        },
    ),
]


@pytest.mark.parametrize(("part", "change", "expected"), MALFORMED)
def test_malformed_data_is_refused_with_its_path(
    part: str, change: dict[str, Any], expected: dict[str, str]
) -> None:
    """Whatever is wrong is named by its path, with what was wanted instead."""
    data = deepcopy(ARTICLE)
    parts = {
        "": data,
        "state": data["states"][0],
        "event": data["events"][0],
        "arrow": data["events"][0]["transitions"][0],
    }
    parts[part].update(change)
    assert problems_of(lambda: WorkflowSpec.from_dict(data)) == expected


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        ({}, ["name", "states"]),
        ({"name": "Loan", "states": [{}]}, ["states[0].name"]),
        (
            {"name": "Loan", "states": [{"name": "new"}], "events": [{}]},
            ["events[0].name", "events[0].transitions"],
        ),
        (
            {
                "name": "Loan",
                "states": [{"name": "new"}],
                "events": [{"name": "go", "transitions": [{}]}],
            },
            ["events[0].transitions[0].to", "events[0].transitions[0].from"],
        ),
    ],
)
def test_a_missing_key_is_named(data: dict[str, Any], missing: list[str]) -> None:
    """What has to be there is asked for where it belongs."""
    problems = problems_of(lambda: WorkflowSpec.from_dict(data))
    assert list(problems) == missing
    assert all(what.endswith("is wanted here, and nothing is there") for what in problems.values())


@pytest.mark.parametrize("data", [[ARTICLE], "Article", None])
def test_a_workflow_is_a_mapping(data: Any) -> None:
    """Anything else at the top is refused at once."""
    problems = problems_of(lambda: WorkflowSpec.from_dict(data))
    assert list(problems) == ["workflow"]
    assert problems["workflow"].startswith("a mapping is wanted here, not ")


def test_all_mistakes_are_reported_at_once_under_the_name_of_the_workflow() -> None:
    """The error reads as a list of paths."""
    data = deepcopy(ARTICLE)
    data["states"][0]["lable"] = "New"
    data["events"][1]["transitions"][2]["if"] = 3
    with pytest.raises(WorkflowDefinitionError) as caught:
        WorkflowSpec.from_dict(data)
    assert str(caught.value) == (
        "Article has 2 problems:"
        "\n  - Article.states[0].lable: this key means nothing here. Did you mean 'label'?"
        " Keys: name, value, was, label, meta, final, entry, exit, states, history"
        f"\n  - Article.events[1].transitions[2].if: {NAME}not 3"
    )


def test_an_unknown_state_is_reported_with_the_place_in_the_data() -> None:
    """What is well-formed but wrong is said by resolution, which knows the path of the event."""
    data = deepcopy(ARTICLE)
    data["events"][2]["transitions"][0]["to"] = "rejcted"
    with pytest.raises(WorkflowDefinitionError) as caught:
        WorkflowSpec.from_dict(data)
    assert str(caught.value) == (
        "Article.reject (events[2]): 'rejcted' is no state of Article. Did you mean 'rejected'?"
        " States: new, in_review, accepted, rejected"
    )


def test_a_state_from_data_is_placed_there() -> None:
    """Later complaints about a state point into the data, and not into the library."""
    spec = WorkflowSpec.from_dict(ARTICLE)
    assert [state.place for state in spec.states.values()] == [
        f"states[{index}]" for index in range(4)
    ]


# Few characters, but all that YAML has a meaning for; the whole of Unicode takes seconds to load.
TEXTS = st.text("aZ0 \n\t\r\0:,.#'\"{}[]-?&*!|>%@`~=<\\\x85\u2028\ufeffé😀", max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.sampled_from(
    ["on", "off", "yes", "null", "größe", "_x", "new", "in_review", "is_x", "y2", "ANY", "value"]
)
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mappings(
    draw: st.DrawFn, required: dict[str, Any], optional: dict[str, st.SearchStrategy[Any]]
) -> dict[str, Any]:
    """Draw a mapping that has the optional keys or not, and none of them with nothing in it."""
    chosen = {key: draw(values) for key, values in optional.items() if draw(st.booleans())}
    return required | {key: value for key, value in chosen.items() if value not in ([], {})}


def details() -> dict[str, st.SearchStrategy[Any]]:
    """Return what a state and an event may have."""
    return {"label": TEXTS, "meta": st.dictionaries(TEXTS, PLAIN, max_size=3)}


@st.composite
def arrows(draw: st.DrawFn, sources: list[str], targets: list[str]) -> list[dict[str, Any]]:
    """Draw transitions of one event: conditional ones, and behind them one for all other cases."""
    guards: st.SearchStrategy[Any] = st.lists(
        st.builds(dict, test=NAMES, because=TEXTS, code=TEXTS) | st.builds(dict, test=NAMES),
        max_size=2,
    )
    found: list[dict[str, Any]] = []
    for source in draw(st.lists(st.sampled_from(sources), min_size=1, unique=True)):
        for test in draw(st.sampled_from([["if"], ["unless", "if"], ["if", "unless", ""], [""]])):
            target: dict[str, Any] = draw(
                st.sampled_from([{"internal": True}, *({"to": to} for to in targets)])
            )
            tests = {test: draw(st.lists(NAMES, min_size=1, max_size=3))} if test else {}
            found.append(draw(mappings({"from": source} | target | tests, {"guards": guards})))
    return found


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the canonical data of a workflow."""
    names = draw(st.lists(NAMES, min_size=1, unique=True, max_size=5))
    options = (
        {"value": (NUMBERS | TEXTS | st.booleans())}
        | details()
        | {"final": st.sampled_from([True])}
    )
    options |= {"entry": NAMES, "exit": NAMES}
    states = [draw(mappings({"name": name}, options)) for name in names]
    states = [state for state in states if state.get("value") != state["name"]] or [{"name": "x"}]
    targets = [state["name"] for state in states]
    sources = [state["name"] for state in states if "final" not in state]
    data: dict[str, Any] = {"name": draw(NAMES), "states": states}
    event_options = details() | {"handler": NAMES, "arguments": st.integers(1, 9)}
    events = [
        draw(mappings({"name": name, "transitions": draw(arrows(sources, targets))}, event_options))
        for name in draw(st.lists(NAMES, unique=True, max_size=3))
        if sources
    ]
    return data | ({"events": events} if events else {})


@given(workflows())
def test_every_workflow_survives_the_round_trip(data: dict[str, Any]) -> None:
    """Data, spec, data, JSON text and YAML text: each makes the next, and nothing is lost."""
    spec = WorkflowSpec.from_dict(data)
    written = spec.to_dict()
    assert repr(written) == repr(data)
    assert WorkflowSpec.from_dict(written) == spec
    assert repr(json.loads(json.dumps(written, allow_nan=False))) == repr(data)
    assert repr(yaml.safe_load(yaml.safe_dump(written, sort_keys=False))) == repr(data)
