"""Writes articles and moves them, so that there is something to take along."""

from __future__ import annotations

from django.contrib.auth.models import Permission, User
from django.core.management.base import BaseCommand

from news.models import Article


class Command(BaseCommand):
    """``manage.py fill``."""

    def handle(self, **_):
        editor = User.objects.create_user("editor")
        editor.user_permissions.add(Permission.objects.get(codename="accept_article"))
        for title, reviewer, events in (
            ("Moon", "", []),
            ("Mars", "Homer", ["submit"]),
            ("Venus", "", ["submit"]),
            ("Sun", "Homer", ["submit", "accept"]),
            ("Pluto", "", ["submit", "reject"]),
        ):
            article = Article.objects.create(title=title, reviewer=reviewer)
            for event in events:
                more = {"description": "it is no planet"} if event == "reject" else {}
                getattr(article, event)(by=editor, **more)
                article.save()
            self.stdout.write(f"{article}: {article.state}")
