"""The same article, as statecraft has it: on the same table, with the same values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from statecraft import ANY, Event, Guard, State
from statecraft.django import WorkflowModel

if TYPE_CHECKING:
    from typing import TypeAlias

    Text: TypeAlias = models.Field[str, str]


class Article(WorkflowModel, state_field="state", log=True):
    """An article on its way from a journalist to publication."""

    title: Text = models.CharField(max_length=80)
    reviewer: Text = models.CharField(max_length=80, blank=True)
    state: Text = models.CharField(default="new", max_length=50)  # the column that is there

    new = State()
    in_review = State("in-review")  # a name that Python can use, and the value that is stored
    accepted = State()
    rejected = State()
    withdrawn = State()

    submit = Event(new.to(in_review))
    accept = Event(
        in_review.to(accepted),
        guard=[
            Guard("reviewer", because="nobody reviews it yet", code="no-reviewer"),
            Guard.permission("news.accept_article"),
        ],
    )
    withdraw = Event(ANY.to(withdrawn))

    @Event((new | in_review).to(rejected), note=("why",))
    def reject(self, why: str) -> None:
        """Keep why in the log."""

    class Meta:
        permissions = (("accept_article", "Can accept an article"),)

    def __str__(self) -> str:
        return self.title
