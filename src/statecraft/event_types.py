"""What type checkers know of events: how a declaration becomes a method. Nothing here runs.

A class body declares an event; its class and its objects have a function in the place of it. Type
checkers see a descriptor, which gives what the function would be::

    submit = Event(new.to(review))    Event[[], bool]                article.submit() -> bool
    @Event(review.to(rejected))
    def reject(self, why: str) -> T   Declared[(why: str) -> T, T]   article.reject("") -> T | False

If ``T`` may be ``None``, the result is ``T | bool``, because the event returns ``True`` then. That
is why ``Declared`` has the result twice: a pattern with ``| None`` tells what may be ``None`` from
what may not only in a place that is contravariant as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, Concatenate, Literal, Protocol, final, overload

    from typing_extensions import ParamSpec, TypeVar

    from statecraft.async_workflow import AsyncWorkflowMixin

    Arguments = ParamSpec("Arguments", default=[])
    Result = TypeVar("Result", default=bool)
    Taken = ParamSpec("Taken")
    Returned = TypeVar("Returned")
    Answer_co = TypeVar("Answer_co", covariant=True)
    Fired_co = TypeVar("Fired_co", bound=Callable[..., Any], covariant=True)
    Received_contra = TypeVar("Received_contra", contravariant=True)

    @final
    class Nothing:
        """What no handler returns, so that only ``Any`` passes for it."""

    class EventFunction(Protocol[Taken, Answer_co]):
        """An event as a class has it: an ordinary function."""

        __name__: str
        __wrapped__: Callable[..., Any]

        def __call__(
            self, workflow: Any, /, *args: Taken.args, **kwargs: Taken.kwargs
        ) -> Answer_co:
            """Fire the event of ``workflow``."""
            ...

    class Question(Protocol[Answer_co]):
        """A method that takes an event, by its name or as its class has it, and its arguments."""

        @overload
        def __call__(self, event: str, /, *args: Any, **kwargs: Any) -> Answer_co: ...
        @overload
        def __call__(self, event: EventFunction[..., object], /) -> Answer_co: ...
        @overload
        def __call__(
            self, event: EventFunction[Taken, object], /, *args: Taken.args, **kwargs: Taken.kwargs
        ) -> Answer_co: ...

    def asks_about_event(method: Callable[..., Answer_co]) -> Question[Answer_co]:
        """Let type checkers compare the arguments with those of the event."""
        ...

    class EventMethod(Generic[Fired_co]):
        """An event as an object has it: a bound method."""

        __name__: str
        __wrapped__: Callable[..., Any]

        def __call__(
            self: EventMethod[Callable[Taken, Returned]], *args: Taken.args, **kwargs: Taken.kwargs
        ) -> Returned:
            """Fire the event."""
            ...

    class AsyncEventMethod(Generic[Fired_co]):
        """An event as an object of an asynchronous class has it."""

        __name__: str
        __wrapped__: Callable[..., Any]

        def __call__(
            self: AsyncEventMethod[Callable[Taken, Returned]],
            *args: Taken.args,
            **kwargs: Taken.kwargs,
        ) -> Coroutine[Any, Any, Returned]:
            """Fire the event."""
            ...

    class Declared(EventMethod[Fired_co], Generic[Fired_co, Received_contra]):
        """An event as a class body declares it.

        It passes for its method as well, because pyright does not apply descriptors when it
        compares a class with a protocol.
        """

        @overload
        def __get__(
            self: Declared[Callable[Taken, Returned | None], Returned | None],
            instance: None,
            owner: type[AsyncWorkflowMixin],
        ) -> EventFunction[Taken, Coroutine[Any, Any, Returned | bool]]: ...
        @overload
        def __get__(
            self: Declared[Callable[Taken, Returned], Returned],
            instance: None,
            owner: type[AsyncWorkflowMixin],
        ) -> EventFunction[Taken, Coroutine[Any, Any, Returned | Literal[False]]]: ...
        @overload
        def __get__(
            self: Declared[Callable[Taken, Returned | None], Returned | None],
            instance: None,
            owner: Any,
        ) -> EventFunction[Taken, Returned | bool]: ...
        @overload
        def __get__(
            self: Declared[Callable[Taken, Returned], Returned], instance: None, owner: Any
        ) -> EventFunction[Taken, Returned | Literal[False]]: ...
        @overload
        def __get__(
            self: Declared[Callable[Taken, Returned | None], Returned | None],
            instance: AsyncWorkflowMixin,
            owner: Any,
        ) -> AsyncEventMethod[Callable[Taken, Returned | bool]]: ...
        @overload
        def __get__(
            self: Declared[Callable[Taken, Returned], Returned],
            instance: AsyncWorkflowMixin,
            owner: Any,
        ) -> AsyncEventMethod[Callable[Taken, Returned | Literal[False]]]: ...
        @overload
        def __get__(
            self: Declared[Callable[Taken, Returned | None], Returned | None],
            instance: object,
            owner: Any,
        ) -> EventMethod[Callable[Taken, Returned | bool]]: ...
        @overload
        def __get__(
            self: Declared[Callable[Taken, Returned], Returned], instance: object, owner: Any
        ) -> EventMethod[Callable[Taken, Returned | Literal[False]]]: ...
        def __get__(self, instance: object, owner: Any) -> Any: ...

    class EventType(
        # mypy infers an event that is declared again from the method of the parent: hence both.
        Declared[Callable[Arguments, Result], Result],
        AsyncEventMethod[Callable[Arguments, Result]],
        Generic[Arguments, Result],
    ):
        """What ``Event`` inherits from: a declaration that decorates its handler."""

        @overload  # type: ignore[override] # only a method is awaited, not a declaration
        def __call__(
            self, handler: Callable[Concatenate[Any, Taken], Coroutine[Any, Any, Nothing]], /
        ) -> Declared[Callable[Taken, Any], Any]: ...
        @overload
        def __call__(  # type: ignore[overload-overlap] # an event that returns nothing is a bool
            self, handler: Callable[Concatenate[Any, Taken], Coroutine[Any, Any, None]], /
        ) -> Declared[Callable[Taken, bool], bool]: ...
        @overload
        def __call__(
            self, handler: Callable[Concatenate[Any, Taken], Coroutine[Any, Any, Returned]], /
        ) -> Declared[Callable[Taken, Returned], Returned]: ...
        @overload
        def __call__(  # type: ignore[overload-overlap] # an event that returns nothing is a bool
            self, handler: Callable[Concatenate[Any, Taken], None], /
        ) -> Declared[Callable[Taken, bool], bool]: ...
        @overload
        def __call__(
            self, handler: Callable[Concatenate[Any, Taken], Returned], /
        ) -> Declared[Callable[Taken, Returned], Returned]: ...
        @overload
        def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result: ...
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            """Decorate a handler."""
else:
    from typing import ParamSpec, TypeVar

    Arguments, Result = ParamSpec("Arguments"), TypeVar("Result")

    class EventType(Generic[Arguments, Result]):
        """What ``Event`` inherits from; ``Event[[int]]`` means ``Event[[int], bool]``."""

        def __class_getitem__(cls, parameters: object) -> object:
            if not isinstance(parameters, tuple):
                parameters = (parameters, bool)
            return super().__class_getitem__(parameters)

    def asks_about_event(method: object) -> object:
        """Leave the method as it is."""
        return method
