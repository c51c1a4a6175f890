"""Scopes can use an index: PostgreSQL is asked how it finds the rows in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.plans import claims, found
from tests.sqlalchemy_store.databases import connected

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.plans import Found

ROWS = 20_000
COUNTS = {
    'in_state("paid")': 200,
    'in_state("paid", "under_review")': 600,
    'in_state("filed")': 400,  # of which 200 have no value yet
    "with_paid_state()": 200,
    "with_filed_state()": 400,
    "with_under_review_state()": 400,
    "with_under_review_legal_state()": 200,
    'not_in_state("closed")': 1000,
    "without_closed_state()": 1000,
}
NEGATIONS = {'not_in_state("closed")', "without_closed_state()"}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Found]]:
    """Return the plans, with each of the indexes."""
    directory: Path = tmp_path_factory.mktemp("plans")
    engine = connected("postgresql", directory)
    with claims(engine, ROWS) as connection:
        answers = found(connection)
    engine.dispose()
    return answers


@pytest.mark.parametrize("index", ["no index", "an index on the state", "a partial index"])
def test_each_scope_finds_its_rows(index: str, answers: dict[str, list[Found]]) -> None:
    """With and without an index; those without a value are in the initial state."""
    assert {one.question: one.rows for one in answers[index]} == COUNTS


def test_an_index_on_the_state_is_used(answers: dict[str, list[Found]]) -> None:
    """By everything that asks for states; without it, the whole table is read."""
    for one in answers["an index on the state"]:
        if one.question not in NEGATIONS:
            assert one.reads, one
            assert all(read.endswith("of claims_state") for read in one.reads), one
    assert {one.reads for one in answers["no index"]} == {("Seq Scan",)}


def test_a_partial_index_on_a_scope_is_used(answers: dict[str, list[Found]]) -> None:
    """One that is defined by a negation serves that negation, and all that it implies."""
    for one in answers["a partial index"]:
        assert one.reads
        assert all(read.endswith("of claims_open") for read in one.reads), one
