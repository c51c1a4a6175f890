"""A picture in the language of Graphviz. Imported when a diagram is drawn, and never before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import graphviz  # type: ignore[import-untyped] # it comes without types

from statecraft.diagrams.ends import Ends, cluster_of, entry_of
from statecraft.diagrams.labels import EVENT_SIZE, SOFT_INK, edge_label, state_label, title_label
from statecraft.diagrams.mermaid import mermaid_from
from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecraft.diagrams.picture import Edge, Node, Picture

_DOT_IS_MISSING = (
    "The program 'dot', which draws .svg, .png and .pdf, was not found. Install Graphviz"
    " (apt install graphviz, brew install graphviz, winget install graphviz),"
    " or write .mmd, .md or .dot, which need nothing."
)
_INITIAL = "(initial)"  # no Python name, and so no state's
_INK, _TEXT = "#334155", "#0f172a"
_SHARP = "192"  # dots per inch of a PNG: twice what a screen shows, enough for print

_GRAPH = {"nodesep": "0.4", "ranksep": "0.4", "pad": "0.2", "labelloc": "t", "fontsize": "16"}
_NODE = {
    "shape": "box",
    "style": "rounded,filled",
    "color": _INK,
    "fillcolor": "#f8fafc",
    "fontcolor": _TEXT,
    "fontsize": "13",
    "height": "0.5",
    "margin": "0.18,0.09",
    "penwidth": "1.2",
}
_EDGE = {"color": SOFT_INK, "fontcolor": _TEXT, "fontsize": EVENT_SIZE, "arrowsize": "0.8"}
_INITIAL_NODE = {
    "shape": "circle",
    "label": "",
    "fillcolor": _INK,
    "width": "0.16",
    "height": "0.16",
    "margin": "0",
}
_HISTORY_NODE = {
    "shape": "circle",
    "label": "H*",
    "fontsize": EVENT_SIZE,
    "width": "0.3",
    "height": "0.3",
    "margin": "0",
}
_COMPOUND = {
    "style": "rounded,filled",
    "color": _INK,
    "fontcolor": _TEXT,
    "fontsize": "13",
    "labeljust": "l",
    "penwidth": "1.2",
    "margin": "14",
}
_SHADES = ("#eef2f7", "#e2e8f0", "#d5dde8")  # the deeper inside, the darker
_CURRENT_COMPOUND = {"color": "#b45309", "penwidth": "2"}
_FINAL = {"peripheries": "2"}
# A fill and a thick border, so that it is seen in black and white too.
_CURRENT = {"fillcolor": "#fde68a", "color": "#b45309", "penwidth": "3"}
_COLLECTS = {
    "style": "rounded,dashed",
    "color": SOFT_INK,
    "fontcolor": SOFT_INK,
    "fontsize": EVENT_SIZE,
    "height": "0.3",
    "margin": "0.12,0.06",
}


class WorkflowDigraph(graphviz.Digraph):  # type: ignore[misc] # it comes without types
    """A graph that a notebook shows as text for Mermaid where the program dot is missing."""

    mermaid = ""

    def _repr_mimebundle_(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        graph: Any = super()
        try:
            bundle: dict[str, Any] = graph._repr_mimebundle_(*arguments, **options)
        except graphviz.ExecutableNotFound:
            drawing = f"```mermaid\n{self.mermaid}```\n\n{_DOT_IS_MISSING}"
            return {"text/plain": _DOT_IS_MISSING, "text/markdown": drawing}
        return bundle


def digraph_from(picture: Picture, *, font: str, format_name: str | None = None) -> WorkflowDigraph:
    """Return the graph that draws ``picture``."""
    file_name = re.sub(r"[^\w-]+", "_", picture.name)
    graph: Any = WorkflowDigraph(picture.name, filename=f"{file_name}.gv", format=format_name)
    graph.mermaid = mermaid_from(picture)
    direction = {"rankdir": "LR" if picture.landscape else "TB"}
    title = {"label": title_label(picture.title)} if picture.title else {}
    graph.attr("graph", _attributes=_GRAPH | direction | title | {"fontname": font})
    graph.attr("node", _attributes=_NODE | {"fontname": font})
    graph.attr("edge", _attributes=_EDGE | {"fontname": font})
    ends = Ends(picture)
    if ends.has_compounds:
        graph.attr("graph", compound="true", newrank="true")  # in the order of the whole graph
    graph.node(_INITIAL, _attributes=_INITIAL_NODE)
    for node in picture.nodes:
        _draw(graph, node, ends, 0)
        if node.collects:
            # Without this dot would put such a node before the initial one.
            graph.edge(_INITIAL, node.name, style="invis", weight="0")
    first, clipped = ends.head(picture.initial, _INITIAL)
    graph.edge(_INITIAL, first, weight="2", **clipped)
    for edge in picture.edges:
        attributes = _edge_attributes(edge, landscape=picture.landscape)
        tail, clipped = ends.tail(edge)
        head, clipped_too = ends.head(edge.target, edge.source)
        graph.edge(tail, head, _attributes={**clipped, **clipped_too, **attributes})
    drawn: WorkflowDigraph = graph
    return drawn


def rendered(picture: Picture, format_name: str, *, font: str) -> bytes:
    """Return the file that the program dot makes of ``picture``."""
    graph: Any = digraph_from(picture, font=font)
    if format_name == "png":
        graph.attr("graph", dpi=_SHARP)
    try:
        data: bytes = graph.pipe(format=format_name)
    except graphviz.ExecutableNotFound as error:
        raise WorkflowError(_DOT_IS_MISSING) from error
    except graphviz.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        message = f"The program 'dot' could not draw {picture.name}: {said}"
        raise WorkflowError(message) from error
    return data


def _draw(graph: Any, node: Node, ends: Ends, depth: int) -> None:
    if not node.parts:
        graph.node(node.name, _attributes=_node_attributes(node))
        return
    marks = _CURRENT_COMPOUND if node.current else {}
    label = {"label": state_label(node.text, node.inside), "fillcolor": _SHADES[min(depth, 2)]}
    with graph.subgraph(name=cluster_of(node)) as inside:
        inside.attr(_attributes=_COMPOUND | label | marks | dict(node.attributes))
        entry = entry_of(node)
        inside.node(entry, _attributes=_HISTORY_NODE if node.history else _INITIAL_NODE)
        for part in node.parts:
            _draw(inside, part, ends, depth + 1)
        first, attributes = ends.head(node.parts[0].name, entry)
        inside.edge(entry, first, weight="2", **attributes)


def _node_attributes(node: Node) -> Mapping[str, str]:
    attributes = {"label": state_label(node.text, node.inside)}
    marks = ((node.final, _FINAL), (node.collects, _COLLECTS), (node.current, _CURRENT))
    for applies, mark in marks:
        attributes |= mark if applies else {}
    return attributes | dict(node.attributes)


def _edge_attributes(edge: Edge, *, landscape: bool) -> Mapping[str, str]:
    # In portrait a caption stands to the right of its arrow, and reads best close to it.
    label = edge_label(edge.captions, align="CENTER" if landscape else "LEFT")
    weight = {} if edge.weight is None else {"weight": str(edge.weight)}
    return {"label": label} | weight | dict(edge.attributes)
