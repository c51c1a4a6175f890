"""The table of tasks."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """As ``models`` says."""

    initial = True

    operations = [  # noqa: RUF012 - so it is with Django
        migrations.CreateModel(
            name="TaskState",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("state", models.TextField()),
                ("revision", models.BigIntegerField()),
                ("touched", models.BigIntegerField(db_index=True)),
            ],
            options={"default_permissions": ("view",)},
        ),
    ]
