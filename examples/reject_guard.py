"""Who may say no to a transition, and how: a guard, a handler that halts, one that raises."""

from __future__ import annotations

from statecraft import Event, Guard, State, TransitionHalted, Workflow


class Article(Workflow):
    """An article that is being reviewed, and is not rejected lightly."""

    being_reviewed = State()
    rejected = State(final=True)
    withdrawn = State(final=True)

    def __init__(self, fee: int = 0) -> None:
        self.fee = fee
        self.reviewer: str | None = None
        self.notes: list[str] = []

    @Event(
        being_reviewed.to(rejected),
        guard=Guard("reviewer", because="Nobody reviews it yet", code="no-reviewer"),
    )
    def reject(self, reason: str) -> None:
        """Reject it, for an important reason only."""
        if "important" not in reason:
            self.halt("We do not reject articles unless the reason is important")
        self.notes.append(f"{self.reviewer}: {reason}")

    @Event(being_reviewed.to(withdrawn))
    def withdraw(self) -> None:
        """Take it back, unless it has been paid for."""
        if self.fee:
            reason = f"The author has been paid {self.fee}"
            raise TransitionHalted(reason, code="paid")


def main() -> None:
    """Try to reject and to withdraw an article, and show what each refusal says."""
    article = Article(fee=300)

    print("A guard can be asked before anything happens:")
    print(f"    can reject: {article.can('reject')}")
    refusal = article.refusal("reject")
    for unmet in refusal.unmet if refusal is not None else ():
        print(f"    because: {unmet.reason} (code {unmet.code})")

    print("Fired all the same, the event raises TransitionHalted:")
    try:
        article.reject("important: it is copied")
    except TransitionHalted as error:
        print(f"    {error} (code {error.code})")

    print("A handler that calls halt makes the event return False:")
    article.reviewer = "Homer Simpson"
    print(f"    reject returned {article.reject('I was bored')}: {article.halted_because}")

    print("A handler that raises TransitionHalted reaches the caller:")
    try:
        article.withdraw()
    except TransitionHalted as error:
        print(f"    {error} (code {error.code})")

    print(f"All the while it has stayed {article.current_state}. An important reason moves it:")
    print(f"    reject returned {article.reject('important: it is copied')}")
    print(f"    now it is {article.current_state}; notes: {article.notes}")


if __name__ == "__main__":
    main()
