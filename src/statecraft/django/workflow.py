"""The workflow whose objects are stored by Django."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from asgiref.sync import sync_to_async
from django.core import checks
from django.db import models, transaction
from django.db.models.signals import class_prepared

from statecraft.attached import options_of, persistence_finders, stored_like
from statecraft.django.columns import Columns
from statecraft.django.log import pruned
from statecraft.django.names import WORKFLOWS, check_names
from statecraft.django.preparing import prepare
from statecraft.django.problems import require_columns
from statecraft.django.rows import Row, log_model_of
from statecraft.django.saving import Saving
from statecraft.django.signals import Telling
from statecraft.django.units import Unit, taking_part, whole
from statecraft.log_entries import entry_of_change, entry_of_refusal
from statecraft.once import fired_once
from statecraft.spec import WorkflowSpec
from statecraft.transition_log import TransitionLog
from statecraft.workflow import WorkflowMixin

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from statecraft.errors import Refusal
    from statecraft.persistence import Attempt, Change, Plan


class StoredByDjango(WorkflowMixin):
    """Keeps the state in a column of a model: that of the object, or of its subject.

    The field is ``workflow_state``, or what ``state_field`` names. ``version_field`` names a field
    that counts the transitions, and is compared as well.
    """

    __slots__ = ()
    persistence_postpones_checks = True
    persistence_keeps_log = True
    version_field: ClassVar[str | None] = None
    _columns_by_model: ClassVar[dict[type, Columns]] = {}

    def __init_subclass__(cls, *, version_field: str | None = None, **options: Any) -> None:
        if version_field is not None:
            cls.version_field = version_field
        cls._columns_by_model = {}
        super().__init_subclass__(**options)
        spec = vars(cls).get("workflow_spec")
        if not isinstance(spec, WorkflowSpec):
            made: Any = cls
            made.__abstractmethods__ = frozenset()  # the models of a migration have no states
            return
        for name in spec.events:
            vars(cls)[name].alters_data = True  # a template that names it must not fire it

    async def afire(self, event: str, /, *args: Any, once: str | None = None, **kwargs: Any) -> Any:
        """Do what ``fire`` does, from code that is asynchronous."""
        return await sync_to_async(self.fire)(event, *args, once=once, **kwargs)

    async def acan(self, event: Any, /, *args: Any, **kwargs: Any) -> bool:
        """Do what ``can`` does, from code that is asynchronous."""
        return await sync_to_async(self.can)(event, *args, **kwargs)

    async def arefusal(self, event: Any, /, *args: Any, **kwargs: Any) -> Refusal | None:
        """Do what ``refusal`` does, from code that is asynchronous."""
        return await sync_to_async(self.refusal)(event, *args, **kwargs)

    # -- the interface of a persistence ----------------------------------------------------------

    def load_state(self) -> Any:
        """Return what the object knows of its row; what it does not know is read."""
        return self._row().state()

    def load_remembered(self) -> dict[str, str]:
        """Return where each compound with history was left, both by name."""
        return self._row().remembered()

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store in one statement, or raise ``StaleState``."""
        row = self._row()
        with taking_part(row):
            row.move(value, expected)

    def persist_change(self, change: Change) -> None:
        """Do the same for an object that has a row."""
        row = self._row()
        row.require()
        logs = row.columns.log_model is not None
        entry = entry_of_change(change, self.workflow_spec) if logs else None
        telling = Telling(self, change.transition, row.connection.alias)
        tells = telling.is_wanted
        with whole(row) if logs or tells else taking_part(row):
            if tells:
                telling.before()
            moves = not change.internal
            row.move(change.value, change.expected, moves=moves, memory=change.remembered)
            if entry is not None:
                row.log.append(entry)
            if tells:
                telling.after()

    def persistence_unit(self, plan: Plan) -> Unit:
        """Return an atomic block in which the row is locked before code runs."""
        return Unit(self._row(), locks=plan.before and plan.lock is not False)

    def when_committed(self, call: Callable[[], Any]) -> None:
        """Call it after the commit of the outermost transaction; at once if there is none."""
        row = self._row()
        with taking_part(row):
            transaction.on_commit(call, using=row.connection.alias, robust=True)

    def persist_refusal(self, attempt: Attempt) -> None:
        """Write a record of a refused attempt, in the transaction in which it happened."""
        entry = entry_of_refusal(attempt, self.workflow_spec)
        row = self._row()
        with Unit(row, locks=True):
            row.log.append(entry)

    def fire_once(
        self, event: str, once: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Fire ``event`` unless ``once`` was its key before: then return the first answer."""
        if not self._logs():
            return super().fire_once(event, once, args, kwargs)
        row = self._row()
        fire = partial(getattr(self, event), *args, **kwargs)
        unit = Unit(row, locks=True)
        return fired_once(self, event, once, fire, unit=unit, answer=row.log.answer)

    def transition_log(self) -> TransitionLog:
        """Return the records of this object, in order: those of a class with ``log=True``."""
        return TransitionLog(self._row().log.records(), spec=self.workflow_spec)

    @classmethod
    def _logs(cls) -> bool:
        return cls._context is not None and cls._context.logs

    def _row(self) -> Row:
        model: type[Any] = self._stored_object.__class__
        columns = self._columns_by_model.get(model)
        if columns is None:
            columns = self._columns_by_model[model] = self._columns_of(model)
        return Row(self, columns)

    def _columns_of(self, model: Any) -> Columns:
        spec = self.workflow_spec
        known: Columns | None = getattr(model, WORKFLOWS, {}).get(spec.state_field)
        if known is not None and known.spec is spec:
            return known
        require_columns(self, model)
        return Columns(model, spec, self.version_field, logs=self._logs())


class DjangoWorkflow(Saving, StoredByDjango):
    """What ``WorkflowModel`` adds to ``models.Model``; the migrations of its models name it."""

    __slots__ = ()

    @classmethod
    def log_model(cls) -> Any:
        """Return the model of the log, for queries: ``OrderTransitionRecord``.

        Raises ``WorkflowError`` for a model that is defined without ``log=True``.
        """
        spec = cls.workflow_spec
        return log_model_of(spec, cls._workflow_columns[spec.state_field])


class_prepared.connect(prepare, dispatch_uid="statecraft")
checks.register(checks.Tags.models)(check_names)
DjangoWorkflow.__module__ = "statecraft.django"  # migrations name it by that for ever


def prune_log(
    model: type[DjangoWorkflow],
    *,
    before: datetime,
    state_field: str | None = None,
    using: str | None = None,
) -> int:
    """Delete the records of the log that were written before a moment; return how many.

    Those of all rows in the table of ``model``. Of each row, the record stays with which its
    present state was entered, and all that came after it. Keys of ``once`` go with their records.
    ``state_field`` names the field of an attached workflow.
    """
    stored: Any = model
    field: str = state_field or stored.workflow_spec.state_field
    columns: Columns = stored._workflow_columns[field]
    return pruned(log_model_of(columns.spec, columns), field, before, using)


def _persistence_of(owner: type) -> type | None:
    if not issubclass(owner, models.Model):
        return None
    is_workflow = issubclass(owner, StoredByDjango)
    return stored_like(owner, StoredByDjango, options_of(owner) if is_workflow else {})


persistence_finders.append(_persistence_of)
