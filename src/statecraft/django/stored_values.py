"""What the column of a workflow has in all rows: counted, and older values rewritten."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db import connections, transaction
from django.db.models import Count

from statecraft.django.fields import plain
from statecraft.django.targets import workflows_of
from statecraft.errors import WorkflowError
from statecraft.names import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Generator

    from statecraft.django.columns import Columns
    from statecraft.states import State


class Stored(NamedTuple):
    """One value, the state that it means, if any does, and how many rows have it."""

    value: Any
    state: State | None
    rows: int

    @property
    def is_older(self) -> bool:
        """Whether its state is stored with another value now."""
        state = self.state
        return state is not None and self.value is not None and self.value != plain(state.value)


def columns_of(target: str) -> Columns:
    """Return the columns of ``shop.Order``, or of ``shop.Order.paying``, which is attached.

    Raises ``WorkflowError`` that says what is possible instead.
    """
    app, _, path = target.partition(".")
    name, _, attribute = path.partition(".")
    known = {one._meta.label: one for one in apps.get_models() if workflows_of(one)}
    try:
        model: Any = apps.get_model(app, name)
    except (LookupError, ValueError) as error:
        hint = did_you_mean(target, known)
        names = listed(known, none="none")
        message = f"There is no model {target!r}.{hint} With a workflow: {names}."
        raise WorkflowError(message) from error
    workflow = workflows_of(model).get(attribute)
    if workflow is None:
        own = [f"{model._meta.label}.{one}".removesuffix(".") for one in workflows_of(model)]
        message = f"{target!r} has no workflow. Of this model: {listed(own, none='none')}."
        raise WorkflowError(message)
    columns: Columns = model._workflow_columns[workflow.workflow_spec.state_field]
    return columns


def count_stored(columns: Columns, using: str) -> list[Stored]:
    """Return what all rows of the table have, the most frequent value first.

    A value means what it means to the model, or else to one that shares its table.
    """
    field = columns.state.name
    rows = columns.owner._base_manager.using(using).order_by()
    counted = rows.values_list(field).annotate(rows=Count("*")).order_by("-rows", field)
    return [Stored(value, _state_of(columns, value), count) for value, count in counted]


def _state_of(columns: Columns, value: Any) -> State | None:
    field = columns.state.name
    sharing = [one for one in apps.get_models() if issubclass(one, columns.owner)]
    more = [getattr(one, "_workflow_columns", {}).get(field) for one in sharing]
    for one in (columns, *more):
        found = None if one is None else one.spec.by_value.get(one.value_of(value))
        if found is not None:
            return found
    return None


class Batch(NamedTuple):
    """What was rewritten of one batch: so many rows, and none is left up to the key ``last``."""

    rows: int
    last: Any


def rewrite_older(columns: Columns, using: str, size: int, after: Any = None) -> Generator[Batch]:
    """Store the value of its state in every row with an older one, batch by batch, by the key.

    Writers accept both values. Each UPDATE compares: of a row that a writer has moved meanwhile,
    nothing is changed. What is done is done: one that was stopped is started again, from the
    beginning, or ``after`` the key that it had come to.
    """
    field = columns.state.name
    rows = columns.owner._base_manager.using(using)
    newer = {plain(older): plain(leaf.value) for leaf in columns.spec.leaves for older in leaf.was}
    last = after
    while newer:
        left = rows.filter(**{f"{field}__in": [*newer]})
        if last is not None:
            left = left.filter(pk__gt=last)
        found = list(left.order_by("pk").values_list("pk", field)[:size])
        if not found:
            return
        last = found[-1][0]
        yield Batch(_rewrite(rows, field, newer, found), last)


def _rewrite(rows: Any, field: str, newer: dict[Any, Any], found: list[tuple[Any, Any]]) -> int:
    changed = 0
    by_value = sorted(found, key=lambda one: str(one[1]))
    for value, group in groupby(by_value, key=lambda one: one[1]):
        if value in newer:  # a database may take "A" for "a"
            same = rows.filter(**{field: value})
            changed += _update(same, [key for key, _ in group], {field: newer[value]})
    return changed


def _update(rows: Any, keys: list[Any], values: dict[str, Any]) -> int:
    """Update rows, and never wait for one while another is locked: that would stop its writers.

    Those that somebody has locked are updated by themselves, each when it is free.
    """
    chosen = rows.filter(pk__in=keys)
    if not connections[rows.db].features.has_select_for_update_skip_locked:
        return int(chosen.update(**values))
    with transaction.atomic(using=rows.db):
        free = {*chosen.select_for_update(skip_locked=True).values_list("pk", flat=True)}
        changed = int(rows.filter(pk__in=free).update(**values))
    for key in keys:
        changed += 0 if key in free else rows.filter(pk=key).update(**values)
    return changed
