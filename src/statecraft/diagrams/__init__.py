"""Diagrams of workflows: for Graphviz, and as Mermaid text."""

from statecraft.diagrams.drawing import (
    FONT,
    ORIENTATIONS,
    diagram_content,
    mermaid_text,
    workflow_diagram,
    write_diagram,
)

__all__ = [
    "FONT",
    "ORIENTATIONS",
    "diagram_content",
    "mermaid_text",
    "workflow_diagram",
    "write_diagram",
]
