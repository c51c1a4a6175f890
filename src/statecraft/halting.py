"""Halting: how a hook or a handler stops the transition that it runs in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from types import FrameType

GENERATED_FILE = "<statecraft> "  # how the file name of every generated function begins
PHASE = "_phase"  # a local variable of generated functions: how far the firing has come
JUDGING, GUARDING, ACTING, MOVED = "judging", "guarding", "acting", "moved"


class Halt(BaseException):
    """Stops the transition softly; no Exception, so that no user code swallows it by mistake."""

    def __init__(self, workflow: object, reason: object) -> None:
        super().__init__(reason)
        self.workflow = workflow
        self.reason = reason


class HaltMark:
    """What an object remembers of a halt: ``reason``.

    To read an attribute that is not there takes a while, so that events look for a mark only in
    classes of which an object was ever halted: that is what ``_halts`` of the class says. An
    object that comes out of a pickle makes its mark anew, and so tells the class.
    """

    __slots__ = ("reason", "workflow_class")

    def __init__(self, workflow_class: Any, reason: object) -> None:
        self.workflow_class = workflow_class
        self.reason = reason
        if not workflow_class._halts:  # noqa: SLF001 - the library's own attribute
            workflow_class._halts.append(True)  # noqa: SLF001 - as above

    def __reduce__(self) -> tuple[type[HaltMark], tuple[Any, object]]:
        return HaltMark, (self.workflow_class, self.reason)


def is_generated(value: object) -> bool:
    """Whether statecraft wrote this function."""
    code = getattr(value, "__code__", None)
    return code is not None and code.co_filename.startswith(GENERATED_FILE)


def halt(workflow: object, reason: object) -> NoReturn:
    """Stop the transition that ``workflow`` is in; raise ``WorkflowError`` if it is in none.

    Looking for the event among the callers costs nothing until somebody halts; a mark on the
    object would cost something in every event.
    """
    phase = _phase_of(workflow, sys._getframe(2))  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    name = type(workflow).__name__
    if phase is None:
        message = f"{name}.halt() was called outside of any event of this object: nothing to halt"
        raise WorkflowError(message)
    if phase == MOVED:
        message = (
            f"{name}.halt() came too late: the transition has happened already. Halt in the"
            " handler, in before_transition, on_transition or an exit hook, or use a guard"
        )
        raise WorkflowError(message)
    raise Halt(workflow, reason)


def _phase_of(workflow: object, frame: FrameType | None) -> str | None:
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(GENERATED_FILE):
            variables: dict[str, Any] = frame.f_locals
            # before the state is loaded, no event is judged yet
            if variables.get("self") is workflow and "_value" in variables:
                return str(variables.get(PHASE, JUDGING))
        frame = frame.f_back
    return None
