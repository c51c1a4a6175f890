"""What is wrong with the components of a tree, apart from where they lead."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING

from statecraft.errors import Problem
from statecraft.flows.outcomes import Choice, Linear, Transition
from statecraft.workflow import Workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.flows.tree import Place, Tree

_OF_WORKFLOWS = frozenset(
    {*dir(Workflow), "begin", "complete", "finished", "start", "task", "tree"}
)


def faults_of(tree: Tree) -> list[Problem]:
    """Return what is wrong with names, transitions, preconditions and scaffolds, each once."""
    found = [
        Problem(place.component.__name__, attribute, what)
        for place in tree.root.everything()
        for attribute, what in (*_of_name(place), *_of_level(place), *_of_scaffold(place))
    ]
    return list(dict.fromkeys(found))


def _of_name(place: Place) -> Iterator[tuple[str, str]]:
    name = place.name
    if not name.isidentifier() or iskeyword(name):
        yield "name", f"{name!r} is no name in Python. Set another: name = '…'"
    elif place.path == name and name in _OF_WORKFLOWS:
        yield "name", f"every workflow of a flow has {name!r}. Set another: name = '…'"


def _of_level(place: Place) -> Iterator[tuple[str, str]]:
    for precondition in place.component.preconditions:
        if isinstance(precondition, type):
            name = precondition.__name__
            yield "preconditions", f"{name} is a class. Make an object of it: {name}()"


def _of_scaffold(place: Place) -> Iterator[tuple[str, str]]:
    if place.is_action:
        return
    component = place.component
    for attribute in ("moves_to", "links_to", "completes"):
        if getattr(component, attribute) not in ((), [], True):
            what = (
                "a scaffold is not shown, and leads nowhere itself. Say this of the actions in it"
            )
            yield attribute, what
    transition = place.transition
    if transition is None or isinstance(transition, Linear | Choice):
        return
    if not isinstance(transition, Transition):
        what = f"{transition!r} is none. Give Linear, Choice, a subclass of Transition, or None"
        yield "transition", what
    elif not transition.targets:
        name = type(transition).__name__
        yield "transition", f"{name} has no targets: name the children that choose_next may return"
