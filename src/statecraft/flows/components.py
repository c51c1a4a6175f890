"""What actions and scaffolds have in common, and scaffolds: what groups them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest

    from statecraft.flows.outcomes import Transition
    from statecraft.flows.paths import Move
    from statecraft.flows.tree import Tree
    from statecraft.flows.workflows import FlowWorkflow


class FlowProperty:
    """Something about the flow that a class is the root of: made when it is first asked for."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self.make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = f"_made_{name}"

    def __get__(self, instance: object, owner: type) -> Any:
        if self.key not in owner.__dict__:  # a subclass is a flow of its own
            setattr(owner, self.key, self.make(owner))
        return owner.__dict__[self.key]


def _tree(root: Any) -> Tree:
    """The tree of the flow: every action and scaffold in it, with its place."""
    from statecraft.flows.tree import tree_of  # noqa: PLC0415 - the tree is made of components

    return tree_of(root)


def _workflow(root: Any) -> type[FlowWorkflow]:
    """The workflow of the flow: an action is a state, a scaffold a compound, a move an event."""
    from statecraft.flows.workflows import workflow_of  # noqa: PLC0415 - as above

    return workflow_of(root.tree)


class Component:
    """A part of a flow, an action or a scaffold. The attributes say where it may lead.

    ``url`` is the part of the address that it adds, with Django's converters. ``name`` is how the
    workflow calls it (default: the name of the class, in lower case with underscores), ``label``
    how people call it.

    ``moves_to`` are the components that ``form_valid`` may answer with, ``links_to`` those where
    the user may go without an answer: siblings, or siblings of an ancestor, as classes or by name.
    ``completes = False`` says that completing is no outcome. ``on_complete`` is where completing
    leads, instead of what the scaffold says: a sibling, or ``COMPLETE`` to complete the scaffold.

    ``skip_if`` takes the task: a true answer means that the user does not come by here. The
    ``preconditions`` have to hold before anything here is shown, and when it is left.
    """

    url: ClassVar[str] = ""
    name: ClassVar[str] = ""
    label: ClassVar[Any] = ""
    moves_to: ClassVar[Sequence[Any]] = ()
    links_to: ClassVar[Sequence[Any]] = ()
    completes: ClassVar[bool] = True
    on_complete: ClassVar[Any] = None
    skip_if: ClassVar[Any] = None  # a function of the task
    preconditions: ClassVar[Sequence[Any]] = ()

    request: HttpRequest
    task: Any
    kwargs: dict[str, Any]

    tree: ClassVar[Any] = FlowProperty(_tree)
    workflow: ClassVar[Any] = FlowProperty(_workflow)

    @classmethod
    def paths(cls) -> Sequence[tuple[Move, ...]]:
        """Return paths through the flow that together take every arrow that can be taken.

        They are all those that take each arrow at most once, and one more for each arrow that only
        leads back. The number grows quickly with links; ``statecraft.flows.paths.paths_of`` yields
        them one by one.
        """
        from statecraft.flows.paths import paths_of  # noqa: PLC0415 - as above

        return tuple(paths_of(cls.workflow.workflow_spec))

    def prepare(self) -> Any:
        """Make ready what this level needs, before a request is answered; a response answers it."""

    def completed(self, task: Any) -> Any:
        """Do what the flow is there for, once; return where to go: a redirect, a URL, an object."""
        message = f"{type(self).__qualname__} has no method completed: what shall its end do?"
        raise NotImplementedError(message)


class Scaffold(Component):
    """A group of actions and scaffolds: ``action_set``, as classes or dotted names.

    ``transition`` says where a child leads that completes: ``Linear``, ``Choice``, a class of one's
    own, or ``None``: each child says it itself.
    """

    action_set: ClassVar[Sequence[Any]] = ()
    transition: ClassVar[type[Transition] | Transition | None] = None
    child: Any = None  # for choose_next: the class of the child that has completed


def snake_case(name: str) -> str:
    """Return ``GetUserAccount`` as ``get_user_account``, ``HTTPLogin`` as ``http_login``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
