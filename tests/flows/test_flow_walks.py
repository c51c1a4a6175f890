"""Drawn flows: the flattened workflow leads where a naive interpreter of the tree says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given
from hypothesis import strategies as st

from statecraft import NoTransitionAllowed
from statecraft.flows.components import Component, Scaffold
from statecraft.flows.outcomes import COMPLETE, Choice, Linear, Transition
from tests.property.walking import WALKING, WALKING_IN_PAIRS

if TYPE_CHECKING:
    from statecraft.flows.tree import Place


class Drawn(Transition):
    """Chooses what the task says for the child that has completed."""

    def __init__(self, targets: list[Any]) -> None:
        self.targets = targets  # type: ignore[misc] # pyright: ignore[reportIncompatibleVariableOverride]

    def choose_next(self, scaffold: Any) -> Any:
        names = [getattr(target, "__name__", "") for target in self.targets]
        return self.targets[scaffold.task.choices[scaffold.child.__name__] % len(names)]


@st.composite
def flows(draw: st.DrawFn) -> Any:
    """Draw a tree: each component has a name of its own, and may be skipped."""
    names = iter(f"C{number}" for number in range(1000))
    flow = draw_scaffold(draw, next(names), names, depth=0)
    wire(draw, flow, [])
    return flow


def draw_scaffold(draw: st.DrawFn, name: str, names: Any, depth: int) -> Any:
    """Draw a scaffold with one to three children, which has to name them all the same way."""
    children: list[Any] = []
    for _ in range(draw(st.integers(1, 3))):
        if depth < 2 and draw(st.integers(0, 2)) == 0:
            children.append(draw_scaffold(draw, next(names), names, depth + 1))
        else:
            children.append(drawn(draw, next(names), Component, {}))
    targets = draw(st.lists(st.sampled_from([COMPLETE, *children]), min_size=1, unique=True))
    transition = draw(st.sampled_from([Linear, Choice, Linear, Drawn(targets)]))
    return drawn(draw, name, Scaffold, {"action_set": children, "transition": transition})


def drawn(draw: st.DrawFn, name: str, base: Any, body: dict[str, Any]) -> Any:
    """Draw a component that is perhaps skipped."""
    if draw(st.integers(0, 3)):
        body["skip_if"] = staticmethod(lambda task: task.skips[name])
    return type(name, (base,), body)


def wire(draw: st.DrawFn, component: Any, above: list[Any]) -> None:
    """Draw where the components lead besides: to siblings, and siblings of their ancestors."""
    children = getattr(component, "action_set", [])
    for child in children:
        known = [one for one in children if one is not child] + above
        if draw(st.booleans()) and known:
            child.on_complete = draw(st.sampled_from([*known, COMPLETE]))
        if known and not issubclass(child, Scaffold):
            for attribute in ("moves_to", "links_to"):
                setattr(child, attribute, draw(st.lists(st.sampled_from(known), max_size=2)))
        wire(draw, child, known)


class Interpreter:
    """Walks the tree as it stands, step by step, for one task."""

    def __init__(self, task: Any) -> None:
        self.task = task

    def reached(self, step: str, place: Place) -> str | None:
        """Return where it ends up that one enters or leaves a place; ``None``: nowhere."""
        been: set[tuple[str, Place]] = set()
        while (step, place) not in been:
            been.add((step, place))
            if step == "enter" and self.is_skipped(place):
                step = "pass"
            elif step == "enter" and place.is_action:
                return place.path
            elif step == "enter":
                place = place.children[0]
            elif (parent := place.parent) is None:
                return "finished"
            elif step == "pass":
                rest = parent.children[parent.children.index(place) + 1 :]
                step, place = ("enter", rest[0]) if rest else ("complete", parent)
            else:
                step, place = self.completed(place, parent)
        return None

    def is_skipped(self, place: Place) -> bool:
        """Return what ``skip_if`` says."""
        return place.component.skip_if is not None and place.component.skip_if(self.task)

    def completed(self, place: Place, parent: Place) -> tuple[str, Place]:
        """Return the step after a place that has completed."""
        wanted = place.component.on_complete
        transition = parent.transition
        if wanted is None and isinstance(transition, Linear):
            return "pass", place
        if wanted is None and isinstance(transition, Drawn):
            wanted = transition.choose_next(SimpleNamespace(task=self.task, child=place.component))
        if wanted is None or wanted is COMPLETE:
            return "complete", parent
        (found,) = [
            one for one in (*parent.children, *parent.neighbours()) if one.component is wanted
        ]
        return "enter", found


def expected_events(place: Place | None) -> list[tuple[str, str, Any]]:
    """Return the events that leave an action: each with the step that it is."""
    if place is None:
        return [("begin", "enter", None)]
    component = place.component
    named = [("move_to", one) for one in component.moves_to]
    named += [("link_to", one) for one in component.links_to]
    return [
        ("complete", "complete", component),
        *((f"{kind}_{one.__name__.lower()}", "enter", one) for kind, one in named),
    ]


@WALKING
@given(st.data())
def test_each_event_leads_where_the_tree_says(data: st.DataObject) -> None:
    """From every action, for a task that is drawn; where it leads nowhere, it is refused."""
    flow = data.draw(flows())
    places = {place.component: place for place in flow.tree.root.everything()}
    names = [component.__name__ for component in places]
    shown = data.draw(st.sets(st.sampled_from(names), max_size=3), label="not skipped")
    task = SimpleNamespace(
        skips={name: name not in shown for name in names},
        choices={name: data.draw(st.integers(0, 3)) for name in names},
    )
    interpreter = Interpreter(task)
    for here in (None, *flow.tree.actions.values()):
        for event, step, component in expected_events(here):
            reached = interpreter.reached(step, places.get(component, flow.tree.root))
            source = "start" if here is None else here.path
            workflow = flow.workflow(task, source)
            try:
                workflow.fire(event)
            except NoTransitionAllowed:
                assert (reached, workflow.current_state) == (None, source)
            else:
                assert workflow.current_state == reached, (event, source)


@WALKING_IN_PAIRS
@given(flows())
def test_the_paths_take_every_arrow_that_lies_on_a_way_to_the_end(flow: Any) -> None:
    """And no others, in flows that are not too entangled."""
    spec = flow.workflow.workflow_spec
    arrows = {
        (event.name, one.source.name, one.target.name)
        for event in spec.events.values()
        for one in event.transitions
    }
    assume(len(arrows) < 16)
    forward = closed({"start"}, {(source, target) for _, source, target in arrows})
    backward = closed({"finished"}, {(target, source) for _, source, target in arrows})
    on_the_way = {one for one in arrows if one[1] in forward and one[2] in backward}
    assert {tuple(move) for path in flow.paths() for move in path} == on_the_way


def closed(known: set[str], pairs: set[tuple[str, str]]) -> set[str]:
    """Return all that is reached from what is known."""
    more = known | {second for first, second in pairs if first in known}
    return known if more == known else closed(more, pairs)
