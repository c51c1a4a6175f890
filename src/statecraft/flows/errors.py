"""Errors of flows: what cannot be stored, and stores that do not answer.

WorkflowError
├── UnstorableValue (TypeError)      a value of a state has no stored form
├── UnreadableState (ValueError)     what is stored is not what this version stores
├── StateTooLarge                    the state has more bytes than a task may have
└── StateStoreUnavailable            the store does not answer
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from collections.abc import Sequence


class UnstorableValue(WorkflowError, TypeError):
    """A value has no stored form: ``path`` says where in the state it is, ``kind`` what it is."""

    _attributes = ("path", "kind")

    def __init__(self, path: Sequence[object], kind: str, advice: str) -> None:
        self.path = "".join(f"[{key!r}]" for key in path)
        self.kind = kind
        super().__init__(f"state{self.path} cannot be stored: it is {kind}. {advice}")


class UnreadableState(WorkflowError, ValueError):
    """What is stored is no state, or has a form that this version does not know."""


class StateTooLarge(WorkflowError):
    """The state has ``size`` bytes, and ``limit`` are allowed. Nothing was stored."""

    _attributes = ("size", "limit")

    def __init__(self, size: int, limit: int) -> None:
        self.size = size
        self.limit = limit
        super().__init__(
            f"the state of the task has {size:,} bytes, and FLOWS_MAX_STATE_BYTES allows"
            f" {limit:,}. Nothing was stored. Keep large things elsewhere, and their key in the"
            " state"
        )


class StateStoreUnavailable(WorkflowError):
    """The store does not answer: ``store`` says which one. What it said is the ``__cause__``.

    Nothing was done by halves: the state is as it was before or, where the answer alone was lost,
    as it was to become.
    """

    _attributes = ("store",)

    def __init__(self, store: str, why: Any) -> None:
        self.store = store
        super().__init__(f"the state store does not answer: {store}: {str(why).strip()}")
