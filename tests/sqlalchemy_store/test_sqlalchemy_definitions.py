"""What is found when a class is mapped, and what the scopes of a class say."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import ConfigDict
from sqlalchemy import JSON, Column, Integer, LargeBinary, String, TypeDecorator, join, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    aliased,
    column_property,
    mapped_column,
    registry,
)
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from statecraft import Compound, Event, Guard, State, UnknownState
from statecraft.errors import WorkflowDefinitionError
from statecraft.sqlalchemy import SQLAlchemyWorkflow
from tests.sqlalchemy_store.shop import Animal, Order, Tank

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Fresh(DeclarativeBase):
    """A base whose tables are in nobody's way."""


class Claim(SQLAlchemyWorkflow, Fresh):
    """One with states inside of states, and a memory."""

    __tablename__ = "claims"
    id: Mapped[int] = mapped_column(primary_key=True)
    workflow_state: Mapped[str | None]
    workflow_state_remembered: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    filed = State(was=["new"])

    class review(Compound, history=True):
        legal = State()
        technical = State()

    closed = State()

    begin = Event(filed.to(review))
    next = Event(review.legal.to(review.technical))
    wait = Event(review.to(filed))


class Note(SQLAlchemyWorkflow, SQLModel, table=True):
    """A model of SQLModel."""

    model_config: ClassVar[Any] = ConfigDict(ignored_types=(State, Event))
    id: int | None = Field(default=None, primary_key=True)
    pages: int = 0
    workflow_state: str | None = None

    open = State()
    full = State()

    @Event(open.to(full), guard=Guard("has_pages", because="it is empty"))
    def fill(self) -> str:
        """Return what it has."""
        return f"{self.pages} pages"

    def has_pages(self) -> bool:
        """Whether there is anything."""
        return self.pages > 0


def problems_of(**body: Any) -> list[str]:
    """Return what is wrong with a class that has this in its body."""
    options = body.pop("options", {})

    class Base(DeclarativeBase):
        pass

    with pytest.raises(WorkflowDefinitionError) as caught:
        type(
            "Thing",
            (SQLAlchemyWorkflow, Base),
            {"__tablename__": "things", "id": Column(Integer, primary_key=True), **body},
            **options,
        )
    return [str(problem) for problem in caught.value.problems]


class TestColumns:
    """Columns have to be there, and to hold what is stored."""

    def test_a_missing_column(self) -> None:
        """It is named, with the nearest one, and what to write."""
        (problem,) = problems_of(workflow_stat=Column(String), only=State())
        assert "Did you mean 'workflow_stat'" in problem
        assert "Add workflow_state: Mapped[str | None]" in problem

    def test_a_class_without_a_table(self) -> None:
        """What is mapped to a join has no table that could be updated."""

        class Joined(SQLAlchemyWorkflow):
            only = State()

        animals, orders = Animal.__table__, Order.__table__
        both = select(join(animals, orders, animals.c.number == orders.c.id)).subquery("both")
        with pytest.raises(WorkflowDefinitionError, match="something else than a table"):
            registry().map_imperatively(Joined, both)

    def test_values_that_do_not_fit(self) -> None:
        """Too long, of another type, or no member of the Enum."""
        states: dict[str, Any] = {"short": State("s"), "long": State("longer")}
        (problem,) = problems_of(workflow_state=Column(String(3)), **states)
        assert problem.startswith("Thing.long (")
        assert "'longer' does not fit into the column 'workflow_state'" in problem
        number, text = State(1), State("two")
        assert len(problems_of(workflow_state=Column(Integer), one=number, two=text)) == 1
        assert len(problems_of(workflow_state=Column(String), one=State(1), two=State("2"))) == 1

    def test_values_of_which_nobody_knows(self) -> None:
        """A type of the user's takes what it takes."""

        class Own(TypeDecorator[Any]):
            impl = String
            cache_ok = True

        class Thing(SQLAlchemyWorkflow, Fresh):
            __tablename__ = "own_things"
            id: Mapped[int] = mapped_column(primary_key=True)
            workflow_state: Mapped[Any] = mapped_column(Own)
            only = State(("a", "tuple"))

        class Odd(UserDefinedType[Any]):
            def get_col_spec(self, **_: Any) -> str:
                return "ODD"

        class OddThing(SQLAlchemyWorkflow, Fresh):
            __tablename__ = "odd_things"
            id: Mapped[int] = mapped_column(primary_key=True)
            workflow_state: Mapped[Any] = mapped_column(Odd)
            only = State(("a", "tuple"))

        assert Thing().current_state == OddThing().current_state == "only"
        assert len(problems_of(workflow_state=Column(LargeBinary), only=State("text"))) == 1

    def test_memories_and_versions_need_columns(self) -> None:
        """In the same table, and one that counts for the version."""

        class inside(Compound, history=True):
            first = State()

        outside = State()
        body: dict[str, Any] = {
            "outside": outside,
            "inside": inside,
            "go": Event(outside.to(inside)),
        }
        missing = problems_of(
            workflow_state=Column(String), options={"version_field": "version"}, **body
        )
        assert "Add workflow_state_remembered: Mapped[str | None]" in missing[0]
        assert "Add version: Mapped[int]" in missing[1]
        (wrong,) = problems_of(
            workflow_state=Column(String),
            workflow_state_remembered=Column(String),
            version=Column(String),
            options={"version_field": "version"},
            **body,
        )
        assert "it counts transitions, and cannot be String" in wrong

    def test_conditions_are_looked_for_when_the_columns_are_there(self) -> None:
        """A column may be one."""

        class Ready(SQLAlchemyWorkflow, Fresh):
            __tablename__ = "ready_things"
            id: Mapped[int] = mapped_column(primary_key=True)
            workflow_state: Mapped[str | None]
            ready: Mapped[bool]
            first = State()
            second = State()
            go = Event(first.to(second, if_="ready"))

        assert Ready(ready=True).can(Ready.go)
        assert not Ready(ready=False).can(Ready.go)
        first, second = State(), State()
        go = Event(first.to(second, if_="reddy"))
        body = {"ready": Column(Integer), "first": first, "second": second, "go": go}
        (problem,) = problems_of(workflow_state=Column(String), **body)
        assert "reddy" in problem

    def test_a_column_that_is_computed_is_none(self) -> None:
        """It cannot be stored."""
        found = problems_of(
            number=Column(Integer),
            workflow_state=column_property(select(1).scalar_subquery()),
            only=State(),
        )
        assert len(found) == 1


class TestScopes:
    """Which rows are in a state."""

    def test_older_values_and_nothing_count(self, session: Session) -> None:
        """NULL is the initial state, and an older value the state that has it."""
        sql = str(Claim.in_state("filed").compile(compile_kwargs={"literal_binds": True}))
        assert sql == ("claims.workflow_state IN ('filed', 'new') OR claims.workflow_state IS NULL")
        sql = str(Claim.not_in_state("filed").compile(compile_kwargs={"literal_binds": True}))
        assert "NOT IN ('filed', 'new'))" in sql
        assert "IS NOT NULL" in sql

    def test_a_compound_is_all_of_its_leaves(self) -> None:
        """As an argument, and as a method of its own."""
        sql = Claim.in_state(Claim.review).compile(compile_kwargs={"literal_binds": True})
        assert str(sql) == "claims.workflow_state IN ('review.legal', 'review.technical')"
        scope = getattr(Claim, "with_review_state")  # noqa: B009 - type checkers do not see it
        assert str(scope()) == str(Claim.in_state("review"))
        scope = getattr(Claim, "without_review_legal_state")  # noqa: B009 - as above
        assert str(scope()) == str(Claim.not_in_state("review.legal"))

    def test_a_column_that_is_never_null_is_asked_plainly(self) -> None:
        """So that an index is of use; a value may be given instead of a name."""
        sql = Tank.in_state(0).compile(compile_kwargs={"literal_binds": True})  # type: ignore[arg-type]
        assert str(sql) == "tanks.level IN (0)"
        assert "NULL" not in str(Tank.not_in_state("low"))
        assert "NULL" not in str(Tank.not_in_state("high"))

    def test_an_unknown_name_is_an_error(self) -> None:
        """With the nearest."""
        with pytest.raises(UnknownState, match="Did you mean 'closed'"):
            Claim.in_state("clsed")

    def test_an_alias_is_asked_as_such(self) -> None:
        """And expressions compose."""
        other = aliased(Order, name="other")
        query = select(Order.id).where(other.in_state("accepted") & ~Order.in_state("rejected"))
        assert "other.workflow_state IN" in str(query)
        assert "orders.workflow_state NOT IN" in str(query)

    def test_a_scope_of_ones_own_stays(self) -> None:
        """What the class body says goes."""

        class Own(Order):
            @classmethod
            def with_accepted_state(cls) -> str:
                return "mine"

        assert Own.with_accepted_state() == "mine"


class TestKinds:
    """Kinds of classes."""

    def test_compounds_remember(self, engine: Engine) -> None:
        """In a column of JSON as in one of text; an undone transition is not remembered."""
        Fresh.metadata.tables["claims"].create(engine)
        with Session(engine) as session:
            claim = Claim()
            session.add(claim)
            session.commit()
            for event in (claim.begin, claim.next, claim.wait):
                event()
            session.commit()
            assert claim.workflow_state_remembered == {"review": "review.technical"}
            claim.begin()
            assert claim.current_state == "review.technical"
            claim.wait()
            session.rollback()
            assert claim.current_state == "filed"

    def test_models_of_sqlmodel(self, engine: Engine) -> None:
        """Which are mapped when the class is defined already."""
        SQLModel.metadata.create_all(engine)
        with Session(engine) as session:
            note = Note(pages=3)
            session.add(note)
            session.commit()
            assert note.fill() == "3 pages"
            session.commit()
            assert note.current_state == "full"
            assert note.model_dump()["workflow_state"] == "full"
            with pytest.raises(Exception, match="is not assigned"):
                note.workflow_state = "open"
        with pytest.raises(UnknownState):
            Note(workflow_state="ful")

    def test_a_missing_package_names_the_extra(self) -> None:
        """The error says what to install, and everything else works without it."""
        code = """if True:
            import sys
            sys.modules["sqlalchemy"] = None
            import statecraft
            try:
                import statecraft.sqlalchemy
            except ImportError as error:
                print(error)
        """
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout == (
            "statecraft.sqlalchemy needs the package SQLAlchemy:"
            ' pip install "statecraft-fsm[sqlalchemy]"\n'
        )
