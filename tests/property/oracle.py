"""What a drawn workflow shall do, as naively as it can be said, from its description alone."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tests.property.acting import Unmet
from tests.property.judging import ABSENT, Fault, Halted, Judge, Stopped


class Oracle(Judge):
    """Fires events: this is what happens, in this order."""

    def fire(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        event, given = self.drawn.events[name], self.bound(name, *args, **kwargs)
        source, self.phase, self.halted_because = self.state, "judging", None
        try:
            unmet = list[Unmet]()
            way = self.chosen(event, given, unmet)
            if way is None:
                return self.unavailable(name, given, tuple(unmet))
            self.phase = "guarding"
            self.guard(way.arrow, given)
            self.phase, (left, entered, target) = "acting", self.route(way)
            seen = {"transition": (name, source, target, given.args, given.kwargs)}
            try:
                self.run("before_transition", **seen)
                result = self.run(name, **given.arguments)
                self.run("on_transition", **seen)
                self.run_all("exit", left, **seen)
                if entered and self.state != source:
                    raise Stopped("StaleState")
                self.memory, self.state = self.remembering(left), target if entered else self.state
            except Fault as error:
                if self.run("on_error", absent=ABSENT, error=error.outcome, **seen) is ABSENT:
                    raise
                self.halted_because = error.reason
                return False
            self.phase = "moved"
            self.run_all("entry", entered, **seen)
            self.run("after_transition", **seen)
            with suppress(Stopped):
                self.run("after_commit", **seen)
            self.complete(entered)
        except Halted as halt:
            if self.phase != "moved":
                self.halted_because = halt.reason
            if halt.kind != "Halt":
                raise
            return False
        return True if result is None else result
