"""The model of the log: one beside each table that has a state, with a migration like any other.

``OrderTransitionRecord`` belongs to ``Order``, in the table ``shop_order_log``. There is no
constraint to the row: the log of one that is deleted stays, until somebody deletes it.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from django.db import models

from statecraft.once import LONGEST_KEY

_NAME = 255
_made: WeakKeyDictionary[type, Any] = WeakKeyDictionary()  # the models of logs, by their owners


def _fields() -> dict[str, Any]:
    """Return what a record has beside its ``subject``: what a ``TransitionRecord`` has."""
    return {
        "id": models.BigAutoField(primary_key=True),
        "state_field": models.CharField(max_length=64),
        "sequence": models.PositiveIntegerField(),
        "event": models.CharField(max_length=_NAME, null=True),
        "source": models.CharField(max_length=_NAME, null=True),
        "target": models.CharField(max_length=_NAME),
        "at": models.DateTimeField(null=True),
        "actor": models.TextField(null=True),
        "noted": models.JSONField(default=dict),
        "once": models.CharField(max_length=LONGEST_KEY, null=True),
        "result": models.TextField(null=True),
        "refused": models.TextField(null=True),
        "internal": models.BooleanField(default=False),
    }


def _told(record: Any) -> str:
    """Return what people read of a record."""
    if record.event is None:
        return f"{record.sequence}: {record.target}"
    refused = "" if record.refused is None else " refused"
    return f"{record.sequence}: {record.event}{refused}, {record.source} → {record.target}"


def log_model_beside(owner: Any, asking: Any) -> Any:
    """Return the log of a model; made in the app of ``asking`` when it is first asked for."""
    if owner not in _made:
        meta = {
            "app_label": asking._meta.app_label,
            "db_table": f"{owner._meta.db_table}_log",
            "default_permissions": ("view",),
            "ordering": ["subject", "state_field", "sequence"],
            "unique_together": [("subject", "state_field", "sequence")],
        }
        foreign_key: Any = models.ForeignKey
        subject = foreign_key(owner, models.DO_NOTHING, related_name="+", db_constraint=False)
        metaclass: Any = type(models.Model)
        body = {
            "__module__": asking.__module__,
            "__doc__": f"What has happened to the state of a {owner.__name__}.",
            "__str__": _told,
            "subject": subject,
            **_fields(),
            "Meta": type("Meta", (), meta),
        }
        name = f"{owner.__name__}TransitionRecord"
        _made[owner] = metaclass(name, (models.Model,), body)
    return _made[owner]
