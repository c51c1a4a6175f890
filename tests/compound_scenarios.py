"""Scenarios of states inside states, beside the others: see test_templates."""

from __future__ import annotations

from typing import Any

import pytest

from statecraft import AsyncWorkflow, Compound, Event, NoTransitionAllowed, State, Workflow
from tests.scenarios import asynchronous, finished, scenario
from tests.store_scenarios import SCENARIOS

__all__ = ["SCENARIOS"]  # these are among them now


class Noted:
    """Notes what its hooks tell it."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def seen(self) -> list[str]:
        """Return what was noted since the last time."""
        noted, self.noted = self.noted, []
        return noted


@scenario
def exits_and_entries_of_compounds() -> None:
    class Review(Noted, Workflow):
        draft = State()

        class under_review(Compound):
            class legal(Compound):
                first = State()
                second = State()

            technical = State()

        published = State()
        submit = Event(draft.to(under_review))
        next = Event(under_review.legal.first.to(under_review.legal.second))
        clear = Event(under_review.legal.to(under_review.technical))
        again = Event(under_review.to(under_review))
        back = Event(under_review.to(under_review.legal.second))
        publish = Event(under_review.to(published))

        def on_draft_exit(self) -> None:
            self.noted.append("-draft")

        def on_under_review_entry(self, transition: Any) -> None:
            self.noted.append(f"+review from {transition.source}")

        def on_under_review_exit(self) -> None:
            self.noted.append("-review")

        @under_review.legal.on_entry
        def enter_legal(self) -> None:
            self.noted.append("+legal")

        @under_review.legal.on_exit
        def leave_legal(self) -> None:
            self.noted.append("-legal")

        def on_under_review_legal_first_entry(self) -> None:
            self.noted.append("+first")

        def on_under_review_legal_first_exit(self) -> None:
            self.noted.append("-first")

        def on_under_review_technical_exit(self) -> None:
            self.noted.append("-technical")

    review: Any = Review()
    assert not review.is_under_review()
    assert review.submit()
    assert review.seen() == ["-draft", "+review from draft", "+legal", "+first"]
    assert review.is_under_review()
    assert review.is_under_review_legal()
    assert review.is_under_review_legal_first()
    assert not review.is_under_review_technical()
    assert review.next()
    assert review.seen() == ["-first"]
    assert review.clear()
    assert review.seen() == ["-legal"]
    assert review.again()
    again = ["-technical", "-review", "+review from under_review.technical", "+legal", "+first"]
    assert review.seen() == again
    assert review.back()
    assert review.seen() == ["-first", "-legal", "+legal"]
    assert review.publish()
    assert review.seen() == ["-legal", "-review"]
    assert review.is_published()
    review.workflow_state = []
    with pytest.raises(LookupError):
        review.is_under_review()


@scenario
def compounds_that_are_done() -> None:
    class Review(Noted, Workflow):
        draft = State()

        class under_review(Compound):
            class legal(Compound):
                open = State()
                cleared = State(final=True)

            signed = State(final=True)

        published = State()
        submit = Event(draft.to(under_review))
        clear = Event(under_review.legal.open.to(under_review.legal.cleared))
        cleared = Event(under_review.legal.on_done(under_review.signed))
        finish = Event(under_review.on_done(published, if_="paid"))
        paid = False

        def after_transition(self, transition: Any) -> None:
            self.noted.append(transition.event)

    review: Any = Review()
    review.submit()
    assert review.clear()
    assert review.seen() == ["submit", "clear", "cleared"]
    assert review.is_under_review_signed()
    assert review.allowed_events() == ()
    review.paid = True
    assert review.allowed_events() == ("finish",)
    assert review.finish()
    assert review.is_published()
    with pytest.raises(NoTransitionAllowed):
        review.clear()


@scenario
def compounds_with_history() -> None:
    class Player(Noted, Workflow):
        off = State()

        class on(Compound, history=True):
            class playing(Compound):
                slow = State()
                fast = State()

            paused = State()
            ended = State(final=True)

        faster = Event(on.playing.slow.to(on.playing.fast))
        pause = Event(on.playing.to(on.paused))
        end = Event(on.paused.to(on.ended))
        power = Event(off.to(on, if_="plugged"), on.to(off))
        unplug = Event(on.to(off))
        plugged = True

        def on_on_entry(self) -> None:
            self.noted.append("+on")

        def on_on_playing_entry(self) -> None:
            self.noted.append("+playing")

        def on_on_playing_fast_entry(self, transition: Any) -> None:
            self.noted.append(f"+fast by {transition.event} to {transition.target}")

    player: Any = Player()
    assert player.target_of("power") == "on.playing.slow"
    assert player.power()
    assert player.seen() == ["+on", "+playing"]
    assert player.faster()
    player.seen()
    assert player.power()
    assert player.target_of("power") == "on.playing.fast"
    assert player.power()
    assert player.seen() == ["+on", "+playing", "+fast by power to on.playing.fast"]
    assert player.pause()
    assert player.unplug()
    assert player.power()
    assert player.seen() == ["+on"]
    assert player.is_on_paused()
    assert player.end()
    assert player.power()
    assert player.power()
    assert player.is_on_playing_slow()


@asynchronous
async def asynchronous_compounds() -> None:
    class Player(Noted, AsyncWorkflow):
        off = State()

        class on(Compound, history=True):
            playing = State()
            paused = State()

        class done(Compound):
            now = State(final=True)

        pause = Event(on.playing.to(on.paused))
        power = Event(off.to(on), on.to(off))
        end = Event(on.to(done))
        reset = Event(done.on_done(off))

        async def on_on_exit(self) -> None:
            self.noted.append("-on")

    player: Any = Player()
    assert await finished(player.power()) is True
    assert await finished(player.pause()) is True
    assert await finished(player.power()) is True
    assert player.seen() == ["-on"]
    assert await finished(player.target_of("power")) == "on.paused"
    assert await finished(player.power()) is True
    assert player.is_on_paused()
    assert await finished(player.end()) is True
    assert player.is_off()


@scenario
def what_is_remembered_is_stored() -> None:
    class Player(Workflow):
        off = State()

        class on(Compound, history=True):
            playing = State()
            paused = State()

        pause = Event(on.playing.to(on.paused))
        power = Event(off.to(on), on.to(off))
        kept: Any = None
        memory: Any = None

        def load_state(self) -> Any:
            return self.kept

        def load_remembered(self) -> Any:
            return self.memory or {}

        def persist_change(self, change: Any) -> None:
            self.kept = change.value
            if change.remembered is not None:
                self.memory = change.remembered

    player: Any = Player()
    assert player.power()
    assert player.memory is None
    assert player.pause()
    assert player.power()
    assert player.memory == {"on": "on.paused"}
    assert player.power()
    assert player.kept == "on.paused"


@scenario
def attached_workflows_move_their_subject() -> None:
    class Light(Workflow):
        off = State()

        class on(Compound, history=True):
            low = State()
            high = State()

        turn = Event(off.to(on), on.to(off))
        brighten = Event(on.low.to(on.high))

        spare = Event(on.to(off, if_="is_spared"))
        is_spared = False

        @Event(on.high.to(on.low))
        def darken(self) -> None:
            self.subject.darkened = True

    class Room:
        light = Light.attached("light_state")
        darkened = False

    room: Any = Room()
    assert room.light.is_off()
    assert room.light.can_turn()
    assert room.light.turn()
    assert room.light.brighten()
    assert room.light.turn()
    assert (room.light_state, room.light_state_remembered) == ("off", {"on": "on.high"})
    assert room.light.turn()
    assert room.light.is_on()
    assert room.light.darken()
    assert room.darkened
    assert room.light_state == "on.low"
    assert not room.light.can_darken()
    assert room.light.target_of("spare") is None
    assert not room.light.can_spare()
