"""What the body of one class declares, read before anything is inherited or resolved."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from statecraft.bundles import Bundle
from statecraft.compounds import CompoundState, States
from statecraft.declarations import HANDLES_MARK, Event
from statecraft.errors import Problem
from statecraft.states import HOOK_MARK, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

BODY = "__workflow_body__"  # in a class: what its own body declared
REPEATED = "__workflow_repeated__"  # in a class body: the names that it writes twice
GIVEN_HOOKS = "__workflow_hooks_given__"  # in one made of a spec: the hooks that the spec names


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


def body_of(cls: type, options: Options) -> Body:
    """Return what the body of ``cls``, a class that is being created, declares."""
    known: Body | None = cls.__dict__.get(BODY)
    if known is not None and known.owner is cls:
        return known  # it is only looked at again
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
            if _content(cell) is body.owner:
                cell.cell_contents = cls


def _content(cell: Any) -> object:
    """Return what a variable of an outer function has, which may have nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def inherited_body(klass: type) -> Body:
    """Return what the body of a base declares, a workflow or not."""
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
        hooks=dict(vars(cls).get(GIVEN_HOOKS, {})),
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
        elif value is State or value is Event:
            _read_forgotten_call(body, name, value)
        elif callable(value) and hasattr(value, "__dict__"):
            _read_marks(body, name, value)
    _take_annotations(cls, body)
    return body


def _read_forgotten_call(body: Body, name: str, value: type) -> None:
    if name != value.__name__:
        what = f"it is the class {value.__name__} itself. Call it: {name} = {value.__name__}(...)"
        body.problems.append(Problem(body.owner.__name__, name, what))


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
