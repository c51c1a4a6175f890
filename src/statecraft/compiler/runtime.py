"""What generated functions call when something is out of the ordinary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.compiler.questions import settled
from statecraft.errors import NoTransitionAllowed, StaleState, TransitionHalted, Unmet
from statecraft.halting import HaltMark
from statecraft.observation import Observation
from statecraft.persistence import Attempt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from statecraft.halting import Halt
    from statecraft.persistence import Transition
    from statecraft.states import State


def require_known(workflow: Any, value: object) -> None:
    """Raise ``UnknownState`` for a stored value that no state has."""
    spec = workflow.workflow_spec
    try:
        known = value in spec.by_value
    except TypeError:  # unhashable
        known = False
    if not known:
        spec.state_of(value, workflow)


def refused(
    workflow: Any, event: str, value: object, unmet: tuple[Unmet, ...]
) -> NoTransitionAllowed:
    """Return the error of an event that cannot fire; raise ``UnknownState`` if that is why."""
    require_known(workflow, value)
    return NoTransitionAllowed(workflow, event, value, unmet)


def answered(workflow: Any, answers: dict[object, bool]) -> bool:
    """Return the answer for a stored value that is missing, or that no state has."""
    holder = workflow._stored_object  # noqa: SLF001 - the library's own
    value = getattr(holder, workflow.workflow_spec.state_field, None)
    require_known(workflow, value)
    return answers[value]


def check_moved(workflow: Any, expected: tuple[object, ...], found: object) -> None:
    """Raise ``StaleState`` unless what is stored still means what was loaded."""
    if found not in expected:
        raise StaleState(workflow, expected=expected, found=found)


def remember(workflow: Any, reason: object) -> None:
    """Let the object know why its last event was halted."""
    workflow._halted_because = HaltMark(type(workflow), reason)  # noqa: SLF001 - the library's own


def recalled(memory: Mapping[str, str], compound: State) -> State:
    """Return the leaf that an object enters with ``compound``: where it was, or the initial one."""
    known = {older: leaf for leaf in compound.leaves for older in leaf.was}
    known |= {leaf.name: leaf for leaf in compound.leaves}
    remembered = memory.get(compound.name)
    if remembered is not None and remembered in known:
        return known[remembered]
    first = next(iter(compound.states.values()))
    while first.states:
        if first.history:
            return recalled(memory, first)
        first = next(iter(first.states.values()))
    return first


def remembering(
    memory: Mapping[str, str], compounds: tuple[str, ...], leaf: State
) -> dict[str, str]:
    """Return what is remembered when ``compounds`` are left: a final leaf is the end of that."""
    kept = {name: known for name, known in memory.items() if name not in compounds}
    return kept if leaf.final else kept | dict.fromkeys(compounds, leaf.name)


def vetoed(unmet: Unmet) -> TransitionHalted:
    """Return the error of a guard that said no."""
    reason = f"{unmet.name} does not hold" if unmet.reason is None else unmet.reason
    return TransitionHalted(reason, code=unmet.code)


def noted(workflow: Any, event: str, value: object, error: TransitionHalted) -> None:
    """Let the object remember why it was halted, and the error what was halted."""
    remember(workflow, error.halted_because)
    if error.event is None:
        error.explain(workflow, event, workflow.workflow_spec.state_of(value))


def attempted(error: NoTransitionAllowed, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Attempt:
    """Return what ``on_unavailable_transition`` is told."""
    return Attempt(error.event, error.state, args, kwargs, error.refusal)


def attempted_and_halted(
    workflow: Any,
    event: str,
    value: object,
    unmet: Unmet,
    given: tuple[tuple[Any, ...], dict[str, Any]],
) -> Attempt:
    """Return what a store that keeps refused attempts is told of a halt."""
    spec = workflow.workflow_spec
    state = spec.state_of(value, workflow)
    return Attempt(event, state, *given, spec.refusal(event, state, (unmet,)))


def unmet_by(halt: Halt | TransitionHalted) -> Unmet:
    """Return what a refusal says of a condition or guard that halted instead of answering."""
    if isinstance(halt, TransitionHalted):
        return Unmet("halt", halt.halted_because, halt.code)
    return Unmet("halt", halt.reason)


def commit_failed(workflow: Any, event: str, error: Exception) -> None:
    """Log what ``after_commit`` raised, and tell observers: the transition stands all the same."""
    from logging import getLogger  # noqa: PLC0415 - slow to import, seldom needed

    name = workflow.workflow_spec.name
    getLogger("statecraft").error("after_commit of %s %s failed", name, event, exc_info=error)
    Observation(workflow, event).erred(error)


def committing(workflow: Any, event: str, *transition: Transition) -> Callable[[], None]:
    """Return a function that runs ``after_commit``, for a store to call it in its time."""

    def call() -> None:
        try:
            workflow.after_commit(*transition)
        except Exception as error:  # noqa: BLE001 - what is committed stands, whatever it raises
            commit_failed(workflow, event, error)

    return call


def committing_async(
    workflow: Any, event: str, *transition: Transition
) -> Callable[[], Awaitable[None]]:
    """Return the same for an asynchronous workflow."""

    async def call() -> None:
        try:
            await settled(workflow.after_commit(*transition))
        except Exception as error:  # noqa: BLE001 - as above
            commit_failed(workflow, event, error)

    return call


def hold(workflow: Any, value: object) -> None:
    """Let an object of an asynchronous store know its state without waiting."""
    workflow._hold_value(value)  # noqa: SLF001 - the library's own
