"""The labels of a Graphviz graph: plain texts, and tables in its own small dialect of HTML."""

from __future__ import annotations

from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

import graphviz  # type: ignore[import-untyped] # it comes without types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecraft.diagrams.captions import Caption

EVENT_SIZE = "11"
SOFT_INK = "#475569"
_NOTE_SIZE = "10"
# In characters; a longer text goes on in a new line.
_WIDTH_OF_TITLE, _WIDTH_OF_STATE, _WIDTH_OF_CAPTION = 60, 24, 30
# Backslashes mean something even here, and dot stumbles over a bracket that closes nothing.
_MORE = str.maketrans({"\\": r"\\", "]": "&#93;"})


def title_label(title: str) -> str:
    """Return the label of the whole graph."""
    return _plain(title, _WIDTH_OF_TITLE)


def state_label(text: str, inside: tuple[Caption, ...]) -> str:
    """Return the label of a state: its text, and under a line the events that stay inside."""
    if not inside:
        # Not HTML, which would be off the centre where an SVG is shown with another font.
        return _plain(text, _WIDTH_OF_STATE)
    heading = _row(_html(text, _WIDTH_OF_STATE), "CENTER")
    return f"<{_table([heading, '<HR/>', *_caption_rows(inside, 'LEFT')], padding=3)}>"


def edge_label(captions: tuple[Caption, ...], *, align: str) -> str:
    """Return the label of an edge: its captions, one below the other."""
    rows = _table(_caption_rows(captions, align), padding=1)
    return f"<{_table([_row(rows, align)], padding=3)}>"


def _caption_rows(captions: tuple[Caption, ...], align: str) -> Iterable[str]:
    for caption in captions:
        event = _html(caption.event, _WIDTH_OF_CAPTION)
        yield _row(f'<FONT POINT-SIZE="{EVENT_SIZE}">{event}</FONT>', align)
        for note in caption.notes:
            text = _html(note, _WIDTH_OF_CAPTION)
            yield _row(f'<FONT POINT-SIZE="{_NOTE_SIZE}" COLOR="{SOFT_INK}">{text}</FONT>', align)


def _table(rows: Iterable[str], *, padding: int) -> str:
    shape = f'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}"'
    return f"<TABLE {shape}>{''.join(rows)}</TABLE>"


def _row(content: str, align: str) -> str:
    return f'<TR><TD ALIGN="{align}" BALIGN="{align}">{content}</TD></TR>'


def _html(text: str, width: int) -> str:
    return "<BR/>".join(escape(line).translate(_MORE) for line in _lines(text, width))


def _plain(text: str, width: int) -> str:
    # Even here &amp; means an ampersand; nohtml, because a text may look like <this>.
    lines = (line.replace("&", "&amp;").replace("\\", r"\\") for line in _lines(text, width))
    label: str = graphviz.nohtml(r"\n".join(lines))
    return label


def _lines(text: str, width: int) -> Iterator[str]:
    for line in text.splitlines():
        yield from wrap(line, width, break_long_words=False, break_on_hyphens=False)
