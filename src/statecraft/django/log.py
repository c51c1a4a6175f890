"""The transition log: records without gaps, keys that are used once, retention."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import router
from django.db.models import F, Max, OuterRef, Subquery
from django.utils import timezone

from statecraft.once import require_same, require_short
from statecraft.transition_log import (
    TransitionRecord,
    actor_text,
    current_actor,
    noted_json,
    result_json,
    tried_json,
)

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from statecraft.persistence import Attempt, Change
    from statecraft.spec import WorkflowSpec

_FIELDS = (
    "event",
    "source",
    "target",
    "at",
    "actor",
    "noted",
    "once",
    "result",
    "refused",
    "internal",
)


class LogStatements:
    """The statements on the log of one workflow, for one kind of database."""

    def __init__(self, model: Any, connection: BaseDatabaseWrapper) -> None:
        quoted = connection.ops.quote_name
        options = model._meta
        self.fields = [
            options.get_field(name) for name in ("subject", "state_field", "sequence", *_FIELDS)
        ]
        table, sequence = quoted(options.db_table), quoted("sequence")
        subject, field, _, *kept = [quoted(one.column) for one in self.fields]
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
        entry = _entry(None, None, target, at=datetime.now(UTC), actor=_actor())
        with self._connection.cursor() as cursor:
            cursor.execute(self._statements.first, self._parameters(entry))

    def append(self, entry: dict[str, Any]) -> None:
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
                first = _entry(None, None, entry["source"], at=None, actor=None)
                cursor.execute(statements.first_if_missing, self._parameters(first))

    def _parameters(self, entry: dict[str, Any]) -> list[Any]:
        kept = [
            field.get_db_prep_save(entry[field.name], self._connection)
            for field in self._statements.fields[3:]
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


def _entry(
    event: str | None,
    source: str | None,
    target: str,
    *,
    at: datetime | None,
    actor: str | None,
    noted: str = "{}",
    once: str | None = None,
    result: str | None = None,
    refused: str | None = None,
    internal: bool = False,
) -> dict[str, Any]:
    moment = at if at is None or settings.USE_TZ else timezone.make_naive(at)
    kept = json.loads(noted)
    values = (event, source, target, moment, actor, kept, once, result, refused, internal)
    return dict(zip(_FIELDS, values, strict=True))


def _actor() -> str | None:
    return actor_text(current_actor())


def entry_of_change(change: Change, spec: WorkflowSpec) -> dict[str, Any]:
    """Return what is to be written of a transition."""
    event = change.transition.event
    return _entry(
        event,
        change.transition.source.name,
        spec.by_value[change.value].name,
        at=change.entered_at or datetime.now(UTC),
        actor=_actor(),
        noted=noted_json(change.noted, event) if change.noted else "{}",
        once=change.once,
        result=None if change.once is None else result_json(change.answer, event),
        internal=change.internal,
    )


def entry_of_refusal(attempt: Attempt, spec: WorkflowSpec) -> dict[str, Any]:
    """Return what is to be written of an attempt that came to nothing."""
    state = attempt.source.name
    return _entry(
        attempt.event,
        state,
        state,
        at=datetime.now(UTC),
        actor=_actor(),
        noted=tried_json(attempt, spec),
        refused=str(attempt.refusal),
    )


def _record(stored: Any) -> TransitionRecord:
    at = stored.at
    if at is not None:
        at = (at if timezone.is_aware(at) else timezone.make_aware(at)).astimezone(UTC)
    return TransitionRecord(
        stored.sequence,
        stored.event,
        stored.source,
        stored.target,
        at,
        stored.actor,
        stored.noted,
        stored.once,
        None if stored.result is None else json.loads(stored.result),
        stored.refused,
        internal=stored.internal,
    )


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
