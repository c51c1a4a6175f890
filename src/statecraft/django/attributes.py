"""The attribute of a state: it can be given when an object is created, and events alone move it."""

from __future__ import annotations

from typing import Any

from django.db.models.query_utils import DeferredAttribute

from statecraft.django.explaining import assigned
from statecraft.django.following import FORGOTTEN_IN, MARKS, forget_undone

REFRESHING = "_workflow_refreshing"  # in an object, while it is read anew


class StateAttribute(DeferredAttribute):
    """In the place of Django's own: read like that one, and not assigned."""

    field: Any

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Return what is known; what was forgotten or never loaded is read."""
        if instance is None:
            return self
        known: dict[str, Any] = instance.__dict__
        if MARKS in known:
            forget_undone(known)
        try:
            return known[self.field.attname]
        except KeyError:
            if FORGOTTEN_IN not in known:
                return super().__get__(instance, cls)
        # a copy of the database, which routers may read from, knows of it later
        instance.refresh_from_db(using=known[FORGOTTEN_IN], fields=[self.field.attname])
        return known[self.field.attname]

    def __set__(self, instance: Any, value: Any) -> None:
        """Take what is given to an object that has none: one that is made or loaded."""
        known: dict[str, Any] = instance.__dict__
        field: str = self.field.attname
        if MARKS in known:
            forget_undone(known)
        if field in known and known[field] != value and REFRESHING not in known:
            raise assigned(instance, field)
        known[field] = value
