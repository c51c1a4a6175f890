"""The life of a Bugzilla bug, as its manual draws it ("Life Cycle of a Bug").

The five statuses and the default workflow of Bugzilla 5. Whoever reopens a bug need not know
where it goes: one that was ever confirmed is CONFIRMED again, any other one UNCONFIRMED.
"""

from __future__ import annotations

from enum import Enum

from statecraft import Event, Guard, State, TransitionHalted, Workflow


class Resolution(Enum):
    """Why nobody works on a bug any more."""

    FIXED = "FIXED"
    INVALID = "INVALID"
    WONTFIX = "WONTFIX"
    DUPLICATE = "DUPLICATE"
    WORKSFORME = "WORKSFORME"


class Bug(Workflow, state_field="bug_status"):
    """A bug with its number, and with its resolution while it is closed."""

    unconfirmed = State("UNCONFIRMED")
    confirmed = State("CONFIRMED")
    in_progress = State("IN_PROGRESS")
    resolved = State("RESOLVED")
    verified = State("VERIFIED")

    confirm = Event(unconfirmed.to(confirmed))
    start_work = Event((unconfirmed | confirmed).to(in_progress))
    stop_work = Event(in_progress.to(confirmed))
    verify = Event(resolved.to(verified))

    def __init__(self, number: int) -> None:
        self.number = number
        self.resolution: Resolution | None = None
        self.duplicate_of: int | None = None
        self.ever_confirmed = False

    @Event(
        (unconfirmed | confirmed | in_progress).to(resolved),
        guard=[
            Guard(
                "names_the_other_bug",
                because="A duplicate needs the number of the other bug",
                code="dupe_id_required",
            ),
            Guard(
                "names_another_bug",
                because="No bug is a duplicate of itself",
                code="dupe_of_self_disallowed",
            ),
        ],
    )
    def resolve(self, resolution: Resolution, duplicate_of: int | None = None) -> None:
        """Close the bug, and say why."""
        self.resolution = resolution
        self.duplicate_of = duplicate_of

    @Event(
        (resolved | verified).to(confirmed, if_="ever_confirmed"),
        (resolved | verified).to(unconfirmed),
    )
    def reopen(self) -> None:
        """Open the bug again, because its resolution turns out to be wrong."""
        self.resolution = None
        self.duplicate_of = None

    @confirmed.on_entry
    @in_progress.on_entry
    def remember_confirmation(self) -> None:
        """Note that somebody took the bug for real: working on it confirms it too."""
        self.ever_confirmed = True

    @staticmethod
    def names_the_other_bug(resolution: Resolution, duplicate_of: int | None) -> bool:
        """Tell whether the other bug is named, where there has to be one."""
        return resolution is not Resolution.DUPLICATE or duplicate_of is not None

    def names_another_bug(self, duplicate_of: int | None) -> bool:
        """Tell whether the bug that is named is another one."""
        return duplicate_of != self.number


def show(bug: Bug, what: str) -> None:
    """Print what has happened to a bug."""
    resolution = bug.resolution.value if bug.resolution is not None else ""
    print(f"{what:<38} {bug.current_state.value} {resolution}".rstrip())


def main() -> None:
    """Live through the lives of two bugs: one that is real, and one that is known already."""
    bug = Bug(1)
    show(bug, "A user reports bug 1")
    bug.start_work()
    show(bug, "A developer is working on it")
    bug.resolve(Resolution.FIXED)
    show(bug, "A fix is checked in")
    bug.reopen()
    show(bug, "The fix turns out to be wrong")
    bug.resolve(Resolution.FIXED)
    bug.verify()
    show(bug, "A better one is, and is verified")

    bug = Bug(2)
    show(bug, "Another user reports bug 2")
    try:
        bug.resolve(Resolution.DUPLICATE)
    except TransitionHalted as error:
        print(f"    {error} ({error.code})")
    bug.resolve(Resolution.DUPLICATE, duplicate_of=1)
    show(bug, f"It is a duplicate of bug {bug.duplicate_of}")
    bug.reopen()
    show(bug, "It is not, and was never confirmed")


if __name__ == "__main__":
    main()
