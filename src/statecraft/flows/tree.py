"""The tree of a flow: each action and scaffold at its place, found by class or by name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from statecraft.errors import Problem, WorkflowDefinitionError
from statecraft.flows.components import Component, Scaffold, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterator


def name_of(component: Any) -> str:
    """Return what a workflow calls a component: the name that it sets, or that of its class."""
    return str(component.name or snake_case(component.__name__))


class Place:
    """Where a component stands in the tree of a flow.

    ``path`` is its name as the workflow has it, ``account.login``, and empty for a root that has
    children; ``parent`` is ``None`` for the root.
    """

    def __init__(self, component: Any, parent: Place | None) -> None:
        self.component = component
        self.parent = parent
        self.children: list[Place] = []
        self.name = name_of(component)

    def __repr__(self) -> str:
        return f"<Place {self.path or self.name}>"

    @property
    def is_action(self) -> bool:
        """Whether it is shown to the user, and has nothing inside."""
        return not issubclass(self.component, Scaffold)

    @property
    def path(self) -> str:
        """The name of the state: that of each level below the root, joined by dots."""
        if self.parent is None:
            return self.name if self.is_action else ""
        return f"{self.parent.path}.{self.name}" if self.parent.path else self.name

    @property
    def identifier(self) -> str:
        """The path as a part of a name of Python."""
        return self.path.replace(".", "_") or self.name

    @property
    def label(self) -> str:
        """What people call it."""
        return str(self.component.label) or self.name.replace("_", " ").capitalize()

    @property
    def transition(self) -> Any:
        """What decides where the children lead: an object of ``Transition``, or ``None``."""
        given = self.component.transition
        return given() if isinstance(given, type) else given

    @property
    def line(self) -> tuple[Place, ...]:
        """All levels, from the root down to this one."""
        return (*(self.parent.line if self.parent else ()), self)

    def everything(self) -> Iterator[Place]:
        """Yield this place and all inside of it, in the order of declaration."""
        yield self
        for child in self.children:
            yield from child.everything()

    def neighbours(self) -> Iterator[Place]:
        """Yield where this may lead: to the siblings, then to the siblings of each ancestor."""
        if self.parent is not None:
            yield from (child for child in self.parent.children if child is not self)
            yield from self.parent.neighbours()

    def find(self, wanted: Any) -> Place | None:
        """Return the nearest neighbour of this class or name."""
        return next((place for place in self.neighbours() if place.is_called(wanted)), None)

    def child(self, wanted: Any) -> Place | None:
        """Return the child of this class or name."""
        return next((place for place in self.children if place.is_called(wanted)), None)

    def is_called(self, wanted: Any) -> bool:
        """Whether a class or a name, dotted or not, means this place."""
        if not isinstance(wanted, str):
            return self.component is wanted
        component = self.component
        dotted = f"{component.__module__}.{component.__qualname__}"
        return wanted in {component.__name__, self.name, self.path, dotted}


class Tree:
    """All places of a flow: ``root``, ``actions`` by path, and ``name``, the one of the class."""

    def __init__(self, root: Place) -> None:
        self.root = root
        self.name = f"{root.component.__module__}.{root.component.__qualname__}"
        self.places = {place.path: place for place in root.everything()}
        self.actions = {path: place for path, place in self.places.items() if place.is_action}


def tree_of(root: Any) -> Tree:
    """Return the tree below a component.

    Raises ``WorkflowDefinitionError``: an ``action_set`` that is empty, holds what is no component
    or holds one twice, and a scaffold inside of itself.
    """
    problems: list[Problem] = []
    place = _planted(root, None, problems)
    if problems:
        raise WorkflowDefinitionError(problems)
    return Tree(place)


def _planted(component: Any, parent: Place | None, problems: list[Problem]) -> Place:
    place = Place(component, parent)
    if place.is_action:
        return place
    for entry in component.action_set:
        child, failure = _component(entry)
        reason = failure or _why_not(child, place)
        if reason:
            problems.append(Problem(component.__name__, "action_set", reason))
        else:
            place.children.append(_planted(child, place, problems))
    if not component.action_set:
        what = "it is empty. Name the actions and scaffolds that it groups"
        problems.append(Problem(component.__name__, "action_set", what))
    return place


def _component(entry: Any) -> tuple[Any, str | None]:
    if not isinstance(entry, str):
        return entry, None
    module, _, name = entry.rpartition(".")
    try:
        return getattr(import_module(module), name), None
    except (ImportError, AttributeError, ValueError) as error:
        what = (
            f"{entry!r} cannot be imported ({error}): a dotted name is wanted, 'shop.flows.Login'"
        )
        return None, what


def _why_not(child: Any, place: Place) -> str | None:
    if not (isinstance(child, type) and issubclass(child, Component)):
        return f"{child!r} is neither an Action nor a Scaffold"
    if any(level.component is child for level in place.line):
        return f"{child.__name__} would stand inside of itself"
    name = name_of(child)
    twin = next((one for one in place.children if one.name == name), None)
    if twin is not None:
        return (
            f"{child.__name__} and {twin.component.__name__} are both called {name!r} here."
            " Give one of them a name (and a url) of its own; the same class twice: subclass it"
        )
    return None
