"""A class can be made of a spec; what is known of it comes from its base."""

from __future__ import annotations

from typing import Any, assert_type

from statecraft import AsyncWorkflow, State, Workflow, WorkflowMixin, WorkflowSpec

SPEC = WorkflowSpec.from_dict(
    {
        "name": "Loan",
        "states": [{"name": "asked"}, {"name": "given"}],
        "events": [{"name": "give", "transitions": [{"from": "asked", "to": "given"}]}],
    }
)


class Solvency:
    """Methods that a spec may name."""

    def is_solvent(self) -> bool:
        return True


class Loaned(WorkflowMixin):
    """The same, as a workflow."""

    def is_solvent(self) -> bool:
        return True


Loan = Workflow.from_spec(SPEC, name="Loan")
Solvent = Workflow.from_spec(SPEC, base=Solvency)
Mixed = WorkflowMixin.from_spec(SPEC, base=Loaned)
Awaited = AsyncWorkflow.from_spec(SPEC)


def fires() -> None:
    """Events are fired by their names."""
    assert_type(Loan(), Workflow)
    assert_type(Solvent(), Workflow)
    assert_type(Loan().fire("give"), Any)
    assert_type(Loan().current_state, State)
    assert_type(Mixed().is_solvent(), bool)


async def fires_and_waits() -> None:
    """Events are fired by their names."""
    assert_type(Awaited(), AsyncWorkflow)
    assert_type(await Awaited().fire("give"), Any)
