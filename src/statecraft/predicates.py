"""Conditions, which choose among the transitions of an event, and guards, which veto the chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, cast

from statecraft.actors import current_actor
from statecraft.errors import Unmet
from statecraft.signatures import innermost

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, Self, TypeAlias

    class Called(Protocol):
        """Whatever can be called; said so, it does not keep a lambda from being inferred."""

        @property
        def __call__(self) -> object:
            """Be there."""
            ...

    class Text(Protocol):
        """A text, lazily translated perhaps."""

        def __str__(self) -> str: ...

    # By arity, so that the parameters of a lambda are inferred: Callable[..., object] says nothing
    Asking: TypeAlias = (
        Callable[[Any], object]
        | Callable[[Any, Any], object]
        | Callable[[Any, Any, Any], object]
        | Callable[[Any, Any, Any, Any], object]
    )
    Test: TypeAlias = str | Asking | Called
    Tests: TypeAlias = Test | Iterable[Test] | None
    Reason: TypeAlias = str | Asking | Text
    Guards: TypeAlias = "Guard | Test | Iterable[Guard | Test] | None"


class Frozen:
    """A value object: written once, by its constructor."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        message = f"{type(self).__name__} is immutable: {name!r} cannot be set"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> NoReturn:
        message = f"{type(self).__name__} is immutable: {name!r} cannot be deleted"
        raise AttributeError(message)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self  # nothing in it can change

    def _write(self, **values: object) -> None:
        write = object.__setattr__
        for name, value in values.items():
            write(self, name, value)


def flag_of(name: str, value: object) -> bool:
    """Return ``value``, an option that is true or false; raise ``TypeError`` for anything else."""
    if not isinstance(value, bool):
        message = f"{name} is True or False, and not {value!r}"
        raise TypeError(message)
    return value


def mapping_of(meta: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what ``meta=`` means, read-only; raise ``TypeError`` for what is no mapping."""
    if meta is not None and not isinstance(meta, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        message = f"meta takes a mapping, such as {{'importance': 8}}, and not {meta!r}"
        raise TypeError(message)
    return MappingProxyType(dict(meta or {}))


class Labelled(Frozen):
    """What people read under a text of its own: a state, or an event."""

    __slots__ = ()
    name: str
    _label: object

    @property
    def label(self) -> object:
        """The text for people; without one, the name in plain words."""
        if self._label is not None:
            return self._label
        return self.name.rpartition(".")[2].replace("_", " ").capitalize()

    @property
    def own_label(self) -> object:
        """The label as it was given, or ``None``."""
        return self._label


def _name_of(test: str | Callable[..., Any]) -> str:
    if isinstance(test, str):
        return test
    inner = innermost(test)
    name = str(getattr(inner, "__name__", type(test).__name__))
    code = getattr(inner, "__code__", None)
    if name == "<lambda>" and code is not None:
        return f"lambda at {code.co_filename.rpartition('/')[2]}:{code.co_firstlineno}"
    return name


class Predicate(Frozen):
    """A question to the object: the name of an attribute or method, or a callable on the object."""

    __slots__ = ("name", "test")
    name: str
    test: str | Callable[..., Any]

    def __init__(self, test: Test) -> None:
        if not (isinstance(test, str) and test.isidentifier()) and not callable(test):
            message = f"{type(self).__name__} takes a name or a callable, not {test!r}"
            raise TypeError(message)
        self._write(test=test, name=_name_of(cast("str | Callable[..., Any]", test)))

    def _key(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in ("test", *type(self).__slots__))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name})"

    @property
    def unmet(self) -> Unmet:
        """What a refusal says of it."""
        return Unmet(self.name)


class Condition(Predicate):
    """``if_=`` and ``unless=``: a transition is chosen only if all of its conditions hold."""

    __slots__ = ("negated",)
    negated: bool

    def __init__(self, test: Test, *, negated: bool = False) -> None:
        super().__init__(test)
        self._write(negated=negated, name=f"not {self.name}" if negated else self.name)


class Guard(Predicate):
    """A veto with a reason: ``Guard("has_reviewer", because="nobody reviews it", code="x")``.

    ``test`` is the name of an attribute or method, or a callable on the object; ``because`` a
    string (lazily translated, if you like) or a callable that takes what the test may take and
    returns one; ``code`` is for programs.
    """

    __slots__ = ("because", "code")
    because: object
    code: str | None

    def __init__(
        self, test: Test, *, because: Reason | None = None, code: str | None = None
    ) -> None:
        super().__init__(test)
        self._write(because=because, code=code)

    @classmethod
    def permission(cls, name: str, *, because: Reason | None = None) -> Self:
        """Make a guard that lets pass who has a permission, on every object or on this one.

        The actor, see ``acting_as``, is asked ``has_perm(name)`` and ``has_perm(name, object)``, as
        users of Django are; without an actor the answer is no. The code is ``"permission"``.
        """
        reason = f"the permission {name!r} is missing" if because is None else because
        return cls(_Permission(name), because=reason, code="permission")

    @property
    def unmet(self) -> Unmet:
        """What a refusal says of it, where the reason is a plain text."""
        reason = None if callable(self.because) else self.because
        return Unmet(self.name, reason, self.code)


class _Permission:
    """The question of ``Guard.permission``."""

    __slots__ = ("__name__", "_permission")

    def __init__(self, permission: str) -> None:
        self._permission = permission
        self.__name__ = f"permission {permission}"

    def __call__(self, workflow: Any) -> bool:
        actor = current_actor()
        has_perm = getattr(actor, "has_perm", None)
        if has_perm is None:
            return False
        subject = workflow._stored_object  # noqa: SLF001 - the library's own
        return bool(has_perm(self._permission) or has_perm(self._permission, subject))


def _each(given: Guards) -> Iterable[Any]:
    if given is None:
        return ()
    if isinstance(given, (str, Predicate)) or callable(given) or not isinstance(given, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        return (given,)
    return given


def conditions_from(if_: Tests, unless: Tests) -> tuple[Condition, ...]:
    """Return what ``if_=`` and ``unless=`` mean: one test or several, of each kind."""
    wanted = [Condition(test) for test in _each(if_)]
    unwanted = [Condition(test, negated=True) for test in _each(unless)]
    return (*wanted, *unwanted)


def guards_from(guard: Guards) -> tuple[Guard, ...]:
    """Return what ``guard=`` means: one guard or several, a bare test is a guard without reason."""
    return tuple(one if isinstance(one, Guard) else Guard(one) for one in _each(guard))
