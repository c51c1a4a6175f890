"""Workflows that are attached to mapped classes: their states are columns of the same row."""

from __future__ import annotations

from types import new_class
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.orm import Mapper

from statecraft.attached import Attached
from statecraft.sqlalchemy.base import AnySQLAlchemyWorkflow, when_defined
from statecraft.sqlalchemy.mapping import guard, mapper_of
from statecraft.sqlalchemy.workflow import AsyncSQLAlchemyWorkflow, SQLAlchemyWorkflow

if TYPE_CHECKING:
    from collections.abc import Iterator


def persistence_of(owner: type[Any]) -> Any:
    """Return what moves a column of the objects of ``owner``, or ``None`` if it is not mapped.

    The log and the lock are as the owner says, if it is a workflow itself.
    """
    if mapper_of(owner) is None:
        return None
    options: dict[str, Any] = {}
    if issubclass(owner, AnySQLAlchemyWorkflow):
        options |= owner.attached_options()
    sync = _stored_like(owner, SQLAlchemyWorkflow, options)
    sync.persistence_for_async = _stored_like(owner, AsyncSQLAlchemyWorkflow, options)
    return sync


def _stored_like(owner: Any, base: Any, options: dict[str, Any]) -> Any:
    body = {"__module__": owner.__module__, "__slots__": (), "_owner": owner}
    return new_class(
        f"{owner.__name__}InSQLAlchemy", (base,), options, lambda own: own.update(body)
    )


def attach_all(cls: type) -> None:
    """Bind what is attached to a class that has just been mapped, and guard its columns.

    One that an unmapped base has is attached to each mapped class by itself.
    """
    mapper = mapper_of(cls)
    if mapper is None:
        return
    for name, attached in _attached_to(cls):
        own: Attached[Any] = attached
        if attached.owner is not cls:
            own = Attached(attached.workflow, attached.state_field)
            setattr(cls, name, own)
            own.__set_name__(cls, name)
        guard(mapper, own.bound)


def _attached_to(cls: type) -> Iterator[tuple[str, Attached[Any]]]:
    """Yield what no mapped base of the class has attached already."""
    for klass in cls.__mro__:
        if klass is not cls and mapper_of(klass) is not None:
            return
        for name, value in list(vars(klass).items()):
            if isinstance(value, Attached):
                yield name, value


@event.listens_for(Mapper, "after_mapper_constructed")
def _constructed(_: Mapper[Any], cls: Any) -> None:
    if not issubclass(cls, AnySQLAlchemyWorkflow):
        attach_all(cls)


when_defined.append(attach_all)  # of a workflow, the log and the lock are known only then
