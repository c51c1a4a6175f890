"""The code that asks a condition or a guard, and the code that calls a hook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecraft.predicates import Condition, Guard, Predicate
from statecraft.signatures import (
    ABSENT,
    Signature,
    is_method,
    looked_up,
    method_signature,
    signature_of,
)

if TYPE_CHECKING:
    from statecraft.compiler.context import Context, Method
    from statecraft.compiler.source import Parameters, Source


def asked(value: Any) -> Any:
    """Return the answer that an attribute gives: itself, or what calling it gives."""
    return value() if callable(value) else value


async def settled(value: Any) -> Any:
    """Return what ``value`` gives in the end: the awaited result, if it can be awaited."""
    return await value if hasattr(value, "__await__") else value


class Question:
    """A predicate as code, for the parameters of one event."""

    def __init__(
        self, source: Source, context: Context, predicate: Predicate, parameters: Parameters
    ) -> None:
        self.source = source
        self.context = context
        self.predicate = predicate
        self.parameters = parameters
        self.needs: tuple[str, ...] = ()
        if isinstance(predicate.test, str):
            self._code, is_async = self._by_name(predicate.test)
        else:
            signature = signature_of(predicate.test)
            function = source.constant("test", predicate.test, f"_{_identifier(predicate)}")
            self.needs, arguments = self._arguments(signature, "self")
            self._code = f"{function}({arguments})"
            is_async = signature.is_async
        self.code = self._awaited(is_async=is_async)

    def _by_name(self, name: str) -> tuple[str, bool]:
        found = looked_up(self.context.cls, name)
        if isinstance(found, property):
            return f"self.{name}", False
        if found is ABSENT or not is_method(found):
            return f"_asked(self.{name})", False
        signature = method_signature(found)
        self.needs, arguments = self._arguments(signature)
        return f"self.{name}({arguments})", signature.is_async

    def _arguments(self, signature: Signature, *first: str) -> tuple[tuple[str, ...], str]:
        """Return the arguments of the event that a function asks for, and how it gets them."""
        wanted = wanted_arguments(signature)
        needs = tuple(name for name in wanted if name in self.parameters.names)
        positional = signature.positional[1 : signature.positional_only]
        parts = [name for name in needs if name in positional]
        parts += [f"{name}={name}" for name in needs if name not in positional]
        return needs, ", ".join([*first, *parts])

    def _awaited(self, *, is_async: bool) -> str:
        if not self.context.is_async:
            return self._code
        if is_async:
            return f"await {self._code}"
        answer = f"(_answer := {self._code}) is True or _answer is False"
        return f"(_answer if {answer} else await _settled(_answer))"

    @property
    def holds(self) -> str:
        """The code that is true if the condition holds, or the guard lets pass."""
        negated = isinstance(self.predicate, Condition) and self.predicate.negated
        return f"not ({self.code})" if negated else self.code

    @property
    def fails(self) -> str:
        """The code that is true if it does not."""
        negated = isinstance(self.predicate, Condition) and self.predicate.negated
        return self.code if negated else f"not ({self.code})"

    @property
    def holds_or_unknown(self) -> str:
        """The same as ``holds`` where arguments may be missing: then it counts as held."""
        return " or ".join([*(f"{name} is _missing" for name in self.needs), self.holds])

    @property
    def fails_and_known(self) -> str:
        """The opposite of ``holds_or_unknown``."""
        known = [f"{name} is not _missing" for name in self.needs]
        return " and ".join([*known, f"({self.fails})" if known else self.fails])

    def unmet(self, *, may_miss: bool = False) -> str:
        """Return the code of what a refusal says of it; arguments that it needs may be missing."""
        name = _identifier(self.predicate)
        constant = self.source.constant("unmet", self.predicate.unmet, f"_unmet_{name}")
        because = self.predicate.because if isinstance(self.predicate, Guard) else None
        if not callable(because):
            return constant
        signature = signature_of(because)
        reason = self.source.constant("because", because, f"_because_{name}")
        needs, arguments = self._arguments(signature, "self")
        waiting = "await " if signature.is_async else ""
        told = f"{constant}._replace(reason={waiting}{reason}({arguments}))"
        known = " and ".join(f"{need} is not _missing" for need in needs)
        return f"({told} if {known} else {constant})" if may_miss and needs else told


class Met:
    """Writes how the conditions of candidates are asked, one candidate after the other.

    Every condition of a list is asked, so that a refusal can name all that do not hold; the
    answers of a list are kept in numbered variables.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.unmet: list[str] = []
        self._count = 0

    def all_of(self, tests: list[str], unmet: list[str]) -> str:
        """Write what must come before the ``if``; return what it has to test.

        ``tests`` are the conditions as code, ``unmet`` what a refusal says of each.
        """
        if len(tests) == 1:
            self.unmet.append(unmet[0])
            return tests[0]
        names: list[str] = []
        for test, explanation in zip(tests, unmet, strict=True):
            self._count += 1
            names.append(f"_met_{self._count}")
            self.source.add(f"{names[-1]} = {test}")
            self.unmet.append(f"*(() if {names[-1]} else ({explanation},))")
        return " and ".join(names)


def wanted_arguments(signature: Signature) -> tuple[str, ...]:
    """Return the names of the event's arguments that a predicate asks for."""
    return (*signature.positional[1:], *signature.keyword_only)


def _identifier(predicate: Predicate) -> str:
    name = predicate.name.removeprefix("not ").partition(" ")[0]
    return name if name.isidentifier() else "test"


def call_hook(source: Source, context: Context, hook: Method | None, *arguments: str) -> None:
    """Write the call of a hook with as many of the arguments as it takes."""
    if hook is None:
        return
    count = len(arguments)
    while count and not hook.signature.accepts(count + 1):
        count -= 1
    call = f"self.{hook.name}({', '.join(arguments[:count])})"
    call_plainly(source, context, call, is_async=hook.is_async)


def call_plainly(source: Source, context: Context, call: str, *, is_async: bool) -> None:
    """Write a call whose result is of no interest; what can be awaited is awaited."""
    if not context.is_async:
        source.add(call)
    elif is_async:
        source.add(f"await {call}")
    else:
        source.add(f"_done = {call}")
        with source.block("if _done is not None:"):
            source.add("await _settled(_done)")
