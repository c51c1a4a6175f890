"""Adopting: a workflow for one object only, whose class stays what it was for everyone else."""

from __future__ import annotations

from typing import Any

from statecraft.attached import bind, persistence_of, viewed
from statecraft.errors import WorkflowError

MADE = "__workflow_made__"  # in a workflow: its classes that were made here, by the class before
ADOPTED = "__workflow_adopted__"  # in a class made here: the workflow, and the class of before


def adopt(workflow: Any, subject: Any) -> Any:
    """Give ``subject`` the workflow, in the place of one that it has adopted before.

    Returns the object itself, which is of a subclass of its class now; or, if a database stores
    it, an object like that of an attached workflow, with ``subject``. Raises ``WorkflowError`` if
    its class has a workflow, or cannot be changed, and ``UnknownState`` if its state is none of
    this workflow: then nothing has changed.
    """
    before, original = _history_of(subject.__class__)
    if before is workflow:
        return subject
    if before is None and hasattr(original, "workflow_spec"):
        message = (
            f"{original.__name__} has a workflow already. Attach the other one to the class:"
            f' other = {workflow.__name__}.attached("other_state")'
        )
        raise WorkflowError(message)
    if persistence_of(original) is not None:
        return _bound_to(workflow, original, subject)
    hiding = _hiding(workflow, _names_of(original, subject))
    if hiding:
        raise _impossible(workflow, original, f"its {hiding[0]!r} would hide that of the workflow")
    adopted = _adopted(workflow, original)
    field = adopted.workflow_spec.state_field
    adopted.workflow_spec.state_of(getattr(subject, field, None), subject)
    try:
        subject.__class__ = adopted
    except TypeError as error:
        raise _impossible(workflow, original, error) from error
    return subject


def _bound_to(workflow: Any, owner: type, subject: Any) -> Any:
    known = _made_of(workflow)
    if owner not in known:
        name = f"{owner.__name__} with {workflow.__name__}"
        field = workflow.workflow_spec.state_field
        known[owner] = bind(workflow, owner, name, name, field)
    held: dict[str, Any] = subject.__dict__
    view: Any = held.get(ADOPTED)
    if type(view) is not known[owner] or view.subject is not subject:
        view = viewed(known[owner], subject)
        view.current_state  # noqa: B018 - an unknown state is found now
        held[ADOPTED] = view
    return view


def _made_of(workflow: Any) -> dict[type, Any]:
    own: dict[str, Any] = workflow.__dict__
    if MADE not in own:
        setattr(workflow, MADE, {})
    known: dict[type, Any] = own[MADE]
    return known


def _adopted(workflow: Any, original: type) -> Any:
    known = _made_of(workflow)
    if original not in known:
        body = {
            "__module__": original.__module__,
            "__qualname__": original.__qualname__,
            "__doc__": original.__doc__,
            "__slots__": (),
            "__reduce_ex__": _reduce_adopted,
            ADOPTED: (workflow, original),
        }
        try:
            # in this order: Python changes the class of an object only to one built on its own
            known[original] = type(workflow)(original.__name__, (original, workflow), body)
        except TypeError as error:
            if isinstance(error, WorkflowError):
                raise
            raise _impossible(workflow, original, error) from error
    return known[original]


def _history_of(present: type[object]) -> tuple[Any, Any]:
    """Return the workflow that an object of this class has adopted, and its class before that."""
    found: tuple[Any, Any] = vars(present).get(ADOPTED, (None, present))
    return found


def _names_of(original: type[Any], subject: object) -> set[str]:
    names = {name for klass in original.__mro__[:-1] for name in vars(klass)}
    return names.union(getattr(subject, "__dict__", ()))


def _hiding(workflow: type, names: set[str]) -> list[str]:
    return sorted(name for name in names if hasattr(workflow, name) and not name.startswith("__"))


def _impossible(workflow: Any, original: type, error: object) -> WorkflowError:
    return WorkflowError(
        f"an object of {original.__name__} cannot adopt {workflow.__name__}: {error}. Attach it to"
        f' the class instead: flow = {workflow.__name__}.attached("flow_state")'
    )


def _reduce_adopted(self: Any, protocol: Any) -> Any:
    """Let what is pickled or copied come back as an object of its class that adopts again."""
    workflow, original = _history_of(self.__class__)
    function, args, *rest = original.__reduce_ex__(self, protocol)
    args = tuple(original if one is self.__class__ else one for one in args)
    return _adopted_again, (workflow, function, args), *rest


def _adopted_again(workflow: Any, function: Any, args: tuple[Any, ...]) -> Any:
    return adopt(workflow, function(*args))
