"""Two transactions that meet: at every isolation level, each of them is whole, or undone."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session

from statecraft import NoTransitionAllowed, StaleState, acting_as
from statecraft.sqlalchemy import retry_stale
from tests.races.contenders import Verdict
from tests.races.databases import LEVELS, StoredParcel, database_at
from tests.races.judging import Told, faults_of
from tests.races.plans import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.races.databases import Database

PATIENCE = 0.5  # as long as one waits for another, who may be waiting for a lock


@pytest.fixture(params=LEVELS, ids=" ".join)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return a database with two parcels, at each isolation level."""
    name, level = request.param
    found = database_at(name, level, tmp_path)
    found.prepare(2)
    yield found
    found.forget()


def carried_out(database: Database, attempt: Attempt, between: Callable[[], object]) -> list[str]:
    """Fire the events of an attempt, with something in between; return what came of it."""
    told: list[str] = []
    try:
        with acting_as(attempt.name), Session(database.engine) as session, session.begin():
            parcels = [session.get_one(StoredParcel, number) for number, _ in attempt.steps]
            for parcel, (_, event) in zip(parcels, attempt.steps, strict=True):
                if told or len(parcels) == 1:
                    between()
                parcel.fire(event)
                told.append(Verdict.MOVED)
    except (NoTransitionAllowed, StaleState):
        return [Verdict.REFUSED]
    except Exception as error:
        verdict = database.failed(error)
        if verdict is None:
            raise
        return [verdict]
    return told


def told_in_threads(*works: Callable[[], list[str]]) -> list[list[str]]:
    """Run the works at the same time; return what each returns."""
    told: dict[int, list[str]] = {}

    def work(number: int) -> None:
        told[number] = works[number]()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [told[number] for number in range(len(works))]


@pytest.mark.parametrize("event", ["look", "send"])
def test_who_goes_in_opposite_directions_is_undone(database: Database, event: str) -> None:
    """Of two transactions that wait for each other, the database undoes one, as a whole."""
    barrier = threading.Barrier(2)

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(PATIENCE)

    attempts = [
        Attempt("there", ((0, event), (1, event))),
        Attempt("back", ((1, event), (0, event))),
    ]
    verdicts = told_in_threads(
        *(lambda one=one: carried_out(database, one, meet) for one in attempts)
    )
    told = [Told(one, verdict) for one, verdict in zip(attempts, verdicts, strict=True)]
    assert faults_of(database.seen(2), told) == []
    assert [Verdict.UNDONE] in verdicts
    assert [Verdict.MOVED] * 2 in verdicts


@pytest.mark.parametrize("event", ["look", "send"])
def test_who_has_read_too_early_is_refused_or_undone(database: Database, event: str) -> None:
    """A transaction cannot move an object from a state in which it is no more."""
    with Session(database.engine) as session, session.begin(), acting_as("before"):
        session.get_one(StoredParcel, 0).send()
    first = Attempt("quick", ((0, "hand_over"),))
    second = Attempt("slow", ((0, event),))
    have_read, done = threading.Event(), threading.Event()

    def quick() -> list[str]:
        have_read.wait(PATIENCE)
        try:
            return carried_out(database, first, lambda: None)
        finally:
            done.set()

    def read_and_wait() -> None:
        have_read.set()
        done.wait(PATIENCE)

    verdicts = told_in_threads(quick, lambda: carried_out(database, second, read_and_wait))
    told = [
        Told(Attempt("before", ((0, "send"),)), [Verdict.MOVED]),
        Told(first, verdicts[0]),
        Told(second, verdicts[1]),
    ]
    assert faults_of(database.seen(2), told) == []
    assert [Verdict.MOVED] in verdicts


def test_both_come_through_if_they_try_again(database: Database) -> None:
    """One of them twice: the deadlock has passed by then."""
    barrier = threading.Barrier(2)

    @retry_stale(10)
    def cross(session: Session, attempt: Attempt) -> list[str]:
        for number, event in attempt.steps:
            session.get_one(StoredParcel, number).fire(event)
            with suppress(threading.BrokenBarrierError):
                barrier.wait(PATIENCE)
        return [Verdict.MOVED] * len(attempt.steps)

    def crossed(attempt: Attempt) -> list[str]:
        with acting_as(attempt.name), Session(database.engine) as session:
            return cross(session, attempt)

    attempts = [
        Attempt("there", ((0, "weigh"), (1, "weigh"))),
        Attempt("back", ((1, "weigh"), (0, "weigh"))),
    ]
    verdicts = told_in_threads(*(lambda one=one: crossed(one) for one in attempts))
    told = [Told(one, verdict) for one, verdict in zip(attempts, verdicts, strict=True)]
    assert faults_of(database.seen(2), told) == []
    assert [one.verdicts for one in told] == [[Verdict.MOVED] * 2] * 2
