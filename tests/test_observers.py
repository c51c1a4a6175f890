"""Observers: told of everything from outside, and free while there are none."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from statecraft import (
    AsyncWorkflow,
    Event,
    NoTransitionAllowed,
    State,
    TransitionHalted,
    Workflow,
)
from statecraft.observers import LoggingObserver, Observer, OpenTelemetryObserver


def made() -> Any:
    """Return a class of its own for each test, for observers are kept by classes."""

    class Article(Workflow):
        new = State()
        sent = State()
        closed = State()
        fine = True

        @Event(new.to(sent, guard="fine"))
        def submit(self, how: str = "") -> str | None:
            if how == "halt":
                self.halt("soft")
            if how == "error":
                raise KeyError(how)
            return how or None

        close = Event(sent.to(closed))

        def on_closed_entry(self) -> None:
            raise ZeroDivisionError

    return Article


class Remembering(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def on_start(self, workflow: Any, event: str) -> None:
        super().on_start(workflow, event)
        self.told.append(("start", event))

    def on_transition(self, workflow: Any, transition: Any) -> None:
        super().on_transition(workflow, transition)
        self.told.append(("transition", str(transition.source), str(transition.target)))

    def on_refusal(self, workflow: Any, refusal: Any) -> None:
        super().on_refusal(workflow, refusal)
        self.told.append(("refusal", refusal.event))

    def on_halt(self, workflow: Any, event: str, reason: object) -> None:
        super().on_halt(workflow, event, reason)
        self.told.append(("halt", event, reason))

    def on_error(self, workflow: Any, event: str, error: BaseException) -> None:
        super().on_error(workflow, event, error)
        self.told.append(("error", event, type(error)))

    def on_end(self, workflow: Any, event: str) -> None:
        super().on_end(workflow, event)
        self.told.append(("end", event))


def all_outcomes(cls: Any) -> None:
    """Let one object do everything that can be told of."""
    article = cls()
    assert article.submit("halt") is False
    with pytest.raises(KeyError):
        article.submit("error")
    article.fine = False
    with pytest.raises(TransitionHalted):
        article.submit()
    article.fine = True
    assert article.submit("well") == "well"
    with pytest.raises(NoTransitionAllowed):
        article.submit()
    with pytest.raises(ZeroDivisionError):
        article.close()


EVERYTHING = [
    ("start", "submit"),
    ("halt", "submit", "soft"),
    ("end", "submit"),
    ("start", "submit"),
    ("error", "submit", KeyError),
    ("end", "submit"),
    ("start", "submit"),
    ("halt", "submit", "fine does not hold"),
    ("end", "submit"),
    ("start", "submit"),
    ("transition", "new", "sent"),
    ("end", "submit"),
    ("start", "submit"),
    ("refusal", "submit"),
    ("end", "submit"),
    ("start", "close"),
    ("transition", "sent", "closed"),
    ("error", "close", ZeroDivisionError),
    ("end", "close"),
]


def test_an_observer_is_told_of_everything() -> None:
    """Transitions, refusals, halts and errors, each between a start and an end."""
    article, observer = made(), Remembering()
    article.observe(observer)
    all_outcomes(article)
    assert observer.told == EVERYTHING


def test_subclasses_are_observed_too() -> None:
    """Those that are there, and those that come later; the parent of an observed class is not."""
    parent, observer = made(), Remembering()
    child: Any = type("Child", (parent,), {})
    child.observe(observer)
    grandchild = type("Grandchild", (child,), {})
    all_outcomes(parent)
    assert observer.told == []
    all_outcomes(grandchild)
    assert observer.told == EVERYTHING
    parents = Remembering()
    parent.observe(parents)
    child().submit()
    assert (
        parents.told
        == observer.told[-3:]
        == [
            ("start", "submit"),
            ("transition", "new", "sent"),
            ("end", "submit"),
        ]
    )


def test_observing_ends() -> None:
    """With what ``observe`` returned; the code is then what it was before, and so is the event."""
    article, observer, other = made(), Remembering(), Remembering()
    submit, code = article.submit, article.submit.__code__
    stop = article.observe(observer)
    stop_other = article.observe(other)
    assert article.submit is submit
    assert article.submit.__code__ is not code
    stop()
    stop()
    article().submit()
    assert observer.told == []
    assert len(other.told) == 3
    stop_other()
    assert article.submit.__code__.co_code == code.co_code
    assert article().submit("x") == "x"
    assert len(other.told) == 3


def test_an_abstract_class_is_observed_for_its_subclasses() -> None:
    """It has no events of its own."""

    class Abstract(Workflow):
        pass

    class Concrete(Abstract):
        here = State()
        go = Event(here.internal())

    observer = Remembering()
    Abstract.observe(observer)
    assert Concrete().go()
    assert [told[0] for told in observer.told] == ["start", "transition", "end"]


def test_an_observer_must_have_the_methods() -> None:
    """What is no observer is refused at once, and nobody is observed."""
    article = made()
    with pytest.raises(TypeError, match="an observer has a method on_start, and None has none"):
        article.observe(None)
    assert article().submit()


def test_an_observer_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """Its exception is logged; the event and the other observers go on."""

    class Broken(Observer):
        def on_transition(self, workflow: Any, transition: Any) -> None:
            raise RuntimeError("broken")

    article, observer = made(), Remembering()
    article.observe(Broken())
    article.observe(observer)
    assert article().submit() is True
    assert ("transition", "new", "sent") in observer.told
    assert "failed in on_transition" in caplog.text
    assert "RuntimeError: broken" in caplog.text


def test_what_hooks_deal_with_is_told_too() -> None:
    """An error that ``on_error`` takes, and a refusal that ``on_unavailable_transition`` takes."""

    class Dealing(Workflow):
        here = State()
        there = State()

        @Event(here.to(there))
        def go(self) -> None:
            raise KeyError("x")

        back = Event(there.to(here))

        def on_error(self) -> None: ...

        def on_unavailable_transition(self) -> None: ...

    observer = Remembering()
    Dealing.observe(observer)
    dealing = Dealing()
    assert dealing.go() is False
    assert dealing.back() is False
    assert observer.told == [
        ("start", "go"),
        ("error", "go", KeyError),
        ("end", "go"),
        ("start", "back"),
        ("refusal", "back"),
        ("end", "back"),
    ]


def test_async_workflows_are_observed_alike() -> None:
    """With the same observers."""

    class Article(AsyncWorkflow):
        new = State()
        sent = State()

        @Event(new.to(sent))
        async def submit(self) -> None:
            await asyncio.sleep(0)

    observer = Remembering()
    Article.observe(observer)
    assert asyncio.run(Article().submit())
    assert [told[0] for told in observer.told] == ["start", "transition", "end"]


def test_the_logging_observer(caplog: pytest.LogCaptureFixture) -> None:
    """One line an outcome, to the logger ``statecraft``, with the details as attributes."""
    article = made()
    article.observe(LoggingObserver())
    with caplog.at_level(logging.DEBUG, logger="statecraft"):
        all_outcomes(article)
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert lines == [
        ("DEBUG", "Article submit halted: soft"),
        ("ERROR", "Article submit failed"),
        ("DEBUG", "Article submit halted: fine does not hold"),
        ("INFO", "Article submit: new -> sent"),
        ("DEBUG", "Article cannot submit from 'sent': 'submit' leaves 'new'. From here: close."),
        ("INFO", "Article close: sent -> closed"),
        ("ERROR", "Article close failed"),
    ]
    moved: Any = caplog.records[3]
    assert (moved.workflow, moved.event, moved.source, moved.target) == (
        "Article",
        "submit",
        "new",
        "sent",
    )
    assert caplog.records[1].exc_info is not None


def test_the_logging_observer_takes_another_logger_and_other_levels(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """For an application with rules of its own."""
    article = made()
    article.observe(LoggingObserver(logging.getLogger("audit"), level=logging.WARNING))
    with caplog.at_level(logging.INFO, logger="audit"):
        article().submit()
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("audit", "WARNING")


def test_the_opentelemetry_observer() -> None:
    """A span an event; refusals are no errors; what runs inside becomes its child."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")

    class Outer(Workflow):
        here = State()
        there = State()

        @Event(here.to(there))
        def go(self) -> None:
            self.nested()

        nested = Event(here.internal())

    article = made()
    article.observe(OpenTelemetryObserver(tracer))
    all_outcomes(article)
    spans = exporter.get_finished_spans()
    outcomes = [(span.attributes or {})["statecraft.outcome"] for span in spans]
    assert outcomes == ["halt", "error", "halt", "transition", "refusal", "error"]
    assert {span.name for span in spans} == {"Article.submit", "Article.close"}
    assert not spans[4].status.is_ok or spans[4].status.status_code.name == "UNSET"
    assert spans[1].status.status_code.name == "ERROR"
    assert spans[1].events[0].name == "exception"
    assert (spans[3].attributes or {})["statecraft.target"] == "sent"
    exporter.clear()
    Outer.observe(OpenTelemetryObserver(tracer))
    Outer().go()
    inner, outer = exporter.get_finished_spans()
    assert inner.parent is not None
    assert outer.context is not None
    assert inner.parent.span_id == outer.context.span_id


def test_the_opentelemetry_observer_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry", None)
    with pytest.raises(ImportError, match=r"statecraft-fsm\[opentelemetry\]"):
        OpenTelemetryObserver()
