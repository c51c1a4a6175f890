"""The compiler: from a spec and a class to the functions that run.

Theory of operation
-------------------
Everything that can be known before an event fires is known when its class is created: where the
event leads from each state, which hooks there are and what they take, how the state is stored.
So each event becomes one plain function on the class (a descriptor would cost three times as much
to call) whose source holds exactly the steps that this event of this class needs:

    take the turn      async: events on one object run one after the other; ``threadsafe=True``
    begin the unit     a store with transactions, if code of the user runs: to the end of the event
    load               the attribute, or ``load_state``
    clear              what an earlier halt left behind, if anything in the class can halt
    choose             by the stored value, then by the conditions: what starts at a leaf before
                       what starts at its compounds, else in the order of declaration
    guard              each guard of the chosen transition
    act                before_transition, handler, on_transition, exits from the leaf outward
    store              the attribute, if it still is what was loaded; or the class's persistence
    follow             entries inward, after_transition, after_commit
    complete           events that fire by themselves, if a compound has come to its end
    refuse             what falls through: NoTransitionAllowed, or on_unavailable_transition

``_phase``, a local variable, says how far it has come; ``halt`` reads it in the frame, and so do
the except clauses: a Halt makes the call return False, a TransitionHalted is noted and goes on to
the caller, any other Exception while acting goes to on_error, and everything else passes through.

A text names its constants by places, which each function fills with its own: in its code, or
among its globals. So events which differ in nothing but their constants have the same text. It is
compiled once for all classes; and the templates write it once a class for all plain events of the
same shape, since in a big workflow the writing is what takes the time. linecache has the sources
of a class, with the constants as one wants to read them, so that debuggers and tracebacks show
them. All names begin with an underscore, so that no parameter of a handler hides one. An
asynchronous class gets the same text with ``await`` where something may have to wait.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from statecraft.bundles import Bundle
from statecraft.compiler.firing import Firing
from statecraft.compiler.functions import MISSING, Listing
from statecraft.compiler.judging import Judging, write_is
from statecraft.compiler.routes import Routes
from statecraft.compiler.shapes import Shapes
from statecraft.compiler.source import Parameters
from statecraft.signatures import Signature, signature_of

if TYPE_CHECKING:
    from types import FunctionType

    from statecraft.compiler.context import Context
    from statecraft.compiler.source import Source
    from statecraft.transitions import EventSpec

__all__ = ["MISSING", "Functions", "compile_workflow"]


class Functions(Bundle):
    """What a class gets: methods by name, and the judge of each event that needs one."""

    methods: dict[str, FunctionType]
    judges: dict[str, FunctionType]


def compile_workflow(context: Context) -> Functions:
    """Return the functions of the class that ``context`` describes."""
    listing = Listing(context)
    shapes = Shapes(context)
    functions = Functions(methods={}, judges={})
    for event in context.spec.events.values():
        _compile_event(context, event, shapes, listing, functions)
    for state in context.spec.states.values():
        name, documentation = f"is_{state.identifier}", f"Whether the state is {state.name}."
        subject = shapes.of_state(state)
        written = shapes.written(subject, name, "is", partial(write_is, context, state))
        functions.methods[name] = listing.function(written, name, documentation)
    listing.publish()
    return functions


def _compile_event(
    context: Context, event: EventSpec, shapes: Shapes, listing: Listing, functions: Functions
) -> None:
    name = event.name
    subject = shapes.of_event(event)
    templates = _Templates(context, event)
    written = shapes.written(subject, name, "fire", templates.write_firing)
    function = listing.function(written, name, _documentation(event))
    if callable(event.handler):
        vars(function)["__wrapped__"] = event.handler
    functions.methods[name] = function
    written = shapes.written(subject, f"can_{name}", "can", templates.write_can)
    documentation = f"Whether {name} would be accepted now."
    functions.methods[f"can_{name}"] = listing.function(written, f"can_{name}", documentation)
    if subject.shape is None and event.asks:
        written = shapes.written(subject, f"_judge_{name}", "judge", templates.write_judge)
        documentation = "Find where it would lead, or what is unmet."
        functions.judges[name] = listing.function(written, name, documentation)


class _Templates:
    """What writes the functions of one event: made when the first of them has to be written."""

    def __init__(self, context: Context, event: EventSpec) -> None:
        self._context = context
        self._event = event

    @cached_property
    def _parts(self) -> tuple[Context, EventSpec, Parameters, Routes]:
        context, event = self._context, self._event
        return context, event, _parameters_of(event), Routes(context, event)

    def write_firing(self, source: Source) -> None:
        Firing(*self._parts).write(source)

    def write_can(self, source: Source) -> None:
        Judging(*self._parts).write_can(source)

    def write_judge(self, source: Source) -> None:
        Judging(*self._parts).write_judge(source)


def _parameters_of(event: EventSpec) -> Parameters:
    """Return the arguments of an event: its handler's, or as many as it was declared with."""
    if callable(event.handler):
        return Parameters(signature_of(event.handler))
    names = tuple(f"argument_{number}" for number in range(1, event.argument_count + 1))
    return Parameters(Signature(positional=("self", *names), positional_only=len(names) + 1))


def _documentation(event: EventSpec) -> str:
    written: Any = event.handler.__doc__ if callable(event.handler) else None
    if written:
        return str(written)
    targets = dict.fromkeys(str(one.target) for one in event.transitions)
    return f"Fire {event.name}: from {', '.join(event.sources)} to {', '.join(targets)}."
