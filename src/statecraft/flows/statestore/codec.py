"""Values of a state as plain JSON, and back; plain JSON as text, and back.

``pack`` makes plain JSON of richer values: a value that JSON does not have becomes a dictionary of
one key, ``{"@date": "2031-05-04"}``. A dictionary that looks like one of those, or has other keys
than texts, is packed as a list of pairs. ``unpack`` is the opposite.

Nothing is ever pickled, and nothing of a stored text is run.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.core.files import File
from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from statecraft.flows import config
from statecraft.flows.errors import StateTooLarge, UnreadableState, UnstorableValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MARK = "@"
_DEEPEST = 100
_LARGEST = 2**63  # a larger number is one that some JSON libraries round, or refuse
_UNUSUAL = re.compile("[\0\ud800-\udfff]")  # what many stores refuse: NUL, and half a letter
_ADVICE = "Keep texts, numbers, dates, Decimal, UUID, and lists, sets and dictionaries of these"
_ADVICE_FOR: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (Model, "Keep its primary key, and fetch it again"),
    (QuerySet, "Keep the primary keys, and fetch the rows again"),
    (File, "Keep it in a storage, and its name in the state"),
    ((bytes, bytearray, memoryview), "Keep a text, or a file in a storage and its name"),
)

_Path = tuple[object, ...]


def pack(value: Any) -> Any:
    """Return ``value`` as plain JSON; raises ``UnstorableValue``, which says where, if it has none.

    A member of an ``Enum`` becomes its value, and a lazy text a text; everything else comes back
    from ``unpack`` as it was, a subclass as what it is a subclass of.
    """
    return _packed(value, ())


def unpack(plain: Any) -> Any:
    """Return what ``pack`` was given; raises ``UnreadableState`` if it was something else."""
    kind = plain.__class__
    if kind is list:
        return [unpack(one) for one in plain]
    if kind is not dict:
        return plain
    if not next(iter(plain), "").startswith(_MARK):
        return {key: unpack(one) for key, one in plain.items()}
    try:
        [(mark, stored)] = plain.items()
        return _UNPACK[mark](stored)
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        message = f"what is stored as {', '.join(plain)} cannot be read: {error!r}"
        raise UnreadableState(message) from error


def to_text(state: Mapping[str, Any]) -> str:
    """Return a state of plain JSON as a text of ASCII.

    Raises ``StateTooLarge``, and ``UnstorableValue`` if it is not packed.
    """
    try:
        text = json.dumps(state, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise UnstorableValue((), f"no plain JSON ({error})", "Pack it first") from error
    limit = config.max_state_bytes()
    if len(text) > limit:
        raise StateTooLarge(len(text), limit)
    return text


def from_text(text: str | bytes) -> dict[str, Any]:
    """Return the state that ``to_text`` was given; raises ``UnreadableState`` if it was none."""
    try:
        state = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"what is stored is no JSON: {error}"
        raise UnreadableState(message) from error
    if not isinstance(state, dict):
        message = f"what is stored is no state, but {type(state).__name__!r}"
        raise UnreadableState(message)
    return cast("dict[str, Any]", state)


def _packed(value: Any, path: _Path) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if len(path) > _DEEPEST:
        what = f"something inside of {_DEEPEST} others"
        raise UnstorableValue(path[:3], what, "Keep something that is less deep")
    for kind, packed in _PACK:
        if isinstance(value, kind):
            return packed(value, path)
    found: type = value.__class__  # of a lazy object, what it stands for
    name = f"{found.__module__}.{found.__qualname__}".removeprefix("builtins.")
    advice = next((text for kind, text in _ADVICE_FOR if isinstance(value, kind)), _ADVICE)
    raise UnstorableValue(path, name, advice)


def _text(value: str | Promise, _: _Path) -> Any:
    text = str.__str__(str(value))  # a SafeString says that it is its own text
    if _UNUSUAL.search(text):
        return {"@text": text.encode("utf-8", "surrogatepass").hex()}
    return text


def _number(value: int, _: _Path) -> Any:
    return int(value) if -_LARGEST <= value < _LARGEST else {"@int": hex(value)}


def _float(value: float, _: _Path) -> Any:
    return float(value) if math.isfinite(value) else {"@float": str(float(value))}


def _time(value: time, path: _Path) -> Any:
    if value.tzinfo is not None and value.utcoffset() is None:
        advice = "Keep the time without its zone, or a datetime"
        raise UnstorableValue(path, "a time in a zone whose offset depends on the day", advice)
    return {"@time": value.isoformat()}


def _timedelta(value: timedelta, _: _Path) -> Any:
    return {"@timedelta": [value.days, value.seconds, value.microseconds]}


def _mapping(value: Mapping[Any, Any], path: _Path) -> Any:
    if all(_is_plain_key(key) for key in value):
        return {_text(key, ()): _packed(one, (*path, key)) for key, one in value.items()}
    pairs = [[_packed(key, (*path, key)), _packed(one, (*path, key))] for key, one in value.items()]
    return {"@dict": pairs}


def _is_plain_key(key: object) -> bool:
    if not isinstance(key, str) or isinstance(key, Enum) or key.startswith(_MARK):
        return False
    return isinstance(_text(key, ()), str)


def _items(value: Iterable[Any], path: _Path) -> list[Any]:
    return [_packed(one, (*path, index)) for index, one in enumerate(value)]


def _set(mark: str) -> Callable[[Iterable[Any], _Path], Any]:
    def pack_set(value: Iterable[Any], path: _Path) -> Any:
        return {mark: sorted(_items(value, path), key=json.dumps)}

    return pack_set


# The first that fits: a datetime is a date, and a member of an Enum may be a text.
_PACK: tuple[tuple[type | tuple[type, ...], Callable[[Any, _Path], Any]], ...] = (
    (Enum, lambda value, path: _packed(value.value, path)),
    ((str, Promise), _text),
    (int, _number),
    (float, _float),
    (Decimal, lambda value, _: {"@decimal": str(value)}),
    (datetime, lambda value, _: {"@datetime": value.isoformat()}),
    (date, lambda value, _: {"@date": value.isoformat()}),
    (time, _time),
    (timedelta, _timedelta),
    (UUID, lambda value, _: {"@uuid": value.hex}),
    (list, _items),
    (tuple, lambda value, path: {"@tuple": _items(value, path)}),
    (set, _set("@set")),
    (frozenset, _set("@frozenset")),
    (Mapping, _mapping),
)

_UNPACK: dict[str, Callable[[Any], Any]] = {
    "@text": lambda text: bytes.fromhex(text).decode("utf-8", "surrogatepass"),
    "@int": lambda text: int(text, 16),
    "@float": float,
    "@decimal": Decimal,
    "@datetime": datetime.fromisoformat,
    "@date": date.fromisoformat,
    "@time": time.fromisoformat,
    "@timedelta": lambda parts: timedelta(*parts),
    "@uuid": UUID,
    "@tuple": lambda items: tuple(unpack(items)),
    "@set": lambda items: set(unpack(items)),
    "@frozenset": lambda items: frozenset(unpack(items)),
    "@dict": lambda pairs: dict(unpack(pairs)),
}
