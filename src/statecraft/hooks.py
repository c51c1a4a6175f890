"""The hooks that every workflow has: empty here, so that an override can call ``super()``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    """Override what you need; each may leave out the transition."""

    __slots__ = ()

    if TYPE_CHECKING:

        def before_transition(self, *args: Any, **kwargs: Any) -> Any: ...
        def on_transition(self, *args: Any, **kwargs: Any) -> Any: ...
        def after_transition(self, *args: Any, **kwargs: Any) -> Any: ...
        def on_error(self, *args: Any, **kwargs: Any) -> Any: ...
        def on_unavailable_transition(self, *args: Any, **kwargs: Any) -> Any: ...
        def after_commit(self, *args: Any, **kwargs: Any) -> Any: ...
    else:

        def before_transition(self, transition):
            """Run before the handler; override it."""

        def on_transition(self, transition):
            """Run after the handler, before the source is left; override it."""

        def after_transition(self, transition):
            """Run last, after the entry of the target; override it."""

        def on_error(self, error, transition):
            """Deal with an exception before the state is stored; override it."""

        def on_unavailable_transition(self, attempt):
            """Run instead of raising NoTransitionAllowed; override it."""

        def after_commit(self, transition):
            """Run when the transition is stored for good; override it."""
