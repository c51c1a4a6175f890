"""The classes that people inherit from: the mixin, and the thin metaclass."""

from __future__ import annotations

from abc import ABCMeta
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from statecraft import halting
from statecraft.class_bodies import REPEATED, Options
from statecraft.compounds import ClassBody, States
from statecraft.creation import NoSpec, created
from statecraft.declarations import Event
from statecraft.errors import Refusal, UnknownEvent
from statecraft.event_types import asks_about_event
from statecraft.hooks import Hooks
from statecraft.observation import OBSERVERS, Observer
from statecraft.persistence import Persistence
from statecraft.places import module_of_caller
from statecraft.states import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal, Self, TypeAlias, TypeVar, overload

    from statecraft.attached import Attached
    from statecraft.compiler.context import Context
    from statecraft.errors import Unmet
    from statecraft.halting import HaltMark
    from statecraft.spec import WorkflowSpec

    Judged: TypeAlias = tuple[State, State | None, tuple[Unmet, ...]]
    Base = TypeVar("Base", bound="AnyWorkflow")


class AnyWorkflow(Hooks, Persistence):
    """What sync and async workflows have in common."""

    __slots__ = ()
    _is_async: ClassVar[bool]
    _halted_because: Any = None  # a HaltMark, after a halt
    _halts: ClassVar[list[bool]] = []
    _judges: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    _context: ClassVar[Context | None] = None

    def __init_subclass__(
        cls,
        *,
        state_field: str | None = None,
        threadsafe: bool | None = None,
        replace: bool | None = None,
        log: bool | Literal["refusals"] | None = None,
        lock: bool | None = None,
        **options: Any,
    ) -> None:
        try:
            super().__init_subclass__(**options)
        except TypeError as error:
            if not options:
                raise
            known = "statecraft takes state_field, threadsafe, replace, log and lock"
            error.add_note(f"{cls.__name__} was given {', '.join(options)}; {known}.")
            raise
        given = Options(
            state_field=state_field, threadsafe=threadsafe, replace=replace, log=log, lock=lock
        )
        created(cls, given)

    @property
    def current_state(self) -> State:
        """The State of the object. Raises ``UnknownState`` if a value is stored that none has."""
        return self.workflow_spec.state_of(self.load_state(), self)

    @property
    def halted(self) -> bool:
        """Whether the last event was halted, or dealt with by ``on_error``."""
        return getattr(self, "_halted_because", None) is not None

    @property
    def halted_because(self) -> Any:
        """The reason of the last halt; ``None`` if the last event was not halted."""
        mark: HaltMark | None = getattr(self, "_halted_because", None)
        return None if mark is None else mark.reason

    def halt(self, reason: object = "") -> NoReturn:
        """Stop the transition that is under way: the event returns ``False``.

        For handlers, guards, conditions and the hooks that run before the state is stored; later,
        or outside of an event, it raises ``WorkflowError``. Raise ``TransitionHalted`` instead if
        the caller shall get an exception.
        """
        halting.halt(self, reason)

    @classmethod
    def attached(cls, state_field: str) -> Attached[Self]:
        """Attach this workflow to the class in whose body this stands.

        ``payment = PaymentFlow.attached("payment_state")``: each object of that class has a
        ``payment``, whose state is kept in the object's ``payment_state``; the object is
        ``self.subject`` in handlers and hooks.
        """
        from statecraft.attached import Attached  # noqa: PLC0415 - seldom needed

        return Attached(cls, state_field)

    @classmethod
    def adopt(cls, subject: Any) -> Self:
        """Give one object this workflow; its class stays what it was for all others.

        Returns the object; or, for one that a database stores, an object that moves it, whose
        ``subject`` it is. Raises ``WorkflowError`` if its class has a workflow, and
        ``UnknownState`` if its state is none of this one: then nothing has changed.
        """
        from statecraft.adopting import adopt  # noqa: PLC0415 - seldom needed

        adopted: Self = adopt(cls, subject)
        return adopted

    @classmethod
    def observe(cls, observer: Observer) -> Callable[[], None]:
        """Tell ``observer`` what objects of this class and its subclasses do, from now on.

        Returns a function that ends it. Nothing is paid for observers while there are none.
        """
        from statecraft.definition import compile_again  # noqa: PLC0415 - see creation.py

        for name in vars(Observer):
            if name.startswith("on_") and not callable(getattr(observer, name, None)):
                message = f"an observer has a method {name}, and {observer!r} has none"
                raise TypeError(message)
        observers: list[Observer] = list(vars(cls).get(OBSERVERS, ()))
        setattr(cls, OBSERVERS, (*observers, observer))
        compile_again(cls)

        def stop() -> None:
            left = [one for one in vars(cls)[OBSERVERS] if one is not observer]
            setattr(cls, OBSERVERS, tuple(left))
            compile_again(cls)

        return stop

    if TYPE_CHECKING:

        @overload
        @classmethod
        def from_spec(
            cls, spec: WorkflowSpec, *, name: str | None = None, base: type[Base]
        ) -> type[Base]: ...
        @overload
        @classmethod
        def from_spec(
            cls, spec: WorkflowSpec, *, name: str | None = None, base: type | None = None
        ) -> type[Self]: ...

    @classmethod
    def from_spec(cls, spec: WorkflowSpec, *, name: str | None = None, base: Any = None) -> Any:
        """Make a class of a spec; ``base`` supplies the methods that the spec names.

        Raises ``WorkflowDefinitionError`` if a method is missing, and ``ValueError`` if the name is
        none for a class. Like a class that is written there, it belongs to the module that calls
        this.
        """
        from statecraft.spec_classes import class_from  # noqa: PLC0415 - seldom needed

        return class_from(cls, spec, name=name, base=base, module=module_of_caller())

    @classmethod
    def _event_name(cls, event: object) -> str:
        name = event if isinstance(event, str) else getattr(event, "__name__", event)
        events = cls.workflow_spec.events
        if name not in events:
            raise UnknownEvent(name, known=tuple(events), workflow_name=cls.__name__)
        return str(name)


class WorkflowMixin(AnyWorkflow):
    """A workflow without a metaclass, to be mixed with classes that have one of their own."""

    __slots__ = ()
    _is_async = False
    if TYPE_CHECKING:
        workflow_spec: ClassVar[WorkflowSpec]
    else:
        workflow_spec = NoSpec()  # an abstract class has none

    @asks_about_event
    def can(self, event: Any, /, *args: Any, **kwargs: Any) -> bool:
        """Whether ``event`` (its name, or ``Article.review``) would be accepted now.

        Runs conditions and guards; without arguments, those that need some count as met. Raises
        ``UnknownEvent``.
        """
        name = self._event_name(event)
        answer: bool = getattr(self, f"can_{name}")(*args, **kwargs)
        return answer

    def fire(self, event: str, /, *args: Any, once: str | None = None, **kwargs: Any) -> Any:
        """Fire an event by its name; do what the event does, or raise ``UnknownEvent``.

        ``once`` is a key, unique for this object: where a store keeps a log, the event fires with
        it exactly once, and a repeat returns the first answer and changes nothing.
        """
        name = self._event_name(event)
        if once is not None:
            return self.fire_once(name, once, args, kwargs)
        return getattr(self, name)(*args, **kwargs)

    @asks_about_event
    def refusal(self, event: Any, /, *args: Any, **kwargs: Any) -> Refusal | None:
        """Return why ``event`` would be refused now, or ``None`` if it would be accepted."""
        name = self._event_name(event)
        state, target, unmet = self._judged(name, args, kwargs)
        return None if target is not None else self.workflow_spec.refusal(name, state, unmet)

    @asks_about_event
    def target_of(self, event: Any, /, *args: Any, **kwargs: Any) -> State | None:
        """Return the State that ``event`` would lead to now, or ``None``; changes nothing."""
        _, target, _ = self._judged(self._event_name(event), args, kwargs)
        return target

    def _judged(self, event: str, args: Any, kwargs: Any) -> Judged:
        judge = self._judges.get(event)
        if judge is not None:
            value, target, unmet = judge(self, *args, **kwargs)
            return self.workflow_spec.state_of(value, self), target, unmet
        if args or kwargs:
            self.can(event, *args, **kwargs)  # raises the TypeError of a wrong call
        state = self.current_state
        return state, target_by_state(state, event), ()

    def allowed_events(self) -> tuple[str, ...]:
        """Return the names of the events that would be accepted now, in declaration order."""
        return tuple(name for name in self.current_state.events if self.can(name))


def target_by_state(state: State, event: str) -> State | None:
    """Return where an event leads that is judged by nothing but the state."""
    transitions = state.events.get(event)
    if not transitions:
        return None
    return state if transitions[0].internal else transitions[0].target.initial_leaf


def _is_of_workflow(value: object) -> bool:
    return isinstance(value, (State, States, Event))


class WorkflowMeta(ABCMeta):
    """Sees a name that is written twice in one body, and shows what a class is."""

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **options: Any) -> ClassBody:
        return ClassBody(_is_of_workflow)

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **options: Any
    ) -> WorkflowMeta:
        """Create the class; hand on which names its body wrote twice."""
        if isinstance(namespace, ClassBody) and namespace.repeated:
            namespace[REPEATED] = tuple(namespace.repeated)
        return super().__new__(cls, name, bases, dict(namespace), **options)

    def __repr__(cls) -> str:
        spec = getattr(cls, "workflow_spec", None)
        if spec is None:
            return super().__repr__()
        path = " | ".join(spec.state_names)
        return f"<workflow {cls.__module__}.{cls.__qualname__}: {path}>"


class Workflow(WorkflowMixin, metaclass=WorkflowMeta):
    """Inherit from it, and declare states and events in the class body."""

    __slots__ = ()
