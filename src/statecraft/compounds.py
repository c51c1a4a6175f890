"""Several states in one declaration: a compound, which has states inside, and those of an Enum."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from statecraft.names import did_you_mean
from statecraft.places import Place, place_of_caller
from statecraft.predicates import flag_of
from statecraft.states import State

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping
    from enum import Enum
    from typing import Self


class ClassBody(dict[str, Any]):
    """The namespace of a class body; it notes which names it writes twice, and where.

    ``counts`` tells for a value whether such a name may be written only once.
    """

    def __init__(self, counts: Callable[[object], bool]) -> None:
        super().__init__()
        self.counts = counts
        self.repeated: list[tuple[str, Place]] = []

    def __setitem__(self, name: str, value: object) -> None:
        if name in self and (self.counts(self[name]) or self.counts(value)):
            self.repeated.append((name, place_of_caller()))
            if isinstance(self[name], State):  # arrows that were drawn from it still mean the name
                self[name].__set_name__(type(self), name)
        super().__setitem__(name, value)


class CompoundState(State):
    """A state with states inside: an object that is in it is in exactly one of its leaves.

    ``history`` says whether the object comes back to the leaf in which it was; ``strangers`` are
    the names in its body that are no states, ``repeated`` those that it writes twice.
    """

    __slots__ = ("repeated", "strangers")
    strangers: tuple[str, ...]
    repeated: tuple[tuple[str, Place], ...]

    def __init__(
        self,
        states: Mapping[str, State],
        *,
        history: bool = False,
        meta: Mapping[str, Any] | None = None,
        label: object = None,
        strangers: tuple[str, ...] = (),
        repeated: tuple[tuple[str, Place], ...] = (),
    ) -> None:
        super().__init__(None, meta=meta, label=label)
        self._write(history=flag_of("history", history), strangers=strangers, repeated=repeated)
        self.hold(states)

    def hold(self, states: Mapping[str, State]) -> None:
        """Take the states inside of it: whoever is making it calls this."""
        self._write(states=MappingProxyType(dict(states)))

    def named(self, name: str, **changes: object) -> Self:
        """Return a copy of this name; the states inside are renamed with it."""
        own = {"strangers": self.strangers, "repeated": self.repeated}
        copy = super().named(name, **own, **changes)
        copy.hold({inside: one.named(f"{name}.{inside}") for inside, one in self.states.items()})
        return copy

    def united(self, other: CompoundState) -> CompoundState:
        """Return ``other``, declared again in a subclass, with the states of both inside."""
        copy = other.named(other.name)
        copy.hold(united(self.states, other.states))
        return copy

    @property
    def subtree(self) -> tuple[State, ...]:
        """Itself, and all states inside of it, each before those inside of that."""
        return (self, *(one for state in self.states.values() for one in state.subtree))

    @property
    def leaves(self) -> tuple[State, ...]:
        """The states in which an object can be that is in this one."""
        if not self.states:  # which is reported, like everything that is wrong with the class
            return super().leaves
        return tuple(one for state in self.states.values() for one in state.leaves)

    @property
    def initial_leaf(self) -> State:
        """The first state inside, or the first inside of that."""
        return next((one.initial_leaf for one in self.states.values()), self)

    @property
    def stored_values(self) -> tuple[Hashable, ...]:
        """The values that mean one of its leaves."""
        return tuple(value for one in self.states.values() for value in one.stored_values)

    def __getattr__(self, name: str) -> State:
        states: Mapping[str, State] = {} if name == "states" else self.states
        if name not in states:
            hint = did_you_mean(name, states)
            message = f"no state inside of {self.name!r} is called {name!r}.{hint}"
            raise AttributeError(message)
        return states[name]

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (Compound,)  # class under_review(Review.under_review): the same with more states


def united(old: Mapping[str, State], new: Mapping[str, State]) -> dict[str, State]:
    """Return the states of both; one that is declared again takes the place of the old one.

    Of two compounds the states are united as well.
    """
    states = dict(old)
    for name, state in new.items():
        before = states.get(name)
        states[name] = state
        if isinstance(before, CompoundState) and isinstance(state, CompoundState):
            states[name] = before.united(state)
    return states


class CompoundType(type):
    """Makes a State, and no class, of ``class under_review(Compound)`` in a class body."""

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **options: Any) -> ClassBody:
        return ClassBody(lambda value: isinstance(value, State))

    def __new__(  # noqa: D102 - what a class statement calls
        mcs,
        name: str,
        bases: tuple[type, ...],
        body: ClassBody,
        /,
        *,
        history: bool | None = None,
        meta: Mapping[str, Any] | None = None,
        label: object = None,
    ) -> Any:
        if not bases:
            return super().__new__(mcs, name, bases, dict(body))
        states: dict[str, State] = {}
        inherited = [one for one in body.get("__orig_bases__", ()) if isinstance(one, State)]
        for base in inherited:
            states = united(states, base.states)
            history = base.history if history is None else history
            meta = base.meta if meta is None else meta
            label = base.own_label if label is None else label
        own = {key: value for key, value in body.items() if isinstance(value, State)}
        strangers = [key for key in body if key not in own and not key.startswith("__")]
        compound = CompoundState(
            united(states, {key: state.named(key) for key, state in own.items()}),
            history=False if history is None else history,
            meta=meta,
            label=label,
            strangers=tuple(strangers),
            repeated=tuple(body.repeated),
        )
        return compound.named(name, written=place_of_caller())


if TYPE_CHECKING:

    class CompoundClass(CompoundState, type):  # type: ignore[misc] # see its documentation
        """What type checkers see: a class that is a State, and has those inside as attributes."""

        def __init__(
            cls, name: str, bases: tuple[type, ...], body: dict[str, Any], /, **options: Any
        ) -> None: ...

    class Compound(metaclass=CompoundClass):
        """A state with states inside: ``class under_review(Compound):``, states in its body."""

        def __init_subclass__(
            cls,
            *,
            history: bool = ...,
            meta: Mapping[str, Any] = ...,
            label: object = ...,
        ) -> None: ...
else:

    class Compound(metaclass=CompoundType):
        """A state with states inside: ``class under_review(Compound):``, states in its body.

        ``history=True`` lets an object come back to the leaf in which it was; ``meta`` and
        ``label`` are as for ``State``. Its first state is its initial one.
        """


class States:
    """Several states under one name: ``states = States.from_enum(Status)``, then ``states.NEW``."""

    def __init__(self, members: Mapping[str, State]) -> None:
        self.members: Mapping[str, State]
        self.__dict__["members"] = MappingProxyType(dict(members))

    @classmethod
    def from_enum(cls, enum: type[Enum]) -> States:
        """Declare one state per member: the name in lower case, the member as the value.

        A member that has a ``label``, as those of Django's ``Choices``, gives it to its state.
        """
        place = place_of_caller()
        members = {
            member.name: State(member, label=_label_of(member)).named(
                member.name.lower(), written=place
            )
            for member in enum
        }
        return cls(members)

    def joined(self, states: Mapping[str, State]) -> States:
        """Return the same group with the states of a spec in it."""
        return States({name: states[state.name] for name, state in self.members.items()})

    def __getattr__(self, name: str) -> State:
        members: Mapping[str, State] = self.__dict__.get("members", {})
        if name not in members:
            known = ", ".join(members)
            message = f"no state is called {name!r} here; there are {known}"
            raise AttributeError(message)
        return members[name]

    def __iter__(self) -> Iterator[State]:
        return iter(self.members.values())

    def __setattr__(self, name: str, value: object) -> NoReturn:
        message = f"States is immutable: {name!r} cannot be set"
        raise AttributeError(message)


def _label_of(member: Enum) -> object:
    """Return the text for people that a member has; one that is a method or a member is none."""
    label = getattr(member, "label", None)
    return None if callable(label) or isinstance(label, type(member)) else label
