"""From the tree to arrows between actions: entering leads inward, completing bubbles outward.

Arrows of one event from one action are tried in their order, so that a later one need not repeat
that the conditions of those before it do not hold. Only where a circle of places that are skipped
leads nowhere, and so has no arrow, each arrow says in full what has to hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from statecraft.errors import Problem
from statecraft.flows.outcomes import COMPLETE, Choice, Linear
from statecraft.names import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from statecraft.flows.tree import Place, Tree

START = "start"
FINISHED = "finished"


class Condition(NamedTuple):
    """What has to hold for an arrow to be taken: that a place is skipped or not, or is chosen.

    ``chosen`` is what the transition of the scaffold of ``place`` has to name once it is complete.
    """

    place: Place
    chosen: Any = None
    negated: bool = False

    @property
    def name(self) -> str:
        """The name of the method that the workflow has for it."""
        if self.chosen is None:
            return f"skips_{self.place.identifier}"
        if self.chosen is COMPLETE:
            return f"completes_after_{self.place.identifier}"
        return f"chooses_{self.chosen.name}_after_{self.place.identifier}"


class FlowArrow(NamedTuple):
    """One arrow of the workflow of a flow: from an action (its path), by an event, to another."""

    event: str
    source: str
    target: str
    conditions: tuple[Condition, ...] = ()


class Flattening:
    """The arrows of a tree, and what is wrong with it."""

    def __init__(self, tree: Tree) -> None:
        self.arrows: list[FlowArrow] = []
        self.problems: list[Problem] = []
        self._entering: list[Place] = []
        self._circular = self._in_full = False
        self._add("begin", START, tree.root, self.enter)
        for action in tree.actions.values():
            self._action(action)

    def _action(self, action: Place) -> None:
        component = action.component
        if component.completes:
            self._add("complete", action.path, action, self.complete)
        elif not component.moves_to:
            what = "it is False, and moves_to names nothing either: nothing could leave this action"
            self.report(action, "completes", what)
        for attribute, prefix in (("moves_to", "move_to"), ("links_to", "link_to")):
            for place in self._named(action, attribute):
                self._add(f"{prefix}_{place.name}", action.path, place, self.enter)

    def _named(self, action: Place, attribute: str) -> Iterator[Place]:
        """Yield the places that ``moves_to`` or ``links_to`` names; an event can mean but one."""
        places = [
            self.neighbour(action, attribute, one) for one in getattr(action.component, attribute)
        ]
        by_name: dict[str, Place] = {}
        for place in filter(None, dict.fromkeys(places)):
            if by_name.setdefault(place.name, place) is place:
                yield place
            else:
                what = f"two of them are called {place.name!r}. Give one of them another name"
                self.report(action, attribute, what)

    def _add(self, event: str, source: str, place: Place, leading: Callable[..., Any]) -> None:
        """Add the arrows of an event: in full where going in a circle leads nowhere."""
        self._circular = self._in_full = False
        targets = list(leading(place, ()))
        if self._circular:
            self._in_full = True
            targets = list(leading(place, ()))
        for conditions, target in dict.fromkeys(targets):
            self.arrows.append(FlowArrow(event, source, target, conditions))
            if not conditions:
                return  # it is always taken: what comes later never is

    def report(self, place: Place, attribute: str, what: str) -> None:
        """Note down what is wrong with an attribute of a component, once."""
        problem = Problem(place.component.__name__, attribute, what)
        if problem not in self.problems:
            self.problems.append(problem)

    def neighbour(self, place: Place, attribute: str, wanted: Any) -> Place | None:
        """Return whom a component names: a sibling, or a sibling of an ancestor."""
        found = place.find(wanted)
        if found is None:
            known = [one.component.__name__ for one in place.neighbours()]
            self.report(
                place, attribute, _unknown(wanted, known, "siblings, nor of those of its ancestors")
            )
        return found

    def enter(self, place: Place, held: Sequence[Condition]) -> Iterator[tuple[Any, str]]:
        """Yield where entering a place leads: to its first action that is not skipped."""
        if place in self._entering:
            self._circular = True  # all around it would be skipped: it leads nowhere
            return
        self._entering.append(place)
        skip = Condition(place)
        inside = (*held, skip._replace(negated=True)) if place.component.skip_if else tuple(held)
        if place.is_action:
            yield inside, place.path
        else:
            yield from self.enter(place.children[0], inside)
        if place.component.skip_if:
            yield from self.skip(place, (*held, skip) if self._in_full else held)
        self._entering.pop()

    def skip(self, place: Place, held: Sequence[Condition]) -> Iterator[tuple[Any, str]]:
        """Yield where a place leads that is not come by: to the next, as if it were not there."""
        parent = place.parent
        if parent is None:
            yield tuple(held), FINISHED
            return
        following = parent.children[parent.children.index(place) + 1 :]
        yield from self.enter(following[0], held) if following else self.complete(parent, held)

    def complete(self, place: Place, held: Sequence[Condition]) -> Iterator[tuple[Any, str]]:
        """Yield where a place leads that has completed."""
        parent, wanted = place.parent, place.component.on_complete
        if parent is None:
            yield tuple(held), FINISHED
        elif wanted is COMPLETE:
            yield from self.complete(parent, held)
        elif wanted is not None:
            found = self.neighbour(place, "on_complete", wanted)
            yield from self.enter(found, held) if found else ()
        else:
            yield from self._decided(place, parent, held)

    def _decided(
        self, place: Place, parent: Place, held: Sequence[Condition]
    ) -> Iterator[tuple[Any, str]]:
        transition = parent.transition
        if isinstance(transition, Linear):
            yield from self.skip(place, held)
        elif isinstance(transition, Choice):
            yield from self.complete(parent, held)
        elif transition is None:
            self.report(place, "completes", _without_answer(parent))
        else:
            for wanted in transition.targets:
                yield from self._chosen(wanted, place, parent, held)

    def _chosen(
        self, wanted: Any, place: Place, parent: Place, held: Sequence[Condition]
    ) -> Iterator[tuple[Any, str]]:
        if wanted is COMPLETE:
            yield from self.complete(parent, (*held, Condition(place, chosen=COMPLETE)))
            return
        child = parent.child(wanted)
        if child is None:
            known = [one.component.__name__ for one in parent.children]
            self.report(parent, "transition", _unknown(wanted, known, "children"))
        else:
            yield from self.enter(child, (*held, Condition(place, chosen=child)))


def _unknown(wanted: Any, known: Sequence[str], kind: str) -> str:
    name = wanted if isinstance(wanted, str) else getattr(wanted, "__name__", repr(wanted))
    hint = did_you_mean(name, known)
    return f"{name!r} is none of its {kind}.{hint} They are: {', '.join(known) or 'none'}"


def _without_answer(parent: Place) -> str:
    return (
        f"it may complete, but {parent.component.__name__} has no transition that says where this"
        " leads. Give the scaffold a transition (Linear, Choice), or this an on_complete, or set"
        " completes = False and name moves_to"
    )
