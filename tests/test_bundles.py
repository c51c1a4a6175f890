"""What users are handed as named tuples is like what ``typing.NamedTuple`` makes."""

from __future__ import annotations

import pickle
from typing import NamedTuple, get_type_hints

import pytest

from statecraft import Unmet
from statecraft.bundles import Bundle


class Standard(NamedTuple):
    """One condition or guard that said no: its name, its reason and its code."""

    name: str
    reason: object = None
    code: str | None = None

    def __str__(self) -> str:
        return self.name if self.reason is None else str(self.reason)


class Pair(Bundle):
    """Two numbers."""

    first: int
    second: int = 2


def test_a_named_tuple_is_like_one_of_the_standard_library() -> None:
    """It has the same fields, defaults, base and hints, and its own name, place and methods."""
    assert Unmet.__mro__[1:] == Standard.__mro__[1:] == (tuple, object)
    assert Unmet._fields == Standard._fields
    assert Unmet._field_defaults == Standard._field_defaults
    assert get_type_hints(Unmet) == get_type_hints(Standard)
    assert Unmet.__match_args__ == Standard.__match_args__
    assert (Unmet.__name__, Unmet.__module__) == ("Unmet", "statecraft.errors")
    assert Unmet.__doc__ == Standard.__doc__
    assert not hasattr(Unmet("paid"), "__dict__")


def test_an_object_of_it_is_a_tuple() -> None:
    """Which can be compared, unpacked, changed in a copy, matched, shown and pickled."""
    unmet = Unmet("paid", code="unpaid")
    name, *others = unmet
    assert (name, others) == ("paid", [None, "unpaid"])
    assert unmet._replace(reason="no money") == Unmet("paid", "no money", "unpaid")
    assert unmet._asdict() == {"name": "paid", "reason": None, "code": "unpaid"}
    match unmet:
        case Unmet("paid", code="unpaid"):
            pass
        case _:
            pytest.fail("it does not match")
    assert repr(unmet) == "Unmet(name='paid', reason=None, code='unpaid')"
    assert str(unmet) == "paid"
    assert pickle.loads(pickle.dumps(unmet)) == unmet
    with pytest.raises(TypeError):
        Unmet()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # that is the test


def test_a_bundle_has_what_it_is_given() -> None:
    """By keyword; what is not given is what the class says."""
    pair = Pair(first=1)
    assert (pair.first, pair.second) == (1, 2)
    assert pair == Pair(first=1)
    assert pair != Pair(first=1, second=3)
