"""The labels of a Graphviz graph, in its own small dialect of HTML."""

from __future__ import annotations

from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    return f"<{_lines(title, _WIDTH_OF_TITLE)}>"


def state_label(text: str, inside: tuple[Caption, ...]) -> str:
    """Return the label of a state: its text, and under a line the events that stay inside."""
    heading = _lines(text, _WIDTH_OF_STATE)
    if not inside:
        return f"<{heading}>"
    rows = [_row(heading, "CENTER"), "<HR/>", *_caption_rows(inside, "LEFT")]
    return f"<{_table(rows, padding=3)}>"


def edge_label(captions: tuple[Caption, ...], *, align: str) -> str:
    """Return the label of an edge: its captions, one below the other."""
    return f"<{_table(_caption_rows(captions, align), padding=2)}>"


def _caption_rows(captions: tuple[Caption, ...], align: str) -> Iterable[str]:
    for caption in captions:
        event = _lines(caption.event, _WIDTH_OF_CAPTION)
        yield _row(f'<FONT POINT-SIZE="{EVENT_SIZE}">{event}</FONT>', align)
        for note in caption.notes:
            text = _lines(note, _WIDTH_OF_CAPTION)
            yield _row(f'<FONT POINT-SIZE="{_NOTE_SIZE}" COLOR="{SOFT_INK}">{text}</FONT>', align)


def _table(rows: Iterable[str], *, padding: int) -> str:
    shape = f'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}"'
    return f"<TABLE {shape}>{''.join(rows)}</TABLE>"


def _row(content: str, align: str) -> str:
    return f'<TR><TD ALIGN="{align}" BALIGN="{align}">{content}</TD></TR>'


def _lines(text: str, width: int) -> str:
    pieces = (
        piece
        for line in text.splitlines()
        for piece in wrap(line, width, break_long_words=False, break_on_hyphens=False)
    )
    return "<BR/>".join(escape(piece).translate(_MORE) for piece in pieces)
