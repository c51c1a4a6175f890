"""Creating, saving and refreshing an object with a state, so that none of it undoes a transition.

Saving a row that exists leaves the state out, unless the caller names it in ``update_fields``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.django.attributes import REFRESHING
from statecraft.django.fields import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from statecraft.django.columns import Columns

LEAVING_OUT = "_workflow_leaving_out"  # in an object, while it is saved: the fields not to write


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
        known: dict[str, Any] = self.__dict__
        columns = self._workflow_columns.values()
        known[LEAVING_OUT] = {
            one.attname for each in columns for one in each.fields if one.attname not in named
        }
        try:
            super().save(*args, **options)  # type: ignore[misc] # that of Model
        finally:
            del known[LEAVING_OUT]

    def _do_update(
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, *args: Any, **options: Any
    ) -> Any:
        left_out: Collection[str] = self.__dict__.get(LEAVING_OUT, ())
        values = [one for one in values if one[0].attname not in left_out]
        model: Any = super()
        return model._do_update(base_qs, using, pk_val, values, *args, **options)

    def refresh_from_db(self, *args: Any, **options: Any) -> None:
        """Read the row again, and the state with it."""
        known: dict[str, Any] = self.__dict__
        known[REFRESHING] = True
        try:
            super().refresh_from_db(*args, **options)  # type: ignore[misc] # that of Model
        finally:
            known.pop(REFRESHING, None)
