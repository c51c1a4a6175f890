"""The tests of users: what Django's TestCase does with objects and with what waits for a commit."""

from __future__ import annotations

from typing import ClassVar

import pytest
from django.db import transaction
from django.test import TestCase

from tests.django_store.shop.deeds import Deed

pytestmark = pytest.mark.usefixtures("tables")


class Undo(Exception):
    """What undoes a transaction."""


def stored(deed: Deed) -> str:
    """Return what the row has."""
    return str(Deed.objects.values_list("workflow_state", flat=True).get(pk=deed.pk))


class TestData(TestCase):
    """Objects that are made, and moved, once for all tests of a class."""

    deed: ClassVar[Deed]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.deed = Deed.objects.create()
        cls.deed.finish()

    def test_first(self) -> None:
        """Each test has a copy, and undoes what it does with it."""
        assert self.deed.current_state == "done"
        self.deed.again()
        assert stored(self.deed) == "open"

    def test_second(self) -> None:
        """So that none sees what another did."""
        self.test_first()
        with pytest.raises(Undo), transaction.atomic():
            self.deed.finish()
            raise Undo
        assert self.deed.current_state == "open"

    def test_callbacks(self) -> None:
        """What comes after the commit is captured, once for each event."""
        Deed.heard.clear()
        with self.captureOnCommitCallbacks(execute=True) as callbacks:
            with transaction.atomic():
                self.deed.again()
            self.deed.finish()
            with pytest.raises(Undo), transaction.atomic():
                self.deed.again()
                raise Undo
        assert callbacks
        assert Deed.heard == ["again", "finish"]
        assert self.deed.current_state == "done"
