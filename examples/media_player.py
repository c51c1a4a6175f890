"""A media player that goes on where it was when it is turned on again: states with a history."""

from __future__ import annotations

from statecraft import Compound, Event, State, Workflow


class MediaPlayer(Workflow):
    """Off, or on; and if it is on, it plays at some speed, or does not."""

    off = State()

    class on(Compound, history=True):
        """What it does while it is on, which it remembers."""

        stopped = State()

        class playing(Compound):
            """How fast."""

            normal = State()
            fast_forward = State()

        paused = State()

    power = Event(off.to(on), on.to(off))
    play = Event((on.stopped | on.paused).to(on.playing))
    hurry = Event(on.playing.normal.to(on.playing.fast_forward))
    pause = Event(on.playing.to(on.paused))
    stop = Event(on.to(on.stopped))


def main() -> None:
    """Turn it off in the middle of something, and on again."""
    player = MediaPlayer()
    print(f"it begins: {player.current_state}")
    for event in ("power", "play", "hurry", "power", "power", "pause", "power", "power", "stop"):
        player.fire(event)
        print(f"{event:6} -> {player.current_state}")


if __name__ == "__main__":
    main()
