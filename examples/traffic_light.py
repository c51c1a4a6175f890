"""A traffic light whose red has phases for those who walk: XState's example of states inside.

A phase of ``red`` is left by its own event; ``tick`` leaves ``red`` as a whole, from any of them.
"""

from __future__ import annotations

from statecraft import Compound, Event, State, Workflow


class TrafficLight(Workflow):
    """Green, yellow, red; while it is red, people walk, wait, and stop."""

    green = State()
    yellow = State()

    class red(Compound):
        """The phases for those who walk."""

        walk = State()
        wait = State()
        stop = State(final=True)

    blinking = State()

    tick = Event(green.to(yellow), yellow.to(red), red.to(green))
    count_down = Event(red.walk.to(red.wait), red.wait.to(red.stop))
    lose_power = Event((green | yellow | red).to(blinking))
    restore_power = Event(blinking.to(red))


def main() -> None:
    """Let the light change, and the power fail while people wait."""
    light = TrafficLight()
    print(f"it begins: {light.current_state}")
    for event in (
        "tick",
        "tick",
        "count_down",
        "count_down",
        "tick",
        "lose_power",
        "restore_power",
    ):
        light.fire(event)
        print(f"{event:13} -> {light.current_state}")
    print(f"count_down is possible from here: {light.can('count_down')}")


if __name__ == "__main__":
    main()
