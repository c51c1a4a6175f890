"""What cannot be declared is an error where it is written."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from statecraft import ANY, Event, Guard, State, States, WorkflowMixin, handles


class Status(Enum):
    NEW = "new"


def declares(is_right: Callable[[object], bool]) -> None:
    new = State()
    done = State(final=True)
    State(label="Done", finl=True)  # E: call-arg reportCallIssue
    State(meta=3)  # E: arg-type reportArgumentType
    State([])  # E: arg-type reportArgumentType
    Event(new)  # E: arg-type reportArgumentType
    Event("new")  # E: arg-type reportArgumentType
    Event(new.to(3))  # E: arg-type reportArgumentType
    Event(new.to())  # E: call-arg reportCallIssue reportUnknownArgumentType
    Event(new.to(done, when="is_right"))  # E: call-arg reportCallIssue reportUnknownArgumentType
    Event(new.to(done, if_=3))  # E: arg-type reportArgumentType
    Event(new.to(done, if_=[is_right, 3]))  # E: list-item reportArgumentType
    Event(new.to(done, guard=3))  # E: arg-type reportArgumentType
    Event(new.to(done), guard=Guard())  # E: call-arg reportCallIssue
    Event(new.to(done), guard=Guard(is_right, code=3))  # E: arg-type reportArgumentType
    Event(new.to(done), guard=Guard(is_right, reason="it is wrong"))  # E: call-arg reportCallIssue
    Event(new.to(done))("is_right")  # E: call-overload reportArgumentType reportCallIssue
    Event(ANY.except_(3).to(done))  # E: arg-type reportArgumentType
    Event((new | 3).to(done))  # E: operator reportOperatorIssue reportUnknownArgumentType reportUnknownMemberType
    States.from_enum(Status.NEW)  # E: arg-type reportArgumentType
    handles(3)  # E: arg-type reportArgumentType
    print(new < 3)  # E: operator reportOperatorIssue reportUnknownArgumentType
    new.between("new")  # E: call-arg reportCallIssue


class Wrong(WorkflowMixin, state_field=3, threadsafe="yes"):  # E: arg-type reportArgumentType reportGeneralTypeIssues
    new = State()
