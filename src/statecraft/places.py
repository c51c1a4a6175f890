"""Where a declaration stands in the source, for the errors of a class."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import CodeType


class Place:
    """Where a declaration stands; its text, ``file.py:12``, is made when somebody reads it.

    To find the line of a frame takes Python the longer, the longer the class body is.
    """

    __slots__ = ("code", "offset")

    def __init__(self, code: CodeType, offset: int) -> None:
        self.code = code
        self.offset = offset

    def __str__(self) -> str:
        filename = self.code.co_filename.replace("\\", "/").rpartition("/")[2]
        lines = (line for start, end, line in self.code.co_lines() if start <= self.offset < end)
        return f"{filename}:{next(lines, self.code.co_firstlineno)}"


def module_of_caller() -> str:
    """Return the name of the module that called the caller, as a class that it writes has it."""
    # as namedtuple does
    frame: Any = sys._getframe(2)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # see above
    return str(frame.f_globals.get("__name__", "__main__"))


def place_of_caller(depth: int = 2) -> Place:
    """Return the place that called the caller, for the errors of a class."""
    # nothing else knows the line of a declaration
    frame: Any = sys._getframe(depth)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # see above
    while frame.f_globals.get("__name__") == "typing":  # Event[[int], bool](...) is called there
        frame = frame.f_back
    return Place(frame.f_code, frame.f_lasti)
