"""A light as people write it with SQLAlchemy alone, if they know what can go wrong.

The comparison is in the UPDATE, handlers run under the lock of the row, the log has no gaps. It is
the measure of all the others.
"""

# ruff: noqa: D101, D102, D103, EM101, EM102, TRY003

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKey,
    String,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session
from sqlalchemy.orm.attributes import set_committed_value

from benchmarks.stored_contestants.tables import PREFIX, Base, Columns, switched

if TYPE_CHECKING:
    from benchmarks.work import Work


class NotAllowedError(Exception):
    """The error of a refused event."""


class StaleError(Exception):
    """The error of one who came too late."""


def _session(light: Any) -> Session:
    session = object_session(light)
    if session is None:
        raise NotAllowedError("the light is in no session")
    return session


def _moving(table: Any) -> Any:
    return (
        update(table)
        .where(table.c.id == bindparam("key"), table.c.state == bindparam("expected"))
        .values(state=bindparam("target"))
    )


def _move(light: Any, expected: str, target: str) -> None:
    parameters = {"key": light.id, "expected": expected, "target": target}
    connection = _session(light).connection()
    if connection.execute(light.moving, parameters).rowcount == 0:
        raise StaleError(f"light {light.id} is {expected!r} no more")
    set_committed_value(light, "state", target)


class Light(Columns, Base):
    __tablename__ = f"{PREFIX}by_hand"

    def turn_on(self) -> bool:
        if self.state != "off":
            raise NotAllowedError(f"a light that is {self.state!r} cannot turn_on")
        _move(self, "off", "on")
        return True

    def turn_off(self) -> bool:
        if self.state != "on":
            raise NotAllowedError(f"a light that is {self.state!r} cannot turn_off")
        _move(self, "on", "off")
        return True


class Loaded(Columns, Base):
    """The same for the measurement of loading, without any behaviour."""

    __tablename__ = f"{PREFIX}loaded"


class HandledLight(Columns, Base):
    __tablename__ = f"{PREFIX}by_hand_handled"
    turned = 0

    def _lock(self) -> None:
        found = _session(self).connection().execute(self.locking, {"key": self.id}).scalar_one()
        if found != self.state:
            set_committed_value(self, "state", found)

    def turn_on(self) -> bool:
        with _session(self).begin_nested():
            self._lock()
            if self.state != "off":
                raise NotAllowedError(f"a light that is {self.state!r} cannot turn_on")
            self.turned += 1
            _move(self, "off", "on")
        return True

    def turn_off(self) -> bool:
        with _session(self).begin_nested():
            self._lock()
            if self.state != "on":
                raise NotAllowedError(f"a light that is {self.state!r} cannot turn_off")
            self.turned += 1
            _move(self, "on", "off")
        return True


class LoggedLight(Columns, Base):
    __tablename__ = f"{PREFIX}by_hand_logged"

    def turn_on(self) -> bool:
        if self.state != "off":
            raise NotAllowedError(f"a light that is {self.state!r} cannot turn_on")
        _move(self, "off", "on")
        _record(self, "turn_on", "off", "on")
        return True

    def turn_off(self) -> bool:
        if self.state != "on":
            raise NotAllowedError(f"a light that is {self.state!r} cannot turn_off")
        _move(self, "on", "off")
        _record(self, "turn_off", "on", "off")
        return True


class Record(Base):
    __tablename__ = f"{PREFIX}by_hand_log"
    light: Mapped[int] = mapped_column(ForeignKey(LoggedLight.id), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str | None] = mapped_column(String(40))
    target: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    actor: Mapped[str | None]
    noted: Mapped[Any] = mapped_column(JSON)
    once: Mapped[str | None]
    result: Mapped[str | None]
    refused: Mapped[str | None]
    internal: Mapped[bool]
    __table_args__ = (UniqueConstraint("light", "once"),)


def _recording() -> Any:
    table: Any = Record.__table__
    others = [column for column in table.c if column.name not in {"light", "sequence"}]
    last = (
        select(func.coalesce(func.max(table.c.sequence), literal(0)) + 1)
        .where(table.c.light == bindparam("key"))
        .scalar_subquery()
    )
    selected = select(
        bindparam("key", type_=table.c.light.type),
        last,
        *(bindparam(f"the_{column.name}", type_=column.type) for column in others),
    )
    names = ["light", "sequence", *(column.name for column in others)]
    return insert(table).from_select(names, selected, include_defaults=False)


def _record(light: LoggedLight, event: str, source: str, target: str) -> None:
    parameters = {
        "key": light.id,
        "the_event": event,
        "the_source": source,
        "the_target": target,
        "the_at": datetime.now(UTC),
        "the_actor": None,
        "the_noted": {},
        "the_once": None,
        "the_result": None,
        "the_refused": None,
        "the_internal": False,
    }
    _session(light).connection().execute(RECORDING, parameters)


RECORDING = _recording()
for mapped in (Light, HandledLight, LoggedLight):
    table: Any = mapped.__table__
    mapped.moving = _moving(table)  # type: ignore[attr-defined] # built once, as by hand
HANDLED: Any = HandledLight.__table__
HandledLight.locking = (  # type: ignore[attr-defined]
    select(HANDLED.c.state).where(HANDLED.c.id == bindparam("key")).with_for_update()
)


def plain(session: Session) -> Work:
    return switched(session, Light())


def handler(session: Session) -> Work:
    return switched(session, HandledLight())


def logged(session: Session) -> Work:
    return switched(session, LoggedLight())
