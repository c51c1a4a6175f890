"""A picture as the content of a file, of each kind that there is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from statecraft.diagrams.mermaid import mermaid_from
from statecraft.errors import WorkflowError
from statecraft.names import did_you_mean

if TYPE_CHECKING:
    from os import PathLike

    from statecraft.diagrams.picture import Picture

GRAPHVIZ_FORMATS = ("svg", "png", "pdf", "dot")
MERMAID_FORMATS = ("mmd", "md")
_FORMATS = GRAPHVIZ_FORMATS + MERMAID_FORMATS


def format_of(path: str | PathLike[str] | None, wanted: str | None) -> str | None:
    """Return the format that is ``wanted``, or else the one that the end of ``path`` says.

    Raises ``WorkflowError`` for one that does not exist, or that needs a path to be written to.
    """
    if wanted is None and path is None:
        return None
    name = Path(str(path)).suffix if wanted is None else wanted
    known = name.removeprefix(".").lower()
    if known not in _FORMATS:
        problem = f"{name!r} is no format of a diagram" if known else f"{str(path)!r} has no ending"
        possible = ", ".join(f".{possible}" for possible in _FORMATS)
        message = f"{problem}.{did_you_mean(known, _FORMATS)} Possible: {possible}."
        raise WorkflowError(message)
    if path is None and known in MERMAID_FORMATS:
        message = f"format={wanted!r} needs a path= to write to. For the text call mermaid_text()."
        raise WorkflowError(message)
    return known


def content_of(picture: Picture, format_name: str, *, font: str) -> bytes:
    """Return what a file of this format holds."""
    if format_name in MERMAID_FORMATS:
        text = mermaid_from(picture)
        return (f"```mermaid\n{text}```\n" if format_name == "md" else text).encode()
    from statecraft.diagrams.dot import digraph_from, rendered  # noqa: PLC0415 - see its head

    if format_name == "dot":
        return str(digraph_from(picture, font=font).source).encode()
    return rendered(picture, format_name, font=font)
