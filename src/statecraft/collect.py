"""From a class body and its bases to one draft of the workflow: the inheritance rule is here.

The classes of the method resolution order are merged from the last to the first, as dataclasses
merge their fields:

- states: a new one comes behind those that are there; one declared again takes the place of the
  inherited one, and a compound declared again has the states of both inside;
- events: the transitions of the nearer class are tried before those of the farther; what it says
  beside them (handler, meta, label, arguments) replaces what was inherited;
- hooks: the nearest class wins; within one class a decorated hook wins over one found by name;
- options: the nearest class that gives one wins;
- a class with ``replace=True`` forgets everything that its own bases brought.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from statecraft.bundles import Bundle
from statecraft.compounds import CompoundState, States, united
from statecraft.declarations import HANDLES_MARK, Event
from statecraft.errors import Problem
from statecraft.names import did_you_mean
from statecraft.resolution import EventDraft, WorkflowDraft
from statecraft.states import HOOK_MARK, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

BODY = "__workflow_body__"  # in a class: what its own body declared
REPEATED = "__workflow_repeated__"  # in a class body: the names that it writes twice


class Options(Bundle):
    """The keywords of ``class Article(Workflow, state_field="status")``; ``None``: not given."""

    state_field: str | None = None
    threadsafe: bool | None = None
    replace: bool | None = None
    log: bool | str | None = None
    lock: bool | None = None


class Body(Bundle):
    """What the body of one class declares, before anything is inherited."""

    owner: type
    options: Options
    states: dict[str, State]
    groups: dict[str, States]
    events: dict[str, Event[..., Any]]
    handlers: dict[str, Callable[..., Any]]
    hooks: dict[tuple[str, str], str]
    problems: list[Problem]


class Collected(Bundle):
    """A whole workflow: its draft, and what the compiler and the checks have to know beside it."""

    draft: WorkflowDraft
    options: Options
    lineage: tuple[Body, ...]
    groups: dict[str, States]
    removed: frozenset[str]
    problems: list[Problem]


def collect(cls: type, options: Options) -> Collected:
    """Return the workflow that ``cls`` declares and inherits; names in it are not resolved yet."""
    own = _own_body(cls, options)
    bodies = [own, *map(_inherited_body, cls.__mro__[1:-1])]  # object declares nothing
    lineage, removed = _effective(bodies)
    problems = [problem for body in lineage if body.owner is cls for problem in body.problems]
    states, groups = _merged_states(lineage)
    draft = WorkflowDraft(
        name=cls.__name__,
        states=states,
        hooks=_merged_hooks(cls, bodies, lineage, states, problems),
        events=tuple(_merged_events(cls, lineage, problems)),
        state_field=_nearest(bodies, "state_field"),
        owner=cls,
    )
    effective = Options(
        state_field=draft.state_field,
        threadsafe=_nearest(bodies, "threadsafe"),
        log=_nearest(bodies, "log"),
        lock=_nearest(bodies, "lock"),
    )
    return Collected(
        draft=draft,
        options=effective,
        lineage=lineage,
        groups=groups,
        removed=removed - _names_in(draft),
        problems=problems,
    )


def _own_body(cls: type, options: Options) -> Body:
    known: Body | None = cls.__dict__.get(BODY)
    if known is None:
        body = _read(cls, options)
    else:  # a decorator has built the class again, from the dictionary of the first
        fields: dict[str, Any] = vars(known) | {"owner": cls}
        body = Body(**fields)
        _rebind_class_cells(cls, known)
    type.__setattr__(cls, BODY, body)
    return body


def _rebind_class_cells(cls: type, body: Body) -> None:
    """Let ``super()`` in handlers and hooks mean the class that was built again."""
    functions = [*body.handlers.values(), *vars(cls).values()]
    for function in functions:
        for cell in getattr(function, "__closure__", None) or ():
            if cell.cell_contents is body.owner:
                cell.cell_contents = cls


def _inherited_body(klass: type) -> Body:
    known: Body | None = klass.__dict__.get(BODY)
    return _read(klass, Options()) if known is None else known


def _read(cls: type, options: Options) -> Body:
    body = Body(
        owner=cls,
        options=options,
        states={},
        groups={},
        events={},
        handlers={},
        hooks={},
        problems=[],
    )
    repeated: list[tuple[str, object]] = list(cls.__dict__.get(REPEATED, ()))
    for name, place in repeated:
        body.problems.append(_repeated(cls, name, place))
    for name, value in cls.__dict__.items():
        if isinstance(value, State):
            _read_state(body, name, value)
        elif isinstance(value, States):
            body.groups[name] = value
            body.states.update({state.name: state for state in value})
        elif isinstance(value, Event):
            _read_event(body, name, cast("Event[..., Any]", value))
            if value.handler is not None:
                _read_handler(body, name, value.handler)
        elif callable(value) and hasattr(value, "__dict__"):
            _read_marks(body, name, value)
    _take_annotations(cls, body)
    return body


def _take_annotations(cls: type, body: Body) -> None:
    """Read ``go: Event[[int], bool] = Event(...)``, and let dataclasses see no field there."""
    annotations = annotations_of(cls)
    ours = [name for name in annotations if name in body.events or name in body.states]
    for name in ours:
        if name in body.events:
            body.events[name].declare(_annotated_argument_count(annotations[name]))
    if ours:
        left = {name: annotations[name] for name in annotations if name not in ours}
        cls.__annotations__ = left


def _repeated(cls: type, name: str, place: object) -> Problem:
    what = "the body writes this name twice, and the second hides the first"
    if callable(vars(cls).get(name)):
        what += (
            f'. A handler decorates its event: write @Event(...) above "def {name}", or'
            f' @handles("{name}") above a method of another name'
        )
    return Problem.at(cls.__name__, name, what, place)


def _read_state(body: Body, name: str, state: State) -> None:
    if state.name != name:
        what = (
            f"it is the State {state.name!r} under a second name. Declare one of its own: State()"
        )
        body.problems.append(Problem.at(body.owner.__name__, name, what, state.place))
    if isinstance(state, CompoundState):
        body.problems.extend(_problems_inside(body.owner.__name__, state))
    body.states[name] = state


def _problems_inside(workflow_name: str, compound: CompoundState) -> Iterator[Problem]:
    """Yield what is wrong in the body of a compound, and of those inside of it."""

    def problem(name: str, what: str, place: object = compound.place) -> Problem:
        return Problem.at(workflow_name, name, what, place)

    for name in compound.strangers:
        what = (
            "the body of a compound holds states only. Events, hooks and all else stand in the"
            " body of the workflow"
        )
        yield problem(f"{compound.name}.{name}", what)
    for name, place in compound.repeated:
        what = "the body writes this name twice, and the second hides the first"
        yield problem(f"{compound.name}.{name}", what, place)
    if not compound.states:
        yield problem(compound.name, "it has no states inside. Declare one: State()")
    for name, state in compound.states.items():
        if hasattr(CompoundState, name):
            what = f"no state inside of a compound can be called so: every State has {name!r}"
            yield problem(state.name, what, state.place)
        if isinstance(state, CompoundState):
            yield from _problems_inside(workflow_name, state)


def _read_event(body: Body, name: str, event: Event[..., Any]) -> None:
    first = next((other for other, known in body.events.items() if known is event), None)
    if first is not None:
        what = (
            f"it is the Event {first!r} under a second name. A handler of another name than its"
            f' event is decorated by @handles("{first}")'
        )
        body.problems.append(Problem.at(body.owner.__name__, name, what, event.place))
    body.events[name] = event


def _read_handler(body: Body, event: str, handler: Any) -> None:
    if event in body.handlers:
        other = getattr(body.handlers[event], "__name__", body.handlers[event])
        what = f"it has two handlers in this class, {other!r} being the other. Keep one of them"
        problem = Problem(body.owner.__name__, event, what, place_of(handler))
        body.problems.append(problem)
    body.handlers[event] = handler


def _read_marks(body: Body, name: str, function: Any) -> None:
    marks: dict[str, Any] = function.__dict__
    event = marks.get(HANDLES_MARK)
    if event is not None:
        _read_handler(body, event, function)
    for direction, state in marks.get(HOOK_MARK, ()):
        key = (direction, state.name)
        if key in body.hooks:
            what = (
                f"{state.name!r} has the {direction} hook {body.hooks[key]!r} already."
                " Let one of them call the other"
            )
            body.problems.append(Problem(body.owner.__name__, name, what, place_of(function)))
        body.hooks[key] = name


def place_of(function: object) -> str | None:
    """Return ``file.py:12`` for a function, ``None`` for what has no line."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    filename = code.co_filename.replace("\\", "/").rpartition("/")[2]
    return f"{filename}:{code.co_firstlineno}"


def _effective(bodies: list[Body]) -> tuple[tuple[Body, ...], frozenset[str]]:
    """Leave out what stands behind a ``replace=True``; return the rest and the names left out."""
    forgotten: set[type] = set()
    for body in bodies:
        if body.options.replace:
            forgotten.update(body.owner.__mro__[1:])
    kept = tuple(body for body in bodies if body.owner not in forgotten)
    dropped = [body for body in bodies if body.owner in forgotten]
    removed = {name for body in dropped for name in (*body.states, *body.events)}
    removed |= {f"is_{name}" for body in dropped for name in _identifiers(body.states)}
    removed |= {f"can_{name}" for body in dropped for name in body.events}
    return kept, frozenset(removed)


def _names_in(draft: WorkflowDraft) -> frozenset[str]:
    names = {*draft.states, *(event.name for event in draft.events)}
    names |= {f"is_{name}" for name in _identifiers(draft.states)}
    return frozenset(names | {f"can_{event.name}" for event in draft.events})


def _identifiers(states: Mapping[str, State]) -> list[str]:
    return [one.identifier for state in states.values() for one in state.subtree]


def _nearest(bodies: list[Body], option: str) -> Any:
    given = (getattr(body.options, option) for body in bodies)
    return next((value for value in given if value is not None), None)


def _merged_states(lineage: tuple[Body, ...]) -> tuple[dict[str, State], dict[str, States]]:
    states: dict[str, State] = {}
    groups: dict[str, States] = {}
    for body in reversed(lineage):
        states = united(states, body.states)
        groups.update(body.groups)
    return states, groups


def _merged_hooks(
    cls: type,
    bodies: list[Body],
    lineage: tuple[Body, ...],
    states: Mapping[str, State],
    problems: list[Problem],
) -> dict[tuple[str, str], str]:
    known = {one.name: one for state in states.values() for one in state.subtree}
    by_name = {
        f"on_{state.identifier}_{direction}": (direction, name)
        for name, state in known.items()
        for direction in ("entry", "exit")
    }
    hooks: dict[tuple[str, str], str] = {}
    for body in reversed(bodies):
        hooks.update({by_name[name]: name for name in body.owner.__dict__ if name in by_name})
        if body in lineage:
            hooks.update(body.hooks)
    for (direction, name), hook in hooks.items():
        if name not in known:
            hint = did_you_mean(name, known)
            what = f"it is the {direction} hook of {name!r}, which is no state here.{hint}"
            problems.append(Problem(cls.__name__, hook, what))
    return hooks


def _merged_events(
    cls: type, lineage: tuple[Body, ...], problems: list[Problem]
) -> Iterator[EventDraft]:
    names = dict.fromkeys(name for body in reversed(lineage) for name in body.events)
    handlers = _merged_handlers(cls, lineage, tuple(names), problems)
    nothing: Mapping[str, Any] = {}
    for name in names:
        declared = [body.events[name] for body in lineage if name in body.events]
        yield EventDraft(
            name=name,
            generations=tuple(event.transitions for event in declared),
            meta=next((event.meta for event in declared if event.meta), nothing),
            label=next((event.label for event in declared if event.label is not None), None),
            handler=handlers.get(name),
            argument_count=_argument_count(declared),
            note=next((event.note for event in declared if event.note), ()),
            lock=next((event.lock for event in declared if event.lock is not None), None),
            place=declared[0].place,
        )


def _merged_handlers(
    cls: type, lineage: tuple[Body, ...], events: tuple[str, ...], problems: list[Problem]
) -> dict[str, Callable[..., Any]]:
    handlers: dict[str, Callable[..., Any]] = {}
    for body in reversed(lineage):
        for name, handler in body.handlers.items():
            if name in events:
                handlers[name] = handler
            else:
                what = f"@handles names an event that is not there.{did_you_mean(name, events)}"
                problems.append(Problem(cls.__name__, name, what, place_of(handler)))
    return handlers


def _argument_count(declared: list[Event]) -> int:
    counts = (event.argument_count for event in declared)
    return next((count for count in counts if count is not None), 0)


def _annotated_argument_count(annotation: Any) -> int | None:
    if isinstance(annotation, str):
        return _count_in_text(annotation)
    arguments: tuple[Any, ...] = getattr(annotation, "__args__", ())
    for argument in arguments:
        # Event[[int], bool] has the tuple of its arguments first, ClassVar[...] has that inside
        is_tuple = hasattr(argument, "__len__")
        count = len(argument) if is_tuple else _annotated_argument_count(argument)
        if count is not None:
            return count
    return None


def _count_in_text(annotation: str) -> int | None:
    import ast  # noqa: PLC0415 - only annotated events need it

    for node in ast.walk(ast.parse(annotation, mode="eval")):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            arguments = node.slice.elts[0]
            return len(arguments.elts) if isinstance(arguments, ast.List) else None
    return None


def annotations_of(klass: type) -> Mapping[str, Any]:
    """Return the annotations of the body of ``klass``, evaluated or not."""
    if sys.version_info >= (3, 14):  # pragma: no cover - evaluated when asked for, since then
        import annotationlib  # noqa: PLC0415 - a module of Python 3.14

        return annotationlib.get_annotations(klass, format=annotationlib.Format.FORWARDREF)
    annotations: Mapping[str, Any] = vars(klass).get("__annotations__", {})
    return annotations
