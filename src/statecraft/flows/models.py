"""The table of the Django store: one row for each task."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class TaskState(models.Model):
    """The state of one task, as a text: JSON columns of databases refuse what some forms hold.

    ``key`` is made of the id of the task by ``key_of``. ``touched`` counts milliseconds since 1970,
    so that no clock is ever put back an hour.
    """

    key: models.CharField[str, str] = models.CharField(primary_key=True, max_length=64)
    state: models.TextField[str, str] = models.TextField()
    revision: models.BigIntegerField[int, int] = models.BigIntegerField()
    touched: models.BigIntegerField[int, int] = models.BigIntegerField(db_index=True)

    objects: ClassVar[models.Manager[TaskState]] = models.Manager()

    class Meta:
        """Nobody but the store writes these rows."""

        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.key}, revision {self.revision}"
