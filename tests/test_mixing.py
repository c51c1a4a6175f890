"""Workflows mixed with other classes: metaclasses, slots, dataclasses, attrs, Pydantic."""

from __future__ import annotations

import abc
import copy
import gc
import pickle
import weakref
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import attrs
import pydantic
import pytest

from statecraft import Event, State, Workflow, WorkflowMixin

Item = TypeVar("Item")


class Described(Protocol):
    """A protocol with a method."""

    def describe(self) -> str: ...


class Parcel(WorkflowMixin, Described):
    """A workflow that fulfils a protocol."""

    packed = State()
    sent = State()
    send = Event(packed.to(sent))

    def describe(self) -> str:
        return self.current_state.name


class Box(Workflow, Generic[Item]):
    """A generic workflow."""

    open = State()
    closed = State()
    close = Event(open.to(closed))

    def __init__(self, item: Item) -> None:
        self.item = item


class Shape(Workflow, abc.ABC):
    """An abstract workflow."""

    drawn = State()
    erased = State()
    erase = Event(drawn.to(erased))

    @abc.abstractmethod
    def area(self) -> int: ...


class Square(Shape):
    """A concrete one."""

    def area(self) -> int:
        return 1


@dataclass
class Invoice(Workflow, state_field="status"):
    """A dataclass whose state is a field."""

    number: int
    status: str | None = None

    drafted = State()
    paid = State()

    @Event(drafted.to(paid))
    def pay(self) -> None:
        """Refuse number zero."""
        if not self.number:
            self.halt("no number")


@dataclass(slots=True)
class Slotted(Workflow, state_field="status"):
    """A dataclass with slots, which is built twice."""

    number: int
    status: str | None = None
    _halted_because: object = field(default=None, init=False, repr=False, compare=False)

    drafted = State()
    paid = State()

    @Event(drafted.to(paid))
    def pay(self) -> str:
        """Use ``super()``, which means the first class until it is mended."""
        if not self.number:
            self.halt("no number")
        return f"paid {super().halted}"

    def on_paid_entry(self) -> None:
        """Use it in a hook as well."""
        assert super().__init__ is not None


@attrs.define
class Ticket(Workflow, state_field="status"):
    """An attrs class, which is built twice."""

    number: int
    status: str | None = None
    _halted_because: object = attrs.field(default=None, init=False, repr=False, eq=False)

    drafted = State()
    paid = State()

    @Event(drafted.to(paid))
    def pay(self) -> str:
        """Use ``super()``."""
        if not self.number:
            self.halt("no number")
        return f"paid {super().halted}"


class Model(WorkflowMixin, pydantic.BaseModel):
    """A Pydantic model."""

    model_config = pydantic.ConfigDict(ignored_types=(State, Event))

    number: int
    workflow_state: str | None = None

    drafted = State()
    paid = State()

    @Event(drafted.to(paid))
    def pay(self) -> None:
        """Refuse number zero."""
        if not self.number:
            self.halt("no number")


class Bare(WorkflowMixin):
    """Slots by hand, with room for the state and a weak reference."""

    __slots__ = ("__weakref__", "_halted_because", "workflow_state")
    drafted = State()
    paid = State()

    @Event(drafted.to(paid), paid.to(drafted))
    def pay(self, number: int) -> None:
        """Refuse number zero."""
        if not number:
            self.halt("no number")


def test_a_protocol() -> None:
    """The mixin goes with the metaclass of Protocol."""
    parcel = Parcel()
    assert parcel.send()
    assert parcel.describe() == "sent"


def test_generic_and_abc() -> None:
    """The thin metaclass goes with both."""
    box: Box[int] = Box(3)
    assert box.close()
    assert Box[int](4).item == 4
    with pytest.raises(TypeError, match="abstract"):
        Shape()  # type: ignore[abstract] # that is the point
    assert Square().erase()


def test_a_class_shows_what_it_is() -> None:
    """Its states stand in its repr; one without states has the usual repr."""
    assert repr(Parcel).startswith("<class ")
    assert repr(Square) == f"<workflow {__name__}.Square: drawn | erased>"
    assert repr(Workflow).startswith("<class ")


@pytest.mark.parametrize("cls", [Invoice, Slotted, Ticket])
def test_classes_that_are_built_again(cls: Any) -> None:
    """Options, handlers, hooks and ``super()`` work in the class that is there in the end."""
    bill = cls(0)
    assert cls.workflow_spec.state_field == "status"
    assert bill.pay() is False
    assert bill.halted_because == "no number"
    assert bill.status is None
    bill.number = 7
    assert bill.pay() in {True, "paid False"}
    assert not bill.halted
    assert bill.status == "paid"
    assert bill.is_paid()
    assert cls(7, "paid").is_paid()
    assert hasattr(bill, "__dict__") is (cls is Invoice)


def test_a_pydantic_model() -> None:
    """The state is one of its fields, and is validated and dumped like the others."""
    model: Any = Model(number=0)
    assert model.pay() is False
    assert model.halted
    model.number = 3
    assert model.pay() is True
    assert not model.halted
    assert model.model_dump() == {"number": 3, "workflow_state": "paid"}
    assert Model.model_validate_json(model.model_dump_json()).current_state == "paid"


def test_slots_by_hand() -> None:
    """Nothing but the slots is used, and a halt is forgotten there as well."""
    bare: Any = Bare()
    assert bare.is_drafted()
    assert not bare.halted
    assert bare.pay(0) is False
    assert bare.halted_because == "no number"
    assert bare.is_drafted()
    assert bare.pay(1) is True
    assert not bare.halted
    assert bare.is_paid()
    assert not hasattr(bare, "__dict__")


@pytest.mark.parametrize(
    "make",
    [
        Parcel,
        Bare,
        Square,
        lambda: Box(1),
        lambda: Invoice(1),
        lambda: Slotted(1),
        lambda: Ticket(1),
    ],
)
def test_objects_can_be_pickled_and_copied(make: Any) -> None:
    """The copy is in the same state and goes its own way."""
    first = make()
    event = next(iter(first.workflow_spec.events))
    arguments = (1,) if isinstance(first, Bare) else ()
    first.fire(event, *arguments)
    for again in (pickle.loads(pickle.dumps(first)), copy.copy(first), copy.deepcopy(first)):
        assert again.current_state == first.current_state
        assert again.current_state is first.current_state


def test_objects_can_be_referenced_weakly() -> None:
    """Nothing in the library keeps an object alive."""
    bare = Bare()
    bare.pay(1)
    reference = weakref.ref(bare)
    del bare
    gc.collect()
    assert reference() is None


def test_an_object_needs_no_memory_for_its_workflow() -> None:
    """Until it moves, there is nothing on it; then there is its state."""
    parcel = Parcel()
    assert vars(parcel) == {}
    parcel.send()
    assert vars(parcel) == {"workflow_state": "sent"}


@dataclass
class Annotated(Workflow):
    """A dataclass that annotates its declarations."""

    number: int
    here: State = State()  # noqa: RUF009 - that is the point
    there: State = State()  # noqa: RUF009 - as above
    go: Event[[int], bool] = Event(here.to(there))  # noqa: RUF009 - as above
    back: ClassVar[Event[[], bool]] = Event(there.to(here))


def test_annotated_declarations_are_no_fields() -> None:
    """A dataclass has the fields that are left."""
    annotated: Any = Annotated(3)
    assert [one.name for one in fields(Annotated)] == ["number"]
    assert annotated.go(4)
    assert annotated.back()
    assert annotated == Annotated(3)  # type: ignore[call-arg,unused-ignore]


def test_annotations_are_read_when_they_are_evaluated_too() -> None:
    """In a module without ``from __future__ import annotations``."""
    code = """
class Evaluated(Workflow):
    here: State = State()
    go: Event[[int, str], bool] = Event(here.internal())
    on: ClassVar[Event[[int], bool]] = Event(here.internal())
    off: ClassVar[Event] = Event(here.internal())
"""
    names: dict[str, Any] = {"State": State, "Event": Event, "Workflow": Workflow}
    compiled = compile(code, "evaluated.py", "exec", dont_inherit=True)
    exec(compiled, names | {"ClassVar": ClassVar, "__name__": __name__}, names)  # noqa: S102 - see above
    evaluated = names["Evaluated"]()
    assert evaluated.go(1, "x")
    assert evaluated.on(1)
    assert evaluated.off()


class Brought:
    """A plain class that annotates its state."""

    here: State = State()


def test_a_plain_class_may_annotate_its_states() -> None:
    """They are no fields that a state would hide."""

    class Bringing(Brought, Workflow):
        there = State()

    assert Bringing().current_state == "here"


def test_a_base_that_cannot_be_inherited_from() -> None:
    """Its TypeError is its own affair."""

    class Final:
        def __init_subclass__(cls) -> None:
            message = "final"
            raise TypeError(message)

    with pytest.raises(TypeError, match="final") as caught:

        class Wrong(Workflow, Final):
            here = State()

    assert not hasattr(caught.value, "__notes__")


def test_a_class_with_its_own_init_subclass() -> None:
    """Keywords that are not ours go on to the next class."""

    class Registry:
        names: tuple[str, ...] = ()

        def __init_subclass__(cls, *, tag: str = "", **options: Any) -> None:
            super().__init_subclass__(**options)
            Registry.names = (*Registry.names, tag)

    class Tagged(Workflow, Registry, tag="yes"):
        here = State()

    assert Registry.names == ("yes",)
    assert Tagged().current_state == "here"
    with pytest.raises(TypeError) as caught:

        class Wrong(Workflow, sate_field="x"):
            here = State()

    assert (
        "statecraft takes state_field, threadsafe, replace, log and lock"
        in caught.value.__notes__[0]
    )


def test_a_class_that_is_built_again_may_use_what_comes_later() -> None:
    """A variable of the function around it that has no value yet is no reason to fail."""

    @dataclass(slots=True)
    class Late(WorkflowMixin):
        workflow_state: str | None = None
        _halted_because: object = field(default=None, init=False, repr=False, compare=False)

        first = State()
        second = State()

        @Event(first.to(second))
        def go(self) -> str:
            return later

    later = "now"
    assert Late().go() == "now"
