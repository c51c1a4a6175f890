"""The hooks that every workflow has: empty here, so that an override can call ``super()``."""

from __future__ import annotations

from typing import Any

# hook -> how many arguments it may take beside self
FIXED_HOOKS = {
    "before_transition": 1,
    "on_transition": 1,
    "after_transition": 1,
    "after_commit": 1,
    "on_error": 2,
    "on_unavailable_transition": 1,
}


class Hooks:
    """Override what you need; each may leave out the transition, and call ``super()``."""

    __slots__ = ()

    def before_transition(self, *args: Any, **kwargs: Any) -> Any:
        """Run before the handler, with the transition; override it."""

    def on_transition(self, *args: Any, **kwargs: Any) -> Any:
        """Run after the handler, before the source is left, with the transition; override it."""

    def after_transition(self, *args: Any, **kwargs: Any) -> Any:
        """Run after the entry of the target, with the transition; override it."""

    def after_commit(self, *args: Any, **kwargs: Any) -> Any:
        """Run when the transition is stored for good, with the transition; override it."""

    def on_error(self, *args: Any, **kwargs: Any) -> Any:
        """Deal with an exception before the state is stored: takes it and the transition."""

    def on_unavailable_transition(self, *args: Any, **kwargs: Any) -> Any:
        """Run instead of raising ``NoTransitionAllowed``, with the attempt; override it."""
