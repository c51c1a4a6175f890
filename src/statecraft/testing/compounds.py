"""What a store does with states inside states: their values, their completion, their history."""

from __future__ import annotations

from statecraft.errors import NoTransitionAllowed
from statecraft.testing.declared import RememberedReview, Review
from statecraft.testing.driving import driven, raised, require
from statecraft.testing.suite import Suite, needs


class CompoundTests(Suite):
    """The tests of compounds."""

    @driven
    async def test_the_leaf_of_a_compound_is_stored(self) -> None:
        """Under its whole name; the compound is left from any of them."""
        stored = self.stored(Review)
        await stored.fire("submit")
        await stored.expect("under_review.first")
        await stored.fire("go_on")
        await stored.expect("under_review.second")
        await raised(
            NoTransitionAllowed, stored.fire("go_on"), "the second step was gone through twice"
        )
        await stored.fire("withdraw")
        await stored.expect("draft")
        await stored.fire("submit")
        await stored.expect("under_review.first")

    @driven
    async def test_what_fires_by_itself_is_stored_too(self) -> None:
        """Right after the event that completed the compound."""
        stored = self.stored(Review)
        for event in ("submit", "go_on", "sign"):
            require(await stored.fire(event) is True, f"{event} did not return True")
        await stored.expect("published")

    @needs("has_remembered")
    @driven
    async def test_a_compound_with_history_is_entered_where_it_was(self) -> None:
        """What it remembers comes from the store, and is forgotten when it is done."""
        stored = self.stored(RememberedReview)
        for event in ("submit", "go_on", "withdraw", "submit"):
            await stored.fire(event)
        await stored.expect("under_review.second")
        await stored.fire("sign")
        await stored.expect("published")
