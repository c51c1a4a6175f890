"""Whether the methods of a store can be called, and there is room for what they store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.checks.subject import Subject, is_of_library
from statecraft.class_bodies import place_of
from statecraft.persistence import Persistence, remembered_field
from statecraft.signatures import looked_up, method_signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.errors import Problem


def check_store(subject: Subject) -> Iterator[Problem]:
    """The methods of the persistence can be called, and there is room for what they store."""
    for name in ("load_state", "persist_state", "persist_change"):
        signature = method_signature(looked_up(subject.cls, name))
        place = place_of(getattr(subject.cls, name))
        yield from subject.check_async(name, signature, place)
        takes_expected = "expected" in signature.keyword_only or signature.keywords
        if name == "persist_state" and not (signature.accepts(2) or takes_expected):
            what = "it must take the value, and expected by keyword: (self, value, *, expected)"
            yield subject.problem(name, what, place)
    yield from subject.cls.persistence_problems(subject.spec)
    yield from _check_log(subject)
    if _loads_without_storing(subject):
        what = (
            "it is overridden, so persist_state or persist_change must be too: else nothing moves"
        )
        yield subject.problem("load_state", what, place_of(looked_up(subject.cls, "load_state")))
    if subject.is_async and subject.collected.options.threadsafe:
        what = "it is for threads; events of an async workflow wait for one another anyway"
        yield subject.problem("threadsafe", what)


def _check_log(subject: Subject) -> Iterator[Problem]:
    log = subject.collected.options.log
    if log not in {None, False, True, "refusals"}:
        yield subject.problem("log", f'it is True, False or "refusals", and not {log!r}')
    elif log and not subject.cls.persistence_keeps_log:
        what = "this class has no store that keeps a log. Inherit from one that does"
        yield subject.problem("log", what)


def check_slots(subject: Subject) -> Iterator[Problem]:
    """A class with ``__slots__`` alone has room for the state and for what a halt leaves."""
    mro = subject.cls.__mro__
    if any("__dict__" in klass.__dict__ for klass in mro):
        return
    wanted = [subject.spec.state_field] if not subject.has_own_store else []
    if wanted and has_history(subject):
        wanted.append(remembered_field(subject.spec))
    if subject.can_halt:
        wanted.append("_halted_because")
    for name in wanted:
        if not any(name in klass.__dict__ for klass in mro if not is_of_library(klass)):
            what = f"__slots__ leave no room for it. Add {name!r} to them"
            yield subject.problem(name, what)


def _loads_without_storing(subject: Subject) -> bool:
    found = looked_up(subject.cls, "load_state")
    if found is looked_up(Persistence, "load_state") or subject.has_own_store:
        return False
    return subject.is_async or not method_signature(found).is_async  # else that is the problem


def has_history(subject: Subject) -> bool:
    """Whether a compound remembers where the object was."""
    return any(state.history for state in subject.spec.states.values())


def check_memory(subject: Subject) -> Iterator[Problem]:
    """A store that keeps its own values has room for what compounds with history remember."""
    needed = ("load_remembered", "persist_change")
    missing = [
        name for name in needed if looked_up(subject.cls, name) is looked_up(Persistence, name)
    ]
    if has_history(subject) and subject.has_own_store and missing:
        for name, state in subject.spec.states.items():
            if state.history:
                what = (
                    "its history needs a place beside the state, and the store has none: it"
                    f" overrides no {' and no '.join(missing)}"
                )
                yield subject.problem(name, what, state.place)
