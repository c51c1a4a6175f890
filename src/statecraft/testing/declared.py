"""The workflows that the conformance suite walks through; a store adds its persistence to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.compounds import Compound
from statecraft.declarations import Event
from statecraft.predicates import Guard
from statecraft.states import State

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


class Trouble(Exception):
    """What a handler raises."""


class Document:
    """A document that is submitted and published, and whose other events all go wrong."""

    draft = State()
    waiting = State()
    published = State(final=True)

    submit = Event(draft.to(waiting))
    publish = Event(waiting.to(published))
    look_at = Event((draft | waiting).internal())

    meanwhile: ClassVar[Any]

    @Event(draft.to(published))
    def hesitate(self) -> Any:
        """Let something else happen before the state is stored."""
        return type(self).meanwhile()

    @Event(draft.to(waiting))
    def stop(self: Any) -> None:
        """Halt softly."""
        self.halt("not today")

    @Event(draft.to(waiting), guard=lambda _: False)
    def pass_guard(self) -> None:
        """Never run."""

    @Event(draft.to(waiting))
    def fail(self) -> None:
        """Raise."""
        raise Trouble


class Forgiving(Document):
    """Deals with what its handlers raise."""

    def on_error(self, error: Exception) -> None:
        """Let the event return False."""


class Eager(Document):
    """Is published as soon as it is submitted."""

    def after_transition(self: Any, transition: Any) -> Any:
        """Fire again where the state is stored already."""
        return self.publish() if transition.event == "submit" else None


class Review:
    """A review with two steps inside, of which the second ends it."""

    draft = State()

    class under_review(Compound):  # noqa: N801 - it is a state
        """What happens in it."""

        first = State()
        second = State()
        signed = State(final=True)

    published = State()

    submit = Event(draft.to(under_review))
    go_on = Event(under_review.first.to(under_review.second))
    sign = Event(under_review.second.to(under_review.signed))
    finish = Event(under_review.on_done(published))
    withdraw = Event(under_review.to(draft))


class RememberedReview(Review):
    """The same, and it goes on where it was."""

    class under_review(Review.under_review, history=True):  # noqa: N801 - it is a state
        """What happens in it."""


class Ring:
    """Seven states in a ring, so that a step too much or too little shows."""

    first = State()
    second = State()
    third = State()
    fourth = State()
    fifth = State()
    sixth = State()
    seventh = State()

    step = Event(
        first.to(second),
        second.to(third),
        third.to(fourth),
        fourth.to(fifth),
        fifth.to(sixth),
        sixth.to(seventh),
        seventh.to(first),
    )


class Seat:
    """A seat that is taken and left; a test says what happens on the way."""

    free = State()
    taken = State()

    leave = Event(taken.to(free))

    acting: ClassVar[Any]
    following: ClassVar[Any] = None
    committed: ClassVar[Any] = None

    @Event(free.to(taken))
    def take(self) -> Any:
        """Do what the test says before the state is stored."""
        return type(self).acting(self)

    def after_transition(self, transition: Any) -> Any:
        """Do what the test says when the state is stored."""
        following = type(self).following
        return None if following is None else following(self, transition)

    def after_commit(self, transition: Any) -> Any:
        """Do what the test says when it is stored for good."""
        committed = type(self).committed
        return None if committed is None else committed(self, transition)


class ForgivingSeat(Seat):
    """One that deals with everything."""

    deciding: ClassVar[Any]
    dealing: ClassVar[Any]

    swap = Event(Seat.free.to(Seat.taken, if_="decide"))

    def decide(self) -> Any:
        """Do what the test says while it is judged."""
        return type(self).deciding(self)

    def on_error(self) -> Any:
        """Do what the test says when a handler has failed."""
        return type(self).dealing(self)

    def on_unavailable_transition(self) -> Any:
        """Do what the test says when a condition did not hold."""
        return type(self).dealing(self)


class Order:
    """An order with events that a log takes down."""

    basket = State()
    paid = State()
    sent = State()

    remind = Event(basket.internal())
    send = Event(paid.to(sent))
    audit = Event(
        paid.internal(), guard=Guard(lambda _: False, because="nobody has time", code="no-time")
    )

    ran: ClassVar[int] = 0

    @Event(basket.to(paid), note=("amount", "currency"))
    def pay(self, amount: int, *, currency: str = "EUR", card: str = "") -> Any:
        """Halt softly for nothing, raise for less than nothing, else return what was paid."""
        workflow: Any = self
        workflow.card = card
        workflow.ran += 1
        if amount == 0:
            workflow.halt("nothing to pay")
        if amount < 0:
            raise Trouble
        return {"amount": amount, "currency": currency}

    @Event(basket.to(paid))
    def give(self) -> object:
        """Return what has no JSON form."""
        return object()


class LateOrder(Order):
    """One that finds out too late that it was wrong."""

    def after_transition(self) -> None:
        """Raise when the state is stored."""
        raise Trouble


def declare_values(values: Sequence[Hashable]) -> type:
    """Return a workflow with a state for each value; ``go_<number>`` leads there, ``back`` back."""
    states = {f"state_{number}": State(value) for number, value in enumerate(values)}
    initial = states["state_0"]
    others = [state for state in states.values() if state is not initial]
    events = {
        f"go_{number}": Event(initial.to(state)) for number, state in enumerate(others, start=1)
    }
    back = Event(*(state.to(initial) for state in others))
    return type("Valued", (), {**states, **events, "back": back})


def declare_letters(*, waiting: State) -> type:
    """Return a workflow of always the same name, whose second state is stored as ``waiting`` is."""
    written, sent = State(), State()
    body = {
        "written": written,
        "waiting": waiting,
        "sent": sent,
        "hold": Event(written.to(waiting)),
        "release": Event(waiting.to(sent)),
        "again": Event(sent.to(waiting)),
    }
    return type("Letter", (), body)
