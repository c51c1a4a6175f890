"""The same lights with django-fsm-2: it sets the attribute, and ``save()`` writes the row.

Nothing is compared and nothing locked: two writers may both win.
"""

# ruff: noqa: D101, D102, D103, D106

# mypy: ignore-errors
# pyright: basic, reportAttributeAccessIssue=false

from __future__ import annotations

from typing import TYPE_CHECKING

from django_fsm import FSMField
from django_fsm import transition as moves

from benchmarks.django_contestants.lights import PREFIX, Columns, switched
from benchmarks.django_contestants.lights import committed as by_itself

if TYPE_CHECKING:
    from benchmarks.work import Work

SAVED = "subject.light.{}()\nsubject.light.save()"


class FSMLight(Columns):
    state = FSMField(default="off")

    class Meta:
        db_table = f"{PREFIX}fsm"

    @moves(field=state, source="off", target="on")
    def turn_on(self) -> None: ...

    @moves(field=state, source="on", target="off")
    def turn_off(self) -> None: ...


def plain() -> Work:
    return switched(FSMLight(), SAVED)


def committed() -> Work:
    return by_itself(FSMLight(), SAVED)
