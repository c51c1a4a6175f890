"""What all of them have in common: the columns of a light, and what a step needs at hand."""

from __future__ import annotations

import os
from typing import Any

from django.db import models, transaction

from benchmarks.work import ON_OFF, Step, Work, cycle

PREFIX = f"statecraft_benchmark_{os.getpid()}_django_"  # several may measure on one server
PAIRS = 10  # how often a light is turned on and off in one transaction


class Columns(models.Model):
    """The columns of a light."""

    state: models.CharField[Any, Any] = models.CharField(max_length=20, default="off")
    name: models.CharField[Any, Any] = models.CharField(max_length=40, default="hall")
    watts: models.IntegerField[Any, Any] = models.IntegerField(default=40)

    class Meta:
        """It has no table."""

        abstract = True

    def __str__(self) -> str:
        """Return what people read."""
        return self.name


class Stored:
    """A light, and the transaction that it is moved in."""

    def __init__(self, light: Any) -> None:
        self.light = light
        self._block: Any = None

    def state(self) -> str:
        """Return what is in the row, and not what the light believes."""
        row = type(self.light).objects.filter(pk=self.light.pk)
        value: str = row.values_list("state", flat=True).get()
        return value

    def begin(self) -> None:
        """Begin a transaction."""
        self._block = transaction.atomic()
        self._block.__enter__()

    def commit(self) -> None:
        """Commit it."""
        self._block.__exit__(None, None, None)


def switched(light: Any, call: str = "subject.light.{}()") -> Work:
    """Return a light that is turned on and off, some twenty times in each transaction."""
    work = committed(light, call)
    steps = [*work.steps] * PAIRS
    first, last = steps[0], steps[-1]
    steps[0] = Step(f"subject.begin()\n{first.code}", first.sees, first.expected)
    steps[-1] = Step(f"{last.code}\nsubject.commit()", last.sees, last.expected)
    return Work(work.subject, steps)


def committed(light: Any, call: str = "subject.light.{}()") -> Work:
    """Return a light that is turned on and off, each time in a transaction of its own."""
    light.save()
    return Work(Stored(light), cycle(ON_OFF, "subject.state()", call))
