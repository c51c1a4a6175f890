"""Workflows as they are drawn: plain data, the class bodies that they mean, and those classes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import statecraft
from tests.property.acting import Staged, called, keep, signature_of
from tests.property.trees import DrawnState, above, all_but, every, hook_name, merged

if TYPE_CHECKING:
    from collections.abc import Iterator

DIRECTIONS = ("entry", "exit")
# hook -> what it may take, in this order
FIXED_HOOKS = {
    "before_transition": ("transition",),
    "on_transition": ("transition",),
    "after_transition": ("transition",),
    "after_commit": ("transition",),
    "on_error": ("error", "transition"),
    "on_unavailable_transition": ("attempt",),
}


class Colour(Enum):
    """Members that serve as stored values."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Reason:
    """A callable ``because=``."""

    label: str
    wants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A condition or a guard: one label always means the same test, whoever uses it."""

    label: str
    form: str = "method"  # or function, property, attribute
    wants: tuple[str, ...] = ()
    is_async: bool = False
    negated: bool = False
    reason: Reason | str | None = None
    code: str | None = None

    @property
    def name(self) -> str:
        """What a refusal calls it."""
        return f"not {self.label}" if self.negated else self.label

    @property
    def test(self) -> str:
        """The code that refers to it."""
        return self.label if self.form == "function" else repr(self.label)

    @property
    def guard(self) -> str:
        """The code of a guard that asks it."""
        if self.reason is None and self.code is None:
            return self.test
        because = self.reason.label if isinstance(self.reason, Reason) else repr(self.reason)
        parts = [self.test] + ([f"because={because}"] if self.reason is not None else [])
        return f"Guard({', '.join(parts + ([f'code={self.code!r}'] if self.code else []))})"


@dataclass(frozen=True)
class Arrow:
    """Transitions from several sources: by name, or ``ANY`` less the exceptions.

    ``on_done`` starts at the final states in its sources, which are compounds.
    """

    sources: tuple[str, ...]
    target: str | None  # None: internal
    conditions: tuple[Question, ...] = ()
    guards: tuple[Question, ...] = ()
    exceptions: tuple[str, ...] | None = None  # not None: from ANY
    on_done: bool = False


@dataclass(frozen=True)
class DrawnEvent:
    """An event of one class body."""

    name: str
    arrows: tuple[Arrow, ...] = ()
    guards: tuple[Question, ...] = ()
    parameters: str = ""
    handler: str | None = None  # its label
    is_async: bool = False
    argument_count: int = 0


@dataclass(frozen=True)
class Hook:
    """A method that is a hook: of all transitions, or of one state."""

    name: str
    label: str
    wants: tuple[str, ...] = ()
    is_async: bool = False
    calls_super: bool = False
    decorates: tuple[tuple[str, str], ...] = ()  # (direction, state)


@dataclass(frozen=True)
class Body:
    """What one class declares."""

    name: str
    states: tuple[DrawnState, ...]
    events: tuple[DrawnEvent, ...] = ()
    hooks: tuple[Hook, ...] = ()
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A workflow: the bodies of its classes, the base first. Its repr is the code that it means.

    ``by_spec`` says that its spec goes through JSON, and that the class is made of that.
    """

    bodies: tuple[Body, ...]
    is_async: bool = False
    mixin: bool = False
    slots: bool = False
    store: str = "attribute"  # or state (load_state and persist_state), change (persist_change)
    observed: bool = False
    by_spec: bool = False
    _cache: dict[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)

    @property
    def forms_of_methods(self) -> tuple[str, ...]:
        """The questions that stand in the class body."""
        return ("method", "property")

    # -- the rules of inheritance, for those who interpret it ------------------------------

    @cached_property
    def tree(self) -> tuple[DrawnState, ...]:
        """The states that are in no other, those of the base first."""
        found: tuple[DrawnState, ...] = ()
        for body in self.bodies:
            found = merged(found, body.states)
        return found

    @cached_property
    def states(self) -> dict[str, DrawnState]:
        """All states by their paths."""
        return {state.name: state for state in every(self.tree)}

    @cached_property
    def events(self) -> dict[str, DrawnEvent]:
        """All events: the arrows of a subclass come first, its handler counts."""
        merged: dict[str, DrawnEvent] = {}
        for event in (event for body in self.bodies for event in body.events):
            old = merged.get(event.name, event)
            handled = event if event.handler else old
            own = tuple(
                Arrow(
                    self._sources(arrow),
                    arrow.target,
                    arrow.conditions,
                    (*event.guards, *arrow.guards),
                    on_done=arrow.on_done,
                )
                for arrow in event.arrows
            )
            inherited = () if old is event else old.arrows
            merged[event.name] = DrawnEvent(
                event.name, (*own, *inherited), (), handled.parameters, handled.handler
            )
        return merged

    def _sources(self, arrow: Arrow) -> tuple[str, ...]:
        if arrow.exceptions is None:
            return arrow.sources
        left_out = {*arrow.exceptions, *([] if arrow.target is None else [arrow.target])}
        return tuple(all_but(left_out, self.tree))

    def done(self, compound: str) -> list[str]:
        """Return the events that fire by themselves when ``compound`` has come to its end."""
        return [
            name
            for name, event in self.events.items()
            if any(arrow.on_done and compound in arrow.sources for arrow in event.arrows)
        ]

    @cached_property
    def is_circular(self) -> bool:
        """Whether events would fire by themselves for ever, should all conditions say so."""
        if len(self.bodies) > 1 and replace(self, bodies=self.bodies[:-1]).is_circular:
            return True
        leads: dict[str, set[str]] = {}
        for name, state in self.states.items():
            compound = name.rpartition(".")[0]
            for event in self.done(compound) if state.final else ():
                leads.setdefault(name, set()).update(self._leads(name, event))
        for _ in leads:
            leads = {
                name: {further for one in ends for further in leads.get(one, ())} | ends
                for name, ends in leads.items()
            }
        return any(name in ends for name, ends in leads.items())

    def _leads(self, leaf: str, event: str) -> Iterator[str]:
        """Yield the leaves to which an event may lead from this final one."""
        here = above(leaf)
        for source in reversed(here[:-1]):
            for arrow in self.events[event].arrows:
                if source not in arrow.sources or (arrow.on_done and source != here[-2]):
                    continue
                if arrow.target is not None:
                    yield self.first(arrow.target)
                if not arrow.conditions:
                    return

    def first(self, name: str) -> str:
        """Return the leaf that is entered with this state by those who remember nothing."""
        inside = self.states[name].inside
        return self.first(inside[0].name) if inside else name

    def hooks(self, name: str) -> tuple[Hook, ...]:
        """Return the methods that run for a hook such as ``on_open_entry``, in their order."""
        for body in reversed(self.bodies):
            for hook in body.hooks:
                marks = {hook_name(direction, state) for direction, state in hook.decorates}
                if name in marks:
                    return self._methods(hook.name)
            if any(hook.name == name for hook in body.hooks):
                return self._methods(name)
        return ()

    def _methods(self, name: str) -> tuple[Hook, ...]:
        found = [hook for body in reversed(self.bodies) for hook in body.hooks if hook.name == name]
        for count, hook in enumerate(found, start=1):
            if not hook.calls_super:
                return tuple(found[:count])
        return tuple(found)

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every condition and guard, by its label."""
        return {
            question.label: question
            for body in self.bodies
            for event in body.events
            for arrow in event.arrows
            for question in (*arrow.conditions, *arrow.guards, *event.guards)
        }

    # -- the code that it means ------------------------------------------------------------

    def __repr__(self) -> str:
        return f"\n{self.code}"

    @cached_property
    def code(self) -> str:
        """The classes, as somebody would write them."""
        lines: list[str] = []
        for question in self.questions.values():
            if question.form == "function":
                lines += self._function(question.label, question.wants, is_async=question.is_async)
            if isinstance(question.reason, Reason):
                lines += self._function(question.reason.label, question.reason.wants)
        return self._classes(lines)

    def _classes(self, lines: list[str]) -> str:
        for number, body in enumerate(self.bodies):
            lines += self._class(number, body)
        return "\n".join(lines) + "\n"

    @cached_property
    def bare(self) -> Drawn:
        """The same classes without states and events: what remains for a spec from JSON."""
        return _Bare(self.bodies, self.is_async, self.mixin, self.slots, self.store)

    def _function(self, label: str, wants: tuple[str, ...], *, is_async: bool = False) -> list[str]:
        return [
            f"{self._def(is_async=is_async)} {label}({', '.join(['self', *wants])}):",
            f"    return {self._play(label, wants, is_async=is_async)}",
            "",
        ]

    def _def(self, *, is_async: bool) -> str:
        return "async def" if is_async and self.is_async else "def"

    def _play(self, label: str, wants: tuple[str, ...], *, is_async: bool) -> str:
        call = f"self.stage.play({', '.join([repr(label), *(f'{name}={name}' for name in wants)])})"
        return f"await called({call})" if is_async and self.is_async else call

    def _class(self, number: int, body: Body) -> list[str]:
        options = [f"{name}={value!r}" for name, value in body.options]
        if number:
            bases = [self.bodies[number - 1].name]
        else:
            kind = f"{'Async' if self.is_async else ''}Workflow{'Mixin' if self.mixin else ''}"
            bases = ["Staged", kind]
        lines = [f"class {body.name}({', '.join([*bases, *options])}):"]
        if self.slots:
            lines.append(f"    __slots__ = {self._slots(number)!r}")
        lines += self._states(number, body)
        if not number:
            lines += self._attributes()
            lines += self._store()
        for event in body.events:
            lines += self._event(number, event)
        for hook in body.hooks:
            lines += self._hook(number, hook)
        return [*lines, ""] if len(lines) > 1 else [*lines, "    pass", ""]

    def _states(self, number: int, body: Body) -> list[str]:
        parent = self.bodies[number - 1].name
        return [f"    {line}" for state in body.states for line in state.code(parent)]

    def _slots(self, number: int) -> tuple[str, ...]:
        if number:
            return ()
        fields = [dict(body.options).get("state_field") for body in self.bodies]
        names = {"workflow_state", *(str(name) for name in fields if name)}
        names |= {f"{name}_remembered" for name in names}
        return ("stage", "_halted_because", *sorted(names))

    def _attributes(self) -> list[str]:
        lines: list[str] = []
        for question in self.questions.values():
            if question.form == "attribute":
                lines.append(f"    {question.label}: bool")
            elif question.form in self.forms_of_methods:
                lines += ["    @property"] if question.form == "property" else []
                function = self._function(
                    question.label, question.wants, is_async=question.is_async
                )
                lines += [f"    {line}" for line in function[:-1]]
        return lines

    def _store(self) -> list[str]:
        if self.store == "attribute":
            return []
        load = ["    def load_state(self):", "        return self.stage.stored"]
        if self.store == "state":
            return [
                *load,
                "    def persist_state(self, value, *, expected):",
                "        keep(self, value, expected)",
            ]
        prefix = self._def(is_async=True)
        return [
            f"    {prefix} load_state(self):",
            "        return self.stage.stored",
            f"    {prefix} load_remembered(self):",
            "        return self.stage.remembered",
            f"    {prefix} persist_change(self, change):",
            "        keep(self, change.value, change.expected, change)",
        ]

    def _state(self, number: int, name: str) -> str:
        for body in self.bodies[:number]:
            if any(state.name == name for state in every(body.states)):
                return f"{body.name}.{name}"
        return name

    def _event(self, number: int, event: DrawnEvent) -> list[str]:
        if not event.arrows:
            declared = f"handles({event.name!r})"
        else:
            arrows = [self._arrow(number, arrow) for arrow in event.arrows]
            kind = "Event"
            if event.argument_count:
                kind = f"Event[[{', '.join(['int'] * event.argument_count)}], bool]"
            guards = _listed("guard", [guard.guard for guard in event.guards])
            declared = f"{kind}({', '.join([*arrows, *guards])})"
        if event.handler is None:
            return [f"    {event.name} = {declared}"]
        names = tuple(signature_of(event.parameters).parameters)
        parameters = ", ".join(["self", *([event.parameters] if event.parameters else [])])
        return [
            f"    @{declared}",
            f"    {self._def(is_async=event.is_async)} {event.name}({parameters}):",
            f"        return {self._play(event.handler, names, is_async=event.is_async)}",
        ]

    def _arrow(self, number: int, arrow: Arrow) -> str:
        wanted = [one.test for one in arrow.conditions if not one.negated]
        unwanted = [one.test for one in arrow.conditions if one.negated]
        options = _listed("if_", wanted) + _listed("unless", unwanted)
        options += _listed("guard", [one.guard for one in arrow.guards])
        if arrow.exceptions is not None:
            exceptions = ", ".join(self._state(number, name) for name in arrow.exceptions)
            sources = f"ANY.except_({exceptions})" if exceptions else "ANY"
        else:
            sources = " | ".join(self._state(number, name) for name in arrow.sources)
            sources = f"({sources})" if len(arrow.sources) > 1 else sources
        if arrow.on_done:
            target = repr(arrow.target)
            return f"{sources}.on_done({', '.join([target, *options])})"
        if arrow.target is None:
            return f"{sources}.internal({', '.join(options)})"
        by_name = arrow.exceptions is not None
        target = repr(arrow.target) if by_name else self._state(number, arrow.target)
        return f"{sources}.to({', '.join([target, *options])})"

    def _hook(self, number: int, hook: Hook) -> list[str]:
        lines = [
            f"    @{self._state(number, state)}.on_{direction}"
            for direction, state in hook.decorates
        ]
        parameters = ", ".join(["self", *hook.wants])
        play = self._play(hook.label, hook.wants, is_async=hook.is_async)
        lines.append(f"    {self._def(is_async=hook.is_async)} {hook.name}({parameters}):")
        if not hook.calls_super:
            return [*lines, f"        return {play}"]
        above = f"super().{hook.name}({', '.join(self._super_wants(number, hook))})"
        above = f"await called({above})" if self.is_async else above
        return [*lines, f"        answer = {play}", f"        {above}", "        return answer"]

    def _super_wants(self, number: int, hook: Hook) -> tuple[str, ...]:
        for body in reversed(self.bodies[:number]):
            for other in body.hooks:
                if other.name == hook.name:
                    return other.wants
        return FIXED_HOOKS[hook.name]

    def made(self) -> Any:
        """Return the class: the last of them."""
        namespace: dict[str, Any] = {
            "__name__": __name__,
            "Colour": Colour,
            "Staged": Staged,
            "called": called,
            "keep": keep,
        }
        namespace.update({name: getattr(statecraft, name) for name in statecraft.__all__})
        namespace.pop("workflow_diagram", None)
        exec(self.code, namespace)  # noqa: S102 - our own text
        made = namespace[self.bodies[-1].name]
        if not self.by_spec:
            return made
        data = json.loads(json.dumps(made.workflow_spec.to_dict()))
        spec = statecraft.WorkflowSpec.from_dict(data)
        assert spec.to_dict() == data
        exec(self.bare.code, namespace)  # noqa: S102 - as above
        base = namespace[self.bodies[-1].name]
        return base.from_spec(spec, name="Again", base=base)


class _Bare(Drawn):
    """Methods alone: a class from a spec takes its conditions, handlers and hooks from them."""

    @property
    def forms_of_methods(self) -> tuple[str, ...]:
        return ("method", "property", "function")

    @cached_property
    def code(self) -> str:
        return self._classes([])

    def _states(self, number: int, body: Body) -> list[str]:
        return []

    def _event(self, number: int, event: DrawnEvent) -> list[str]:
        return super()._event(number, event)[1:] if event.handler else []

    def _hook(self, number: int, hook: Hook) -> list[str]:
        return super()._hook(number, replace(hook, decorates=()))


def _listed(option: str, code: list[str]) -> list[str]:
    if not code:
        return []
    return [f"{option}={code[0] if len(code) == 1 else '[' + ', '.join(code) + ']'}"]
