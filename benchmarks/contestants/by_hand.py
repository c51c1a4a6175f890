"""The machines as people write them without a library: the measure of all the others."""

# The rows of the table say what each of these is for, once for all contestants.
# ruff: noqa: D101, D102, D103, EM101, EM102, TRY003

from __future__ import annotations

from functools import cached_property

from benchmarks.work import ON_OFF, Step, Work, cycle, refused


class NotAllowed(Exception):
    """The error of a refused event."""


class Switch:
    def __init__(self) -> None:
        self.state = "off"

    def turn_on(self) -> None:
        if self.state != "off":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_on")
        self.state = "on"

    def turn_off(self) -> None:
        if self.state != "on":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_off")
        self.state = "off"

    def can_turn_on(self) -> bool:
        return self.state == "off"

    def can_turn_off(self) -> bool:
        return self.state == "on"


class HandledSwitch:
    """What statecraft calls the handler is written into the event itself."""

    def __init__(self) -> None:
        self.state = "off"
        self.turned = 0

    def turn_on(self) -> None:
        if self.state != "off":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_on")
        self.turned += 1
        self.state = "on"

    def turn_off(self) -> None:
        if self.state != "on":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_off")
        self.turned += 1
        self.state = "off"


class HookedSwitch:
    """Each hook, the handler and the condition is a method, so that a subclass can override it."""

    def __init__(self) -> None:
        self.state = "off"
        self.turned = 0

    def turn_on(self) -> None:
        if self.state != "off":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_on")
        if not self.has_power():
            raise NotAllowed("a Switch without power cannot turn_on")
        self.before_transition()
        self.handle()
        self.on_transition()
        self.on_off_exit()
        self.state = "on"
        self.on_on_entry()
        self.after_transition()

    def turn_off(self) -> None:
        if self.state != "on":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_off")
        if not self.has_power():
            raise NotAllowed("a Switch without power cannot turn_off")
        self.before_transition()
        self.handle()
        self.on_transition()
        self.on_on_exit()
        self.state = "off"
        self.on_off_entry()
        self.after_transition()

    def has_power(self) -> bool:
        return True

    def handle(self) -> None:
        self.turned += 1

    def before_transition(self) -> None: ...
    def on_transition(self) -> None: ...
    def after_transition(self) -> None: ...
    def on_off_exit(self) -> None: ...
    def on_off_entry(self) -> None: ...
    def on_on_exit(self) -> None: ...
    def on_on_entry(self) -> None: ...


class InformedSwitch:
    """Its hooks are told event, source and target."""

    def __init__(self) -> None:
        self.state = "off"
        self.turned = 0

    def turn_on(self) -> None:
        if self.state != "off":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_on")
        if not self.has_power():
            raise NotAllowed("a Switch without power cannot turn_on")
        self.before_transition("turn_on", "off", "on")
        self.handle()
        self.on_transition("turn_on", "off", "on")
        self.on_off_exit("turn_on", "off", "on")
        self.state = "on"
        self.on_on_entry("turn_on", "off", "on")
        self.after_transition("turn_on", "off", "on")

    def turn_off(self) -> None:
        if self.state != "on":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_off")
        if not self.has_power():
            raise NotAllowed("a Switch without power cannot turn_off")
        self.before_transition("turn_off", "on", "off")
        self.handle()
        self.on_transition("turn_off", "on", "off")
        self.on_on_exit("turn_off", "on", "off")
        self.state = "off"
        self.on_off_entry("turn_off", "on", "off")
        self.after_transition("turn_off", "on", "off")

    def has_power(self) -> bool:
        return True

    def handle(self) -> None:
        self.turned += 1

    def before_transition(self, event: str, source: str, target: str) -> None: ...
    def on_transition(self, event: str, source: str, target: str) -> None: ...
    def after_transition(self, event: str, source: str, target: str) -> None: ...
    def on_off_exit(self, event: str, source: str, target: str) -> None: ...
    def on_off_entry(self, event: str, source: str, target: str) -> None: ...
    def on_on_exit(self, event: str, source: str, target: str) -> None: ...
    def on_on_entry(self, event: str, source: str, target: str) -> None: ...


class Lamp:
    """Turned on, it shines as brightly as its battery allows: here the third choice."""

    def __init__(self) -> None:
        self.state = "off"
        self.charge = 10

    def turn_on(self) -> None:
        if self.state != "off":
            raise NotAllowed(f"a Lamp that is {self.state!r} cannot turn_on")
        if self.is_full():
            self.state = "bright"
        elif self.is_half_full():
            self.state = "dimmed"
        elif self.is_not_empty():
            self.state = "glowing"
        else:
            raise NotAllowed("a Lamp without charge cannot turn_on")

    def turn_off(self) -> None:
        if self.state not in ("bright", "dimmed", "glowing"):
            raise NotAllowed(f"a Lamp that is {self.state!r} cannot turn_off")
        self.state = "off"

    def is_full(self) -> bool:
        return self.charge > 90

    def is_half_full(self) -> bool:
        return self.charge > 50

    def is_not_empty(self) -> bool:
        return self.charge > 0


class Player:
    """Its states are written with those around them, as statecraft stores them."""

    def __init__(self) -> None:
        self.state = "on.playing.slow"

    def hurry(self) -> None:
        if self.state != "on.playing.slow":
            raise NotAllowed(f"a Player that is {self.state!r} cannot hurry")
        self.state = "on.playing.fast"

    def relax(self) -> None:
        if self.state != "on.playing.fast":
            raise NotAllowed(f"a Player that is {self.state!r} cannot relax")
        self.state = "on.playing.slow"


class SwitchOfRoom:
    """The state is in the room, which may have more of them."""

    def __init__(self, subject: Room) -> None:
        self.subject = subject

    def turn_on(self) -> None:
        if self.subject.light_state != "off":
            raise NotAllowed(f"a light that is {self.subject.light_state!r} cannot turn_on")
        self.subject.light_state = "on"

    def turn_off(self) -> None:
        if self.subject.light_state != "on":
            raise NotAllowed(f"a light that is {self.subject.light_state!r} cannot turn_off")
        self.subject.light_state = "off"


class Room:
    """Nothing is made for a room until somebody asks for its light, as with ``attached``."""

    def __init__(self) -> None:
        self.light_state = "off"

    @cached_property
    def light(self) -> SwitchOfRoom:
        return SwitchOfRoom(self)


class AsyncSwitch:
    def __init__(self) -> None:
        self.state = "off"

    async def turn_on(self) -> None:
        if self.state != "off":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_on")
        self.state = "on"

    async def turn_off(self) -> None:
        if self.state != "on":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_off")
        self.state = "off"


class AsyncHandledSwitch:
    """Its handler is a coroutine of its own, as it may have to wait for something."""

    def __init__(self) -> None:
        self.state = "off"
        self.turned = 0

    async def turn_on(self) -> None:
        if self.state != "off":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_on")
        await self.handle()
        self.state = "on"

    async def turn_off(self) -> None:
        if self.state != "on":
            raise NotAllowed(f"a Switch that is {self.state!r} cannot turn_off")
        await self.handle()
        self.state = "off"

    async def handle(self) -> None:
        self.turned += 1


class Article:
    def __init__(self, title: str, author: str, words: int) -> None:
        self.title = title
        self.author = author
        self.words = words
        self.state = "new"

    def submit(self) -> None:
        if self.state != "new":
            raise NotAllowed(f"an Article that is {self.state!r} cannot submit")
        self.state = "submitted"


def transition() -> Work:
    return Work(Switch(), cycle(ON_OFF, "subject.state"))


def handler() -> Work:
    return Work(HandledSwitch(), cycle(ON_OFF, "subject.state"))


def hooks() -> Work:
    return Work(HookedSwitch(), cycle(ON_OFF, "subject.state"))


def informed_hooks() -> Work:
    return Work(InformedSwitch(), cycle(ON_OFF, "subject.state"))


def choice() -> Work:
    return Work(Lamp(), cycle({"turn_on": "glowing", "turn_off": "off"}, "subject.state"))


def leaf() -> Work:
    expected = {"hurry": "on.playing.fast", "relax": "on.playing.slow"}
    return Work(Player(), cycle(expected, "subject.state"))


def attached() -> Work:
    return Work(Room(), cycle(ON_OFF, "subject.light_state", "subject.light.{}()"))


def can() -> Work:
    steps = [
        Step("answer = subject.can_turn_on()", "answer", expected=True),
        Step("answer = subject.can_turn_off()", "answer", expected=False),
    ]
    return Work(Switch(), steps)


def refusal() -> Work:
    return Work(Switch(), [refused("subject.turn_off()", read=False)], {"Refused": NotAllowed})


def refusal_read() -> Work:
    return Work(Switch(), [refused("subject.turn_off()", read=True)], {"Refused": NotAllowed})


def async_transition() -> Work:
    return Work(AsyncSwitch(), cycle(ON_OFF, "subject.state", "await subject.{}()"), is_async=True)


def async_handler() -> Work:
    steps = cycle(ON_OFF, "subject.state", "await subject.{}()")
    return Work(AsyncHandledSwitch(), steps, is_async=True)


def creation() -> Work:
    return Work(Article, [Step("made = subject('T', 'A', 800)", "made.state", "new")])


mixin_creation = creation


def first_event() -> Work:
    return Work(
        Article, [Step("made = subject('T', 'A', 800)\nmade.submit()", "made.state", "submitted")]
    )


def ring(size: int) -> Work:
    """One event that leads from each state to the next; by hand that is a dictionary."""
    following = {f"s{number}": f"s{(number + 1) % size}" for number in range(size)}

    class Ring:
        def __init__(self) -> None:
            self.state = "s0"

        def advance(self) -> None:
            if self.state not in following:
                raise NotAllowed(f"a Ring that is {self.state!r} cannot advance")
            self.state = following[self.state]

    return Work(
        Ring(), [Step("subject.advance()", "subject.state", name) for name in following.values()]
    )


def definition(size: int) -> Work:
    lines = ["class Ring:", "    def __init__(self):", "        self.state = 's0'"]
    for number in range(size):
        following = (number + 1) % size
        lines += [
            f"    def go_{number}(self):",
            f"        if self.state != 's{number}':",
            f"            raise NotAllowed(f'{{self.state!r}} cannot go_{number}')",
            f"        self.state = 's{following}'",
            f"    def can_go_{number}(self):",
            f"        return self.state == 's{number}'",
        ]
    check = "(lambda ring: (ring.go_0(), ring.state)[1])(Ring())"
    return Work(None, [Step("\n".join(lines), check, "s1")], {"NotAllowed": NotAllowed})
