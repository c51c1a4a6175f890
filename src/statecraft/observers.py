"""Ready-made observers: one that logs, and one that makes OpenTelemetry spans."""

from __future__ import annotations

from contextvars import ContextVar
from logging import DEBUG, ERROR, INFO, Logger, getLogger
from typing import TYPE_CHECKING, Any

from statecraft.observation import Observer

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

    from statecraft.errors import Refusal
    from statecraft.persistence import Transition

__all__ = ["LoggingObserver", "Observer", "OpenTelemetryObserver"]


class LoggingObserver(Observer):
    """Logs transitions at ``level``, refusals and halts at ``refused_level``, errors as errors.

    ``logger`` is by default the one called ``statecraft``. The record has the attributes
    ``workflow`` (the name of the class), ``event``, ``source`` and ``target``.
    """

    def __init__(
        self, logger: Logger | None = None, *, level: int = INFO, refused_level: int = DEBUG
    ) -> None:
        self.logger = logger or getLogger("statecraft")
        self.level = level
        self.refused_level = refused_level

    def on_transition(self, workflow: Any, transition: Transition) -> None:
        """Log one line: who, which event, from where to where."""
        name = workflow.workflow_spec.name
        source, target = str(transition.source), str(transition.target)
        self.logger.log(
            self.level,
            "%s %s: %s -> %s",
            name,
            transition.event,
            source,
            target,
            extra=_extra(workflow, transition.event) | {"source": source, "target": target},
        )

    def on_refusal(self, workflow: Any, refusal: Refusal) -> None:
        """Log the explanation of the refusal."""
        self.logger.log(self.refused_level, "%s", refusal, extra=_extra(workflow, refusal.event))

    def on_halt(self, workflow: Any, event: str, reason: object) -> None:
        """Log why it was halted."""
        name = workflow.workflow_spec.name
        extra = _extra(workflow, event)
        self.logger.log(self.refused_level, "%s %s halted: %s", name, event, reason, extra=extra)

    def on_error(self, workflow: Any, event: str, error: BaseException) -> None:
        """Log the error with its traceback."""
        name = workflow.workflow_spec.name
        extra = _extra(workflow, event)
        self.logger.log(ERROR, "%s %s failed", name, event, exc_info=error, extra=extra)


def _extra(workflow: Any, event: str) -> dict[str, str]:
    return {"workflow": workflow.workflow_spec.name, "event": event}


class OpenTelemetryObserver(Observer):
    """Makes a span of every fired event: what handlers do becomes its children.

    The span is called ``Article.submit``; its attributes are ``statecraft.event``, ``.source``,
    ``.target`` and ``.outcome`` (transition, refusal, halt or error). Needs the package
    opentelemetry-api: install ``statecraft-fsm[opentelemetry]``.
    """

    def __init__(self, tracer: Tracer | None = None) -> None:
        try:
            from opentelemetry import trace  # noqa: PLC0415 - optional
        except ImportError as error:
            message = (
                "OpenTelemetryObserver needs the package opentelemetry-api:"
                ' pip install "statecraft-fsm[opentelemetry]"'
            )
            raise ImportError(message) from error
        self._trace = trace
        self._tracer = tracer or trace.get_tracer("statecraft")
        self._open: ContextVar[tuple[Any, ...]] = ContextVar("statecraft_spans", default=())

    def on_start(self, workflow: Any, event: str) -> None:
        """Open the span, inside of which the event runs."""
        name = workflow.workflow_spec.name
        manager = self._tracer.start_as_current_span(
            f"{name}.{event}",
            attributes={"statecraft.event": event},
            record_exception=False,
            set_status_on_exception=False,
        )
        self._open.set((*self._open.get(), (manager, manager.__enter__())))

    def on_transition(self, workflow: Any, transition: Transition) -> None:  # noqa: ARG002 - as Observer has it
        """Note where it led."""
        self._note("transition", source=str(transition.source), target=str(transition.target))

    def on_refusal(self, workflow: Any, refusal: Refusal) -> None:  # noqa: ARG002 - as above
        """Note the refusal; it is no error of the program."""
        self._note("refusal", source=str(refusal.state), reason=str(refusal))

    def on_halt(self, workflow: Any, event: str, reason: object) -> None:  # noqa: ARG002 - as above
        """Note the reason of the halt."""
        self._note("halt", reason=str(reason))

    def on_error(self, workflow: Any, event: str, error: BaseException) -> None:  # noqa: ARG002 - as above
        """Record the exception, and mark the span as failed."""
        self._note("error")
        span = self._span
        span.record_exception(error)
        span.set_status(self._trace.StatusCode.ERROR, str(error))

    def on_end(self, workflow: Any, event: str) -> None:  # noqa: ARG002 - as above
        """Close the span."""
        *around, (manager, _) = self._open.get()
        self._open.set(tuple(around))
        manager.__exit__(None, None, None)

    @property
    def _span(self) -> Span:
        span: Span = self._open.get()[-1][1]
        return span

    def _note(self, outcome: str, **details: str) -> None:
        self._span.set_attribute("statecraft.outcome", outcome)
        for name, value in details.items():
            self._span.set_attribute(f"statecraft.{name}", value)
