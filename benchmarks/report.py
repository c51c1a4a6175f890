"""Writes tables as Markdown, and puts them into their place in a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks.rows import BY_HAND, STATECRAFT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.results import Line, Table

MARK = "<!-- measured with {}: {} -->"
ABSENT = "—"


def markdown(tables: Sequence[Table], contestants: Sequence[str]) -> str:
    """Return the tables as Markdown; who does not take part in any line of one has no column."""
    return "\n\n".join(_table(table, contestants) for table in tables)


def _table(table: Table, contestants: Sequence[str]) -> str:
    present = [name for name in contestants if any(name in line.values for line in table.lines)]
    if all(line.values.get(BY_HAND) in {0, 1} for line in table.lines):
        present.remove(BY_HAND)  # it is the measure
    has_limits = any(line.limit is not None for line in table.lines)
    head = [table.title, *(["limit"] if has_limits else []), *present]
    rows = [_cells(table, line, present, has_limits=has_limits) for line in table.lines]
    under = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, under, *rows])


def _cells(table: Table, line: Line, present: Sequence[str], *, has_limits: bool) -> list[str]:
    cells = [line.title]
    if has_limits:
        cells.append("" if line.limit is None else table.show(line.limit))
    for name in present:
        shown = table.show(line.values[name]) if name in line.values else ABSENT
        cells.append(f"**{shown}**" if name == STATECRAFT else shown)
    return cells


def put_into(page: Path, measured_with: str, text: str, template: str) -> None:
    """Replace what an earlier run with the same wrote into ``page``, or add it at the end."""
    begin, end = MARK.format(measured_with, "begin"), MARK.format(measured_with, "end")
    block = f"{begin}\n{text}\n{end}"
    present = page.read_text(encoding="utf-8") if page.exists() else template
    found = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    if found.search(present):
        replaced = found.sub(lambda _: block, present)
    else:
        replaced = f"{present.rstrip()}\n\n{block}\n"
    page.write_text(replaced, encoding="utf-8")
