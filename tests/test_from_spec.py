"""Classes made from a spec, and specs read from classes."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from statecraft import (
    Event,
    Guard,
    State,
    TransitionHalted,
    Workflow,
    WorkflowDefinitionError,
    WorkflowMixin,
    WorkflowSpec,
    handles,
)


class Loan(Workflow, state_field="status"):
    """A loan with everything that a spec can say."""

    asked = State(label="Asked for", meta={"colour": "grey"})
    given = State(2)
    paid_back = State(final=True)
    steps: tuple[str, ...] = ()
    solvent = True

    @Event(
        asked.to(given, if_="solvent", guard=Guard("small_enough", because="too much", code="max")),
        meta={"weight": 3},
        label="Give it",
    )
    def give(self, amount: int) -> str:
        """Give it."""
        return f"given {amount}"

    pay_back = Event[[int], bool](given.to(paid_back, unless="insolvent"))
    remind = Event(given.internal())

    @property
    def insolvent(self) -> bool:
        """The opposite."""
        return not self.solvent

    def small_enough(self, amount: int) -> bool:
        """Count as a guard."""
        return amount < 10

    @given.on_entry
    def announce(self) -> None:
        """Note it."""
        self.steps = (*self.steps, "announced")


def test_the_spec_describes_the_class() -> None:
    """All of it, as immutable objects."""
    spec = Loan.workflow_spec
    assert spec.name == "Loan"
    assert spec.state_names == ("asked", "given", "paid_back")
    assert tuple(spec.events) == ("give", "pay_back", "remind")
    assert spec.initial == "asked"
    assert [state.name for state in spec.final] == ["paid_back"]
    assert spec.state_field == "status"
    assert [repr(one) for one in spec.transitions] == [
        "<give: asked -> given>",
        "<pay_back: given -> paid_back>",
        "<remind: given -> given>",
    ]
    give = spec.events["give"]
    assert (str(give), repr(give), give.handler_name) == ("give", "<Event give>", "give")
    assert give.meta == {"weight": 3}
    assert give.sources == ("asked",)
    assert spec.states["asked"].meta["colour"] == "grey"
    assert spec.states["given"].events["remind"][0].internal
    assert repr(spec) == "<WorkflowSpec Loan: asked, given, paid_back>"
    assert hash(spec) == hash(Loan.workflow_spec)
    assert spec != "Loan"
    assert give != "give"
    assert spec.transitions[0] != "give"
    frozen: Any = spec
    for one in (frozen, frozen.events["give"], frozen.transitions[0]):
        with pytest.raises(AttributeError, match="immutable"):
            one.name = "x"


def test_a_class_made_from_its_own_data_behaves_alike() -> None:
    """Through JSON text; the methods come from a base class."""
    text = json.dumps(Loan.workflow_spec.to_dict())
    spec = WorkflowSpec.from_dict(json.loads(text))
    assert spec.to_dict() == Loan.workflow_spec.to_dict()

    class Methods:
        steps: tuple[str, ...] = ()
        solvent = True
        insolvent = False
        announce = Loan.announce

        def give(self, amount: int) -> str:
            """Give it otherwise."""
            return f"otherwise {amount}"

        def small_enough(self, amount: int) -> bool:
            return amount < 5

    made: Any = Workflow.from_spec(spec, name="Credit", base=Methods)
    credit = made()
    assert made.__name__ == "Credit"
    assert made.workflow_spec.state_field == "status"
    with pytest.raises(TransitionHalted, match="too much"):
        credit.give(7)
    assert credit.give(3) == "otherwise 3"
    assert credit.steps == ("announced",)
    assert credit.status == 2
    assert credit.remind()
    assert credit.pay_back(3)
    assert credit.current_state == "paid_back"
    assert isinstance(credit, Methods)
    assert isinstance(credit, Workflow)


def test_a_workflow_class_can_be_the_base() -> None:
    """Its handlers are taken from its events."""
    spec = WorkflowSpec.from_dict(Loan.workflow_spec.to_dict())
    again: Any = WorkflowMixin.from_spec(spec, base=Loan)
    assert again.__name__ == "Loan"
    assert again().give(1) == "given 1"


def test_a_handler_under_another_name() -> None:
    """The spec has the name of the method, not that of the event."""

    class Named(Workflow):
        here = State()
        there = State()
        go = Event(here.to(there))

        @handles("go")
        def do_go(self) -> str:
            return "went"

    data = Named.workflow_spec.to_dict()
    assert data["events"][0]["handler"] == "do_go"
    made: Any = Workflow.from_spec(WorkflowSpec.from_dict(data), base=Named)
    assert made().go() == "went"


Lamp = Workflow.from_spec(
    WorkflowSpec.from_dict(
        {
            "name": "Lamp",
            "states": [{"name": "off"}, {"name": "on"}],
            "events": [{"name": "switch", "transitions": [{"from": "off", "to": "on"}]}],
        }
    )
)


def test_the_class_belongs_to_the_module_that_makes_it() -> None:
    """So its objects can be pickled, and nobody takes it for one of the library's own."""
    lamp: Any = Lamp()
    assert Lamp.__module__ == __name__
    assert lamp.switch()
    assert pickle.loads(pickle.dumps(lamp)).is_on()
    assert Workflow.from_spec(Lamp.workflow_spec, base=HasNothing).__module__ == __name__
    with pytest.raises(WorkflowDefinitionError, match="a plain method hides the inherited event"):

        class Shiny(Lamp):  # type: ignore[misc, valid-type]
            def switch(self) -> None: ...


class HasNothing:
    """A base that supplies nothing."""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"spec": {"name": "Lamp"}}, "from_spec takes a WorkflowSpec, as from_dict makes it, and"),
        ({"spec": Lamp}, "from_spec takes a WorkflowSpec"),
        ({"spec": Lamp.workflow_spec, "base": HasNothing()}, "the base of a workflow is a class"),
    ],
)
def test_what_is_neither_a_spec_nor_a_base(arguments: dict[str, Any], words: str) -> None:
    """It is named, before anything is made."""
    with pytest.raises(TypeError, match=f"^{words}"):
        Workflow.from_spec(**arguments)


def test_a_spec_that_is_wrong() -> None:
    """Is reported like a class that is wrong."""
    with pytest.raises(WorkflowDefinitionError, match="Did you mean 'there'"):
        WorkflowSpec.from_dict(
            {
                "name": "Bad",
                "states": [{"name": "here"}, {"name": "there"}],
                "events": [{"name": "go", "transitions": [{"from": "here", "to": "their"}]}],
            }
        )
    with pytest.raises(WorkflowDefinitionError, match="states"):
        WorkflowSpec.from_dict({"name": "Bad", "states": [], "events": []})


def test_specs_are_compared_by_what_they_say() -> None:
    """Two classes of the same body have equal specs; a difference anywhere makes them unequal."""

    def spec(**details: Any) -> WorkflowSpec:
        body = {
            "name": "Same",
            "states": [{"name": "here"}, {"name": "there", **details}],
            "events": [{"name": "go", "transitions": [{"from": "here", "to": "there"}]}],
        }
        return WorkflowSpec.from_dict(body)

    assert spec() == spec()
    assert {spec(), spec()} == {spec()}
    assert spec() != spec(label="There")
    assert spec() != spec(entry="announce")
    assert spec().events["go"] == spec().events["go"]
    assert len({spec().events["go"], spec().events["go"]}) == 1
    assert spec().transitions[0] == spec().transitions[0]
    assert len({spec().transitions[0], spec().transitions[0]}) == 1


def test_a_class_needs_a_name_that_python_knows() -> None:
    """Else nobody could refer to it."""
    data = {"name": "Credit", "states": [{"name": "open"}], "events": []}
    spec = WorkflowSpec.from_dict(data)
    with pytest.raises(ValueError, match=r"'my loan' cannot be the name of a class. Give it one"):
        Workflow.from_spec(spec, name="my loan")
    assert Workflow.from_spec(spec, name="Loan").__name__ == "Loan"


def test_the_hooks_that_the_spec_names_win() -> None:
    """Over those of the base that are hooks by their names, as decorated ones do in a class."""

    class Door(Workflow):
        shut = State()
        ajar = State()
        push = Event(shut.to(ajar))
        told: Any = []

        def on_shut_exit(self) -> None:
            self.told.append("by name")

        @shut.on_exit
        def creak(self) -> None:
            self.told.append("decorated")

    class Methods:
        told: Any = []
        on_shut_exit = Door.on_shut_exit
        creak = Door.creak

    spec = WorkflowSpec.from_dict(Door.workflow_spec.to_dict())
    made: Any = Workflow.from_spec(spec, base=Methods)
    assert made().push()
    assert Methods.told == ["decorated"]
