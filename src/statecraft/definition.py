"""From a class that has just been created to a workflow: collect, check, compile, install."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from statecraft.checks import Removed, Subject, check_attributes, problems_of
from statecraft.class_bodies import Options
from statecraft.collect import Collected, collect
from statecraft.compiler import Functions, compile_workflow
from statecraft.compiler.context import Context
from statecraft.errors import WorkflowDefinitionError
from statecraft.observation import observers_of
from statecraft.spec import build_spec

if TYPE_CHECKING:
    from types import FunctionType


class NoSpec:
    """In the place of the spec of a class without states, which cannot be instantiated."""

    __isabstractmethod__ = True  # what ABCMeta looks for

    def __get__(self, instance: object, owner: type) -> NoReturn:
        message = f"{owner.__name__} declares no states, so it has no workflow_spec"
        raise AttributeError(message)


def define(cls: Any, options: Options) -> None:
    """Make a workflow of a class that has just been created; raise if it cannot be one."""
    collected = collect(cls, options)
    spec, problems = build_spec(collected.draft)
    if spec is None:
        own = collected.lineage[0].problems  # the rest may be mended by a subclass with states
        if own:
            raise WorkflowDefinitionError(own)
        cls.workflow_spec = NoSpec()
        cls.__abstractmethods__ = frozenset({"workflow_spec"})
        return
    subject = Subject(cls, spec, collected)
    problems = [*collected.problems, *problems, *problems_of(subject)]
    if problems:
        raise WorkflowDefinitionError(dict.fromkeys(problems))
    cls.workflow_spec = spec
    context = Context(
        cls,
        spec,
        is_async=cls._is_async,
        observed=bool(observers_of(cls)),
        can_halt=subject.can_halt,
        options=collected.options,
    )
    _install(cls, compile_workflow(context), context, collected)


def _install(cls: Any, functions: Functions, context: Context, collected: Collected) -> None:
    spec = context.spec
    in_groups = {state.name for group in collected.groups.values() for state in group}
    for name, state in spec.states.items():
        if name not in in_groups and state.parent is None:
            setattr(cls, name, state)
    for name, group in collected.groups.items():
        setattr(cls, name, group.joined(spec.states))
    for name, function in functions.methods.items():
        setattr(cls, name, function)
    for name in collected.removed:
        setattr(cls, name, Removed(name))
    cls._judges = functions.judges
    cls._halts = context.halts
    cls._context = context


def check_attributes_of(cls: Any) -> None:
    """Raise what a store with ``persistence_postpones_checks`` has put off, if it is wrong."""
    problems = [*check_attributes(Subject(cls, cls.workflow_spec, collect(cls, Options())))]
    if problems:
        raise WorkflowDefinitionError(problems)


def compile_again(cls: type[Any]) -> None:
    """Give the events of a class and its subclasses code that tells observers, or that does not.

    The functions stay the same objects, so that whoever holds one holds the right one.
    """
    for subclass in cls.__subclasses__():
        compile_again(subclass)
    context = vars(cls).get("_context")
    if context is None:
        return
    context.observed = bool(observers_of(cls))
    for name, function in compile_workflow(context).methods.items():
        present: FunctionType = vars(cls)[name]
        if name in context.spec.events:
            present.__globals__.update(function.__globals__)
            present.__code__ = function.__code__
