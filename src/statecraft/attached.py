"""Workflows of an object that is none: attached in its class, or adopted by one object alone.

An attached workflow is a class of its own, made of the workflow and the owner's persistence, and
an object of it, the view, which is made when it is first asked for and knows its ``subject``. The
state is the owner's: the view has nothing but what it remembers of a halt.

The view is kept in the owner under the name of the attribute, so that Python finds it at once
from then on. A shallow copy of the owner would take it along, and move the wrong object: so what
is copied and pickled leaves the view out, and where a class copies itself in a way of its own, the
view is kept under another name, and looked at each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from statecraft.errors import Problem, WorkflowDefinitionError, WorkflowError
from statecraft.signatures import looked_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import overload

View_co = TypeVar("View_co", covariant=True)
_COPIERS = ("__copy__", "__reduce__", "__reduce_ex__")

persistence_finders: list[Callable[[type], type | None]] = []
"""What integrations add, each a function that returns the persistence for the objects of a class,
or ``None`` for a class that it does not know."""


def persistence_of(owner: type) -> type | None:
    """Return the persistence of the objects of ``owner``, or ``None``: then it is the attribute.

    Raises ``WorkflowError`` for a mapped class whose integration nobody has imported.
    """
    for find in persistence_finders:
        found = find(owner)
        if found is not None:
            return found
    for mark, module in (("__mapper__", "statecraft.sqlalchemy"), ("_meta", "statecraft.django")):
        if hasattr(owner, mark):
            message = f"{owner.__name__} is stored by a database: import {module} before its use"
            raise WorkflowError(message)
    return None


def options_of(owner: Any) -> dict[str, Any]:
    """Return the options of a workflow that what is attached to it shall have as well."""
    context = owner._context  # noqa: SLF001 - the library's own
    if context is None:
        return {}
    return {"log": "refusals" if context.logs_refusals else context.logs, "lock": context.lock}


def stored_like(owner: type, store: type, options: Mapping[str, Any]) -> type:
    """Return the persistence of what is attached to ``owner``: ``store`` with its options."""
    body = {"__module__": owner.__module__, "__slots__": ()}
    kind: Any = type(store)
    made: type = kind(f"{owner.__name__}Store", (store,), body, **options)
    return made


class Attached(Generic[View_co]):
    """``payment = PaymentFlow.attached("payment_state")`` in the body of any class."""

    def __init__(self, workflow: type[View_co], state_field: str) -> None:
        self.workflow = workflow
        self.state_field = state_field
        self.owner: Any = None
        self.name = ""
        self._bound: type[View_co] | None = None
        self._keys: dict[type, str] = {}

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner, self.name, self._bound, self._keys = owner, name, None, {}
        problems = list(self._problems())
        if problems:
            raise WorkflowDefinitionError(problems)
        self.owner.__getstate__ = _without_views(self.owner.__getstate__)

    def _problems(self) -> list[Problem]:
        owner: type[Any] = self.owner
        found: list[str] = []
        for name in dir(owner):
            other: Any = looked_up(owner, name)
            same = isinstance(other, Attached) and other.state_field == self.state_field
            if same and name != self.name:
                found.append(f"its state is kept in {self.state_field!r}, as that of {name!r} is")
        if self.state_field == self.name:
            found.append(f"its state needs a name of its own: {self.name}_state, for example")
        if not any("__dict__" in vars(klass) for klass in owner.__mro__):
            found.append("__slots__ leave no room for it. Add '__dict__' to them")
        return [Problem(owner.__name__, self.name, what) for what in found]

    @property
    def bound(self) -> type[View_co]:
        """The workflow of this owner: made when it is first needed, and all columns are there."""
        if self._bound is None:
            if self.owner is None:
                message = (
                    "attached() belongs into the body of a class: payment = Flow.attached(...)"
                )
                raise WorkflowError(message)
            qualified = f"{self.owner.__qualname__}.{self.name}"
            name = f"{self.owner.__name__}.{self.name}"
            bound: type[View_co] = bind(
                self.workflow, self.owner, name, qualified, self.state_field
            )
            self._bound = bound
        return self._bound

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> type[View_co]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> View_co: ...

    def __get__(self, instance: Any, owner: type) -> Any:
        """Return the workflow of ``instance``; on the class, the class that describes it."""
        if instance is None:
            return self.bound
        key = self._keys.get(owner) or self._key_for(owner)
        held: dict[str, Any] = {} if key == self.name else instance.__dict__
        view: Any = held.get(key)
        if view is None or view.subject is not instance:
            view = viewed(self.bound, instance)
            # not by vars(): an object whose dictionary was asked for is slower ever after
            object.__setattr__(instance, key, view)
        return view

    def _key_for(self, owner: type) -> str:
        leaves_out = getattr(owner.__getstate__, _LEAVES_OUT, False)
        plain = all(getattr(owner, name, None) is getattr(object, name, None) for name in _COPIERS)
        key = self.name if leaves_out and plain else f"_attached_{self.name}"
        self._keys[owner] = key
        return key


_LEAVES_OUT = "__workflow_leaves_out__"  # on a __getstate__: it leaves the views out


def _without_views(getstate: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a ``__getstate__`` that leaves the views out: a copy makes its own."""
    if getattr(getstate, _LEAVES_OUT, False):
        return getstate

    def leaving_out(self: Any) -> Any:
        state = getstate(self)
        if not isinstance(state, dict):
            return state
        found = cast("dict[str, Any]", state)
        return {key: one for key, one in found.items() if not getattr(one, "_is_attached", False)}

    setattr(leaving_out, _LEAVES_OUT, True)
    return leaving_out


def bind(workflow: Any, owner: type, name: str, qualified_name: str, state_field: str) -> Any:
    """Return a subclass of ``workflow`` whose objects move ``state_field`` of their subjects."""
    if not hasattr(workflow, "workflow_spec"):
        message = f"{workflow.__name__} declares no states, so there is nothing to attach"
        raise WorkflowError(message)
    persistence = _persistence_for(workflow, owner)
    bases = (workflow,) if persistence is None else (persistence, workflow)
    body = {
        "__module__": owner.__module__,
        "__qualname__": qualified_name,
        "__doc__": workflow.__doc__,
        "__slots__": _slots_of_view(workflow),
        "_is_attached": True,
    }
    return type(workflow)(name, bases, body, state_field=state_field)


def _persistence_for(workflow: Any, owner: type) -> Any:
    """Return the persistence of ``owner``, for a workflow that waits as it does."""
    persistence: Any = persistence_of(owner)
    waits = workflow._is_async  # noqa: SLF001 - the library's own
    if persistence is None or waits == persistence._is_async:  # noqa: SLF001
        return persistence
    if waits and persistence.persistence_for_async is not None:
        return persistence.persistence_for_async
    kind, other = ("async", "Workflow") if waits else ("sync", "AsyncWorkflow")
    message = (
        f"{workflow.__name__} is {kind}, and the store of {owner.__name__} is not. Let it inherit"
        f" from {other}"
    )
    raise WorkflowError(message)


def _slots_of_view(workflow: type) -> tuple[str, ...]:
    """A slot is the fastest place for the subject; what a halt leaves has room as well."""
    has_room = any("__dict__" in vars(klass) for klass in workflow.__mro__)
    own = () if hasattr(workflow, "subject") else ("subject",)
    return own if has_room else (*own, "__dict__")


def viewed(bound: Any, subject: object) -> Any:
    """Return the object through which ``bound`` moves ``subject``."""
    view = object.__new__(bound)
    view.subject = subject
    return view
