"""Whether hooks are hooks: named for a state that there is, and called as they can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.checks.subject import Subject, is_of_library
from statecraft.class_bodies import place_of
from statecraft.hooks import FIXED_HOOKS
from statecraft.names import did_you_mean, nearest
from statecraft.signatures import ABSENT, is_method, looked_up, method_signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.errors import Problem

_VERBS = {  # how other libraries call the hooks of a state
    **dict.fromkeys(("enter", "entry", "entered", "entering"), "entry"),
    **dict.fromkeys(("exit", "exited", "exiting", "leave", "left", "leaving"), "exit"),
}


def check_hook_names(subject: Subject) -> Iterator[Problem]:
    """A method that is called like a hook must be one."""
    for klass in subject.cls.__mro__:
        if is_of_library(klass) or _was_checked(klass, subject):
            continue
        for name, value in klass.__dict__.items():
            if is_method(value):
                yield from _check_hook_name(subject, name, value)


def _was_checked(klass: type, subject: Subject) -> bool:
    return klass is not subject.cls and getattr(klass, "workflow_spec", None) is not None


def _check_hook_name(subject: Subject, name: str, value: object) -> Iterator[Problem]:
    if name.startswith("on_") and name.endswith(("_entry", "_exit")):
        state = name.removeprefix("on_").rpartition("_")[0]
        known = [one.identifier for one in subject.spec.states.values()]
        if state not in known:
            hint = did_you_mean(state, known)
            what = f"it looks like a hook, but {state!r} is no state.{hint}"
            yield subject.problem(name, what, place_of(value))
    elif (hook := _other_name_of_hook(subject, name)) is not None:
        what = f"it looks like a hook, but there is none of this name. Did you mean {hook!r}?"
        yield subject.problem(name, what, place_of(value))
    elif _begins_like_a_hook(name) and name not in FIXED_HOOKS:
        close = nearest(name, FIXED_HOOKS)
        if close is not None and _differ_little(name, close):
            what = f"it looks like a hook, but there is none of this name. Did you mean {close!r}?"
            yield subject.problem(name, what, place_of(value))


def _begins_like_a_hook(name: str) -> bool:
    start, _, rest = name.partition("_")
    if start in {"before", "on", "after"}:
        return True
    # seldom true, and so the other names cost nothing
    return rest in {"transition", "commit"} and nearest(start, ("before", "after")) is not None


def _other_name_of_hook(subject: Subject, name: str) -> str | None:
    """Return the hook that is meant by ``on_enter_accepted``, as other libraries call it."""
    start, _, rest = name.partition("_")
    if start != "on":
        return None
    first, _, behind = rest.partition("_")
    before, _, last = rest.rpartition("_")
    known = [one.identifier for one in subject.spec.states.values()]
    for state, verb in ((behind, first), (before, last)):
        if state in known and verb in _VERBS:
            return f"on_{state}_{_VERBS[verb]}"
    return None


def _differ_little(name: str, other: str) -> bool:
    return sorted(name) == sorted(other) or abs(len(name) - len(other)) == 1


def check_hooks(subject: Subject) -> Iterator[Problem]:
    """A hook takes what it is given, or less, and can be waited for if it has to be."""
    for name, count in dict(subject.hooks()).items():
        found = looked_up(subject.cls, name)
        place = place_of(found)
        if found is ABSENT or not is_method(found):
            what = "a hook is a method, and this is none"
            if found is ABSENT:
                what = "the spec names it as a hook, and the class has no such method"
            yield subject.problem(name, what, place)
            continue
        signature = method_signature(found)
        if not any(signature.accepts(taken) for taken in range(1, count + 2)):
            wanted = {1: "self and the transition", 2: "self, the error and the transition"}[count]
            if name == "on_unavailable_transition":
                wanted = "self and the attempt"
            what = f"a wrong number of parameters: this hook takes {wanted}, or fewer"
            yield subject.problem(name, what, place)
        yield from subject.check_async(name, signature, place)
        yield from subject.check_runs(name, found, place)
