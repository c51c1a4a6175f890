"""From the text of a function to the function: compiled once a text, listed for debuggers."""

from __future__ import annotations

from functools import lru_cache
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
from statecraft.errors import NoTransitionAllowed, OutcomeUnknown, StaleState, TransitionHalted
from statecraft.halting import GENERATED_FILE, Halt
from statecraft.observation import Observation
from statecraft.once import taken_key
from statecraft.persistence import Change, Transition
from statecraft.turns import running, take_thread_turn, take_turn

if TYPE_CHECKING:
    from types import FunctionType

    from statecraft.compiler.context import Context
    from statecraft.compiler.source import Fact, Written


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
    "_OutcomeUnknown": OutcomeUnknown,
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
    "_taken_key": taken_key,
    "_take_thread_turn": take_thread_turn,
    "_take_turn": take_turn,
    "_vetoed": vetoed,
}


_listed: dict[str, int] = {}  # the name of a class -> how many of this name have been listed


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
        self._prepared: dict[str, _Prepared] = {}
        self._written: list[Written] = []
        self._next_line = 1
        name = f"{context.cls.__module__}.{context.cls.__qualname__}"
        number = _listed[name] = _listed.get(name, 0) + 1
        self._filename = f"{GENERATED_FILE}{name}{f' {number}' if number > 1 else ''}"

    def function(self, written: Written, name: str, documentation: str) -> FunctionType:
        """Return the function of a text, and list it."""
        prepared = self._prepared.get(written.text)
        if prepared is None:
            prepared = _Prepared(written, self._class, self._globals)
            self._prepared[written.text] = prepared
        function = prepared.function(written.facts, name, self._filename, self._next_line)
        function.__doc__ = documentation
        self._written.append(written)
        self._next_line += prepared.line_count
        return function

    def publish(self) -> None:
        """Let linecache know where the lines are, for debuggers and tracebacks."""
        listed = self._written
        self._cache[self._filename] = (lambda: "".join(one.readable() for one in listed),)


class _Prepared:
    """A text that is compiled for a class: what all its functions of this text have in common."""

    def __init__(self, written: Written, cls: type, known: dict[str, Any]) -> None:
        self._module, self._inner = module, inner = _codes(written.text)
        self._prefix = f"{cls.__qualname__}."
        self.line_count = written.text.count("\n")
        names = {*module.co_names, *inner.co_names}
        self._globals = {"__name__": cls.__module__, **{n: known[n] for n in names & known.keys()}}
        # Where the facts of each function go: into its code, or among its globals. Functions of
        # one text that have nothing there share their globals, also when they are compiled again.
        own = names - {inner.co_name}
        self._own = [(n, place) for n, place in enumerate(written.places) if place in own]
        inlined = {place: n for n, place in enumerate(written.places) if place not in names}
        self._inlined = [
            (position, inlined[one])
            for position, one in enumerate(inner.co_consts)
            if type(one) is str and one in inlined
        ]
        self._position = module.co_consts.index(inner)

    def function(
        self, facts: tuple[Fact, ...], name: str, filename: str, line: int
    ) -> FunctionType:
        """Return a function that has these facts for its constants, and is listed there."""
        constants = list(self._inner.co_consts)
        for position, number in self._inlined:
            constants[position] = facts[number][1]
        code = self._inner.replace(
            co_consts=tuple(constants),
            co_name=name,
            co_qualname=self._prefix + name,
            co_filename=filename,
            co_firstlineno=line,
        )
        # not FunctionType(...): Python 3.13 calls only functions made by a def as fast as can be
        constants = list(self._module.co_consts)
        constants[self._position] = code
        namespace = self._globals
        if self._own:
            namespace = namespace | {place: facts[number][1] for number, place in self._own}
        made: dict[str, FunctionType] = {}
        making = self._module.replace(co_consts=tuple(constants))
        exec(making, namespace, made)  # noqa: S102 - our own text
        return made[self._inner.co_name]
