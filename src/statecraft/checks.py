"""What can be wrong with a workflow: functions from a spec and its class to problems."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from statecraft.collect import Collected, annotations_of, place_of
from statecraft.declarations import Event
from statecraft.errors import Problem
from statecraft.halting import is_generated
from statecraft.hooks import FIXED_HOOKS, Hooks
from statecraft.names import did_you_mean, nearest
from statecraft.persistence import Persistence
from statecraft.predicates import Guard, Predicate
from statecraft.signatures import (
    ABSENT,
    Signature,
    is_method,
    looked_up,
    method_signature,
    signature_of,
)
from statecraft.states import State, States

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from statecraft.spec import WorkflowSpec
    from statecraft.transitions import EventSpec

_STORING = ("persist_state", "persist_change")
_TEMPLATE_NAMES = frozenset({"self", "once"})
_VERBS = {  # how other libraries call the hooks of a state
    **dict.fromkeys(("enter", "entry", "entered", "entering"), "entry"),
    **dict.fromkeys(("exit", "exited", "exiting", "leave", "left", "leaving"), "exit"),
}
_WHY_ATTACH = "Or keep the workflow apart from the class, as an attached one"


class Subject:
    """The class that is checked, with all that is known about it."""

    def __init__(self, cls: Any, spec: WorkflowSpec, collected: Collected) -> None:
        self.cls = cls
        self.spec = spec
        self.collected = collected
        self.is_async: bool = cls._is_async

    @property
    def can_halt(self) -> bool:
        """Whether anything of the user's runs that could halt a transition."""
        asked = (one for one in self.spec.transitions if one.conditions or one.guards)
        handled = (event for event in self.spec.events.values() if event.handler is not None)
        runs_code = any(True for found in (_hooks(self), asked, handled) for _ in found)
        own = [klass for klass in self.cls.__mro__ if not is_of_library(klass)]
        stores = any(name in vars(klass) for klass in own for name in _STORING)
        return runs_code or stores

    def problem(self, name: str, what: str, place: object = None) -> Problem:
        """Return a problem of this class."""
        return Problem.at(self.spec.name, name, what, place)


def is_of_library(klass: type) -> bool:
    """Whether a class is one of statecraft's own: its names are reserved, its hooks are right."""
    return klass is object or klass.__module__.partition(".")[0] == "statecraft"


def problems_of(subject: Subject) -> list[Problem]:
    """Return everything that is wrong with a class whose names have been resolved."""
    return [problem for check in CHECKS for problem in check(subject)]


def check_values(subject: Subject) -> Iterator[Problem]:
    """Two states cannot be stored alike, and a name cannot be another state's value."""
    owners: dict[Any, State] = {}
    for state in subject.spec.states.values():
        if state.value is None:
            what = "None cannot be its value: nothing stored means the initial state"
            yield subject.problem(state.name, what, state.place)
            continue
        try:
            owner = owners.setdefault(state.value, state)
        except TypeError:
            what = f"its value {state.value!r} is not hashable. Take a string, a number or a tuple"
            yield subject.problem(state.name, what, state.place)
            continue
        if owner is not state:
            what = f"its value {state.value!r} is the value of {owner.name!r} too"
            yield subject.problem(state.name, what, state.place)
    for state in subject.spec.states.values():
        owner_of_name = owners.get(state.name)
        if owner_of_name is not None and owner_of_name != state:
            what = f"its name is the value of {owner_of_name.name!r}, so that it could mean both"
            yield subject.problem(state.name, what, state.place)


def check_names(subject: Subject) -> Iterator[Problem]:
    """Nothing that the workflow brings may hide what the class has, or be hidden by it."""
    owners: dict[str, str] = {}
    spec = subject.spec
    groups = {state.name for group in subject.collected.groups.values() for state in group}
    named = {name: "state" for name in spec.states if name not in groups}
    for name, kind in [*named.items(), *((event, "event") for event in spec.events)]:
        if name in owners:
            yield subject.problem(name, f"it is a {owners[name]} and an {kind}. Rename one of them")
        owners[name] = kind
    generated = {f"is_{name}": f"is_{name}() of the state {name!r}" for name in spec.states}
    generated |= {f"can_{name}": f"can_{name}() of the event {name!r}" for name in spec.events}
    for name, what in generated.items():
        if name in owners:
            yield subject.problem(
                name, f"this {owners[name]} would hide {what}. Rename one of them"
            )
    owners |= generated
    yield from _clashes(subject, owners)
    if spec.state_field in owners:
        owner = owners[spec.state_field]
        owner = {"state": "a state", "event": "an event"}.get(owner, owner)
        what = f"it holds the stored value, and cannot be {owner} as well"
        yield subject.problem(spec.state_field, what)


def _clashes(subject: Subject, owners: dict[str, str]) -> Iterator[Problem]:
    """Compare ``owners``, from a name to what has it, with everything that the class has."""
    reported: set[str] = set()
    lineage: tuple[type[Any], ...] = subject.cls.__mro__
    for klass in lineage:
        if vars(klass).get("_is_protocol"):
            continue  # it says what there shall be, and here it is
        for name in [name for name in vars(klass) if name in owners]:
            value = vars(klass)[name]
            if name in reported or _is_declaration(value) or _is_handler_of(subject, name, value):
                continue
            reported.add(name)
            yield _hidden(subject, name, owners[name], klass)
        for name in [name for name in annotations_of(klass) if name in owners]:
            if name not in reported:
                reported.add(name)
                what = f"it would hide the field {name!r} of {klass.__name__}. Rename one of them"
                yield subject.problem(name, f"{what}. {_WHY_ATTACH}")


def _is_declaration(value: object) -> bool:
    if getattr(value, "__isabstractmethod__", False):
        return True  # the event, or the generated method, is what it was waiting for
    return isinstance(value, (State, States, Event, Removed)) or is_generated(value)


def _is_handler_of(subject: Subject, name: str, value: object) -> bool:
    event = subject.spec.events.get(name)
    return event is not None and value is not None and event.handler is value


class Removed:
    """In the place of a name that ``replace=True`` took away: it is not there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> object:
        message = f"{owner.__name__} has no {self.name!r}: it was declared with replace=True"
        raise AttributeError(message)


def _hidden(subject: Subject, name: str, kind: str, klass: type) -> Problem:
    value = klass.__dict__[name]
    if is_of_library(klass):
        what = f"the name is reserved: every workflow has {name!r}. Rename it. {_WHY_ATTACH}"
        return subject.problem(name, what)
    place = place_of(value)
    if klass is subject.cls and name in subject.spec.events and is_method(value):
        inherited = next(
            body.owner.__name__ for body in subject.collected.lineage if name in body.events
        )
        what = (
            f"a plain method hides the inherited event. Put @handles({name!r}) above it to give"
            f" the event this handler; {inherited}.{name}.__wrapped__ is the inherited one"
        )
        return subject.problem(name, what, place)
    thing = "method" if is_method(value) else "attribute"
    if isinstance(value, property):
        thing, place = "property", place_of(value.fget)
    other = f"the {kind} {name!r}" if kind in {"state", "event"} else kind
    what = f"the {thing} {klass.__name__}.{name} and {other} hide one another"
    return subject.problem(name, f"{what}. Rename one of them. {_WHY_ATTACH}", place)


def check_state_field(subject: Subject) -> Iterator[Problem]:
    """What holds the stored value is an attribute that can be read and set."""
    name: Any = subject.spec.state_field
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        what = f"it is the name of an attribute, and {name!r} cannot be one"
        yield subject.problem("state_field", what)
        return
    lineage: tuple[type[Any], ...] = subject.cls.__mro__
    of_library = [klass for klass in lineage if is_of_library(klass) and name in vars(klass)]
    found = looked_up(subject.cls, name)
    if any(_is_in_use(name, vars(klass)[name]) for klass in of_library):
        what = f"the name is reserved: every workflow has {name!r}. Give state_field another one"
        yield subject.problem("state_field", what)
    elif _is_declaration(found) or _has_own_store(subject):
        return  # that is reported as such, or none of our business
    elif is_method(found) or _is_read_only(found):
        thing = "a method" if is_method(found) else "a property that cannot be set"
        what = (
            f"{name!r} cannot hold the stored value: it is {thing}. Give state_field another name"
        )
        yield subject.problem("state_field", what, place_of(getattr(found, "fget", found)))


def _is_in_use(name: str, value: object) -> bool:
    is_abstract = getattr(value, "__isabstractmethod__", False)
    return is_method(value) or _is_read_only(value) or is_abstract or name.startswith("_")


def _is_read_only(value: object) -> bool:
    return isinstance(value, property) and value.fset is None


def check_sorts(subject: Subject) -> Iterator[Problem]:
    """Of a sync and an async workflow the first one decides, and so it must be the async one."""
    lineage: tuple[type[Any], ...] = subject.cls.__mro__
    if not subject.is_async and any(vars(klass).get("_is_async") for klass in lineage):
        what = (
            "it stands behind a sync workflow, where it would do nothing. Name it first:"
            f" class {subject.cls.__name__}(AsyncWorkflow, ...)"
        )
        yield subject.problem("AsyncWorkflow", what)


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
        if state not in subject.spec.states:
            hint = did_you_mean(state, subject.spec.states)
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
    for state, verb in ((behind, first), (before, last)):
        if state in subject.spec.states and verb in _VERBS:
            return f"on_{state}_{_VERBS[verb]}"
    return None


def _differ_little(name: str, other: str) -> bool:
    return sorted(name) == sorted(other) or abs(len(name) - len(other)) == 1


def _hooks(subject: Subject) -> Iterator[tuple[str, int]]:
    for name, count in FIXED_HOOKS.items():
        found = looked_up(subject.cls, name)
        if found is not looked_up(Hooks, name):
            yield name, count
    for state in subject.spec.states.values():
        for hook in (state.entry_hook, state.exit_hook):
            if hook is not None:
                yield hook, 1


def check_hooks(subject: Subject) -> Iterator[Problem]:
    """A hook takes what it is given, or less, and can be waited for if it has to be."""
    for name, count in dict(_hooks(subject)).items():
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
        yield from _check_async(subject, name, signature, place)


def _check_async(
    subject: Subject, name: str, signature: Signature, place: object
) -> Iterator[Problem]:
    if signature.is_async and not subject.is_async:
        what = "it is async, and this workflow is not. Inherit from AsyncWorkflow"
        yield subject.problem(name, what, place)


def check_store(subject: Subject) -> Iterator[Problem]:
    """The methods of the persistence can be called, and there is room for what they store."""
    for name in ("load_state", "persist_state", "persist_change"):
        signature = method_signature(looked_up(subject.cls, name))
        place = place_of(getattr(subject.cls, name))
        yield from _check_async(subject, name, signature, place)
        takes_expected = "expected" in signature.keyword_only or signature.keywords
        if name == "persist_state" and not (signature.accepts(2) or takes_expected):
            what = "it must take the value, and expected by keyword: (self, value, *, expected)"
            yield subject.problem(name, what, place)
    yield from subject.cls.persistence_problems(subject.spec)
    if _loads_without_storing(subject):
        what = (
            "it is overridden, so persist_state or persist_change must be too: else nothing moves"
        )
        yield subject.problem("load_state", what, place_of(looked_up(subject.cls, "load_state")))
    if subject.is_async and subject.collected.options.threadsafe:
        what = "it is for threads; events of an async workflow wait for one another anyway"
        yield subject.problem("threadsafe", what)


def check_slots(subject: Subject) -> Iterator[Problem]:
    """A class with ``__slots__`` alone has room for the state and for what a halt leaves."""
    mro = subject.cls.__mro__
    if any("__dict__" in klass.__dict__ for klass in mro):
        return
    wanted = [subject.spec.state_field] if not _has_own_store(subject) else []
    if subject.can_halt:
        wanted.append("_halted_because")
    for name in wanted:
        if not any(name in klass.__dict__ for klass in mro if not is_of_library(klass)):
            what = f"__slots__ leave no room for it. Add {name!r} to them"
            yield subject.problem(name, what)


def _loads_without_storing(subject: Subject) -> bool:
    found = looked_up(subject.cls, "load_state")
    if found is looked_up(Persistence, "load_state") or _has_own_store(subject):
        return False
    return subject.is_async or not method_signature(found).is_async  # else that is the problem


def _has_own_store(subject: Subject) -> bool:
    stores = (looked_up(subject.cls, name) is not looked_up(Persistence, name) for name in _STORING)
    return any(stores)


def check_events(subject: Subject) -> Iterator[Problem]:
    """Handlers can be called, and predicates get what they ask for."""
    for event in subject.spec.events.values():
        arguments = None
        if isinstance(event.handler, str):
            what = (
                f"its handler {event.handler!r} is no method of the class. Give a base that has it"
            )
            yield subject.problem(event.name, what)
        elif event.handler is not None:
            signature = signature_of(event.handler)
            arguments = signature.names
            yield from _check_handler(subject, event, signature)
        else:
            arguments = tuple(f"argument_{n}" for n in range(1, event.argument_count + 1))
        seen: set[int] = set()
        for transition in event.transitions:
            for predicate in (*transition.conditions, *transition.guards):
                if id(predicate) not in seen:
                    seen.add(id(predicate))
                    yield from _check_predicate(subject, event, predicate, arguments)


def _check_handler(subject: Subject, event: EventSpec, signature: Signature) -> Iterator[Problem]:
    place = place_of(event.handler)
    if not signature.positional:
        yield subject.problem(event.name, "its handler must take self first", place)
    for name in signature.names:
        if name in _TEMPLATE_NAMES or (name.startswith("_") and name.strip("_")):
            what = f"its handler cannot have a parameter {name!r}: the library uses such names"
            yield subject.problem(event.name, what, place)
    yield from _check_async(subject, event.name, signature, place)


def _check_predicate(
    subject: Subject, event: EventSpec, predicate: Predicate, arguments: Iterable[str] | None
) -> Iterator[Problem]:
    asked: list[Signature] = []
    if isinstance(predicate.test, str):
        found = looked_up(subject.cls, predicate.test)
        if found is ABSENT and not has_attribute(subject.cls, predicate.test):
            hint = did_you_mean(predicate.test, attribute_names(subject.cls))
            what = f"{subject.spec.name} has no attribute or method {predicate.test!r}.{hint}"
            yield subject.problem(event.name, what, _place_of_event(subject, event.name))
        elif found is not ABSENT and is_method(found):
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
    place = _place_of_event(subject, event.name)
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
    yield from _check_async(subject, f"{event.name}: {predicate.name}", signature, place)


def _place_of_event(subject: Subject, name: str) -> object:
    declared = (body.events[name] for body in subject.collected.lineage if name in body.events)
    return next((event.place for event in declared), None)


def has_attribute(cls: type, name: str) -> bool:
    """Whether objects of ``cls`` will have ``name``, though the class has not."""
    return name in attribute_names(cls)


def attribute_names(cls: type) -> set[str]:
    """Return the names that objects have: of the class, annotated, or set in ``__init__``."""
    names = {name for name in dir(cls) if not name.startswith("__")}
    for klass in cls.__mro__:
        names.update(annotations_of(klass))
        code = getattr(klass.__dict__.get("__init__"), "__code__", None)
        names.update(code.co_names if code is not None else ())
    return names


CHECKS: tuple[Callable[[Subject], Iterable[Problem]], ...] = (
    check_values,
    check_names,
    check_state_field,
    check_sorts,
    check_hook_names,
    check_hooks,
    check_events,
    check_store,
    check_slots,
)
