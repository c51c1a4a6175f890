"""What a diagram shows, before it is known in which language: nodes, edges and their captions."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from statecraft.diagrams.captions import DONE, Caption, captions_of, cleaned, text_of
from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from statecraft.spec import WorkflowSpec
    from statecraft.states import State
    from statecraft.transitions import EventSpec

_FEWEST_COLLECTED = 5  # fewer arrows of one event to one state are drawn one by one
_MOST_EXCEPTIONS = 4  # more of them, and "any state except ..." takes longer to read than arrows
_NOTHING: Mapping[str, str] = MappingProxyType({})

# The sources (several, if they are drawn as one node), the target, and the name of the event if
# it has attributes of its own and so an edge of its own.
_Key = tuple[tuple[str, ...], str, "str | None"]


class Node(NamedTuple):
    """A state; or, if it ``collects``, the many states that an event leaves for one target.

    ``inside`` are the events that stay inside of it. A compound has ``parts``, the first of which
    is where it is entered, unless its ``history`` knows better.
    """

    name: str
    text: str
    inside: tuple[Caption, ...] = ()
    final: bool = False
    current: bool = False
    collects: bool = False
    attributes: Mapping[str, str] = _NOTHING
    parts: tuple[Node, ...] = ()
    history: bool = False

    @property
    def subtree(self) -> tuple[Node, ...]:
        """Itself, and all that is drawn inside of it."""
        return (self, *(node for part in self.parts for node in part.subtree))

    def holds(self, name: str) -> bool:
        """Whether the node of this name is drawn inside."""
        return any(node.name == name for node in self.subtree[1:])


class Edge(NamedTuple):
    """An arrow between two nodes, with a caption for each event that goes along it."""

    source: str
    target: str
    captions: tuple[Caption, ...]
    weight: int | None = None
    attributes: Mapping[str, str] = _NOTHING

    @property
    def on_done(self) -> bool:
        """Whether it leaves a compound that is done."""
        return any(DONE in caption.notes for caption in self.captions)


class Picture(NamedTuple):
    """A workflow as it is drawn. ``title`` stands above it, if there is one.

    ``nodes`` are those that are in no other.
    """

    name: str
    title: str | None
    landscape: bool
    initial: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def all_nodes(self) -> dict[str, Node]:
        """All nodes by name, those inside of others too."""
        return {node.name: node for one in self.nodes for node in one.subtree}


def picture_of(
    spec: WorkflowSpec, current: State | None, *, title: str | None, landscape: bool
) -> Picture:
    """Return what a diagram of ``spec`` shows, with the state ``current`` marked."""
    edges: list[Edge] = []
    collectors: dict[tuple[tuple[str, ...], str], str] = {}
    left_inside: set[str] = set()
    for (sources, target, _), events in _routes(spec).items():
        source = sources[0]
        if len(sources) > 1:
            source = collectors.setdefault((sources, target), f"(any {len(collectors) + 1})")
        elif spec.states[source].states and spec.states[source] in spec.states[target].path:
            left_inside.add(source)
            source = _any_inside(source)
        edges.append(_edge(spec, source, target, events))
    drawing = _Drawing(spec, current, _internal(spec), left_inside)
    nodes = [drawing.node(state) for state in spec.states.values() if state.parent is None]
    for (sources, target), name in collectors.items():
        nodes.append(Node(name, _collecting_text(spec, sources, target), collects=True))
    heading = None if title is None else cleaned(title)
    return Picture(
        cleaned(spec.name),
        heading,
        landscape,
        spec.initial.path[0].name,
        tuple(nodes),
        tuple(edges),
    )


def _internal(spec: WorkflowSpec) -> dict[str, list[Caption]]:
    """Return what stands in each state: the events that stay inside of it."""
    inside: dict[str, list[Caption]] = {name: [] for name in spec.states}
    for event in spec.events.values():
        for transition, caption in captions_of(event):
            if transition.internal:
                inside[transition.source.name].append(caption)
    return inside


class _Drawing(NamedTuple):
    """What is known of all nodes.

    ``left_inside`` are the compounds that an event leaves for a state inside of them, which no
    arrow from their border can show.
    """

    spec: WorkflowSpec
    current: State | None
    internal: Mapping[str, list[Caption]]
    left_inside: set[str]

    def node(self, state: State) -> Node:
        """Return the node of a state, with those inside of it."""
        parts = [self.node(part) for part in state.states.values()]
        if state.name in self.left_inside:
            parts.append(Node(_any_inside(state.name), "any state inside", collects=True))
        return Node(
            state.name,
            text_of(state),
            tuple(self.internal[state.name]),
            final=state.final,
            current=self.current is not None and state in self.current.path,
            attributes=_attributes(self.spec, state),
            parts=tuple(parts),
            history=state.history,
        )


def _any_inside(name: str) -> str:
    return f"(any inside {name})"


def _edge(
    spec: WorkflowSpec, source: str, target: str, events: list[tuple[EventSpec, Caption]]
) -> Edge:
    weights = [
        round(weight)
        for event, _ in events
        if isinstance(weight := event.meta.get("weight"), (int, float))
    ]
    return Edge(
        source,
        target,
        tuple(caption for _, caption in events),
        max(weights, default=None),
        _attributes(spec, events[0][0]),
    )


def _routes(spec: WorkflowSpec) -> dict[_Key, list[tuple[EventSpec, Caption]]]:
    """Return what is drawn as one edge, with the events that go along it."""
    routes: dict[_Key, list[tuple[EventSpec, Caption]]] = {}
    for event in spec.events.values():
        alone = event.name if "graphviz" in event.meta else None
        arrows: dict[tuple[str, Caption], list[str]] = {}
        for transition, caption in captions_of(event):
            if not transition.internal:
                key = transition.target.name, caption
                arrows.setdefault(key, []).append(transition.source.name)
        for (target, caption), sources in arrows.items():
            for group in _groups(spec, sources, target):
                routes.setdefault((group, target, alone), []).append((event, caption))
    return routes


def _groups(spec: WorkflowSpec, sources: list[str], target: str) -> Iterator[tuple[str, ...]]:
    """Return the sources that are drawn as one node: all of them, or each by itself."""
    others = tuple(name for name in spec.state_names if name in sources and name != target)
    exceptions = len(_exceptions(spec, others, target))
    if len(others) < _FEWEST_COLLECTED or exceptions > min(_MOST_EXCEPTIONS, len(others) // 2):
        yield from ((name,) for name in dict.fromkeys(sources))
        return
    yield others
    if target in sources:
        yield (target,)


def _exceptions(spec: WorkflowSpec, sources: tuple[str, ...], target: str) -> list[State]:
    covered = {*sources, target}
    return [
        state
        for state in spec.states.values()
        if not state.final and not state.states and covered.isdisjoint(map(str, state.path))
    ]


def _collecting_text(spec: WorkflowSpec, sources: tuple[str, ...], target: str) -> str:
    exceptions = ", ".join(map(text_of, _exceptions(spec, sources, target)))
    return f"any state except {exceptions}" if exceptions else "any other state"


def _attributes(spec: WorkflowSpec, described: State | EventSpec) -> Mapping[str, str]:
    """Return what meta ``graphviz`` says, as texts."""
    given: Any = described.meta.get("graphviz", _NOTHING)
    try:
        attributes: dict[object, object] = dict(given)
    except (TypeError, ValueError) as error:
        message = (
            f"{spec.name}.{described.name}: meta 'graphviz' takes the attributes of a Graphviz"
            f" node or edge by name, such as {{'color': 'red'}}, not {given!r}"
        )
        raise WorkflowError(message) from error
    return {str(name): str(value) for name, value in attributes.items()}
