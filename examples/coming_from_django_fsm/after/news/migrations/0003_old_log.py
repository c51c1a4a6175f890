"""The records of django-fsm-log become records of statecraft.

It reads the old table as it is, so that the old packages need not be there. Where there is no such
table, as in a new database, it does nothing.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db import migrations, models

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD_TABLE = "django_fsm_log_statelog"
NAMES = {"in-review": "in_review"}  # the log has the names of states, where they are no values


def name_of(value: str) -> str:
    """Return the name of the state that had a value."""
    return NAMES.get(value, value)


def converted(article: int, changes: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the records of one article: that of its creation first, of which nobody knows when."""
    row = {"subject_id": article, "state_field": "state"}
    yield {**row, "sequence": 1, "target": name_of(changes[0].source_state or "new")}
    for sequence, change in enumerate(changes, start=2):
        yield {
            **row,
            "sequence": sequence,
            "event": change.transition,
            "source": name_of(change.source_state or "new"),
            "target": name_of(change.state),
            "at": change.timestamp,
            "actor": None if change.by_id is None else str(change.by_id),
            "noted": {"why": change.description} if change.description else {},
        }


def convert(apps: Any, editor: Any) -> None:
    """Write the records of all articles."""
    connection = editor.connection
    if OLD_TABLE not in connection.introspection.table_names():
        return
    old = apps.get_model("news", "OldLog").objects.using(connection.alias)
    new = apps.get_model("news", "ArticleTransitionRecord")
    of_articles = old.filter(content_type__app_label="news", content_type__model="article")
    changes = of_articles.order_by("object_id", "timestamp", "id").iterator()
    for article, of_article in groupby(changes, key=lambda change: change.object_id):
        records = [new(**record) for record in converted(article, [*of_article])]
        new.objects.using(connection.alias).bulk_create(records)


class Migration(migrations.Migration):
    dependencies = [
        ("news", "0002_transition_log"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.CreateModel(  # for this migration only: it makes no table, and drops none
            name="OldLog",
            fields=[
                ("id", models.AutoField(primary_key=True)),
                ("timestamp", models.DateTimeField()),
                ("by_id", models.TextField(null=True)),
                ("source_state", models.TextField(null=True)),
                ("state", models.TextField()),
                ("transition", models.TextField()),
                ("object_id", models.BigIntegerField()),
                ("description", models.TextField(null=True)),
                (
                    "content_type",
                    models.ForeignKey("contenttypes.ContentType", models.DO_NOTHING),
                ),
            ],
            options={"managed": False, "db_table": OLD_TABLE},
        ),
        migrations.RunPython(convert, migrations.RunPython.noop),
        migrations.DeleteModel("OldLog"),
    ]
