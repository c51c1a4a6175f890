"""The one model of the application, as each of its releases has it.

A claim that is refused shall be called rejected from now on:

    0  knows ``refused`` and nothing else
    1  reads both, and still stores "refused": it is there before anybody stores the new value
    2  reads both, and stores "rejected"
    3  knows ``rejected`` and nothing else
"""

from __future__ import annotations

import os

from statecraft import Event, State
from statecraft.django import WorkflowModel

RELEASE = int(os.environ["STATECRAFT_RENAMING_RELEASE"])
TABLE = os.environ["STATECRAFT_RENAMING_TABLE"]


class Claim(WorkflowModel):
    """A claim that is refused and reopened, over and over."""

    open = State()
    if RELEASE < 2:
        refused = State(was=["rejected"] if RELEASE == 1 else ())
        refuse = Event(open.to(refused))
        reopen = Event(refused.to(open))
    else:
        rejected = State(was=["refused"] if RELEASE == 2 else ())
        refuse = Event(open.to(rejected))
        reopen = Event(rejected.to(open))

    class Meta:
        """The table is that of one run."""

        app_label = "renaming"
        db_table = TABLE

    def __str__(self) -> str:
        """Return what people read."""
        return f"claim {self.pk}"
