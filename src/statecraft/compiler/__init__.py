"""The compiler: from a spec and a class to the functions that run.

Theory of operation
-------------------
Everything that can be known before an event fires is known when its class is created: where the
event leads from each state, which hooks there are and what they take, how the state is stored.
So each event becomes one plain function on the class (a descriptor would cost three times as much
to call) whose source holds exactly the steps that this event of this class needs:

    take the turn      async: events on one object run one after the other; ``threadsafe=True``
    load               the attribute, or ``load_state``
    clear              what an earlier halt left behind, if anything in the class can halt
    choose             by the stored value, then by the conditions, in the order of declaration
    guard              each guard of the chosen transition
    act                before_transition, handler, on_transition, exit of the source
    store              the attribute, if it still is what was loaded; or the class's persistence
    follow             entry of the target, after_transition
    refuse             what falls through: NoTransitionAllowed, or on_unavailable_transition

``_phase``, a local variable, says how far it has come; ``halt`` reads it in the frame, and so do
the except clauses: a Halt makes the call return False, a TransitionHalted is noted and goes on to
the caller, any other Exception while acting goes to on_error, and everything else passes through.

The source of a class is one text, compiled once, and registered with linecache, so that debuggers
and tracebacks show it. Its names begin with an underscore, so that no parameter of a handler hides
one. An asynchronous class gets the same text with ``await`` where something may have to wait.
"""

from __future__ import annotations

from itertools import count
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from statecraft.compiler.context import Context
from statecraft.compiler.firing import Firing
from statecraft.compiler.judging import (
    CAN_FACTORY,
    IS_FACTORY,
    Judging,
    write_can_factory,
    write_is_factory,
)
from statecraft.compiler.questions import settled
from statecraft.compiler.runtime import attempted, halted, hold, refused, require_known, vetoed
from statecraft.compiler.source import Parameters, Source
from statecraft.errors import NoTransitionAllowed, StaleState, TransitionHalted, Unmet
from statecraft.halting import GENERATED_FILE, Halt
from statecraft.observation import Observation
from statecraft.persistence import Change, Transition
from statecraft.signatures import Signature, signature_of
from statecraft.turns import running, take_thread_turn, take_turn

if TYPE_CHECKING:
    from statecraft.transitions import EventSpec

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "<not given>"})()


class Functions(NamedTuple):
    """What a class gets: methods by name, and the judge of each event that needs one."""

    methods: dict[str, FunctionType]
    judges: dict[str, FunctionType]


def parameters_of(event: EventSpec) -> Parameters:
    """Return the arguments of an event: its handler's, or as many as it was declared with."""
    if callable(event.handler):
        return Parameters(signature_of(event.handler))
    names = tuple(f"argument_{number}" for number in range(1, event.argument_count + 1))
    return Parameters(Signature(positional=("self", *names), positional_only=len(names) + 1))


def compile_workflow(context: Context) -> Functions:
    """Return the functions of the class that ``context`` describes."""
    spec = context.spec
    context.namespace.update(_RUNTIME)
    parameters = {name: parameters_of(event) for name, event in spec.events.items()}
    firings = [Firing(context, event, parameters[name]) for name, event in spec.events.items()]
    context.namespace["_expected"] = {
        value: context.expected(state) for value, state in spec.by_value.items()
    }
    source = Source()
    judged = [one for one in firings if one.has_conditions or one.has_guards]
    for firing in firings:
        firing.write(source)
        if firing in judged or parameters[firing.event.name].names:
            Judging(context, firing.event, parameters[firing.event.name]).write_can(source)
    for firing in judged:
        Judging(context, firing.event, parameters[firing.event.name]).write_judge(source)
    write_is_factory(source, context)
    write_can_factory(source, context)
    made = _executed(source.text, context)
    return _named(made, context, parameters)


_RUNTIME: dict[str, Any] = {
    "_Change": Change,
    "_Halt": Halt,
    "_NoTransitionAllowed": NoTransitionAllowed,
    "_StaleState": StaleState,
    "_Transition": Transition,
    "_TransitionHalted": TransitionHalted,
    "_Unmet": Unmet,
    "_attempted": attempted,
    "_halted": halted,
    "_hold": hold,
    "_missing": MISSING,
    "_observe": Observation,
    "_refused": refused,
    "_require_known": require_known,
    "_running": running,
    "_settled": settled,
    "_take_thread_turn": take_thread_turn,
    "_take_turn": take_turn,
    "_vetoed": vetoed,
}


def _executed(text: str, context: Context) -> dict[str, Any]:
    import linecache  # noqa: PLC0415 - slow to import, and needed only when a class is created

    name = f"{context.cls.__module__}.{context.cls.__qualname__}"
    lines = text.splitlines(keepends=True)
    for number in count(1):
        filename = f"{GENERATED_FILE}{name}{f' {number}' if number > 1 else ''}>"
        if filename not in linecache.cache:
            break
    linecache.cache[filename] = (len(text), None, lines, filename)
    made: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), context.namespace, made)  # noqa: S102 - our own text
    return made


def _named(
    made: dict[str, Any], context: Context, parameters: dict[str, Parameters]
) -> Functions:
    """Give each function its name, its defaults and its documentation."""
    spec = context.spec
    methods: dict[str, FunctionType] = {}
    for name, event in spec.events.items():
        function = made[name]
        parameters[name].fit(function)
        _describe(function, context, name, _documentation(event))
        if callable(event.handler):
            function.__wrapped__ = event.handler
        methods[name] = function
        can = made.get(f"can_{name}")
        if can is None:
            sources = frozenset(
                value for source in event.sources for value in context.expected(spec.states[source])
            )
            can = made[CAN_FACTORY](sources)
        else:
            parameters[name].fit(can, missing=MISSING)
        _describe(can, context, f"can_{name}", f"Whether {name} would be accepted now.")
        methods[f"can_{name}"] = can
    for name, state in spec.states.items():
        function = made[IS_FACTORY](state.value, state is spec.initial)
        _describe(function, context, f"is_{name}", f"Whether the state is {name}.")
        methods[f"is_{name}"] = function
    judges = {name: made[f"_judge_{name}"] for name in spec.events if f"_judge_{name}" in made}
    for name, judge in judges.items():
        parameters[name].fit(judge, missing=MISSING)
    return Functions(methods, judges)


def _describe(function: FunctionType, context: Context, name: str, documentation: str) -> None:
    function.__name__ = name
    function.__qualname__ = f"{context.cls.__qualname__}.{name}"
    function.__doc__ = documentation


def _documentation(event: EventSpec) -> str:
    written = event.handler.__doc__ if callable(event.handler) else None
    if written:
        return written
    targets = dict.fromkeys(str(one.target) for one in event.transitions)
    return f"Fire {event.name}: from {', '.join(event.sources)} to {', '.join(targets)}."
