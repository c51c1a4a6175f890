"""The generated functions: how they look to debuggers, tracebacks and other tools."""

from __future__ import annotations

import inspect
import linecache
import traceback
from typing import Any
from unittest import mock

import pytest

from statecraft import Event, NoTransitionAllowed, State, Workflow
from statecraft.compiler import MISSING

META: Any = type(Workflow)


class Article(Workflow):
    """An article."""

    new = State()
    sent = State()
    submit = Event(new.to(sent))

    @Event(sent.to(new))
    def reject(self, reason: str, *, loud: bool = False) -> None:
        """Send it back."""
        raise ZeroDivisionError(reason)


def test_the_source_of_a_class_can_be_read() -> None:
    """It is in linecache under a name that says what it is."""
    filename = Article.submit.__code__.co_filename  # type: ignore[attr-defined] # it is a function
    assert filename == f"<statecraft> {__name__}.Article"
    assert "def submit(self" in "".join(linecache.getlines(filename))
    assert "self.workflow_state = 'sent'" in inspect.getsource(Article.submit.__code__)  # type: ignore[attr-defined] # it is a function


def test_two_classes_of_one_name_have_two_sources() -> None:
    """So that a traceback never shows the wrong one."""

    def make(target: str) -> Any:
        class Same(Workflow):
            here = State()
            there = State()
            go = Event(here.to(target))

        return Same

    first, second = make("there").go.__code__, make("here").go.__code__
    assert first.co_filename != second.co_filename
    assert "= 'there'" in "".join(linecache.getlines(first.co_filename))
    assert "= 'here'" in "".join(linecache.getlines(second.co_filename))


def test_the_last_frame_of_a_traceback_is_the_users_own_line() -> None:
    """The generated line that called it is shown above."""
    article: Any = Article()
    article.submit()
    with pytest.raises(ZeroDivisionError) as caught:
        article.reject("x")
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert frames[-1].filename == __file__
    assert frames[-1].line == "raise ZeroDivisionError(reason)"
    assert "_handle_reject(self, reason" in str(frames[-2].line)


def test_a_refusal_is_raised_in_the_event_itself() -> None:
    """No frame of the library stands below it."""
    article = Article()
    article.submit()
    with pytest.raises(NoTransitionAllowed) as caught:
        article.submit()
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert frames[-1].name == "submit"


def test_events_are_ordinary_functions() -> None:
    """With a name, a docstring, and the signature of the handler."""
    assert inspect.isfunction(Article.reject)
    assert Article.reject.__qualname__ == "Article.reject"
    assert Article.reject.__module__ == __name__
    assert Article.reject.__doc__ == "Send it back."
    assert Article.submit.__doc__ == "Fire submit: from new to sent."
    assert str(inspect.signature(Article.reject)) == (
        "(self, reason: 'str', *, loud: 'bool' = False) -> 'None'"
    )
    can: Any = vars(Article)["can_reject"]
    assert repr(inspect.signature(can).parameters["reason"].default) == "<not given>"
    assert inspect.signature(can).parameters["reason"].default is MISSING
    assert can.__doc__ == "Whether reject would be accepted now."
    assert vars(Article)["is_new"].__qualname__ == "Article.is_new"


def test_events_can_be_patched_in_tests() -> None:
    """Like any method."""
    article: Any = Article()
    with mock.patch.object(Article, "submit", return_value="patched") as patched:
        assert article.submit() == "patched"
        assert article.fire("submit") == "patched"
    assert patched.call_count == 2
    assert article.current_state == "new"


@pytest.mark.parametrize(
    "parameters",
    [
        "self",
        "self, /",
        "self, a",
        "self, a, /, b",
        "self, a=1",
        "self, a, b=2, /, c=3, *d, e, f=4, **g",
        "self, *, e",
        "self, *args, **kwargs",
        "this, workflow_state, value",
    ],
)
def test_an_event_takes_what_its_handler_takes(parameters: str) -> None:
    """Of every kind of parameter, with the same defaults and the same errors."""
    namespace: dict[str, Any] = {}
    exec(f"def go({parameters}): return {{**locals()}}", namespace)  # noqa: S102 - any signature
    handler = namespace["go"]
    here = State()
    made: Any = META("Made", (Workflow,), {"here": here, "go": Event(here.internal())(handler)})
    workflow = made()
    for args, kwargs in (
        ((), {}),
        ((1,), {}),
        ((1, 2), {}),
        ((1,), {"b": 3}),
        ((1, 2, 3, 4, 5), {"e": 6, "x": 7}),
        ((), {"e": 1}),
        ((), {"a": 1}),
    ):
        try:
            expected: Any = handler(workflow, *args, **kwargs)
        except TypeError:
            with pytest.raises(TypeError):
                workflow.go(*args, **kwargs)
        else:
            assert workflow.go(*args, **kwargs) == expected
            assert workflow.can_go(*args, **kwargs)
    assert workflow.can_go()


def test_handlers_may_be_decorated() -> None:
    """What ``functools.wraps`` shows is what the event takes."""
    import functools

    def logged(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return ("logged", function(*args, **kwargs))

        return wrapper

    class Decorated(Workflow):
        here = State()

        @Event(here.internal())
        @logged
        def go(self, number: int) -> int:
            return number

    decorated: Any = Decorated()
    assert decorated.go(3) == ("logged", 3)
    with pytest.raises(TypeError):
        decorated.go()


def test_a_handler_may_be_a_callable_object() -> None:
    """A partial, say; it is called with the object."""
    import functools

    def base(workflow: Any, number: int, *, factor: int) -> int:
        return number * factor

    class Odd(Workflow):
        here = State()
        double: Any = Event(here.internal())(functools.partial(base, factor=2))

    assert Odd().double(4) == 8


def test_values_that_have_no_literal_are_constants() -> None:
    """Two of one name do not overwrite one another."""

    class Pairs(Workflow):
        one = State((1,))
        two = State((2,))
        go = Event(one.to(two), two.to(one))

    pairs: Any = Pairs()
    assert pairs.go()
    assert pairs.workflow_state == (2,)
    assert pairs.go()
    assert pairs.workflow_state == (1,)
