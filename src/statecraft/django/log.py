"""The transition log: records without gaps, keys that are used once, retention."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import router
from django.db.models import F, Max, OuterRef, Subquery
from django.utils import timezone

from statecraft.log_entries import Entry, entry_of_creation
from statecraft.once import require_same, require_short

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.backends.base.base import BaseDatabaseWrapper

    from statecraft.transition_log import TransitionRecord


class LogStatements:
    """The statements on the log of one workflow, for one kind of database."""

    def __init__(self, model: Any, connection: BaseDatabaseWrapper) -> None:
        quoted = connection.ops.quote_name
        options = model._meta
        self.fields = [options.get_field(name) for name in Entry._fields]
        table, sequence = quoted(options.db_table), quoted("sequence")
        subject, field = (
            quoted(options.get_field(name).column) for name in ("subject", "state_field")
        )
        kept = [quoted(one.column) for one in self.fields]
        names = ", ".join((subject, field, sequence, *kept))
        values = ", ".join(["%s"] * len(kept))
        of_row = f"{table} WHERE {subject} = %s AND {field} = %s"
        # the row itself is locked by then, so that nobody else takes the same number
        self.last = f"SELECT COALESCE(MAX({sequence}), 0) FROM {of_row}"  # noqa: S608 - our names
        inserting = f"INSERT INTO {table} ({names}) SELECT %s, %s, "
        number = f"COALESCE(MAX({sequence}), {{}}) + 1, {values} FROM {of_row}"
        self.first, self.next = inserting + number.format(0), inserting + number.format(1)
        before = f"MIN({sequence}) - 1, {values} FROM {of_row} HAVING MIN({sequence}) > 1"
        self.first_if_missing = inserting + before
        self.returns = connection.features.can_return_columns_from_insert
        self.next_returning = f"{self.next} RETURNING {sequence}"


_known: dict[tuple[Any, str], LogStatements] = {}


def _statements_on(model: Any, connection: BaseDatabaseWrapper) -> LogStatements:
    key = (model, connection.vendor)
    if key not in _known:
        _known[key] = LogStatements(model, connection)
    return _known[key]


class Log:
    """The log of one object, of one of its states."""

    def __init__(self, model: Any, state_field: str, key: Any, connection: Any) -> None:
        self._model = model
        self._state_field = state_field
        self._key = key
        self._connection = connection
        self._statements = _statements_on(model, connection)

    def create(self, target: str) -> None:
        """Write the record of the creation: the first one, where no other row had the key."""
        with self._connection.cursor() as cursor:
            cursor.execute(self._statements.first, self._parameters(entry_of_creation(target)))

    def append(self, entry: Entry) -> None:
        """Write a record; the first one after that of a creation of which nobody knows when."""
        statements = self._statements
        with self._connection.cursor() as cursor:
            if statements.returns:
                cursor.execute(statements.next_returning, self._parameters(entry))
            else:
                cursor.execute(statements.next, self._parameters(entry))
                cursor.execute(statements.last, [self._key, self._state_field])
            [sequence] = cursor.fetchone()
            if sequence == 2:  # noqa: PLR2004 - the first one is missing, or was there before
                cursor.execute(statements.first_if_missing, self._parameters(entry.before))

    def _parameters(self, entry: Entry) -> list[Any]:
        at = entry.at if entry.at is None or settings.USE_TZ else timezone.make_naive(entry.at)
        values = entry._replace(at=at, noted=entry.noted_values)
        kept = [
            field.get_db_prep_save(value, self._connection)
            for field, value in zip(self._statements.fields, values, strict=True)
        ]
        row = [self._key, self._state_field]
        return [*row, *kept, *row]

    @property
    def _stored(self) -> Any:
        of_row = {"subject_id": self._key, "state_field": self._state_field}
        return self._model._base_manager.using(self._connection.alias).filter(**of_row)

    def records(self) -> list[TransitionRecord]:
        """Return all records, in order."""
        return [_record(one) for one in self._stored.order_by("sequence")]

    def answer(self, once: str, event: str) -> tuple[Any, ...]:
        """Return what an event that was fired with this key returned, in a tuple; else ``()``."""
        require_short(once)
        # some databases take "a" and "A" for the same
        same = [one for one in self._stored.filter(once=once) if one.once == once]
        if not same:
            return ()
        first = same[0]
        require_same(first.event, event, once)
        return (json.loads(first.result),)


def _record(stored: Any) -> TransitionRecord:
    entry = Entry(*(getattr(stored, name) for name in Entry._fields))
    if entry.at is not None and timezone.is_naive(entry.at):
        entry = entry._replace(at=timezone.make_aware(entry.at))
    return entry.record(stored.sequence)


def pruned(model: Any, state_field: str, before: datetime, using: str | None) -> int:
    """Delete what is older; return how many records that were.

    Of each row, the record with which its present state was entered stays, and all that came after
    it. A record without a time is as old as the next that has one.
    """
    moment = before if settings.USE_TZ else timezone.make_naive(before)
    records = model._base_manager.using(using or router.db_for_write(model))
    same = records.filter(subject_id=OuterRef("subject_id"), state_field=state_field)
    entered = same.filter(refused=None, internal=False).order_by().values("subject_id")
    last = entered.annotate(last=Max("sequence")).values("last")
    later = same.filter(sequence__gte=OuterRef("sequence"), at__isnull=False).order_by("sequence")
    old = records.filter(state_field=state_field).annotate(
        entered=Subquery(last), written=Subquery(later.values("at")[:1])
    )
    found, _ = old.filter(sequence__lt=F("entered"), written__lt=moment).delete()
    return int(found)
