"""A class that is made of a spec, as if somebody had written it."""

from __future__ import annotations

from typing import Any

from statecraft.class_bodies import GIVEN_HOOKS
from statecraft.declarations import Event
from statecraft.spec import WorkflowSpec


def class_from(cls: Any, spec: WorkflowSpec, *, name: str | None, base: Any, module: str) -> Any:
    """Return a subclass of ``cls``, and of ``base`` with the methods that ``spec`` names."""
    if not isinstance(spec, WorkflowSpec):  # pyright: ignore[reportUnnecessaryIsInstance]
        message = f"from_spec takes a WorkflowSpec, as from_dict makes it, and not {spec!r}"
        raise TypeError(message)
    if base is not None and not issubclass(type(base), type):
        message = f"the base of a workflow is a class, and not {base!r}"
        raise TypeError(message)
    class_name = spec.name if name is None else name
    if not class_name.isidentifier():
        message = f'{class_name!r} cannot be the name of a class. Give it one: name="Loan"'
        raise ValueError(message)
    body: dict[str, Any] = {"__module__": module}
    body |= {state.name: state for state in spec.states.values() if state.parent is None}
    body[GIVEN_HOOKS] = spec.hooks
    body |= {event.name: _declared(event, base or cls) for event in spec.events.values()}
    bases = (cls,) if base is None else (base,) if issubclass(base, cls) else (base, cls)
    return type(cls)(class_name, bases, body, state_field=spec.state_field)


def _declared(event: Any, methods: type) -> Event[..., Any]:
    declared: Event[..., Any] = Event.from_spec(event)
    if event.handler_name is not None:
        # the bare name is reported as missing
        found = getattr(methods, event.handler_name, event.handler_name)
        declared.handler = getattr(found, "__wrapped__", found)
    return declared
