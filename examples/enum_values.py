"""What is stored for a state: members of an Enum, or the numbers of a legacy column."""

from __future__ import annotations

from enum import Enum

from statecraft import Event, State, States, Transition, Workflow


class Status(Enum):
    """The Enum that the rest of the application knows already."""

    NEW = "new"
    PAID = "paid"
    SHIPPED = "shipped"


class Order(Workflow, state_field="status"):
    """An order: one state per member of ``Status``, which is what ``order.status`` holds."""

    states = States.from_enum(Status)

    pay = Event(states.NEW.to(states.PAID))
    ship = Event(states.PAID.to(states.SHIPPED))

    def __init__(self, status: Status = Status.NEW) -> None:
        self.status = status


class Ticket(Workflow, state_field="code"):
    """A ticket whose states are numbers in the table; the names can change, the numbers not."""

    waiting = State(0)
    in_work = State(10, label="Being worked on")
    done = State(20, final=True)

    start = Event(waiting.to(in_work))
    finish = Event(in_work.to(done))

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.journal: list[str] = []

    def on_transition(self, transition: Transition) -> None:
        """Note every transition, by name and by number."""
        source, target = transition.source, transition.target
        self.journal.append(f"{source} ({source.value}) -> {target} ({target.value})")


def main() -> None:
    """Move an order and a ticket, and show what they would store."""
    print("An order stores members of Status:")
    order = Order()
    order.pay()
    print(f"    {order.status!r}, which is the state {order.current_state}")
    print(f"    read from a row again: {Order(Status.SHIPPED).current_state}")

    print("A ticket stores numbers, zero among them:")
    ticket = Ticket()
    ticket.start()
    print(f"    the column holds {ticket.code}, people read {str(ticket.current_state.label)!r}")
    ticket.finish()
    print(f"    {ticket.current_state} comes after in_work: {ticket.current_state > 'in_work'}")
    print(f"    it went {', '.join(ticket.journal)}")


if __name__ == "__main__":
    main()
