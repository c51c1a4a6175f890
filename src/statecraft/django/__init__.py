"""The Django store: the state of each object in a column of its row, moved in its transaction.

Theory of operation
-------------------
The row is the truth, and the object knows of it what it has loaded. An event is one UPDATE of the
table that has the state: it compares and stores in one step, touches no other column, and neither
``save`` nor its signals have a part in it. Of two writers one finds no row to change, and gets
``StaleState``. An event with code of the user is a unit: an atomic block, in which the row is
locked and read before the state is judged.

What an object knows follows its transaction: see ``following``. ``save`` never writes the state of
a row that exists, and nobody assigns it: see ``saving`` and ``attributes``.

Django makes a class before its fields, and puts those of bases into it later. So a class is
prepared when Django says that it is complete: see ``preparing``. The models that a migration makes
of its own have no states, and are left alone.

    explaining.py    what is said of objects that cannot be moved as they are
    following.py     what an object forgets when its transaction is undone
    losing.py        what is said when a connection is lost
    attributes.py    the attribute of a state: events alone move it
    fields.py        the fields that a workflow brings
    columns.py       where a class has its state, and the statements on that
    log_models.py    the model of the log
    log.py           the transition log, and keys that are used once
    rows.py          the row of one object: read, locked, compared and stored
    units.py         atomic blocks and locks
    signals.py       signals of all transitions
    names.py         system checks of names that two things have
    querysets.py     the objects in a state, as Q and as QuerySet
    problems.py      what is wrong with fields, or with values for them
    preparing.py     a model that is complete gets what its workflow needs
    saving.py        creating, saving and refreshing what has a state
    workflow.py      the workflow that is stored
    models.py        WorkflowModel
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    import django as _django
except ImportError as error:
    _message = 'statecraft.django needs the package Django: pip install "statecraft-fsm[django]"'
    raise ImportError(_message) from error

from statecraft.django.workflow import DjangoWorkflow, prune_log

if TYPE_CHECKING:
    from statecraft.django.models import WorkflowManager, WorkflowModel, WorkflowQuerySet

del _django

__all__ = ["DjangoWorkflow", "WorkflowManager", "WorkflowModel", "WorkflowQuerySet", "prune_log"]


def __getattr__(name: str) -> Any:
    if name in __all__:  # models can be defined only when Django has loaded the apps
        from statecraft.django import models  # noqa: PLC0415 - see above

        return getattr(models, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
