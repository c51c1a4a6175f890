"""Data from outside, read key by key; every mistake in it is collected, with the path to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import deepcopy
from keyword import iskeyword
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, cast

from statecraft.errors import Problem, WorkflowDefinitionError
from statecraft.names import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeGuard, TypeVar

    Read = TypeVar("Read")
    Check = Callable[[str, object], Read]
    Keys = tuple[str, ...]

_MISSING = object()
_SCALAR = "a text, a finite number or a boolean"
_DEEPEST = 100  # far more than people write, far less than makes Python itself give up


def is_name(value: object) -> TypeGuard[str]:
    """Whether Python code could use ``value`` as a name."""
    return type(value) is str and value.isidentifier() and not iskeyword(value)


class Checks:
    """What may stand in the data; what may not is collected in ``problems``.

    A check always returns something of the right type, so that the next mistake is found too.
    """

    def __init__(self, workflow_name: object) -> None:
        self.workflow_name = workflow_name if is_name(workflow_name) else "WorkflowSpec"
        self.problems: list[Problem] = []

    def report(self, path: str, what: str) -> None:
        """Note that ``what`` is wrong at ``path``."""
        self.problems.append(Problem(self.workflow_name, path, what))

    def finish(self) -> None:
        """Raise what was found wrong, all of it at once."""
        if self.problems:
            raise WorkflowDefinitionError(self.problems)

    def name(self, path: str, value: object) -> str:
        """Take what Python code could use as a name."""
        if is_name(value):
            return value
        self._wrong(path, value, "a name that Python code can use", _hint(value))
        return f"_{len(self.problems)}"  # never the same twice: that would be one more mistake

    def names(self, path: str, value: object) -> list[str]:
        """Take one name, or a list of them."""
        return _one_or_several(path, value, self.name)

    def states(self, path: str, value: object) -> list[str]:
        """Take the name of one state, or a list of them."""
        if value == []:
            self._wrong(path, value, "the name of a state")
        return _one_or_several(path, value, self.state)

    def state(self, path: str, value: object) -> str:
        """Take what may name a state; whoever resolves it knows the nearest right name."""
        if type(value) is str and value:
            return value
        self._wrong(path, value, "the name of a state", _hint(value))
        return ""

    def text(self, path: str, value: object) -> str:
        """Take any text."""
        return self._exactly(str, path, value, "a text")

    def flag(self, path: str, value: object) -> bool:
        """Take true or false."""
        return self._exactly(bool, path, value, "true or false")

    def count(self, path: str, value: object) -> int:
        """Take how many there are of something."""
        if type(value) is int and value >= 0:
            return value
        self._wrong(path, value, "a whole number from 0 on")
        return 0

    def items(self, path: str, value: object) -> list[Any]:
        """Take a list of anything."""
        kind: type[list[Any]] = list
        return self._exactly(kind, path, value, "a list")

    def _exactly(self, kind: type[Read], path: str, value: object, wanted: str) -> Read:
        if type(value) is kind:
            return value
        self._wrong(path, value, wanted)
        return kind()

    def scalar(self, path: str, value: object, wanted: str = _SCALAR) -> Any:
        """Take a text, a number or a boolean; JSON has no infinity, and no subclasses of these."""
        is_finite = type(value) is float and math.isfinite(value)
        if not is_finite and type(value) not in {str, int, bool}:
            self._wrong(path, value, wanted)
        return value

    def scalars(self, path: str, value: object) -> list[Any]:
        """Take a list of texts, numbers or booleans."""
        found = self.items(path, value)
        return [self.scalar(f"{path}[{index}]", one) for index, one in enumerate(found)]

    def mapping(self, path: str, value: object) -> Mapping[str, Any]:
        """Take a mapping of anything."""
        if isinstance(value, Mapping):
            return cast("Mapping[str, Any]", value)
        self._wrong(path, value, "a mapping")
        return {}

    def plain(self, path: str, value: object) -> dict[str, Any]:
        """Take a mapping that consists of JSON types, through and through, and copy it."""
        before = len(self.problems)
        found = dict(self.mapping(path, value))
        self._check_plain(path, found, ())
        return deepcopy(found) if len(self.problems) == before else {}

    def _check_plain(self, path: str, value: Any, above: tuple[int, ...]) -> None:
        inside = (*above, id(value))
        kind = cast("object", type(value))
        if id(value) in above or len(above) > _DEEPEST:
            self.report(path, "it contains itself, or is nested too deep")
        elif kind is list:
            for index, item in enumerate(value):
                self._check_plain(f"{path}[{index}]", item, inside)
        elif kind is dict:
            for key, item in value.items():
                if type(key) is not str:
                    self._wrong(f"{path}.{key}", key, "a key that is a text")
                self._check_plain(f"{path}.{key}", item, inside)
        elif value is not None:
            self.scalar(path, value, "something that has a JSON form")

    def _wrong(self, path: str, value: object, wanted: str, hint: str = "") -> None:
        found = "and nothing is there" if value is _MISSING else f"not {_shown(value)}"
        self.report(path, f"{wanted} is wanted here, {found}{hint}")


def _one_or_several(path: str, value: object, check: Check[str]) -> list[str]:
    if not isinstance(value, list):
        return [check(path, value)]
    items = cast("list[object]", value)
    return [check(f"{path}[{index}]", item) for index, item in enumerate(items)]


def _shown(value: object) -> str:
    return str(getattr(value, "__qualname__", None) or shortened(value))


def _hint(value: object) -> str:
    if isinstance(value, bool):
        return ". YAML reads on, off, yes and no as booleans: put such a name in quotes"
    if callable(value):
        return ". A function goes by its name, which has to be its own"
    return ""


class Record:
    """One mapping of the data, at its path; ``keys`` are all that it may have."""

    def __init__(self, checks: Checks, path: str, given: Mapping[str, Any], keys: Keys) -> None:
        self.checks = checks
        self.path = path
        self.given = given
        for key in given:
            if key not in keys:
                hint = did_you_mean(key, keys)
                what = f"this key means nothing here.{hint} Keys: {listed(keys, none='none')}"
                checks.report(self._path_of(key), what)

    def _path_of(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else str(key)

    def read(self, key: str, check: Check[Read], *, absent: Any = _MISSING) -> Read:
        """Return what ``check`` makes of the value; without ``absent``, the key has to be there."""
        if key in self.given or absent is _MISSING:
            return check(self._path_of(key), self.given.get(key, _MISSING))
        otherwise: Read = absent
        return otherwise

    def records(self, key: str, keys: Keys, *, absent: Any = _MISSING) -> Iterator[Record]:
        """Yield the mappings of a list of them."""
        for index, item in enumerate(self.read(key, self.checks.items, absent=absent)):
            path = f"{self._path_of(key)}[{index}]"
            if self.checks.mapping(path, item) is item:
                yield Record(self.checks, path, item, keys)

    def named(
        self, key: str, keys: Keys, *, absent: Any = _MISSING
    ) -> Iterator[tuple[str, Record]]:
        """Yield the mappings of a list of them, each with its name, which only one may have."""
        paths: dict[str, str] = {}
        for record in self.records(key, keys, absent=absent):
            name = record.read("name", self.checks.name)
            first = paths.setdefault(name, record.path)
            if first != record.path:
                self.checks.report(f"{record.path}.name", f"{first} is called {name!r} already")
            yield name, record
