"""A device that turns on only as far as its battery lets it: conditions choose the transition."""

from __future__ import annotations

from statecraft import Event, NoTransitionAllowed, State, Workflow

ENOUGH_FOR_A_WHILE = 10  # per cent


class Device(Workflow):
    """A device with a battery: off, on, or on with little left."""

    off = State()
    on = State()
    low_battery = State()

    turn_on = Event(
        off.to(on, if_="sufficient_battery_level"),
        off.to(low_battery, if_=lambda device: device.battery_level > 0),
    )
    turn_off = Event((on | low_battery).to(off))

    def __init__(self, battery_level: int) -> None:
        self.battery_level = battery_level

    def sufficient_battery_level(self) -> bool:
        """Tell whether the device can run for a while."""
        return self.battery_level > ENOUGH_FOR_A_WHILE


def main() -> None:
    """Turn on three devices: a full one, a nearly empty one and an empty one."""
    for battery_level in (80, 5, 0):
        device = Device(battery_level)
        print(f"Battery at {battery_level} %: turn_on would lead to {device.target_of('turn_on')}")
        try:
            device.turn_on()
        except NoTransitionAllowed as error:
            print(f"    refused: {error}")
            for unmet in error.refusal.unmet:
                print(f"    unmet: {unmet.name}")
        else:
            print(f"    now it is {device.current_state}")


if __name__ == "__main__":
    main()
