"""A light as people write it with Django alone, if they know what can go wrong.

The comparison is in the UPDATE, the handler runs under the lock of the row, the log has no gaps. It
is the measure of all the others.
"""

# ruff: noqa: D101, D102, D103, D106, DJ001, EM102, TRY003

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from benchmarks.django_contestants.lights import PREFIX, Columns, switched
from benchmarks.django_contestants.lights import committed as by_itself

if TYPE_CHECKING:
    from benchmarks.work import Work


class NotAllowedError(Exception):
    """The error of a refused event."""


class StaleError(Exception):
    """The error of one who came too late."""


class Light(Columns):
    class Meta:
        db_table = f"{PREFIX}by_hand"

    def turn_on(self) -> bool:
        return self._move("turn_on", "off", "on")

    def turn_off(self) -> bool:
        return self._move("turn_off", "on", "off")

    def _move(self, event: str, source: str, target: str) -> bool:
        if self.state != source:
            raise NotAllowedError(f"a light that is {self.state!r} cannot {event}")
        if not Light.objects.filter(pk=self.pk, state=source).update(state=target):
            raise StaleError(f"light {self.pk} is {source!r} no more")
        self.state = target
        return True


class LoggedLight(Columns):
    turned = 0

    class Meta:
        db_table = f"{PREFIX}by_hand_logged"

    def turn_on(self) -> bool:
        return self._move("turn_on", "off", "on")

    def turn_off(self) -> bool:
        return self._move("turn_off", "on", "off")

    def _move(self, event: str, source: str, target: str) -> bool:
        row = LoggedLight.objects.filter(pk=self.pk)
        with transaction.atomic():
            self.state = row.select_for_update().values_list("state", flat=True).get()
            if self.state != source:
                raise NotAllowedError(f"a light that is {self.state!r} cannot {event}")
            self.turned += 1
            row.update(state=target)
            records = Record.objects.filter(light_id=self.pk)
            last = records.aggregate(last=models.Max("sequence"))["last"] or 0
            Record.objects.create(
                light=self,
                sequence=last + 1,
                event=event,
                source=source,
                target=target,
                at=timezone.now(),
            )
        self.state = target
        return True


class Record(models.Model):
    """What statecraft keeps of a transition, too."""

    light: models.ForeignKey[Any, Any] = models.ForeignKey(LoggedLight, models.CASCADE)
    sequence: models.IntegerField[Any, Any] = models.PositiveIntegerField()
    event: models.CharField[Any, Any] = models.CharField(max_length=255)
    source: models.CharField[Any, Any] = models.CharField(max_length=255)
    target: models.CharField[Any, Any] = models.CharField(max_length=255)
    at: models.DateTimeField[Any, Any] = models.DateTimeField()
    actor: models.TextField[Any, Any] = models.TextField(null=True)
    noted: models.JSONField[Any, Any] = models.JSONField(default=dict)
    once: models.CharField[Any, Any] = models.CharField(max_length=255, null=True)
    result: models.TextField[Any, Any] = models.TextField(null=True)
    refused: models.TextField[Any, Any] = models.TextField(null=True)
    internal: models.BooleanField[Any, Any] = models.BooleanField(default=False)

    class Meta:
        db_table = f"{PREFIX}by_hand_log"
        unique_together = (("light", "sequence"),)

    def __str__(self) -> str:
        return f"{self.sequence}: {self.event}"


def plain() -> Work:
    return switched(Light())


def committed() -> Work:
    return by_itself(Light())


def logged() -> Work:
    return switched(LoggedLight())
