"""What is known about a class before its events are compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.bundles import Bundle
from statecraft.hooks import Hooks
from statecraft.persistence import Persistence
from statecraft.signatures import ABSENT, Signature, looked_up, method_signature

if TYPE_CHECKING:
    from collections.abc import Hashable

    from statecraft.class_bodies import Options
    from statecraft.moves import Move
    from statecraft.spec import WorkflowSpec
    from statecraft.states import State
    from statecraft.transitions import EventSpec

_MOST_ANSWERS = 50


class Method(Bundle):
    """A method that generated code calls by its name, so that patching and super() work."""

    name: str
    signature: Signature

    @property
    def is_async(self) -> bool:
        """Whether calling it gives a coroutine for certain."""
        return self.signature.is_async


class Context:
    """A class, its spec, and how its hooks and its persistence are to be called."""

    def __init__(
        self,
        cls: type[Persistence],
        spec: WorkflowSpec,
        *,
        is_async: bool,
        observed: bool,
        can_halt: bool,
        options: Options,
    ) -> None:
        self.cls = cls
        self.spec = spec
        self.is_async = is_async
        self.threadsafe = bool(options.threadsafe)
        self.observed = observed
        self.can_halt = can_halt
        self.halts: list[bool] = []  # not empty from the first halt of an object of the class on
        self._expected: dict[str, tuple[Hashable, ...]] = {
            leaf.name: (*leaf.stored_values, *((None,) if leaf is spec.initial else ()))
            for leaf in spec.leaves
        }
        self._completions: dict[str, dict[str, None]] = {}
        for one in spec.transitions:
            if one.on_done:
                self._completions.setdefault(one.source.name, {})[one.event] = None
        self.has_history = any(state.history for state in spec.states.values())
        self._answers: dict[str, dict[Hashable, bool]] = {}
        self._hooks: dict[str, Method | None] = {}
        self.load = self._overridden("load_state", Persistence)
        self.persist_state = self._overridden("persist_state", Persistence)
        change = self._overridden("persist_change", Persistence)
        self.persist_change = change if cls.persistence_wants_change else None
        self.unit = self._overridden("persistence_unit", Persistence)
        self.when_committed = self._overridden("when_committed", Persistence)
        self.lock = options.lock
        self.logs = bool(options.log)
        self.logs_refusals = options.log == "refusals"
        self.is_attached: bool = getattr(cls, "_is_attached", False)
        self.holder = "self.subject" if self.is_attached else "self"
        self.field = f"{self.holder}.{spec.state_field}"  # the code of the attribute
        # and of the object that has it, in a function that has loaded it
        self.loaded_holder = "_subject" if self.is_attached else "self"
        self.loaded_field = f"{self.loaded_holder}.{spec.state_field}"
        # a slot for what a halt leaves, of this class or of a base: then it may hold nothing at all
        self.has_slots = looked_up(cls, "_halted_because") is not None

    def _overridden(self, name: str, base: type) -> Method | None:
        found = looked_up(self.cls, name)
        if found is ABSENT or found is looked_up(base, name):
            return None
        return Method(name=name, signature=method_signature(found))

    def hook(self, name: str | None) -> Method | None:
        """Return the hook of this name, or ``None`` if the class has only the empty default."""
        if name is None:
            return None
        if name not in self._hooks:
            self._hooks[name] = self._overridden(name, Hooks)
        return self._hooks[name]

    def completed_by(self, move: Move) -> tuple[tuple[State, str], ...]:
        """Return the compounds that ``move`` may complete, and the events that fire by that."""
        if not self._completions or move.transition.internal:
            return ()
        reached = (move.target,) if move.recalls is None else move.recalls.leaves
        parents = (leaf.parent for leaf in reached if leaf.final and leaf.parent is not None)
        return tuple(
            (compound, event)
            for compound in dict.fromkeys(parents)
            for event in self._completions.get(compound.name, ())
        )

    def expected(self, state: State) -> tuple[Hashable, ...]:
        """Return the stored values that mean ``state``."""
        return self._expected[state.name]

    def answers(self, event: EventSpec) -> dict[Hashable, bool] | None:
        """Return whether ``event`` leaves a state, by the stored value, if only that matters.

        Many states have no such table: one for each event takes room with their square.
        """
        if len(self._expected) > _MOST_ANSWERS or self.load is not None or event.asks:
            return None
        if event.name not in self._answers:
            sources = {leaf.name for one in event.transitions for leaf in one.leaves}
            self._answers[event.name] = {
                value: name in sources
                for name, values in self._expected.items()
                for value in values
            }
        return self._answers[event.name]

    @property
    def constants(self) -> dict[str, Any]:
        """What every function of this class may use, by its global name."""
        by_value = {
            value: self._expected[state.name] for value, state in self.spec.by_value.items()
        }
        return {"_states": self.spec.by_value, "_expected": by_value, "_halts": self.halts}
