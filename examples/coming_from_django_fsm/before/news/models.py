"""An article, as django-fsm has it."""

from __future__ import annotations

from django.db import models
from django_fsm import FSMField, transition
from django_fsm_log.decorators import fsm_log_by, fsm_log_description


class Article(models.Model):
    """An article on its way from a journalist to publication."""

    title = models.CharField(max_length=80)
    reviewer = models.CharField(max_length=80, blank=True)
    state = FSMField(default="new", protected=True)

    class Meta:
        permissions = (("accept_article", "Can accept an article"),)

    def __str__(self):
        return self.title

    def has_reviewer(self):
        return bool(self.reviewer)

    @fsm_log_by
    @transition(field=state, source="new", target="in-review")
    def submit(self, by=None):
        pass

    @fsm_log_by
    @transition(
        field=state,
        source="in-review",
        target="accepted",
        conditions=[has_reviewer],
        permission="news.accept_article",
    )
    def accept(self, by=None):
        pass

    @fsm_log_by
    @fsm_log_description
    @transition(field=state, source=["new", "in-review"], target="rejected")
    def reject(self, description=None, by=None):
        pass

    @transition(field=state, source="+", target="withdrawn")
    def withdraw(self):
        pass
