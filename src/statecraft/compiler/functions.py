"""From the source of a function to the function: compiled once a text, listed for debuggers."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from sys import intern
from types import CodeType
from typing import TYPE_CHECKING, Any

from statecraft.compiler.questions import asked, settled
from statecraft.compiler.runtime import (
    answered,
    attempted,
    attempted_and_halted,
    check_moved,
    commit_failed,
    committing,
    committing_async,
    hold,
    noted,
    recalled,
    refused,
    remember,
    remembering,
    require_known,
    unmet_by,
    vetoed,
)
from statecraft.compiler.source import readable
from statecraft.errors import NoTransitionAllowed, StaleState, TransitionHalted
from statecraft.halting import GENERATED_FILE, Halt
from statecraft.observation import Observation
from statecraft.persistence import Change, Transition
from statecraft.turns import running, take_thread_turn, take_turn

if TYPE_CHECKING:
    from types import FunctionType

    from statecraft.compiler.context import Context
    from statecraft.compiler.source import Source


_new_tuple: Any = vars(tuple)["__new__"]


class Missing:
    """In the place of an argument that was not given to a question."""

    def __repr__(self) -> str:
        return "<not given>"


MISSING = Missing()
_RUNTIME: dict[str, Any] = {
    "_Change": Change,
    "_AttributeError": AttributeError,
    "_BaseException": BaseException,
    "_Exception": Exception,
    "_Halt": Halt,
    "_KeyError": KeyError,
    "_TypeError": TypeError,
    "_NoTransitionAllowed": NoTransitionAllowed,
    "_StaleState": StaleState,
    "_Transition": Transition,
    "_TransitionHalted": TransitionHalted,
    "_answered": answered,
    "_asked": asked,
    "_attempted": attempted,
    "_attempted_and_halted": attempted_and_halted,
    "_commit_failed": commit_failed,
    "_committing": committing,
    "_committing_async": committing_async,
    "_halted": unmet_by,
    "_check_moved": check_moved,
    "_hold": hold,
    "_new": _new_tuple,
    "_remember": remember,
    "_missing": MISSING,
    "_noted": noted,
    "_observe": Observation,
    "_recalled": recalled,
    "_refused": refused,
    "_remembering": remembering,
    "_require_known": require_known,
    "_running": running,
    "_settled": settled,
    "_take_thread_turn": take_thread_turn,
    "_take_turn": take_turn,
    "_vetoed": vetoed,
}


@lru_cache(maxsize=1024)
def _codes(text: str) -> tuple[CodeType, CodeType]:
    """Return the code that makes the function, and that of the function itself."""
    module = compile(text, GENERATED_FILE, "exec")
    return module, next(one for one in module.co_consts if isinstance(one, CodeType))


class Listing:
    """The functions of one class, one below the other, as linecache shows them."""

    def __init__(self, context: Context) -> None:
        import linecache  # noqa: PLC0415 - slow to import, and needed only when a class is created

        self._cache = linecache.cache
        self._class = context.cls
        self._globals = _RUNTIME | context.constants
        self._texts: list[tuple[str, dict[str, str]]] = []
        self._next_line = 1
        name = f"{context.cls.__module__}.{context.cls.__qualname__}"
        names = (f"{GENERATED_FILE}{name}{f' {n}' if n > 1 else ''}" for n in count(1))
        self._filename = next(filename for filename in names if filename not in self._cache)

    def function(self, source: Source, name: str, documentation: str) -> FunctionType:
        """Return the function that ``source`` describes, and list it."""
        qualified_name = f"{self._class.__qualname__}.{name}"
        text = intern(source.text)
        module, inner = _codes(text)
        inlined = source.inlined
        constants = [inlined.get(one, one) if type(one) is str else one for one in inner.co_consts]
        code = inner.replace(
            co_consts=tuple(constants),
            co_name=name,
            co_qualname=qualified_name,
            co_filename=self._filename,
            co_firstlineno=self._next_line,
        )
        self._texts.append((text, source.shown))
        self._next_line += text.count("\n")
        names = module.co_names + code.co_names
        namespace = {one: self._globals[one] for one in names if one in self._globals}
        namespace |= source.constants
        namespace["__name__"] = self._class.__module__
        # not FunctionType(...): Python 3.13 calls only functions made by a def as fast as can be
        made = tuple(code if one is inner else one for one in module.co_consts)
        exec(module.replace(co_consts=made), namespace)  # noqa: S102 - our own text
        function: FunctionType = namespace.pop(inner.co_name)
        function.__name__ = name
        function.__qualname__ = qualified_name
        function.__doc__ = documentation
        return function

    def publish(self) -> None:
        """Let linecache know where the lines are, for debuggers and tracebacks."""
        texts = self._texts
        self._cache[self._filename] = (lambda: "".join(readable(*one) for one in texts),)
