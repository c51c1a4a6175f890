"""What a client is told when an event is refused: a status, and what the refusal knows."""

from __future__ import annotations

from typing import Any

from statecraft import NoTransitionAllowed, StaleState, TransitionHalted, UnknownEvent

REFUSALS = (NoTransitionAllowed, TransitionHalted, StaleState, UnknownEvent)


def status_of(error: Exception) -> int:
    """Return 404 for an event that does not exist, 403 for a permission, and else 409."""
    if isinstance(error, UnknownEvent):
        return 404
    is_permission = isinstance(error, TransitionHalted) and error.code == "permission"
    return 403 if is_permission else 409


def body_of(error: Exception) -> dict[str, Any]:
    """Return what a program and a person need, as JSON."""
    if isinstance(error, NoTransitionAllowed):
        refusal = error.refusal
        return {
            "refused": str(error),
            "event": refusal.event,
            "state": refusal.state.name,
            "unmet": [
                {"name": one.name, "reason": str(one), "code": one.code} for one in refusal.unmet
            ],
            "events": list(refusal.events_here),
        }
    if isinstance(error, TransitionHalted):
        return {"refused": str(error.halted_because), "code": error.code}
    return {"refused": str(error), "code": "stale" if isinstance(error, StaleState) else None}


def require_done(order: Any) -> None:
    """Raise ``TransitionHalted`` if a handler has halted the event: then it returned ``False``."""
    if order.halted:
        raise TransitionHalted(order.halted_because)
