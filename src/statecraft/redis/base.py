"""What sync and async workflows in Redis have in common: the options, the key, the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from statecraft.attached import options_of
from statecraft.keyed import Keyed
from statecraft.redis.locking import locked
from statecraft.redis.settings import Settings
from statecraft.redis.stored import StoredObject
from statecraft.redis.values import problems_of_values, values_by_text
from statecraft.workflow import AnyWorkflow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta

    from statecraft.errors import Problem
    from statecraft.persistence import Plan
    from statecraft.spec import WorkflowSpec

_GIVEN = "__workflow_redis__"  # in a class: the options that it was given itself


class AnyRedisWorkflow(Keyed, AnyWorkflow):
    """What sync and async workflows in Redis have in common: the options, the key, the checks."""

    __slots__ = ()
    persistence_keeps_log = True
    _redis_settings: ClassVar[Settings] = Settings()
    _redis_values: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(
        cls,
        *,
        client: Any = None,
        prefix: str | None = None,
        ttl: float | timedelta | None = None,
        lock_timeout: float | timedelta | None = None,
        lock_wait: float | timedelta | None = None,
        log_keep: int | None = None,
        **options: Any,
    ) -> None:
        values = (client, prefix, ttl, lock_timeout, lock_wait, log_keep)
        given = zip(Settings._fields, values, strict=True)
        # A decorator that builds the class again gives no options: they are in its body.
        own = vars(cls).get(_GIVEN, {}) | {name: one for name, one in given if one is not None}
        setattr(cls, _GIVEN, own)
        merged: dict[str, Any] = {}
        for klass in reversed(cls.__mro__):
            merged |= vars(klass).get(_GIVEN, {})
        cls._redis_settings = Settings(**merged)
        super().__init_subclass__(**options)
        spec: WorkflowSpec | None = getattr(cls, "workflow_spec", None)
        if spec is not None:
            cls._redis_values = values_by_text(spec)

    @classmethod
    def attached_options(cls) -> dict[str, Any]:
        """Return the options with which an attached workflow is stored as this class is."""
        options: dict[str, Any] = cls._redis_settings._asdict()
        return options | options_of(cls)

    def _in_redis(self) -> StoredObject:
        return StoredObject(self, self._redis_settings, self._redis_values, logs=self._logs)

    @property
    def _logs(self) -> bool:
        return self._context is not None and self._context.logs

    def _locks(self, event: str) -> bool:
        """Whether an event is locked, though nobody is told its plan yet."""
        of_event = self.workflow_spec.events[event].lock
        of_class = self._context is not None and self._context.lock
        return bool(of_class if of_event is None else of_event)

    def _lock(self, plan: Plan) -> AbstractAsyncContextManager[None] | None:
        return locked(self._in_redis(), plan.event) if plan.lock and plan.before else None

    @classmethod
    def persistence_problems(cls, spec: WorkflowSpec) -> Iterator[Problem]:
        """Return which options are missing or wrong, and which values cannot be stored."""
        yield from cls._redis_settings.problems(spec, is_async=cls._is_async)
        yield from problems_of_values(spec)
