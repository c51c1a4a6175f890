"""Signals of all transitions that are stored, for receivers that belong to no model.

``pre_transition`` is sent right before the state is stored, ``post_transition`` right after, both
in one transaction: what a receiver raises undoes the transition. ``transition_committed`` is sent
after the commit; what its receivers raise is logged. Each comes with ``sender``, the model, with
``instance``, ``workflow`` (the instance, or its attached workflow) and ``transition``. A receiver
may name its sender, as those of Django's own signals: ``"shop.Order"``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models.signals import ModelSignal

if TYPE_CHECKING:
    from statecraft.persistence import Transition

pre_transition = ModelSignal()
post_transition = ModelSignal()
transition_committed = ModelSignal()
_SIGNALS = (pre_transition, post_transition, transition_committed)


class Telling:
    """What the receivers are told of one transition of ``workflow``."""

    def __init__(self, workflow: Any, transition: Transition, using: str) -> None:
        self._instance: Any = workflow._stored_object
        self._sender: Any = self._instance.__class__
        self._using = using
        self._told: dict[str, Any] = {
            "instance": self._instance,
            "workflow": workflow,
            "transition": transition,
        }

    @property
    def is_wanted(self) -> bool:
        """Whether anybody listens."""
        return any(signal.has_listeners(self._sender) for signal in _SIGNALS)

    def before(self) -> None:
        """Tell that the state is about to be stored."""
        pre_transition.send(self._sender, **self._told)

    def after(self) -> None:
        """Tell that it is stored, and after the commit that it is for good."""
        post_transition.send(self._sender, **self._told)
        if transition_committed.has_listeners(self._sender):
            send = partial(transition_committed.send_robust, self._sender, **self._told)
            transaction.on_commit(send, using=self._using)
