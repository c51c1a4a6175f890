"""What was done: a note for each time, and an order for each task."""

from __future__ import annotations

from django.db import models


class Note(models.Model):  # noqa: DJ008 - nobody reads it
    """Something was done."""

    text: models.CharField[str, str] = models.CharField(max_length=40)


class Placed(models.Model):  # noqa: DJ008 - as above
    """An order: there can be one for each task."""

    key: models.CharField[str, str] = models.CharField(max_length=40, unique=True)
