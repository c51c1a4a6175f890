"""A class has been created: it has no states and is abstract, or it is defined as a workflow.

What a workflow needs beyond its spec, the compiler above all, is imported with the first class
that has states: a program that only names what is here does not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from statecraft.collect import collect
from statecraft.errors import WorkflowDefinitionError
from statecraft.spec import build_spec

if TYPE_CHECKING:
    from statecraft.class_bodies import Options


class NoSpec:
    """In the place of the spec of a class without states, which cannot be instantiated."""

    __isabstractmethod__ = True  # what ABCMeta looks for

    def __get__(self, instance: object, owner: type) -> NoReturn:
        message = f"{owner.__name__} declares no states, so it has no workflow_spec"
        raise AttributeError(message)


def created(cls: Any, options: Options) -> None:
    """Make a workflow of a class that has just been created; raise if it cannot be one."""
    collected = collect(cls, options)
    spec, problems = build_spec(collected.draft)
    if spec is not None:
        from statecraft.definition import define  # noqa: PLC0415 - see above

        define(cls, collected, spec, problems)
        return
    own = collected.lineage[0].problems  # the rest may be mended by a subclass with states
    if own:
        raise WorkflowDefinitionError(own)
    cls.workflow_spec = NoSpec()
    cls.__abstractmethods__ = frozenset({"workflow_spec"})
