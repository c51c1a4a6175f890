"""Stores that are broken, each in one way, and which tests of the suite have to find it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, ClassVar

from statecraft import Change, StaleState
from statecraft.testing.persistence import PersistenceSuite
from tests.sound_stores import AsyncDictionaryWorkflow, DictionaryWorkflow


class NeverCompares(DictionaryWorkflow):
    """It stores whatever it is given."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        self.rows[self.number] = value


class LosesWrites(DictionaryWorkflow):
    """It compares, and stores nothing."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        found = self.load_state()
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)


class ComparesFirst(DictionaryWorkflow):
    """It compares and stores, and lets all other threads compare between the two."""

    everybody: ClassVar[threading.Barrier] = threading.Barrier(PersistenceSuite.writer_count)

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        found = self.load_state()
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)
        if threading.current_thread() is not threading.main_thread():
            self.everybody.wait(60)
        self.rows[self.number] = value


class ComparesAndWaits(AsyncDictionaryWorkflow):
    """It compares, waits, and stores."""

    async def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        found = await self.load_state()
        if found not in expected:
            raise StaleState(self, expected=expected, found=found)
        await asyncio.sleep(0)
        self.rows[self.number] = value


class ForgivesUnknownValues(DictionaryWorkflow):
    """It takes what it does not know for the initial state."""

    def load_state(self) -> Any:
        found = super().load_state()
        return found if found in self.workflow_spec.by_value else None


class ForgetsFalseValues(DictionaryWorkflow):
    """It takes an empty text for nothing."""

    def load_state(self) -> Any:
        return super().load_state() or None


class HasOneRow(DictionaryWorkflow):
    """It keeps all objects under the same key."""

    def __init__(self, number: int) -> None:
        super().__init__(0 * number)


class ExpectsTheFirstOnly(DictionaryWorkflow):
    """It looks at the first of several expected values."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        nothing = (None,) if None in expected else ()
        super().persist_state(value, expected=(expected[0], *nothing))


class ExpectsNothingToo(DictionaryWorkflow):
    """It stores where nothing is stored, expected or not."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        super().persist_state(value, expected=(*expected, None))


class ComparesLikeMariaDB(DictionaryWorkflow):
    """It takes no notice of capitals and trailing blanks."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        found = self.load_state()
        alike = any(str(one).strip().lower() == str(found).strip().lower() for one in expected)
        super().persist_state(value, expected=(found,) if alike else expected)


class MisstatesWhatItFound(DictionaryWorkflow):
    """Its errors say that nothing was there."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        try:
            super().persist_state(value, expected=expected)
        except StaleState as error:
            error.found = None
            raise


class MisstatesWhatItExpected(DictionaryWorkflow):
    """Its errors leave out what else would have been right."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        try:
            super().persist_state(value, expected=expected)
        except StaleState as error:
            error.expected = expected[:1]
            raise


class RefusesTooLate(DictionaryWorkflow):
    """It stores first, and refuses then."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        try:
            super().persist_state(value, expected=expected)
        except StaleState:
            self.rows[self.number] = value
            raise


class RefusesInACrowd(DictionaryWorkflow):
    """It takes fright when there are other threads."""

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise StaleState(self, expected=expected, found=None)
        super().persist_state(value, expected=expected)


class ChangesWithoutComparing(DictionaryWorkflow):
    """It compares, but not where it keeps a record as well."""

    def persist_change(self, change: Change) -> None:
        self.rows[self.number] = change.value


class ChangesNothing(DictionaryWorkflow):
    """It keeps a record, and nothing else."""

    def persist_change(self, change: Change) -> None:
        """Forget the value."""


class MangledUnknownValues(DictionaryWorkflow):
    """It hides a part of what it does not know."""

    def load_state(self) -> Any:
        found = super().load_state()
        return found if found in self.workflow_spec.by_value else f"{found}"[:4]


class KeepsItToItself(DictionaryWorkflow):
    """Each of its objects has a store of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        vars(self)["rows"] = {}


class KeepsACopy(DictionaryWorkflow):
    """It reads until there is something, and then believes its own copy."""

    copy: Any = None

    def load_state(self) -> Any:
        if self.copy is None:
            self.copy = super().load_state()
        return self.copy


class WritesWhenItReads(DictionaryWorkflow):
    """It stores the initial state as soon as it is asked for the state."""

    def load_state(self) -> Any:
        found = super().load_state()
        self.rows.setdefault(self.number, self.workflow_spec.initial.value)
        return found


BROKEN: dict[Any, set[str]] = {
    NeverCompares: {"test_a_stale_writer_is_refused", "test_an_object_that_is_overtaken_is_stale"},
    LosesWrites: {"test_a_transition_is_stored_for_everybody"},
    ComparesFirst: {
        "test_one_of_several_writers_wins[threads]",
        "test_no_transition_is_lost_or_doubled[threads]",
    },
    ComparesAndWaits: {
        "test_one_of_several_writers_wins[tasks]",
        "test_no_transition_is_lost_or_doubled[tasks]",
    },
    ForgivesUnknownValues: {"test_an_unknown_value_is_never_a_state"},
    ForgetsFalseValues: {"test_every_value_is_stored_and_compared", "test_place_takes_values_too"},
    HasOneRow: {"test_objects_have_a_state_each"},
    ExpectsTheFirstOnly: {"test_any_of_several_values_may_be_expected"},
    ExpectsNothingToo: {"test_nothing_stored_is_compared_as_well"},
    ComparesLikeMariaDB: {"test_every_value_is_stored_and_compared"},
    MisstatesWhatItFound: {
        "test_a_stale_writer_is_refused",
        "test_an_object_that_is_overtaken_is_stale",
        "test_persist_change_compares_and_stores",
    },
    MisstatesWhatItExpected: {"test_a_stale_writer_is_refused"},
    RefusesTooLate: {
        "test_a_stale_writer_is_refused",
        "test_an_object_that_is_overtaken_is_stale",
        "test_any_of_several_values_may_be_expected",
        "test_nothing_stored_is_compared_as_well",
    },
    RefusesInACrowd: {
        "test_one_of_several_writers_wins[threads]",
        "test_no_transition_is_lost_or_doubled[threads]",
    },
    ChangesWithoutComparing: {
        "test_an_object_that_is_overtaken_is_stale",
        "test_persist_change_compares_and_stores",
    },
    ChangesNothing: {
        "test_an_event_after_storing_nests",
        "test_persist_change_compares_and_stores",
    },
    MangledUnknownValues: {"test_an_unknown_value_is_never_a_state"},
    KeepsItToItself: {"test_a_transition_is_stored_for_everybody"},
    KeepsACopy: {"test_a_transition_is_stored_for_everybody"},
    WritesWhenItReads: {
        "test_a_refused_event_stores_nothing",
        "test_an_internal_transition_stores_nothing",
    },
}
