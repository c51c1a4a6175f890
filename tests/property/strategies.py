"""Drawing workflows and walks over them; what is drawn first is what shrinking keeps longest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from tests.property.acting import Act, Answer, Fire, Script, Stop, signature_of
from tests.property.described import (
    DIRECTIONS,
    FIXED_HOOKS,
    Arrow,
    Body,
    Drawn,
    DrawnEvent,
    Hook,
    Question,
    Reason,
)
from tests.property.trees import DrawnState, all_but, every, hook_name, merged
from tests.property.walking import Step, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    Drawable = TypeVar("Drawable")

INSIDE = ("first", "second", "third", "fourth", "fifth", "sixth")
STATES = ("new", "open", "busy", "idle", "shut", "lost", "done", "gone")
MOST_LEVELS = 3  # of compounds
VALUES = ("0", "''", "1", "'stored'", "Colour.RED", "(1, 'x')", "frozenset({7})", "2.5", "b'x'")
PLAIN_VALUES = ("0", "''", "1", "'stored'", "2.5")  # those that JSON can hold
EVENTS = ("go", "back", "jump", "stay")
# The names of the second line are those that generated code could use itself.
CONDITIONS = ("ready", "paid", "rich", "value", "result", "found", "met_1")
GUARDS = ("checked", "signed", "phase", "transition")
PARAMETERS = (
    "",
    "number",
    "number, str='plain'",
    "number, /, tuple=None, *, flag=False",
    "number=1, *rest, flag, **more",
)
ARGUMENTS = ("number", "str", "tuple", "flag", "rest", "more")
FORMS = ("method", "function", "property", "attribute")
TRUE = (True, 1, "yes")
FALSE = (False, None, 0, "")
RESULTS = (None, False, True, 0, "done", (), 2.5)

STOPS: list[Act] = [
    Stop("ValueError", "because"),
    Stop("ValueError", "why not"),
    Stop("halt", "for this reason"),
    Stop("TransitionHalted", "no", None),
    Stop("TransitionHalted", "never", "code"),
]
Call = tuple[tuple[Any, ...], dict[str, Any]]
WRONG: list[Call] = [((1, 2, 3), {}), ((), {"wrong": 1})]
CALLS: dict[str, list[Call]] = {
    "": [((), {})],
    "number": [((1,), {}), ((), {"number": 2})],
    "number, str='plain'": [((1,), {}), ((1, "x"), {}), ((), {"str": "y", "number": 3})],
    "number, /, tuple=None, *, flag=False": [((1,), {}), ((1, 2), {"flag": True})],
    "number=1, *rest, flag, **more": [((), {"flag": 0}), ((1, 2, 3), {"flag": 1, "x": 2})],
    "argument_1, argument_2, /": [((1, 2), {})],
}


class Drawing:
    """One workflow on its way; keeps what its parts have to agree about.

    ``plain``: it has a form in JSON.
    """

    def __init__(self, draw: DrawFn, *, is_async: bool, plain: bool) -> None:
        self.draw = draw
        self.is_async = is_async
        self.plain = plain
        self.values = list(PLAIN_VALUES if plain else VALUES)
        self.states: tuple[DrawnState, ...] = ()
        self.events: dict[str, str] = {}  # name -> parameters
        self.handled: set[str] = set()
        self.hooks: dict[str, Hook] = {}
        self.conditions: dict[str, Question] = {}
        self.guards: dict[str, Question] = {}

    def chance(self) -> bool:
        """Draw a boolean that shrinks to False."""
        return self.draw(st.booleans())

    def one_of(self, choices: Sequence[Drawable]) -> Drawable:
        """Draw one of them; it shrinks to the first."""
        return self.draw(st.sampled_from(choices))

    def some_of(self, choices: Sequence[Drawable], *, least: int = 0, most: int) -> list[Drawable]:
        """Draw a few different ones, in the order in which they are given."""
        numbers = st.sets(st.integers(0, len(choices) - 1), min_size=least, max_size=most)
        return [choices[number] for number in sorted(self.draw(numbers))]

    def asynchronous(self) -> bool:
        """Draw whether a method is ``async def``."""
        return self.is_async and self.chance()

    # -- the parts ---------------------------------------------------------------------------

    def body(self, number: int) -> Body:
        """Draw the base, or a class that inherits from what was drawn before."""
        states = [*self.new_states(number), *self.extended_states(number)]
        self.states = merged(self.states, states)
        events = self.new_events(number)
        hooks = self.new_hooks(number)
        options: tuple[tuple[str, object], ...] = ()
        if not number:
            options += (("state_field", "status"),) if self.chance() else ()
            options += (("threadsafe", True),) if not self.is_async and self.chance() else ()
        return Body(("Base", "Child", "Grandchild")[number], tuple(states), events, hooks, options)

    def new_states(self, number: int) -> list[DrawnState]:
        """Draw the states of one body; the base has those that events may leave."""
        taken = {state.name for state in self.states}
        names = [name for name in STATES if name not in taken]
        least, most = (1, 1) if number else (2, 7)
        count = self.draw(st.integers(least if not number else 0, most))
        return [
            self.compound(name) if self.few() else self.leaf(name, name in {"lost", "done", "gone"})
            for name in names[:count]
        ]

    def leaf(self, name: str, may_be_final: bool) -> DrawnState:  # noqa: FBT001 - see above
        """Draw a state without states inside."""
        value = self.one_of(("", *self.values)) if self.few() else ""
        if value:
            self.values.remove(value)
        return DrawnState(name, value, final=may_be_final and self.chance())

    def compound(self, name: str) -> DrawnState:
        """Draw a compound, perhaps with compounds inside."""
        inside = self.inside(name, INSIDE[: self.draw(st.integers(1, 3))])
        return DrawnState(name, inside=inside, history=self.chance())

    def inside(self, name: str, own_names: Sequence[str]) -> tuple[DrawnState, ...]:
        """Draw states inside of a compound; only the last can be final."""
        names = [f"{name}.{own_name}" for own_name in own_names]
        may_nest = name.count(".") < MOST_LEVELS - 1
        return tuple(
            self.compound(one) if may_nest and self.few() else self.leaf(one, one == names[-1])
            for one in names
        )

    def few(self) -> bool:
        """Draw a boolean that is seldom true."""
        return self.draw(st.integers(0, 3)) == 1

    def extended_states(self, number: int) -> list[DrawnState]:
        """Draw what a subclass adds inside of what it inherits."""
        compounds = [state for state in self.states if state.inside]
        if not number or not compounds or not self.chance():
            return []
        return [self.extended(self.one_of(compounds))]

    def extended(self, old: DrawnState) -> DrawnState:
        """Draw a compound declared again: with one more state, or one compound inside extended."""
        compounds = [state for state in old.inside if state.inside]
        if compounds and self.chance():
            inside = [self.extended(self.one_of(compounds))]
        else:
            inside = [*self.inside(old.name, INSIDE[len(old.inside) :][:1])]
        history, extends = self.chance(), self.chance()
        return DrawnState(old.name, inside=tuple(inside), history=history, extends=extends)

    @property
    def paths(self) -> dict[str, DrawnState]:
        """All states by their paths."""
        return {state.name: state for state in every(self.states)}

    def new_events(self, number: int) -> tuple[DrawnEvent, ...]:
        """Draw events: in a subclass, those that are there may get more arrows or a handler."""
        least = 0 if number else 1
        names = self.some_of(EVENTS, least=least, most=len(EVENTS))
        drawn = [self.event(number, name) for name in names]
        return tuple(event for event in drawn if event is not None)

    def event(self, number: int, name: str) -> DrawnEvent | None:
        """Draw an event, or what a subclass adds to it."""
        known = name in self.events
        handled = self.chance() and (not known or name in self.handled)
        if known:
            parameters = self.events[name] if name in self.handled else ""
        else:
            parameters = self.one_of(PARAMETERS) if handled else ""
        count = 0
        if not known and not handled and self.draw(st.integers(0, 4)) == 1:
            count = 2
            parameters = "argument_1, argument_2, /"
        if known and name in self.events:
            parameters = self.events[name]
        arrows = () if known and handled and self.chance() else self.arrows(parameters)
        if not arrows and not (known and handled):
            return None
        self.events.setdefault(name, parameters)
        if handled:
            self.handled.add(name)
        label = f"{('Base', 'Child', 'Grandchild')[number]}.{name}" if handled else None
        guards = self.questions(self.guards, GUARDS, parameters, most=1) if arrows else ()
        asynchronous = handled and self.asynchronous()
        return DrawnEvent(name, arrows, guards, parameters, label, asynchronous, count)

    def arrows(self, parameters: str) -> tuple[Arrow, ...]:
        """Draw the arrows of one event in one body: none of them hides a later one."""
        leavable = [name for name, state in self.paths.items() if not state.final]
        certain: set[str] = set()
        certainly_done: set[str] = set()
        arrows: list[Arrow] = []
        for _ in range(self.draw(st.integers(1, 4))):
            conditions = self.questions(self.conditions, CONDITIONS, parameters, most=2)
            conditions = tuple(
                replace(one, negated=True) if self.draw(st.integers(0, 3)) == 1 else one
                for one in conditions
            )
            conditions = tuple(sorted(conditions, key=lambda one: one.negated))
            guards = self.questions(self.guards, GUARDS, parameters, most=2)
            ends = [name for name in self.ends() if name not in certainly_done]
            if ends and not parameters and self.few():
                compound, end = self.one_of(ends), self.one_of([*self.paths])
                certainly_done |= set() if conditions else {compound}
                arrows.append(Arrow((compound,), end, conditions, guards, on_done=True))
                continue
            target = self.one_of([*self.paths, None])
            if self.draw(st.integers(0, 4)) == 1:
                exceptions = self.some_of(leavable, most=2)
                left_out = {*exceptions, *(() if target is None else (target,))}
                left = set(all_but(left_out, self.states))
                if not left - certain:
                    continue
                arrows.append(Arrow((), target, conditions, guards, tuple(exceptions)))
            else:
                sources = [name for name in leavable if name not in certain]
                if not sources:
                    break
                left = set(self.some_of(sources, least=1, most=6))
                ordered = tuple(name for name in sources if name in left)
                arrows.append(Arrow(ordered, target, conditions, guards))
            if not conditions:
                certain |= left
        return tuple(arrows)

    def ends(self) -> list[str]:
        """Return the compounds that can be done."""
        paths = self.paths.items()
        return [name for name, one in paths if any(state.final for state in one.inside)]

    def questions(
        self, pool: dict[str, Question], labels: Sequence[str], parameters: str, *, most: int
    ) -> tuple[Question, ...]:
        """Draw conditions or guards; one label is drawn once, and then always means the same."""
        if not self.chance():
            return ()
        names = set(signature_of(parameters).parameters) & set(ARGUMENTS)
        found: list[Question] = []
        for label in self.some_of(labels, least=1, most=most):
            if label not in pool:
                pool[label] = self.question(label, sorted(names), guard=pool is self.guards)
            question = pool[label]
            wants = set(question.wants)
            if isinstance(question.reason, Reason):
                wants |= set(question.reason.wants)
            if wants <= names:
                found.append(question)
        return tuple(found)

    def question(self, label: str, names: list[str], *, guard: bool) -> Question:
        """Draw a condition or a guard for an event with these parameters."""
        form = self.one_of(FORMS)
        takes = form in {"method", "function"} and names
        wants = tuple(self.some_of(names, most=2)) if takes and self.chance() else ()
        asynchronous = form in {"method", "function"} and self.asynchronous()
        question = Question(label, form, wants, asynchronous)
        if not guard or not self.chance():
            return question
        reasons = (None, f"it is not {label}", *(() if self.plain else ("callable",)))
        reason: Reason | str | None = self.one_of(reasons)
        if reason == "callable":
            reason = Reason(f"why_{label}", tuple(self.some_of(names, most=1)) if names else ())
        return replace(question, reason=reason, code=self.one_of((None, f"{label}-code")))

    def new_hooks(self, number: int) -> tuple[Hook, ...]:
        """Draw the hooks of one class."""
        prefix = ("Base", "Child", "Grandchild")[number]
        hooks: list[Hook] = []
        for name in FIXED_HOOKS:
            if not self.chance():
                continue
            facts = FIXED_HOOKS[name]
            wants = facts[: self.draw(st.integers(0, len(facts)))]
            above = self.hooks[name].wants if name in self.hooks else facts
            hooks.append(self.hook(prefix, name, wants, above, may_call_super=True))
        slots = [(direction, name) for name in self.paths for direction in DIRECTIONS]
        decorated: list[tuple[str, str]] = []
        for direction, state in self.some_of(slots, most=5):
            wants = ("transition",) if self.chance() else ()
            if self.chance():
                decorated.append((direction, state))
            if self.chance() or not decorated:
                name = hook_name(direction, state)
                known = self.hooks.get(name)
                above = known.wants if known else ("nothing", "that", "could", "be", "passed")
                hooks.append(self.hook(prefix, name, wants, above, may_call_super=True))
        if decorated:
            name = self.one_of((f"greet_{prefix.lower()}", "greet"))
            known = self.hooks.get(name)
            above = known.wants if known else ("nothing", "that", "could", "be", "passed")
            wants = ("transition",) if self.chance() else ()
            hook = self.hook(prefix, name, wants, above, may_call_super=True)
            hooks.append(replace(hook, decorates=tuple(decorated)))
        self.hooks |= {hook.name: hook for hook in hooks}
        return tuple(hooks)

    def hook(
        self,
        prefix: str,
        name: str,
        wants: tuple[str, ...],
        above: tuple[str, ...],
        *,
        may_call_super: bool,
    ) -> Hook:
        """Draw one hook method; it can only call super with what it takes itself."""
        calls_super = may_call_super and set(above) <= set(wants) and self.chance()
        asynchronous = self.is_async and (calls_super or self.chance())
        return Hook(name, f"{prefix}.{name}", wants, asynchronous, calls_super)


@st.composite
def workflows(draw: DrawFn, *, is_async: bool = False) -> Drawn:
    """Draw a workflow: a base, and perhaps subclasses."""
    by_spec = draw(st.integers(0, 4)) == 1
    drawing = Drawing(draw, is_async=is_async, plain=by_spec)
    bodies = [drawing.body(0)]
    bodies += [drawing.body(number + 1) for number in range(draw(st.sampled_from((0, 0, 1, 2))))]
    remembers = any(one.history for body in bodies for one in every(body.states))
    stores = ("attribute", "attribute", "change", *(() if remembers else ("state",)))
    mixin, slots, observed = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    return Drawn(
        tuple(bodies), is_async, mixin, slots, draw(st.sampled_from(stores)), observed, by_spec
    )


class Acts:
    """What each method of a workflow may be told to do; ``other`` is on the same object."""

    def __init__(self, drawn: Drawn, other: Drawn | None = None) -> None:
        self.drawn = drawn
        fires: list[Act] = [
            Fire(name, args, kwargs, quietly, machine is other)
            for machine in (drawn, other)
            if machine is not None
            for name, event in machine.events.items()
            for args, kwargs in [*CALLS[event.parameters], *CALLS[event.parameters], WRONG[0]]
            for quietly in (False, True)
        ]
        self.acts: dict[str, list[list[Act]]] = {}
        for question in drawn.questions.values():
            false: list[Act] = [Answer(value) for value in FALSE]
            true: list[Act] = [Answer(value) for value in TRUE]
            self.acts[question.label] = [false, false, true, STOPS]
            if isinstance(question.reason, Reason):
                self.acts[question.reason.label] = [[Answer("text"), Answer(None)], STOPS]
        handlers = [
            event.handler for body in drawn.bodies for event in body.events if event.handler
        ]
        hooks = [hook.label for body in drawn.bodies for hook in body.hooks]
        for label in (*handlers, *hooks):
            self.acts[label] = [[Answer(value) for value in RESULTS], STOPS, fires]

    def around(self, *states: str) -> list[str]:
        """Return the states that are in one of these, or have one of these inside."""
        return [
            one
            for one in self.drawn.states
            for state in states
            if f"{one}.".startswith(f"{state}.") or f"{state}.".startswith(f"{one}.")
        ]

    def script(self, event: DrawnEvent) -> SearchStrategy[Script]:
        """Draw a script, mostly about what this event calls."""
        if not self.acts:
            return st.just({})
        return st.lists(self.likely(event), max_size=5).map(dict)

    def likely(self, event: DrawnEvent) -> SearchStrategy[tuple[str, Act]]:
        """Draw an act, mostly of a method that this event calls."""
        called = {event.handler} | {
            hook.label for name in FIXED_HOOKS for hook in self.drawn.hooks(name)
        }
        for arrow in event.arrows:
            names = [hook_name("exit", one) for one in self.around(*arrow.sources)]
            names += [hook_name("entry", one) for one in self.around(arrow.target or "")]
            called |= {hook.label for name in names for hook in self.drawn.hooks(name)}
            for question in (*arrow.conditions, *arrow.guards):
                called.add(question.label)
                called |= {question.reason.label} if isinstance(question.reason, Reason) else set()
        near = [label for label in self.acts if label in called]
        labels = st.sampled_from([*near, *near, *self.acts])
        return labels.flatmap(
            lambda label: st.tuples(
                st.just(label), st.sampled_from(self.acts[label]).flatmap(st.sampled_from)
            )
        )


@st.composite
def walks(draw: DrawFn, *, is_async: bool = False) -> Walk:
    """Draw a workflow and a walk over it."""
    drawn = draw(workflows(is_async=is_async))
    acts = Acts(drawn)
    scripts = {name: acts.script(event) for name, event in drawn.events.items()}
    steps = [
        draw(a_step(drawn, scripts)) for _ in range(draw(st.integers(1, 8)) if drawn.events else 0)
    ]
    return Walk((drawn,), steps)


@st.composite
def pairs(draw: DrawFn, *, is_async: bool = False) -> Walk:
    """Draw two workflows on one object, whose names are alike, and a walk over both."""
    machines = draw(workflows(is_async=is_async)), draw(workflows(is_async=is_async))
    acts = [Acts(machines[number], machines[1 - number]) for number in (0, 1)]
    scripts = [
        {name: one.script(event) for name, event in one.drawn.events.items()} for one in acts
    ]
    steps: list[Step] = []
    firing = [number for number in (0, 1) if machines[number].events]
    for _ in range(draw(st.integers(1, 6)) if firing else 0):
        number = draw(st.sampled_from(firing))
        step = draw(a_step(machines[number], scripts[number], number))
        others = list(scripts[1 - number].values())
        step.other_script = draw(draw(st.sampled_from(others))) if others else {}
        steps.append(step)
    return Walk(machines, steps)


@st.composite
def a_step(
    draw: DrawFn, drawn: Drawn, scripts: dict[str, SearchStrategy[Script]], machine: int = 0
) -> Step:
    """Draw one step of a walk."""
    name = draw(st.sampled_from(list(drawn.events)))
    calls = CALLS[drawn.events[name].parameters]
    args, kwargs = draw(st.sampled_from(WRONG if draw(st.integers(0, 19)) == 1 else calls))
    return Step(name, args, kwargs, draw(scripts[name]), machine)
