"""Django under fire: a table of parcels in one of the databases of the tests."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db import connections, models, transaction
from django.db.utils import InterfaceError, OperationalError

from statecraft.django import WorkflowModel
from tests.django_store.databases import RUN
from tests.races.contenders import Contender, Effect, Seen, Verdict
from tests.races.parcels import Parcel

if TYPE_CHECKING:
    from typing import TypeAlias

    from tests.races.plans import Attempt

    Number: TypeAlias = models.Field[int, int]
    Text: TypeAlias = models.Field[str, str]

UNDOING = {"40001", "40P01", 1205, 1213, "database is locked"}


class DjangoParcel(WorkflowModel, Parcel, log=True):
    """A parcel in a row."""

    number: Number = models.IntegerField(primary_key=True)

    class Meta:
        app_label = "shop"
        db_table = f"statecraft_{RUN}_django_parcels"

    def write_effect(self, event: str, actor: str) -> None:
        """Write a row in the transaction of the event."""
        using = str(self._state.db)
        EffectRow.objects.using(using).create(number=self.number, event=event, actor=actor)


class EffectRow(models.Model):
    """A row that a handler has written."""

    number: Number = models.IntegerField()
    event: Text = models.CharField(max_length=40)
    actor: Text = models.CharField(max_length=40)

    class Meta:
        app_label = "shop"
        db_table = f"statecraft_{RUN}_django_effects"

    def __str__(self) -> str:
        return f"{self.event} of {self.number} by {self.actor}"


def _models() -> list[Any]:
    return [DjangoParcel, EffectRow, DjangoParcel.log_model()]


class DjangoDatabase(Contender):
    """One of the databases by its alias."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def __str__(self) -> str:
        return f"Django, {self.alias}"

    def prepare(self, objects: int) -> None:
        """Make the tables, with a row for each parcel."""
        with connections[self.alias].schema_editor() as editor:
            for model in _models():
                editor.create_model(model)
        parcels = [DjangoParcel(number=number) for number in range(objects)]
        DjangoParcel.objects.using(self.alias).bulk_create(parcels)
        connections.close_all()

    def enter_process(self) -> None:
        """Take connections of one's own: those of the parent were closed."""

    def carry_out(self, attempt: Attempt) -> list[Any]:
        """Fire in one transaction."""
        parcels = DjangoParcel.objects.using(self.alias)
        with transaction.atomic(using=self.alias):
            return [
                parcels.get(number=number).fire(event, once=attempt.key)
                for number, event in attempt.steps
            ]

    def failed(self, error: Exception) -> Verdict | None:
        """Tell a transaction that the database has undone from a connection that is lost."""
        if not isinstance(error, (OperationalError, InterfaceError)):
            return None
        cause = error.__cause__
        code = getattr(cause, "sqlstate", None) or getattr(cause, "args", [None])[0]
        return Verdict.UNDONE if code in UNDOING else Verdict.UNKNOWN

    def seen(self, objects: int) -> Seen:
        """Read it all."""
        parcels = list(DjangoParcel.objects.using(self.alias).all())
        rows = EffectRow.objects.using(self.alias).values_list("number", "event", "actor")
        return Seen(
            {one.number: one.current_state.name for one in parcels},
            {one.number: one.transition_log() for one in parcels},
            Counter(Effect(*row) for row in rows),
        )

    def forget(self) -> None:
        """Drop the tables."""
        with connections[self.alias].schema_editor() as editor:
            for model in reversed(_models()):
                editor.delete_model(model)
        connections.close_all()
