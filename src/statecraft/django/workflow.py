"""The workflow whose objects are stored by Django."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models, transaction

from statecraft.attached import persistence_finders
from statecraft.django.columns import Columns
from statecraft.django.preparing import WORKFLOWS
from statecraft.django.rows import Row
from statecraft.django.saving import Saving
from statecraft.django.units import Unit
from statecraft.spec import WorkflowSpec
from statecraft.workflow import WorkflowMixin

if TYPE_CHECKING:
    from collections.abc import Callable

    from statecraft.persistence import Change, Plan


class StoredByDjango(WorkflowMixin):
    """Keeps the state in a column of a model: that of the object, or of its subject.

    The field is ``workflow_state``, or what ``state_field`` names. ``version_field`` names a field
    that counts the transitions, and is compared as well.
    """

    __slots__ = ()
    persistence_postpones_checks = True
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

    # -- the interface of a persistence ----------------------------------------------------------

    def load_state(self) -> Any:
        """Return what the object knows of its row; what it does not know is read."""
        return self._row().state()

    def load_remembered(self) -> dict[str, str]:
        """Return where each compound with history was left, both by name."""
        return self._row().remembered()

    def persist_state(self, value: Any, *, expected: tuple[Any, ...]) -> None:
        """Compare and store in one statement, or raise ``StaleState``."""
        self._row().move(value, expected)

    def persist_change(self, change: Change) -> None:
        """Do the same for an object that has a row."""
        row = self._row()
        row.require()
        moves = not change.internal
        row.move(change.value, change.expected, moves=moves, memory=change.remembered)

    def persistence_unit(self, plan: Plan) -> Unit:
        """Return an atomic block in which the row is locked before code runs."""
        return Unit(self._row(), locks=plan.before and plan.lock is not False)

    def when_committed(self, call: Callable[[], Any]) -> None:
        """Call it after the commit of the outermost transaction; at once if there is none."""
        transaction.on_commit(call, using=self._row().connection.alias, robust=True)

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
        return Columns(model, spec, self.version_field)


class DjangoWorkflow(Saving, StoredByDjango):
    """What ``WorkflowModel`` adds to ``models.Model``; the migrations of its models name it."""

    __slots__ = ()


DjangoWorkflow.__module__ = "statecraft.django"  # migrations name it by that for ever


def _persistence_of(owner: type) -> type | None:
    return StoredByDjango if issubclass(owner, models.Model) else None


persistence_finders.append(_persistence_of)
