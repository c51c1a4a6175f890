"""Conditions and guards: names, functions, methods and lambdas, one or several."""

from __future__ import annotations

from functools import partial

from statecraft import ANY, Event, Guard, State, Workflow


class LazyText:
    """A text that is translated when somebody reads it."""

    def __str__(self) -> str:
        return "the battery is empty"


def is_charged(device: Device) -> bool:
    """Ask the object."""
    return device.battery_level > 0


def is_charged_for(device: Device, minutes: int) -> bool:
    """Ask the object, with an argument of the event."""
    return device.battery_level > minutes


def is_charged_well(device: Device, *, minutes: int, reserve: int = 0) -> bool:
    """Ask the object, with an argument of the event by its name."""
    return device.battery_level > minutes + reserve


def is_above(level: int, device: Device) -> bool:
    """Wait to be given the level."""
    return device.battery_level > level


class Threshold:
    """Something that can be called."""

    def __call__(self, device: Device, *, reserve: int = 0) -> bool:
        return device.battery_level > reserve


class Device(Workflow):
    off = State()
    on = State()
    low_battery = State()
    broken = State(final=True)

    def __init__(self, battery_level: int = 0) -> None:
        self.battery_level = battery_level

    @property
    def is_whole(self) -> bool:
        """Be asked by name."""
        return True

    def has_power(self) -> bool:
        """Be asked by name, or as the function that the class body sees."""
        return self.battery_level > 0

    turn_on = Event(
        off.to(on, if_="has_power", unless=["seems_broken", lambda device: device.battery_level < 3]),
        off.to(on, if_=lambda device: device.battery_level > 0),
        off.to(on, if_=is_charged, guard="is_whole"),
        off.to(on, if_=has_power),
        off.to(on, if_=partial(is_above, 3)),
        off.to(on, if_=["has_power", is_charged, lambda device: device.battery_level > 2]),
        off.to(on, if_=[is_charged, Threshold(), partial(is_above, 3)], unless=Threshold()),
        off.to(on, if_=("has_power", is_charged), guard=lambda device: device.is_whole),
        off.to(low_battery),
    )
    drop = Event(
        ANY.to(broken, guard=Guard("is_whole", because="it is broken already", code="broken")),
    )
    charge = Event(
        low_battery.internal(if_=is_charged, guard=[Guard(is_charged), "has_power", has_power]),
        low_battery.to(on, guard=Guard(has_power, because=LazyText())),
        guard=Guard(
            lambda device: device.battery_level > 3,
            because=lambda device: f"only {device.battery_level} is left",
        ),
    )

    @Event(
        on.to(on, if_=lambda device, minutes: device.battery_level > minutes),
        on.to(on, if_=is_charged_for),
        on.to(on, if_=is_charged_well),
        on.to(on, unless=[is_charged_for, is_charged_well]),
        guard=[
            Guard(is_charged_for, because=lambda device, minutes: f"{minutes} is too long"),
            Guard(is_charged_well, because=LazyText(), code="low"),
        ],
    )
    def play(self, minutes: int) -> None:
        """Be asked with arguments."""

    def seems_broken(self) -> bool:
        """Be asked by name, before it is defined."""
        return False
