"""Values of a state: each comes back as it was, or is refused with the place where it is."""

from __future__ import annotations

import io
import json
import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import override_settings
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st

from statecraft.flows.errors import StateTooLarge, UnreadableState, UnstorableValue
from statecraft.flows.statestore.codec import from_text, pack, to_text, unpack

offsets = st.integers(-80_000, 80_000).map(lambda seconds: timezone(timedelta(0, seconds)))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(allow_nan=False),
    st.text(st.characters(codec=None)),  # with halves of letters, too
    st.decimals(allow_nan=False),
    st.datetimes(timezones=st.none() | offsets),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
)
keys = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=3)
marked = st.sampled_from(["@date", "@dict", "@", "@text", "revision", ""])
values = st.recursive(
    scalars | st.frozensets(keys, max_size=3) | st.sets(keys, max_size=3),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(), inner, max_size=4),
        st.dictionaries(marked, inner, max_size=2),
        st.dictionaries(keys, inner, max_size=3),
    ),
    max_leaves=12,
)


def typed(value: Any) -> Any:
    """Return a value with its types, which == does not see: 1 == 1.0 == True == Decimal(1)."""
    kind = value.__class__
    if kind is dict:
        return frozenset((typed(key), typed(one)) for key, one in value.items())
    if kind in {list, tuple}:
        return kind.__name__, tuple(typed(one) for one in value)
    if kind in {set, frozenset}:
        return kind.__name__, frozenset(typed(one) for one in value)
    if kind in {datetime, time}:
        value = value.replace(fold=0)  # ISO 8601 does not have it
    return kind.__name__, repr(value)


def stored(value: Any) -> Any:
    """Return what comes back of a value that was stored."""
    return unpack(from_text(to_text({"value": pack(value)}))["value"])


@settings(max_examples=400, deadline=None)
@given(values)
def test_values_come_back_as_they_were(value: Any) -> None:
    """Whatever is inside of whatever; the text is ASCII, without NUL, and strict JSON."""
    text = to_text({"value": pack(value)})
    assert text.isascii()
    assert "\\u0000" not in text
    json.loads(text, parse_constant=pytest.fail)
    assert typed(stored(value)) == typed(value)


@settings(max_examples=100, deadline=None)
@given(values)
def test_what_is_packed_is_a_value_like_any_other(value: Any) -> None:
    """So that a user's dictionary is never taken for something else."""
    packed = pack(value)
    assert unpack(pack(packed)) == packed


def test_the_stored_form() -> None:
    """It can be read, and is the same whenever it is made."""
    state = {
        "at": datetime(2031, 5, 4, 12, tzinfo=UTC),
        "on": date(2031, 5, 4),
        "price": Decimal("1.50"),
        "kinds": {"card", "bank"},
        "user": {"@date": 1},
        1: "one",
    }
    assert pack(state) == {
        "@dict": [
            ["at", {"@datetime": "2031-05-04T12:00:00+00:00"}],
            ["on", {"@date": "2031-05-04"}],
            ["price", {"@decimal": "1.50"}],
            ["kinds", {"@set": ["bank", "card"]}],
            ["user", {"@dict": [["@date", 1]]}],
            [1, "one"],
        ]
    }
    assert pack({"a": ["text", 1, None]}) == {"a": ["text", 1, None]}
    assert pack("a\0\ud800") == {"@text": "6100eda080"}


class Size(models.TextChoices):
    """Choices of a form."""

    SMALL = "s", "Small"


class Colour(Enum):
    """No text itself."""

    RED = Decimal(1)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (Size.SMALL, "s"),
        ({Size.SMALL: 1}, {"s": 1}),
        (Colour.RED, Decimal(1)),
        (gettext_lazy("Yes"), "Yes"),
        (mark_safe("<b>"), "<b>"),
        ({mark_safe("<b>"): 1}, {"<b>": 1}),
        (SimpleLazyObject(lambda: "lazy"), "lazy"),
        (Decimal("-Infinity"), Decimal("-Infinity")),
        (float("-inf"), float("-inf")),
        (
            datetime(2031, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")),
            datetime(2031, 6, 30, 22, tzinfo=UTC),
        ),
        (time(1, tzinfo=UTC), time(1, tzinfo=UTC)),
    ],
)
def test_what_has_a_plain_value_is_stored_as_that(value: Any, found: Any) -> None:
    """Members of an Enum, lazy and safe texts, and times in a zone."""
    assert stored(value) == found
    assert not isinstance(stored(value), (Enum, SafeString))


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN"), float("nan")])
def test_what_is_no_number_stays_none(value: Any) -> None:
    """It equals nothing, so its text is compared."""
    assert repr(stored(value)) == repr(value)


class Thing:
    """An object of an application."""


def nested(depth: int) -> Any:
    """Return lists inside of lists."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "kind", "advice"),
    [
        (b"raw", "bytes", "a file in a storage"),
        (bytearray(), "bytearray", "a file in a storage"),
        (Thing(), f"{__name__}.Thing", "Keep texts, numbers, dates"),
        (1j, "complex", "Keep texts, numbers, dates"),
        (time(1, tzinfo=ZoneInfo("Europe/Berlin")), "a time in a zone", "without its zone"),
        (SimpleUploadedFile("a.txt", b""), "SimpleUploadedFile", "Keep it in a storage"),
        (io.BytesIO(), "_io.BytesIO", "Keep texts"),
    ],
)
def test_what_cannot_be_stored_is_refused(value: Any, kind: str, advice: str) -> None:
    """With the place where it is, what it is, and what to keep instead; never its content."""
    with pytest.raises(UnstorableValue) as caught:
        pack({"answers": {"Offer": [1, (value,)]}})
    assert caught.value.path == "['answers']['Offer'][1][0]"
    assert caught.value.kind.find(kind) >= 0
    text = str(caught.value)
    assert text.startswith("state['answers']['Offer'][1][0] cannot be stored: it is ")
    assert advice in text
    assert "raw" not in text
    assert str(pickle.loads(pickle.dumps(caught.value))) == text
    for other in ({"key": {value: 1}} if value.__hash__ else {"key": [value]}, {"set": [value]}):
        with pytest.raises(UnstorableValue):
            pack(other)


def test_rows_are_refused() -> None:
    """Their primary key is to be kept, and no database is asked."""
    user = get_user_model()
    for value in (user(username="somebody"), SimpleLazyObject(user)):
        with pytest.raises(
            UnstorableValue, match=r"'owner'.*User.*primary key, and fetch it again"
        ):
            pack({"owner": value})
    with pytest.raises(UnstorableValue, match=r"QuerySet.*the primary keys, and fetch the rows"):
        pack([user.objects.all()])


def test_what_is_too_deep_is_refused() -> None:
    """So is what contains itself; what is not is stored."""
    assert stored(nested(90)) == nested(90)
    circle: list[Any] = []
    circle.append(circle)
    for value in (nested(200), circle, {"a": circle}):
        with pytest.raises(UnstorableValue, match="inside of 100 others"):
            pack(value)


@pytest.mark.parametrize(
    "plain",
    [
        {"@date": "no date"},
        {"@date": 1},
        {"@unknown": 1},
        {"@date": "2031-05-04", "more": 1},
        {"@decimal": "x"},
        {"@set": [[]]},
        {"@timedelta": [10**10]},
        {"@dict": [[1]]},
        {"@text": "zz"},
        {"@uuid": ""},
    ],
)
def test_what_nobody_has_packed_cannot_be_read(plain: Any) -> None:
    """An error says so: nothing is guessed."""
    with pytest.raises(UnreadableState, match="cannot be read"):
        unpack([plain])


@pytest.mark.parametrize("text", ["", "{", "[]", "1", b"\x80\x04]", "[" * 100_000, '{"a":1'])
def test_a_text_that_is_no_state_cannot_be_read(text: str | bytes) -> None:
    """A pickle is none."""
    with pytest.raises(UnreadableState, match="what is stored is no"):
        from_text(text)


@pytest.mark.parametrize("state", [{"a": date(2031, 5, 4)}, {"a": float("nan")}, {(1,): 1}])
def test_a_state_is_packed_before_it_is_stored(state: Any) -> None:
    """An error says so."""
    with pytest.raises(UnstorableValue, match="Pack it first"):
        to_text(state)


def test_a_state_has_a_limit() -> None:
    """What it counts are bytes of the text."""
    with override_settings(FLOWS_MAX_STATE_BYTES=14):
        assert to_text({"a": "☃"}) == '{"a":"\\u2603"}'
    with override_settings(FLOWS_MAX_STATE_BYTES=13), pytest.raises(StateTooLarge) as caught:
        to_text({"a": "☃"})
    assert (caught.value.size, caught.value.limit) == (14, 13)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.size) == (str(caught.value), 14)
