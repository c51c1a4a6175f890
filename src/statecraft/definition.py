"""From a spec to a class that works: check, compile, and put the functions in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.checks import Removed, Subject, check_attributes, problems_of
from statecraft.class_bodies import Options
from statecraft.collect import Collected, collect
from statecraft.compiler import Functions, compile_workflow
from statecraft.compiler.context import Context
from statecraft.errors import WorkflowDefinitionError
from statecraft.observation import observers_of

if TYPE_CHECKING:
    from types import FunctionType

    from statecraft.errors import Problem
    from statecraft.spec import WorkflowSpec


def define(cls: Any, collected: Collected, spec: WorkflowSpec, problems: list[Problem]) -> None:
    """Make ``cls`` a workflow of ``spec``; raise all that is wrong with it, if anything is."""
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
