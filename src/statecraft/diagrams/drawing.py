"""What people call to have a workflow drawn: as a graph, into a file, or as Mermaid text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from statecraft.diagrams.files import GRAPHVIZ_FORMATS, content_of, format_of
from statecraft.diagrams.mermaid import mermaid_from
from statecraft.diagrams.picture import Picture, picture_of
from statecraft.errors import WorkflowError
from statecraft.names import did_you_mean, with_article
from statecraft.spec import WorkflowSpec
from statecraft.states import State

if TYPE_CHECKING:
    from os import PathLike

    import graphviz  # type: ignore[import-untyped] # it comes without types

ORIENTATIONS = ("landscape", "portrait")
FONT = "Helvetica,Arial,sans-serif"  # the first of them that there is


def workflow_diagram(
    target: object,
    path: str | PathLike[str] | None = None,
    *,
    name: str | None = None,
    orientation: str = ORIENTATIONS[0],
    font: str = FONT,
    format: str | None = None,  # noqa: A002 - Graphviz calls it so
) -> graphviz.Digraph:
    """Draw a workflow: a class, an object (its present state is marked) or a ``WorkflowSpec``.

    The graph that is returned shows itself in a notebook. With ``path`` it is also written:
    ``.svg``, ``.png`` and ``.pdf`` need the program dot, ``.dot``, ``.mmd`` and ``.md`` nothing;
    ``format`` says which, if the end of the path does not. ``name`` is a title above the picture,
    ``orientation`` is ``"landscape"`` or ``"portrait"``.

    Raises ``WorkflowError`` for what cannot be drawn; then nothing has been written.
    """
    format_name = format_of(path, format)
    if path is not None:
        write_diagram(
            target, path, name=name, orientation=orientation, font=font, format_name=format_name
        )
    picture = _picture(target, name, orientation)
    from statecraft.diagrams.dot import digraph_from  # noqa: PLC0415 - see its head

    for_graphviz = format_name if format_name in GRAPHVIZ_FORMATS else None
    return digraph_from(picture, font=font, format_name=for_graphviz)


def write_diagram(
    target: object,
    path: str | PathLike[str],
    *,
    name: str | None = None,
    orientation: str = ORIENTATIONS[0],
    font: str = FONT,
    format_name: str | None = None,
) -> None:
    """Write the diagram and return nothing: for Mermaid not even Graphviz is imported."""
    drawn_as = format_of(path, format_name) or ""
    # Drawn before the file is opened: one that exists stays what it was if that fails.
    content = diagram_content(target, drawn_as, name=name, orientation=orientation, font=font)
    Path(path).write_bytes(content)


def diagram_content(
    target: object,
    format_name: str,
    *,
    name: str | None = None,
    orientation: str = ORIENTATIONS[0],
    font: str = FONT,
) -> bytes:
    """Return what a file with the diagram holds; ``format_name`` is what such a file ends with.

    Raises ``WorkflowError`` for what cannot be drawn, and where the program dot is missing.
    """
    return content_of(_picture(target, name, orientation), format_name, font=font)


def mermaid_text(
    target: object, *, name: str | None = None, orientation: str = ORIENTATIONS[0]
) -> str:
    """Return the diagram of a workflow as Mermaid text; the options are those of the picture."""
    return mermaid_from(_picture(target, name, orientation))


def _picture(target: object, title: str | None, orientation: str) -> Picture:
    if orientation not in ORIENTATIONS:
        hint = did_you_mean(orientation, ORIENTATIONS)
        possible = " or ".join(map(repr, ORIENTATIONS))
        message = f"the orientation of a diagram is {possible}, not {orientation!r}.{hint}"
        raise WorkflowError(message)
    spec = target if isinstance(target, WorkflowSpec) else getattr(target, "workflow_spec", None)
    if not isinstance(spec, WorkflowSpec):
        message = (
            f"{_described(target)} has no workflow to draw: take a class that declares states,"
            " an object of it, or a WorkflowSpec."
        )
        raise WorkflowError(message)
    current = getattr(target, "current_state", None)
    return picture_of(
        spec,
        current if isinstance(current, State) else None,  # on a class it is a property
        title=title,
        landscape=orientation == ORIENTATIONS[0],
    )


def _described(target: object) -> str:
    return target.__name__ if isinstance(target, type) else with_article(type(target).__name__)
