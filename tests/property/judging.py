"""The oracle's side of the play: which transition is chosen, who is called, and what is unmet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from tests.property.acting import Actor, Fire, Outcome, Stop, Unmet, signature_of
from tests.property.trees import above, hook_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from inspect import BoundArguments

    from tests.property.described import Arrow, Drawn, DrawnEvent, Question


class SomeText:
    """A text whose wording nobody promises: it equals every text."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (str, SomeText))

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "<some text>"


SOME_TEXT = SomeText()
ABSENT: Any = object()


class Stopped(Exception):
    """What the oracle raises for every exception: its kind, and what is in it."""

    def __init__(self, kind: str, *details: Any) -> None:
        super().__init__(kind, *details)
        self.kind = kind
        self.details = details

    @property
    def reason(self) -> Any:
        """The text of it, as far as the oracle can know it."""
        return self.details[0] if self.details else SOME_TEXT

    @property
    def outcome(self) -> Outcome:
        """The outcome of a call that raised it."""
        return Outcome(raised=self.kind, details=self.details)


class Halted(Stopped):
    """A soft halt, or a TransitionHalted."""


class Fault(Stopped):
    """An exception that ``on_error`` may deal with."""


class Way(NamedTuple):
    """An arrow, and the one of its sources that the object is in."""

    source: str
    arrow: Arrow


class Route(NamedTuple):
    """What is left, from the inside outward, and entered, inward, and the leaf at the end."""

    left: list[str]
    entered: list[str]
    leaf: str


class Judge(Actor):
    """The actor of the oracle: what is asked and what is called, but not when."""

    def __init__(self, drawn: Drawn) -> None:
        super().__init__(drawn)
        self.memory: dict[str, str] = {}
        self.state = self.leaf_of(drawn.tree[0].name)
        self.phase = "moved"
        self.halted_because: Any = None

    def fire(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Fire an event: this is what the oracle says."""
        raise NotImplementedError

    def present_state(self) -> str:
        """Return the name of the state as it is now."""
        return self.state

    def stop(self, act: Stop) -> NoReturn:
        """Raise it; what halting means depends on how far the event has come."""
        if act.kind == "ValueError":
            raise Fault("ValueError", act.reason)
        if act.kind == "TransitionHalted" or self.phase == "guarding":
            raise Halted("TransitionHalted", act.reason, act.code)
        if self.phase == "moved":
            raise Fault("WorkflowError")
        raise Halted("Halt", act.reason, None)

    def fire_inside(self, act: Fire) -> Any:
        """Fire it; what it raises goes on, unless it is to be quiet."""
        actor = self.other if act.elsewhere else self
        outer = actor.phase
        try:
            answer = actor.fire(act.event, *act.args, **act.kwargs)
        except Stopped as stop:
            self.log.append(stop.outcome)
            if not act.quietly:
                raise
            return None
        finally:
            actor.phase = outer
        self.log.append(Outcome(answer))
        return answer

    def bound(self, event: str, /, *args: Any, **kwargs: Any) -> BoundArguments:
        """Bind the arguments of a call, and fill in the defaults."""
        try:
            given = signature_of(self.drawn.events[event].parameters).bind(*args, **kwargs)
        except TypeError:
            raise Fault("TypeError") from None
        given.apply_defaults()
        return given

    def partly_bound(self, event: str, /, *args: Any, **kwargs: Any) -> BoundArguments:
        """Bind as much as is given: for questions, which can do without arguments."""
        given = signature_of(self.drawn.events[event].parameters).bind_partial(*args, **kwargs)
        given.apply_defaults()
        return given

    def run(self, name: str, /, *, absent: Any = None, **facts: Any) -> Any:
        """Call the handler or the hooks of this name with the facts that they want."""
        event = self.drawn.events.get(name)
        if event is not None:
            return self.play(event.handler, **facts) if event.handler else absent
        answers = [
            self.play(hook.label, **{want: facts[want] for want in hook.wants})
            for hook in self.drawn.hooks(name)
        ]
        return answers[0] if answers else absent

    def run_all(self, direction: str, states: list[str], **facts: Any) -> None:
        """Call the hooks of these states, in this order."""
        for state in states:
            self.run(hook_name(direction, state), **facts)

    def complete(self, entered: list[str]) -> None:
        """Fire what fires by itself if a compound is done, and if nothing has moved it since."""
        for compound in entered and above(entered[-1])[-2:-1]:
            for event in self.drawn.done(compound):
                if self.is_done(compound) and self.can(event):
                    self.fire(event)

    def ask(self, questions: Iterable[Question], given: BoundArguments, unmet: list[Unmet]) -> bool:
        """Ask all of them, note in ``unmet`` which say no, and tell whether none did.

        One that wants what is not given counts as met.
        """
        before = len(unmet)
        for question in questions:
            if not set(question.wants) <= given.arguments.keys():
                continue
            facts = {want: given.arguments[want] for want in question.wants}
            if bool(self.play(question.label, **facts)) == question.negated:
                unmet.append(Unmet(question.name, self.reason(question, given), question.code))
        return len(unmet) == before

    def reason(self, question: Question, given: BoundArguments) -> Any:
        """Return why a guard says no; nobody can tell where what its reason wants is not given."""
        reason = question.reason
        if reason is None or isinstance(reason, str):
            return reason
        if not set(reason.wants) <= given.arguments.keys():
            return None
        return self.play(reason.label, **{want: given.arguments[want] for want in reason.wants})

    def chosen(self, event: DrawnEvent, given: BoundArguments, unmet: list[Unmet]) -> Way | None:
        """Return the first way from here all of whose conditions hold.

        What starts at the leaf comes before what starts at its compounds.
        """
        here = above(self.state)
        ways = [
            Way(source, arrow)
            for arrow in event.arrows
            for source in arrow.sources
            if (self.is_done(source) if arrow.on_done else source in here)
        ]
        ways.sort(key=lambda way: -here.index(way.source))
        return next((one for one in ways if self.ask(one.arrow.conditions, given, unmet)), None)

    def unavailable(self, name: str, given: BoundArguments, unmet: tuple[Unmet, ...]) -> bool:
        """Return ``False`` if the hook deals with it, else raise."""
        attempt = (name, self.state, given.args, given.kwargs, unmet)
        if self.run("on_unavailable_transition", absent=False, attempt=attempt) is False:
            raise Stopped("NoTransitionAllowed", unmet)
        return False

    def is_done(self, compound: str) -> bool:
        """Whether the object is in a final state right inside of ``compound``."""
        return self.drawn.states[self.state].final and [compound] == above(self.state)[-2:-1]

    def leaf_of(self, name: str) -> str:
        """Return the leaf that is entered with this state: the memory of a history comes first."""
        state = self.drawn.states[name]
        if state.history and name in self.memory:
            return self.memory[name]
        return self.leaf_of(state.inside[0].name) if state.inside else name

    def route(self, way: Way) -> Route:
        """Return what is left and entered, and where it leads: that is remembered meanwhile.

        All that source and target are both in stays as it is, but the target is entered.
        """
        target = way.arrow.target
        if target is None:
            return Route([], [], self.state)
        before, both = self.memory, {*above(way.source)} & {*above(target)} - {target}
        left = [name for name in reversed(above(self.state)) if name not in both]
        self.memory = self.remembering(left)
        leaf = self.leaf_of(target)
        self.memory = before
        return Route(left, [name for name in above(leaf) if name not in both], leaf)

    def remembering(self, left: list[str]) -> dict[str, str]:
        """Return what is remembered when these are left: not the final state of a compound."""
        memory = {name: leaf for name, leaf in self.memory.items() if name not in left}
        if not self.drawn.states[self.state].final:
            memory |= {name: self.state for name in left if self.drawn.states[name].history}
        return memory

    def can(self, name: str) -> bool:
        """Whether an event without arguments can fire; guards are asked until one says no."""
        event, given = self.drawn.events[name], self.bound(name)
        outer, self.phase = self.phase, "judging"
        try:
            way = self.chosen(event, given, [])
            return way is not None and all(self.passes(one, given) for one in way.arrow.guards)
        except Halted:
            return False
        finally:
            self.phase = outer

    def passes(self, guard: Question, given: BoundArguments) -> bool:
        """Ask one guard, and not for its reason."""
        return self.ask([replace(guard, reason=None)], given, [])

    def guard(self, arrow: Arrow, given: BoundArguments) -> None:
        """Stop at the first guard that says no."""
        unmet = list[Unmet]()
        if not all(self.ask([guard], given, unmet) for guard in arrow.guards):
            reason = (
                f"{unmet[0].name} does not hold" if unmet[0].reason is None else unmet[0].reason
            )
            raise Halted("TransitionHalted", reason, unmet[0].code)

    def refusal(self, name: str, given: BoundArguments) -> tuple[str | None, list[Unmet]]:
        """Return the target if the event would be accepted now, and what is unmet if not."""
        self.phase, target, unmet = "judging", None, list[Unmet]()
        try:
            way = self.chosen(self.drawn.events[name], given, unmet)
            if way is not None:
                unmet.clear()
                if self.ask(way.arrow.guards, given, unmet):
                    target = self.route(way).leaf
        except Halted as stop:
            unmet.append(Unmet("halt", *stop.details))
        return target, unmet
