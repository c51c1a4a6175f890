"""Draws the multiples of hand-written code: one row of dots for each kind of work."""

# What matplotlib says of its types differs from release to release.
# pyright: basic

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.rows import BY_HAND, STATECRAFT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from benchmarks.results import Line

COLORS = {  # of Okabe and Ito, which everybody can tell apart
    STATECRAFT: "#d55e00",
    "automat": "#0072b2",
    "viewflow.fsm": "#009e73",
    "django-fsm-2": "#56b4e9",
    "transitions": "#cc79a7",
    "python-statemachine": "#8c6d1f",
    "sismic": "#777777",
}
MARKERS = dict(zip(COLORS, "osD^vPX", strict=True))
OTHERS = "#999999"


def draw(path: Path, lines: Sequence[Line], contestants: Sequence[str], caption: str) -> None:
    """Write the picture of ``lines`` to ``path``, in the format of its suffix."""
    style: dict[Any, object] = {
        "font.family": "sans-serif",
        "font.size": 9,
        "svg.hashsalt": "statecraft",
        "svg.fonttype": "none",
    }
    with mpl.rc_context(style):
        figure = Figure(figsize=(8.5, 0.34 * len(lines) + 1.6), layout="constrained")
        axes = figure.add_subplot()
        shown = [name for name in contestants if name != BY_HAND]
        for name in reversed(shown):
            _draw_contestant(axes, name, lines)
        _dress(axes, lines)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(
            handles[::-1],
            labels[::-1],
            loc="outside lower center",
            ncols=4,
            frameon=False,
            handletextpad=0.2,
        )
        axes.set_title(
            f"Time, as a multiple of hand-written code ({caption})", loc="left", fontsize=10
        )
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=160)


def _draw_contestant(axes: Axes, name: str, lines: Sequence[Line]) -> None:
    points = [
        (line.values[name], height) for height, line in enumerate(lines) if name in line.values
    ]
    if not points:
        return
    across, heights = zip(*points, strict=True)
    is_ours = name == STATECRAFT
    axes.scatter(
        across,
        heights,
        s=46 if is_ours else 26,
        color=COLORS.get(name, OTHERS),
        marker=MARKERS.get(name, "o"),
        linewidths=0,
        zorder=3 if is_ours else 2,
        label=name,
    )


def _dress(axes: Axes, lines: Sequence[Line]) -> None:
    axes.set_xscale("log")
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_yticks(range(len(lines)), [line.title for line in lines])
    axes.axvline(1, color="#444444", linewidth=1, zorder=1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    axes.grid(axis="x", which="major", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, which="both")
    for side in axes.spines.values():
        side.set_visible(False)
