"""Whether handlers can be called, and conditions and guards get what they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecraft.class_bodies import annotations_of, place_of
from statecraft.names import did_you_mean
from statecraft.predicates import Guard, Predicate
from statecraft.signatures import (
    ABSENT,
    Signature,
    is_method,
    looked_up,
    method_signature,
    signature_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecraft.checks.subject import Subject
    from statecraft.errors import Problem
    from statecraft.transitions import EventSpec

_TEMPLATE_NAMES = frozenset({"self", "once"})


def check_events(subject: Subject) -> Iterator[Problem]:
    """Handlers can be called, and predicates get what they ask for."""
    for event in subject.spec.events.values():
        arguments = subject.arguments_of(event)
        if isinstance(event.handler, str):
            what = (
                f"its handler {event.handler!r} is no method of the class. Give a base that has it"
            )
            yield subject.problem(event.name, what)
        elif event.handler is not None:
            yield from _check_handler(subject, event, signature_of(event.handler))
        seen: set[int] = set()
        for transition in event.transitions:
            for predicate in (*transition.conditions, *transition.guards):
                if id(predicate) not in seen:
                    seen.add(id(predicate))
                    yield from _check_predicate(subject, event, predicate, arguments)
        for name in event.note:
            if arguments is not None and name not in arguments:
                what = f"it notes the argument {name!r}, which it does not have."
                hint = did_you_mean(name, arguments)
                yield subject.problem(event.name, what + hint, subject.place_of_event(event.name))


def _check_handler(subject: Subject, event: EventSpec, signature: Signature) -> Iterator[Problem]:
    place = place_of(event.handler)
    if not signature.positional:
        yield subject.problem(event.name, "its handler must take self first", place)
    for name in signature.names:
        if name in _TEMPLATE_NAMES or (name.startswith("_") and name.strip("_")):
            what = f"its handler cannot have a parameter {name!r}: the library uses such names"
            yield subject.problem(event.name, what, place)
    yield from subject.check_async(event.name, signature, place)
    yield from subject.check_runs(event.name, event.handler, place)


def _check_predicate(
    subject: Subject, event: EventSpec, predicate: Predicate, arguments: Iterable[str] | None
) -> Iterator[Problem]:
    asked: list[Signature] = []
    if isinstance(predicate.test, str):
        found = looked_up(subject.cls, predicate.test)
        if found is not ABSENT and is_method(found):
            asked.append(method_signature(found))
    else:
        asked.append(signature_of(predicate.test))
    if isinstance(predicate, Guard) and callable(predicate.because):
        asked.append(signature_of(predicate.because))
    for signature in asked:
        yield from _check_question(subject, event, predicate, signature, arguments)


def _check_question(
    subject: Subject,
    event: EventSpec,
    predicate: Predicate,
    signature: Signature,
    arguments: Iterable[str] | None,
) -> Iterator[Problem]:
    place = subject.place_of_event(event.name)
    if not signature.positional and not signature.variadic:
        what = f"{predicate.name} must take the object"
        yield subject.problem(event.name, what, place)
    by_position = signature.positional[1 : signature.positional_only]
    given = [name in (arguments or ()) for name in by_position]
    if given != sorted(given, reverse=True):
        what = f"{predicate.name} takes arguments by position, behind one that the event has not"
        yield subject.problem(event.name, what, place)
    defaults = {*signature.positional[signature.required :], *(signature.keyword_defaults or ())}
    for name in (*signature.positional[1:], *signature.keyword_only):
        if arguments is not None and name not in arguments and name not in defaults:
            known = ", ".join(arguments) or "none"
            hint = did_you_mean(name, arguments)
            what = (
                f"{predicate.name} asks for the argument {name!r}, which the event does not have."
                f"{hint} Its arguments: {known}"
            )
            yield subject.problem(event.name, what, place)
    yield from subject.check_async(f"{event.name}: {predicate.name}", signature, place)


def check_attributes(subject: Subject) -> Iterator[Problem]:
    """What a condition or a guard names is there: a store may ask this later, when columns are."""
    known = attribute_names(subject.cls)
    missing = dict.fromkeys(
        (transition.event, predicate.test)
        for transition in subject.spec.transitions
        for predicate in (*transition.conditions, *transition.guards)
        if isinstance(predicate.test, str)
        and predicate.test not in known
        and looked_up(subject.cls, predicate.test) is ABSENT
    )
    for event, name in missing:
        hint = did_you_mean(name, known)
        what = f"{subject.spec.name} has no attribute or method {name!r}.{hint}"
        yield subject.problem(event, what, subject.place_of_event(event))


def attribute_names(cls: type) -> set[str]:
    """Return the names that objects have: of the class, annotated, or set in ``__init__``."""
    names = {name for name in dir(cls) if not name.startswith("__")}
    for klass in cls.__mro__:
        names.update(annotations_of(klass))
        code = getattr(klass.__dict__.get("__init__"), "__code__", None)
        names.update(code.co_names if code is not None else ())
    return names
