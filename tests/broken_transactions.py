"""Stores with units and a log that are broken, each in one way, and the tests that find it."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.actors import acting_as
from statecraft.sqlite.files import opened_by
from statecraft.transition_log import TransitionLog, TransitionRecord
from tests.sound_stores import StoredWorkflow

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from statecraft import Attempt, Change, Plan


class StoresNothing(StoredWorkflow, database="none"):
    """It has units, and puts nothing into them."""

    def persist_change(self, change: Change) -> None:
        """Forget it."""


class HasNoUnits(StoredWorkflow, database="none"):
    """What goes wrong leaves behind what went right before."""

    def persistence_unit(self, plan: Plan) -> Any:
        return nullcontext()


class KeepsACopy(StoredWorkflow, database="none"):
    """Its objects believe what they stored, even if that was undone."""

    copy: Any = None

    def load_state(self) -> Any:
        return self.copy or super().load_state()

    def persist_change(self, change: Change) -> None:
        super().persist_change(change)
        self.copy = change.value


class UndoesTooMuch(StoredWorkflow, database="none"):
    """An event that fails undoes the whole transaction around it."""

    @contextmanager
    def persistence_unit(self, plan: Plan) -> Generator[Any]:
        opened = opened_by(type(self))
        try:
            with super().persistence_unit(plan) as connection:
                yield connection
        except BaseException:
            if opened.units:
                opened.connection.execute("ROLLBACK")
                opened.connection.execute("BEGIN IMMEDIATE")
            raise


class NeverCalls(StoredWorkflow, database="none"):
    """It forgets what was to be done after the commit."""

    def when_committed(self, call: Callable[[], Any]) -> None:
        """Forget it."""


class CallsAtOnce(StoredWorkflow, database="none"):
    """It does not wait for the commit."""

    def when_committed(self, call: Callable[[], Any]) -> None:
        call()


class LocksTooLate(StoredWorkflow, database="none"):
    """It takes the lock when there is something to store."""

    def persistence_unit(self, plan: Plan) -> Any:
        return super().persistence_unit(plan._replace(lock=False))


class SkipsInternal(StoredWorkflow, database="none"):
    """It takes down what moves, and nothing else."""

    def persist_change(self, change: Change) -> None:
        if not change.internal:
            super().persist_change(change)


class HasOneLog(StoredWorkflow, database="none"):
    """It has one log for all objects."""

    lines: ClassVar[list[TransitionRecord]] = []

    def persist_change(self, change: Change) -> None:
        super().persist_change(change)
        self.lines.append(super().transition_log()[-1])

    def transition_log(self) -> TransitionLog:
        return TransitionLog(self.lines)


class LogsWhatIsPlaced(StoredWorkflow, database="none"):
    """It cannot tell storing from an event."""

    lines: ClassVar[list[Any]] = []

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        super().persist_state(value, expected=expected)
        self.lines.append(TransitionRecord(9, "place", None, value))

    def transition_log(self) -> TransitionLog:
        return TransitionLog((*super().transition_log(), *self.lines))


class NotesNothing(StoredWorkflow, database="none"):
    """It leaves out the arguments."""

    def persist_change(self, change: Change) -> None:
        super().persist_change(change._replace(noted={}))


class ForgetsWho(StoredWorkflow, database="none"):
    """It does not know who acts."""

    def persist_change(self, change: Change) -> None:
        with acting_as(None):
            super().persist_change(change)


class KeepsNoRefusals(StoredWorkflow, database="none"):
    """It takes down successes alone."""

    def persist_refusal(self, attempt: Attempt) -> None:
        """Forget it."""


class KeepsNoLog(StoredWorkflow, database="none"):
    """It says that it keeps a log."""

    def persist_change(self, change: Change) -> None:
        if not change.internal:
            super().persist_state(change.value, expected=change.expected)


class ForgetsKeys(StoredWorkflow, database="none"):
    """It fires whatever the key is."""

    def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        return getattr(self, event)(*args, **kwargs)


class SharesKeys(StoredWorkflow, database="none"):
    """It has one set of keys, for all objects and events, and keeps any answer."""

    answers: ClassVar[dict[str, Any]] = {}

    def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if once not in self.answers:
            self.answers[once] = getattr(self, event)(*args, **kwargs)
        return self.answers[once]


class UsesUpKeys(StoredWorkflow, database="none"):
    """It takes the key before it knows what comes of it."""

    answers: ClassVar[dict[tuple[int | str | None, str], Any]] = {}

    def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if (self.id, once) not in self.answers:
            self.answers[self.id, once] = None
            self.answers[self.id, once] = getattr(self, event)(*args, **kwargs)
        return self.answers[self.id, once]


class TranslatesWhatItReads(StoredWorkflow, database="none"):
    """It hides which of its values a state has."""

    def load_state(self) -> Any:
        found = super().load_state()
        state = self.workflow_spec.by_value.get(found) if found is not None else None
        return found if state is None else state.value


class TakesWhatItDoesNotKnow(StoredWorkflow, database="none"):
    """It takes what it does not know for nothing."""

    def load_state(self) -> Any:
        found = super().load_state()
        return found if found in self.workflow_spec.by_value else None


class RemembersNothing(StoredWorkflow, database="none"):
    """It says that it keeps what compounds remember."""

    def load_remembered(self) -> Mapping[str, str]:
        return {}


BROKEN_TRANSACTIONS: dict[Any, set[str]] = {
    StoresNothing: {"test_a_row_is_stored_with_its_transition"},
    HasNoUnits: {
        "test_an_exception_undoes_what_the_handler_stored",
        "test_an_exception_after_storing_undoes_the_transition",
        "test_an_exception_after_storing_undoes_inner_events_too",
        "test_a_soft_halt_undoes_what_the_handler_stored",
        "test_a_raised_halt_undoes_what_the_handler_stored",
        "test_on_error_stores_what_stays",
        "test_on_unavailable_transition_stores_what_stays",
        "test_the_rows_of_a_loser_vanish[threads]",
        "test_an_undone_transition_leaves_no_record",
    },
    KeepsACopy: {"test_a_transaction_keeps_or_undoes_several_events"},
    UndoesTooMuch: {"test_a_failed_event_leaves_the_rest_of_its_transaction"},
    NeverCalls: {"test_after_commit_runs_once", "test_after_commit_finds_what_is_stored"},
    CallsAtOnce: {
        "test_after_commit_waits_for_the_transaction",
        "test_after_commit_never_runs_for_what_is_undone",
    },
    LocksTooLate: {"test_the_loser_of_a_race_is_refused_before_its_handler[threads]"},
    SkipsInternal: {"test_the_log_has_every_transition"},
    HasOneLog: {"test_a_log_is_that_of_one_object"},
    LogsWhatIsPlaced: {"test_the_log_has_no_record_of_what_did_not_happen"},
    NotesNothing: {"test_the_log_notes_arguments", "test_what_cannot_be_noted_stops_the_event"},
    ForgetsWho: {"test_the_log_says_when_and_who"},
    KeepsNoRefusals: {"test_a_log_of_refusals_has_them_too"},
    KeepsNoLog: {"test_the_log_of_several_writers_is_a_legal_walk[threads]"},
    ForgetsKeys: {
        "test_a_repeat_returns_the_first_answer",
        "test_the_log_keeps_the_key_and_the_answer",
        "test_internal_transitions_happen_once_too",
        "test_one_of_several_writers_fires_once[threads]",
    },
    SharesKeys: {
        "test_a_key_is_that_of_one_object",
        "test_a_key_is_that_of_one_event",
        "test_an_answer_that_cannot_be_given_again_is_an_error",
    },
    UsesUpKeys: {"test_what_did_not_happen_uses_up_no_key"},
    TranslatesWhatItReads: {
        "test_an_older_value_is_read_and_written_anew",
        "test_an_older_value_is_compared",
    },
    TakesWhatItDoesNotKnow: {"test_programs_of_yesterday_and_today_work_together"},
    RemembersNothing: {
        "test_what_compounds_remember_is_stored_with_the_state",
        "test_changes_without_memory_leave_it",
        "test_a_compound_with_history_is_entered_where_it_was",
    },
}
