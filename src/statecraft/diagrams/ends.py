"""Where an arrow begins and ends in a graph of Graphviz, which knows no arrows of a box.

There an arrow goes from a node inside of a box, a cluster, to a node inside of another one, and is
cut off at their borders: ``ltail`` and ``lhead`` name them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from statecraft.diagrams.picture import Edge, Node, Picture


def cluster_of(node: Node) -> str:
    """Return the name of the box of a compound: Graphviz wants it to begin so."""
    return f"cluster {node.name}"


def entry_of(node: Node) -> str:
    """Return the name of the mark in a compound at which it is entered."""
    return f"(initial {node.name})"


class Ends:
    """The ends of the arrows of one picture."""

    def __init__(self, picture: Picture) -> None:
        self.nodes = picture.all_nodes

    @property
    def has_compounds(self) -> bool:
        """Whether there are boxes at all."""
        return any(node.parts for node in self.nodes.values())

    def tail(self, edge: Edge) -> tuple[str, dict[str, str]]:
        """Return the node at which an arrow begins, and where it is cut off."""
        node = self.nodes[edge.source]
        cut = {"ltail": cluster_of(node)} if node.parts else {}
        while node.parts:
            parts = [part for part in node.parts if not part.collects]
            node = next((one for one in reversed(parts) if one.final == edge.on_done), parts[-1])
        return node.name, cut

    def head(self, target: str, source: str) -> tuple[str, dict[str, str]]:
        """Return the node at which an arrow ends, and where it is cut off."""
        node = self.nodes[target]
        if not node.parts:
            return node.name, {}
        return entry_of(node), {} if node.holds(source) else {"lhead": cluster_of(node)}
