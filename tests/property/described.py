"""Workflows as they are drawn: plain data, the class bodies that they mean, and those classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

import statecraft
from tests.property.acting import Staged, called, keep, signature_of

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
class DrawnState:
    """A state; ``value`` is code, or nothing where the name is the value."""

    name: str
    value: str = ""
    final: bool = False

    @property
    def source(self) -> str:
        """The right side of its declaration."""
        parts = [self.value] if self.value else []
        return f"State({', '.join([*parts, *(['final=True'] if self.final else [])])})"


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
    """Transitions from several sources: by name, or ``ANY`` less the exceptions."""

    sources: tuple[str, ...]
    target: str | None  # None: internal
    conditions: tuple[Question, ...] = ()
    guards: tuple[Question, ...] = ()
    exceptions: tuple[str, ...] | None = None  # not None: from ANY


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
    """A workflow: the bodies of its classes, the base first. Its repr is the code that it means."""

    bodies: tuple[Body, ...]
    is_async: bool = False
    mixin: bool = False
    slots: bool = False
    store: str = "attribute"  # or state (load_state and persist_state), change (persist_change)
    observed: bool = False
    _cache: dict[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)

    # -- the rules of inheritance, for those who interpret it ------------------------------

    @cached_property
    def states(self) -> dict[str, DrawnState]:
        """All states, those of the base first."""
        return {state.name: state for body in self.bodies for state in body.states}

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
        left_out = {*arrow.exceptions, arrow.target}
        return tuple(
            state.name
            for state in self.states.values()
            if not state.final and state.name not in left_out
        )

    def hooks(self, name: str) -> tuple[Hook, ...]:
        """Return the methods that run for a hook such as ``on_open_entry``, in their order."""
        for body in reversed(self.bodies):
            for hook in body.hooks:
                marks = {f"on_{state}_{direction}" for direction, state in hook.decorates}
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
        for number, body in enumerate(self.bodies):
            lines += self._class(number, body)
        return "\n".join(lines) + "\n"

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
        lines += [f"    {state.name} = {state.source}" for state in body.states]
        if not number:
            lines += self._attributes()
            lines += self._store()
        for event in body.events:
            lines += self._event(number, event)
        for hook in body.hooks:
            lines += self._hook(number, hook)
        return [*lines, ""] if len(lines) > 1 else [*lines, "    pass", ""]

    def _slots(self, number: int) -> tuple[str, ...]:
        if number:
            return ()
        fields = [dict(body.options).get("state_field") for body in self.bodies]
        names = {"workflow_state", *(str(name) for name in fields if name)}
        return ("stage", "_halted_because", *sorted(names))

    def _attributes(self) -> list[str]:
        lines: list[str] = []
        for question in self.questions.values():
            if question.form == "attribute":
                lines.append(f"    {question.label}: bool")
            elif question.form in {"method", "property"}:
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
            f"    {prefix} persist_change(self, change):",
            "        keep(self, change.value, change.expected, change)",
        ]

    def _state(self, number: int, name: str) -> str:
        for body in self.bodies[:number]:
            if any(state.name == name for state in body.states):
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
        return namespace[self.bodies[-1].name]


def _listed(option: str, code: list[str]) -> list[str]:
    if not code:
        return []
    return [f"{option}={code[0] if len(code) == 1 else '[' + ', '.join(code) + ']'}"]
