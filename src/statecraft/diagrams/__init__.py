"""Diagrams of workflows: for Graphviz, and as Mermaid text."""

from statecraft.diagrams.drawing import (
    FONT,
    ORIENTATIONS,
    mermaid_text,
    workflow_diagram,
    write_diagram,
)

__all__ = ["FONT", "ORIENTATIONS", "mermaid_text", "workflow_diagram", "write_diagram"]
