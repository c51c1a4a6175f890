"""The spec as data: to a dict of JSON types and back, nothing evaluated, nothing imported."""

from __future__ import annotations

from copy import deepcopy
from itertools import starmap
from typing import TYPE_CHECKING, Any

from statecraft.arrows import Arrow, StateUnion
from statecraft.compounds import CompoundState
from statecraft.predicates import Guard, conditions_from
from statecraft.records import Checks, Record, is_name
from statecraft.resolution import DEFAULT_STATE_FIELD, EventDraft, WorkflowDraft
from statecraft.states import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from statecraft.spec import WorkflowSpec
    from statecraft.transitions import EventSpec, TransitionSpec

_WORKFLOW_KEYS = ("name", "state_field", "states", "events")
_STATE_KEYS = (
    *("name", "value", "was", "label", "meta", "final", "entry", "exit"),
    *("states", "history"),
)
_EVENT_KEYS = ("name", "transitions", "label", "meta", "handler", "arguments", "note", "lock")
_TRANSITION_KEYS = ("from", "to", "internal", "on_done", "if", "unless", "guards")
_GUARD_KEYS = ("test", "because", "code")
_ABSENT: Any = object()


def workflow_to_dict(spec: WorkflowSpec) -> dict[str, Any]:
    """Return ``spec`` as data; what has no name or no JSON form is an error with its path."""
    data = _Writer().workflow(spec)
    draft_from_dict(data)  # what could not be read again is not written: one check for both ways
    return deepcopy(data)


def draft_from_dict(data: Mapping[str, Any]) -> WorkflowDraft:
    """Return the workflow that ``data`` describes; what is malformed is an error with its path."""
    checks = Checks("WorkflowSpec")
    given = checks.mapping("workflow", data)
    checks.finish()
    checks = Checks(given.get("name"))
    root = Record(checks, "", given, _WORKFLOW_KEYS)
    draft = WorkflowDraft(
        name=root.read("name", checks.name),
        states={name: _state(name, one) for name, one in root.named("states", _STATE_KEYS)},
        events=tuple(starmap(_event, root.named("events", _EVENT_KEYS, absent=[]))),
        state_field=root.read("state_field", checks.name, absent=None),
    )
    checks.finish()
    return draft


def _state(name: str, record: Record) -> State:
    checks = record.checks
    inside = {
        one: _state(one, each) for one, each in record.named("states", _STATE_KEYS, absent=[])
    }
    state = _compound(record, inside) if inside else _leaf(record)
    return state.named(
        name,
        entry_hook=record.read("entry", checks.name, absent=None),
        exit_hook=record.read("exit", checks.name, absent=None),
        written=record.path,
    )


def _compound(record: Record, inside: dict[str, State]) -> CompoundState:
    checks = record.checks
    for key in ("value", "was", "final"):
        if key in record.given:
            checks.report(
                f"{record.path}.{key}", "a state with states inside has none. Leave it out"
            )
    return CompoundState(
        inside,
        history=record.read("history", checks.flag, absent=False),
        meta=record.read("meta", checks.plain, absent={}),
        label=record.read("label", checks.text, absent=None),
    )


def _leaf(record: Record) -> State:
    checks = record.checks
    if "history" in record.given:
        checks.report(f"{record.path}.history", "only a state with states inside has one")
    value = record.read("value", checks.scalar, absent=_ABSENT)
    return State(
        *(() if value is _ABSENT else (value,)),
        was=record.read("was", checks.scalars, absent=[]),
        meta=record.read("meta", checks.plain, absent={}),
        label=record.read("label", checks.text, absent=None),
        final=record.read("final", checks.flag, absent=False),
    )


def _event(name: str, record: Record) -> EventDraft:
    checks = record.checks
    return EventDraft(
        name=name,
        generations=(tuple(map(_arrow, record.records("transitions", _TRANSITION_KEYS))),),
        meta=record.read("meta", checks.plain, absent={}),
        label=record.read("label", checks.text, absent=None),
        handler=record.read("handler", checks.name, absent=None),
        argument_count=record.read("arguments", checks.count, absent=0),
        note=tuple(record.read("note", checks.names, absent=[])),
        lock=record.read("lock", checks.flag, absent=None),
        place=record.path,
    )


def _arrow(record: Record) -> Arrow:
    checks = record.checks
    internal = record.read("internal", checks.flag, absent=False)
    may_be_absent: dict[str, Any] = {"absent": None} if internal else {}
    target: Any = record.read("to", checks.state, **may_be_absent)
    if internal and target is not None:
        checks.report(f"{record.path}.to", "an internal transition leads nowhere: leave this out")
    return Arrow(
        StateUnion(tuple(record.read("from", checks.states))),
        target,
        conditions_from(
            record.read("if", checks.names, absent=[]),
            record.read("unless", checks.names, absent=[]),
        ),
        tuple(map(_guard, record.records("guards", _GUARD_KEYS, absent=[]))),
        on_done=record.read("on_done", checks.flag, absent=False),
    )


def _guard(record: Record) -> Guard:
    checks = record.checks
    return Guard(
        record.read("test", checks.name),
        because=record.read("because", checks.text, absent=None),
        code=record.read("code", checks.text, absent=None),
    )


class _Writer:
    """A spec, key by key; what no data can hold is left as it is, for the reader to refuse."""

    def __init__(self) -> None:
        self.functions: dict[str, Callable[..., Any]] = {}

    def workflow(self, spec: WorkflowSpec) -> dict[str, Any]:
        is_default = spec.state_field == DEFAULT_STATE_FIELD
        return {
            "name": spec.name,
            **_filled(state_field=None if is_default else spec.state_field),
            "states": [
                _written_state(state) for state in spec.states.values() if state.parent is None
            ],
            **_filled(events=[self.event(event) for event in spec.events.values()]),
        }

    def event(self, event: EventSpec) -> dict[str, Any]:
        return {
            "name": event.name,
            "transitions": [self.transition(one) for one in event.transitions],
            **_filled(
                label=_text(event.own_label),
                meta=dict(event.meta),
                handler=self.called(event.handler),
                arguments=event.argument_count or None,
                note=list(event.note),
            ),
            **({} if event.lock is None else {"lock": event.lock}),
        }

    def transition(self, transition: TransitionSpec) -> dict[str, Any]:
        conditions = transition.conditions
        lists: dict[str, object] = {
            "if": [self.called(one.test) for one in conditions if not one.negated],
            "unless": [self.called(one.test) for one in conditions if one.negated],
            "guards": [self.guard(guard) for guard in transition.guards],
        }
        target = {"internal": True} if transition.internal else {"to": transition.target.name}
        lists["on_done"] = transition.on_done
        return {"from": transition.source.name, **target, **_filled(**lists)}

    def guard(self, guard: Guard) -> dict[str, Any]:
        reason = _filled(because=_text(guard.because), code=guard.code)
        return {"test": self.called(guard.test), **reason}

    def called(self, test: Callable[..., Any] | str | None) -> object:
        """Return the name of a function, or the function if it has none of its own."""
        name = getattr(test, "__name__", None)
        if callable(test) and is_name(name) and self.functions.setdefault(name, test) == test:
            return name
        return test


def _written_state(state: State) -> dict[str, Any]:
    is_named_so = type(state.value) is str and state.value == state.name
    return {
        "name": state.name.rpartition(".")[2],
        **({} if is_named_so or state.states else {"value": state.value}),
        **_filled(
            was=list(state.was),
            label=_text(state.own_label),
            meta=dict(state.meta),
            final=bool(state.final),
            entry=state.entry_hook,
            exit=state.exit_hook,
            history=state.history,
            states=[_written_state(inside) for inside in state.states.values()],
        ),
    }


def _text(given: object) -> object:
    """Return what a lazily translated text says now; a function is no text."""
    if given is None or callable(given):
        return given
    return "".join([str(given)])  # of type str itself: YAML writes no subclass, which str() returns


def _filled(**entries: object) -> dict[str, Any]:
    """Leave out the keys with nothing in them; an empty text is something."""
    return {
        key: value
        for key, value in entries.items()
        if not (value is None or value is False or value in ([], {}))
    }
