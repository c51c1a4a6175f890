"""Bundles and named tuples: named values that travel together, by classes that cost no time.

Every program that imports statecraft waits until its classes are created. ``typing.NamedTuple``
compiles each annotation that is a string, which takes longer than all the rest of the class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple, dataclass_transform

    @dataclass_transform(kw_only_default=True)
    class Bundle:
        """What the library hands around inside: the annotated fields, given by keyword."""

else:
    from collections import namedtuple
    from types import SimpleNamespace as Bundle

    class _NamedTupleMeta(type):
        def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(mcs, name, bases, body)
            fields = body["__annotations__"]
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults)  # noqa: PYI024 - this is to be it
            for attribute, value in body.items():
                setattr(made, attribute, value)
            return made

    class NamedTuple(metaclass=_NamedTupleMeta):
        """What users are handed: as ``typing.NamedTuple``, but no annotation is looked into."""


__all__ = ["Bundle", "NamedTuple"]
