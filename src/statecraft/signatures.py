"""What a function takes, read once from its code when a class is created."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from statecraft.bundles import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

ABSENT: Any = object()
_VARIADIC_POSITIONAL, _VARIADIC_KEYWORD = 0x04, 0x08  # CO_VARARGS, CO_VARKEYWORDS of the code
_COROUTINE = 0x80 | 0x100  # CO_COROUTINE, CO_ITERABLE_COROUTINE
_GENERATOR = 0x20 | 0x200  # CO_GENERATOR, CO_ASYNC_GENERATOR


class Signature(NamedTuple):
    """The parameters of a function, by kind. The first one (``self``) is among ``positional``."""

    positional: tuple[str, ...] = ()
    positional_only: int = 0
    positional_defaults: tuple[Any, ...] = ()
    variadic: str | None = None
    keyword_only: tuple[str, ...] = ()
    keyword_defaults: dict[str, Any] | None = None
    keywords: str | None = None
    is_async: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of the declaration, without the first."""
        variadic = (self.variadic,) if self.variadic else ()
        keywords = (self.keywords,) if self.keywords else ()
        return (*self.positional[1:], *variadic, *self.keyword_only, *keywords)

    @property
    def required(self) -> int:
        """How many positional arguments a call must give, the first among them."""
        return len(self.positional) - len(self.positional_defaults)

    @property
    def takes_no_required_keyword(self) -> bool:
        """Whether a call with positional arguments alone can be right."""
        return set(self.keyword_only) <= set(self.keyword_defaults or ())

    @property
    def has_defaults(self) -> bool:
        """Whether a call may leave out anything that has a name."""
        return bool(self.positional_defaults or self.keyword_defaults)

    def accepts(self, count: int) -> bool:
        """Whether a call with ``count`` positional arguments, the first among them, is right."""
        most = count if self.variadic else len(self.positional)
        return self.required <= count <= most and self.takes_no_required_keyword


def innermost(function: Any) -> Any:
    """Return what a decorator wrapped: ``functools.wraps`` leaves it in ``__wrapped__``."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def is_generator(function: object) -> bool:
    """Whether a call runs nothing of it, because it waits to be iterated: it has a ``yield``."""
    code = getattr(function, "__code__", None)  # not the innermost: a decorator may iterate it
    return code is not None and bool(code.co_flags & _GENERATOR)


def signature_of(function: Callable[..., Any]) -> Signature:
    """Return what ``function`` takes. Plain functions are read without the inspect module."""
    inner = innermost(function)
    code = getattr(inner, "__code__", None)
    if code is None:
        return _inspected(inner)
    count, keyword_count = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames
    after = count + keyword_count
    has_variadic = bool(code.co_flags & _VARIADIC_POSITIONAL)
    has_keywords = bool(code.co_flags & _VARIADIC_KEYWORD)
    bound = 1 if hasattr(inner, "__self__") else 0
    return Signature(
        positional=names[bound:count],
        positional_only=max(code.co_posonlyargcount - bound, 0),
        positional_defaults=inner.__defaults__ or (),
        variadic=names[after] if has_variadic else None,
        keyword_only=names[count:after],
        keyword_defaults=inner.__kwdefaults__,
        keywords=names[after + has_variadic] if has_keywords else None,
        is_async=bool(getattr(function, "__code__", code).co_flags & _COROUTINE),
    )


def _inspected(function: Callable[..., Any]) -> Signature:
    """Read a partial, a class or an object with ``__call__``."""
    import inspect  # noqa: PLC0415 - seldom needed, and slow to import

    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # written in C, like operator.attrgetter: it takes the object
        return Signature(positional=("object",))
    positional = [p for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD]
    keyword_only = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    named = {p.kind: p.name for p in parameters}
    empty = inspect.Parameter.empty
    called = getattr(function, "func", None) or type(function).__call__
    return Signature(
        positional=tuple(p.name for p in positional),
        positional_only=sum(p.kind is p.POSITIONAL_ONLY for p in positional),
        positional_defaults=tuple(p.default for p in positional if p.default is not empty),
        variadic=named.get(inspect.Parameter.VAR_POSITIONAL),
        keyword_only=tuple(p.name for p in keyword_only),
        keyword_defaults={p.name: p.default for p in keyword_only if p.default is not empty},
        keywords=named.get(inspect.Parameter.VAR_KEYWORD),
        is_async=inspect.iscoroutinefunction(called),
    )


def method_signature(attribute: Any) -> Signature:
    """Return what a method takes, as a class holds it: always with a first parameter for self."""
    inside: Any = getattr(attribute, "__func__", attribute)
    if isinstance(attribute, classmethod):
        return signature_of(inside)
    if isinstance(attribute, staticmethod):
        signature = signature_of(inside)
    else:
        signature = signature_of(attribute)
        if _binds(attribute):
            return signature
    return signature._replace(positional=("self", *signature.positional))


def _binds(attribute: Any) -> bool:
    """Whether an object passes itself to what its class holds as ``attribute``."""
    if isinstance(attribute, partial):  # Python 3.13 only announces that it will
        return sys.version_info >= (3, 14)
    return hasattr(attribute, "__get__")


def looked_up(cls: type, name: str) -> Any:
    """Return what the class holds under ``name``, without binding it, or ``ABSENT``."""
    for klass in cls.__mro__:
        if name in klass.__dict__:
            return klass.__dict__[name]
    return ABSENT


def is_method(value: object) -> bool:
    """Whether a name that holds ``value`` is to be called; a property, say, is only read."""
    return isinstance(value, (staticmethod, classmethod)) or (
        callable(value) and not isinstance(value, type)
    )
