"""Creating, saving and refreshing an object with a state, so that none of it undoes a transition.

Saving a row that exists leaves the state out, unless the caller names it in ``update_fields``.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import connections, router, transaction

from statecraft.adopting import ADOPTED
from statecraft.django.attributes import REFRESHING
from statecraft.django.fields import StateCharField, StateIntegerField, plain
from statecraft.django.log import Log
from statecraft.errors import UnknownState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from statecraft.django.columns import Columns

SAVING = "_workflow_saving"  # in an object, while it is saved


class _Saving:
    """What is happening: which fields a row that exists keeps, and whether one was inserted."""

    __slots__ = ("inserted", "left_out")

    def __init__(self, left_out: set[str]) -> None:
        self.left_out = left_out
        self.inserted = False


class Saving:
    """The methods of ``models.Model`` that an object with a state has its own way of."""

    _workflow_columns: ClassVar[Mapping[str, Columns]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args:  # what is loaded comes by position
            for field, columns in self._workflow_columns.items():
                given = kwargs.get(field)
                spec = columns.spec
                kwargs[field] = plain(spec.initial.value if given is None else spec.value_of(given))
        super().__init__(*args, **kwargs)

    def save(self, *args: Any, **options: Any) -> None:
        """Save as Django does; but of a row that exists, no state that nobody has named."""
        by_position = args[3] if len(args) > 3 else None  # noqa: PLR2004 # Django's fourth
        named: Collection[str] = options.get("update_fields", by_position) or ()
        columns = self._columns
        logged = [one for one in columns if one.log_model is not None]
        known: dict[str, Any] = self.__dict__
        around = known.get(SAVING)  # a receiver of pre_save or post_save may save again
        known[SAVING] = saving = _Saving(
            {field.attname for one in columns for field in one.fields}.difference(named)
        )
        model: Any = super()
        cls: Any = type(self)
        using: str = options.get("using") or router.db_for_write(cls, instance=self)
        try:
            with transaction.atomic(using=using) if logged else nullcontext():
                model.save(*args, **options)
                if saving.inserted:
                    for one in logged:
                        self._log_creation(one, connections[using])
        finally:
            known[SAVING] = around
            if around is None:
                del known[SAVING]

    @property
    def _columns(self) -> list[Columns]:
        """The columns of the workflows of this object, one that it has adopted included."""
        adopted: Any = self.__dict__.get(ADOPTED)
        more = [] if adopted is None else [adopted._row().columns]
        return [*self._workflow_columns.values(), *more]

    def _log_creation(self, columns: Columns, connection: Any) -> None:
        [key] = columns.key_of(self, connection)
        field = columns.spec.state_field
        state = columns.spec.state_of(columns.value_of(getattr(self, field)))
        Log(columns.log_model, field, key, connection).create(state.name)

    def _do_insert(self, *args: Any, **options: Any) -> Any:
        saving: _Saving | None = self.__dict__.get(SAVING)
        if saving is not None:
            saving.inserted = True
        model: Any = super()
        return model._do_insert(*args, **options)

    def _do_update(
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, *args: Any, **options: Any
    ) -> Any:
        saving: _Saving | None = self.__dict__.get(SAVING)
        left_out = saving.left_out if saving is not None else ()
        values = [one for one in values if one[0].attname not in left_out]
        model: Any = super()
        return model._do_update(base_qs, using, pk_val, values, *args, **options)

    def _get_FIELD_display(self, field: Any) -> Any:  # noqa: N802 # Django's
        """Return the label of the state: of an older value too, or one that only a child has."""
        value = getattr(self, field.attname)
        columns = self._workflow_columns.get(field.name)
        if columns is not None and isinstance(field, (StateCharField, StateIntegerField)):
            try:
                return str(columns.spec.state_of(columns.value_of(value)).label)
            except UnknownState:
                return value
        model: Any = super()
        return model._get_FIELD_display(field)

    def refresh_from_db(self, *args: Any, **options: Any) -> None:
        """Read the row again, and the state with it."""
        known: dict[str, Any] = self.__dict__
        known[REFRESHING] = True
        try:
            super().refresh_from_db(*args, **options)  # type: ignore[misc] # that of Model
        finally:
            known.pop(REFRESHING, None)
