"""Whether events that fire by themselves can, and come to an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.signatures import signature_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.checks.subject import Subject
    from statecraft.errors import Problem
    from statecraft.states import State
    from statecraft.transitions import EventSpec


def check_completions(subject: Subject) -> Iterator[Problem]:
    """An event of ``on_done`` needs no arguments, and leads to no end that leads back to it."""
    for event in subject.spec.events.values():
        if not any(one.on_done for one in event.transitions):
            continue
        if _needs_arguments(event):
            what = "it fires by itself when a compound is done, so nobody gives it its arguments"
            yield subject.problem(event.name, what, subject.place_of_event(event.name))
        circle = _circle(subject, event)
        if circle:
            what = f"it would fire by itself for ever: {' -> '.join(circle)}"
            yield subject.problem(event.name, what, subject.place_of_event(event.name))


def _needs_arguments(event: EventSpec) -> bool:
    if callable(event.handler):
        signature = signature_of(event.handler)
        return signature.required > 1 or not signature.takes_no_required_keyword
    return event.argument_count > 0


def _circle(subject: Subject, event: EventSpec) -> list[str]:
    """Return the names of final leaves, the first of them twice, through which ``event`` leads."""
    following: dict[str, list[str]] = {}
    for one in subject.spec.transitions:
        for leaf in one.leaves if one.on_done else ():
            following.setdefault(leaf.name, []).extend(_reached(leaf, one.event))
    for one in event.transitions:
        for leaf in one.leaves if one.on_done else ():
            path = _path_back(leaf.name, leaf.name, following, (leaf.name,))
            if path:
                return list(path)
    return []


def _reached(leaf: State, event: str) -> Iterator[str]:
    """Yield where ``event`` may lead from ``leaf``: by its other transitions too."""
    for one in leaf.events[event]:
        if not one.internal:
            yield one.target.initial_leaf.name
        if not one.conditions:
            return


def _path_back(
    start: str, here: str, following: dict[str, list[str]], path: tuple[str, ...]
) -> tuple[str, ...]:
    for name in following.get(here, ()):
        if name == start:
            return (*path, name)
        if name not in path:
            found = _path_back(start, name, following, (*path, name))
            if found:
                return found
    return ()
