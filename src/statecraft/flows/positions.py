"""Where a request stands on the path of its task: which moves lead to the action it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.flows.flattening import FINISHED
from statecraft.flows.paths import moves_of
from statecraft.flows.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.flows.paths import Move
    from statecraft.flows.task import Task


def at(task: Task, place: str) -> Any:
    """Return the workflow of the flow, standing at an action: what may happen there, it says."""
    return task.tree.root.component.workflow(task, place)


def begun(task: Task) -> Trace:
    """Return the first move of a task: to the first action that is not skipped, or to the end."""
    first = at(task, Trace().place).target_of("begin")
    return Trace().then("begin", FINISHED if first is None else first.name)


def positions(task: Task, place: str) -> Iterator[Trace]:
    """Yield the moves that may have led to an action, the likeliest first.

    It is where the task stands, or it is linked to from there; else it was answered before, or is
    linked to from an action that was.
    """
    trace = task.trace
    if trace.place == place:
        yield trace
    yield from _linked(task, trace, place)
    yield from (visit for visit in trace.visits(place) if visit != trace)
    for earlier in trace.shorter():
        yield from _linked(task, earlier, place)


def _linked(task: Task, trace: Trace, place: str) -> Iterator[Trace]:
    """Yield the shortest way from the end of a trace to an action by links alone."""
    reached, waiting = {trace.place}, [trace]
    for one in waiting:
        for event, target in links_from(task, one.place):
            if target == place:
                yield one.then(event, target)
                return
            if target not in reached:
                reached.add(target)
                waiting.append(one.then(event, target))


def links_from(task: Task, place: str) -> Iterator[tuple[str, str]]:
    """Yield the links that may be followed from an action: events, and where they lead now."""
    here = at(task, place)
    for event in here.current_state.events:
        if event.startswith("link_to_"):
            target = here.target_of(event)
            if target is not None and target.name != FINISHED:
                yield event, target.name


def marks(task: Task, trace: Trace) -> list[list[Any]]:
    """Return what a form remembers of the path: each target, and the answer that led there."""
    revisions = [0 if move.is_link else task.revision_of(move.source) for move in trace.moves]
    return [[move.target, revision] for move, revision in zip(trace.moves, revisions, strict=True)]


def carried_over(task: Task) -> Trace:
    """Return the trace as the flow has it now, which may have changed under the task.

    An answer whose arrow is gone counts where its event leads now.
    """
    spec = task.tree.root.component.workflow.workflow_spec
    known = set(moves_of(spec))
    trace, remaining = begun(task), list(task.trace.moves)
    if remaining and remaining[0] in known:
        trace = Trace(remaining[:1])
    while trace.place != FINISHED:
        sources = [move.source for move in remaining]
        if trace.place not in sources:
            return trace
        move = remaining[sources.index(trace.place)]
        del remaining[: sources.index(trace.place) + 1]
        target = move.target if move in known else _target(task, move)
        if target is None or target == FINISHED:
            return trace
        trace = trace.then(move.event, target)
    return trace


def _target(task: Task, move: Move) -> str | None:
    here = at(task, move.source)
    state = here.target_of(move.event) if move.event in here.workflow_spec.events else None
    return None if state is None else str(state.name)
