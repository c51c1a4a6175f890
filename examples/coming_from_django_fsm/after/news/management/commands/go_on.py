"""Tells what became of the articles, and moves them on."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from news.models import Article
from statecraft import NoTransitionAllowed, TransitionHalted, acting_as


class Command(BaseCommand):
    """``manage.py go_on``."""

    def handle(self, **_: Any) -> None:
        """Try to accept every article, as the user who did so before."""
        with acting_as(User.objects.get(username="editor")):
            for article in Article.objects.order_by("pk"):
                self.stdout.write(f"{article} is {article.state}")
                try:
                    article.accept()
                except (NoTransitionAllowed, TransitionHalted) as error:
                    self.stdout.write(f"  {error}")
                for one in article.transition_log():
                    happened = f"{one.event} -> {one.target}, by {one.actor}, {one.noted}"
                    self.stdout.write(f"  {one.sequence} {happened}")
