"""One end of a TCP connection: the state diagram of RFC 9293, section 3.3.2, figure 5.

All eleven states and every arrow of the figure, with its notes 1 and 2, and of note 3 what a
received reset does. An event is something that the user of the connection does (``active_open``),
that the other end has sent (``receive_syn``), or that time brings. It returns the segment that it
sends, or ``True`` if it sends none.
"""

from __future__ import annotations

from dataclasses import dataclass

from statecraft import ANY, Event, NoTransitionAllowed, State, Transition, Workflow


@dataclass
class ControlBlock:
    """What one end remembers of a connection: the TCB of the RFC, as far as the figure needs it."""

    opened_passively: bool


class Connection(Workflow):
    """One end of a TCP connection."""

    closed = State("CLOSED")
    listen = State("LISTEN")
    syn_sent = State("SYN-SENT")
    syn_received = State("SYN-RECEIVED")
    established = State("ESTABLISHED")
    fin_wait_1 = State("FIN-WAIT-1")
    fin_wait_2 = State("FIN-WAIT-2")
    close_wait = State("CLOSE-WAIT")
    closing = State("CLOSING")
    last_ack = State("LAST-ACK")
    time_wait = State("TIME-WAIT")

    passive_open = Event(closed.to(listen))
    receive_ack_of_syn = Event(syn_received.to(established))
    receive_ack_of_fin = Event(
        fin_wait_1.to(fin_wait_2),
        closing.to(time_wait),
        last_ack.to(closed),
    )
    receive_reset = Event(
        syn_received.to(listen, if_="opened_passively"),
        ANY.except_(listen).to(closed),
    )
    time_out = Event(time_wait.to(closed))

    def __init__(self) -> None:
        self.control_block: ControlBlock | None = None
        self.sent: list[str] = []

    def emit(self, segment: str) -> str:
        """Send a segment."""
        self.sent.append(segment)
        return segment

    @property
    def opened_passively(self) -> bool:
        """Whether this end has waited for the other one to ask."""
        return self.control_block is not None and self.control_block.opened_passively

    @Event(closed.to(syn_sent))
    def active_open(self) -> str:
        """Ask the other end for a connection."""
        return self.emit("SYN")

    @Event(listen.to(syn_sent))
    def send(self) -> str:
        """Send data before anybody has connected: from now on, this end is the active one."""
        self.control_block = ControlBlock(opened_passively=False)
        return self.emit("SYN")

    @Event((listen | syn_sent).to(syn_received))
    def receive_syn(self) -> str:
        """Take in a request for a connection; in SYN-SENT, both ends have asked at once."""
        return self.emit("SYN,ACK")

    @Event(syn_sent.to(established))
    def receive_syn_and_ack(self) -> str:
        """Take in the answer to the request for a connection."""
        return self.emit("ACK")

    @Event(
        (listen | syn_sent).to(closed),
        (syn_received | established).to(fin_wait_1),
        close_wait.to(last_ack),
    )
    def close(self) -> str | None:
        """Close this direction of the connection; nobody knows of one that was only asked for."""
        if self.current_state <= "syn_sent":
            return None
        return self.emit("FIN")

    @Event(established.to(close_wait), fin_wait_1.to(closing), fin_wait_2.to(time_wait))
    def receive_fin(self) -> str:
        """Take in that the other end has nothing more to send."""
        return self.emit("ACK")

    @Event(fin_wait_1.to(time_wait))
    def receive_fin_and_ack_of_fin(self) -> str:
        """Take in, by one segment, that the other end closes too and has seen this end close."""
        return self.emit("ACK")

    @closed.on_exit
    def create_control_block(self, transition: Transition) -> None:
        """Remember how the connection was opened."""
        self.control_block = ControlBlock(opened_passively=transition.event == "passive_open")

    @closed.on_entry
    def delete_control_block(self) -> None:
        """Forget the connection."""
        self.control_block = None


# an ACK says what it acknowledges by its number, which the figure leaves out
ARRIVALS = {
    "SYN": ("receive_syn",),
    "SYN,ACK": ("receive_syn_and_ack",),
    "ACK": ("receive_ack_of_syn", "receive_ack_of_fin"),
    "FIN": ("receive_fin",),
}


class Wire:
    """Two ends of a connection, and what goes to and fro between them."""

    def __init__(self) -> None:
        self.client = Connection()
        self.server = Connection()

    def fire(self, end: Connection, event: str) -> None:
        """Fire an event at one end, and bring what it sends to the other end."""
        segment = end.fire(event)
        self.show(end, event, segment if isinstance(segment, str) else "")
        if isinstance(segment, str):
            other = self.server if end is self.client else self.client
            arrival = next(event for event in ARRIVALS[segment] if other.can(event))
            self.fire(other, arrival)

    def show(self, end: Connection, event: str, segment: str) -> None:
        """Print a line: both states, and what has happened at which end."""
        who = "client" if end is self.client else "server"
        arrow = {"client": "-->", "server": "<--"}[who] if segment else ""
        states = [one.current_state.value for one in (self.client, self.server)]
        print(f"{states[0]:<12} {arrow:^3} {segment:<8} {states[1]:<13} {who}: {event}")


def main() -> None:
    """Open a connection, try to open it once more, and close it from both ends."""
    wire = Wire()
    print(f"{'client':<12} {'':^3} {'segment':<8} {'server':<13} event")
    wire.fire(wire.server, "passive_open")
    wire.fire(wire.client, "active_open")
    try:
        wire.client.active_open()
    except NoTransitionAllowed as error:
        print(error)
    wire.fire(wire.client, "close")
    wire.fire(wire.server, "close")
    wire.fire(wire.client, "time_out")


if __name__ == "__main__":
    main()
