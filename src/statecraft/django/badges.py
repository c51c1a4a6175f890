"""A state as a badge: its label, in the colour that its ``meta["colour"]`` names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from statecraft.errors import UnknownState

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

COLOURS = ("grey", "blue", "green", "amber", "red")  # of the style sheet


def badge(workflow: Any) -> SafeString:
    """Return the badge of the present state; of a value that no state has, too."""
    try:
        state = workflow.current_state
    except UnknownState as error:
        title = _("no state of {workflow} has this value").format(workflow=error.workflow_name)
        text = '<span class="statecraft-badge statecraft-unknown" title="{}">{}?</span>'
        return format_html(text, title, error.value)
    colour = state.meta.get("colour")
    if colour not in COLOURS:
        colour = "grey" if state.final else "blue"
    return format_html(
        '<span class="statecraft-badge statecraft-{}">{}</span>', colour, state.label
    )
