"""Validation by state: what must be filled in depends on where the article is to go.

A draft may be empty; only accepting it asks for a title and a text, and only a correction asks
for its reason. The rules are guards, so that a form can ask for all that is missing before
anybody presses the button, and pressing it all the same is refused for the same reasons.
"""

from __future__ import annotations

from statecraft import Event, Guard, State, TransitionHalted, Workflow


def required(*fields: str) -> list[Guard]:
    """Return one guard per field: it must be filled in, and says so if it is not."""
    return [Guard(field, because=f"{field} is missing", code=field) for field in fields]


class Article(Workflow):
    """An article that needs more fields the further it goes."""

    draft = State()
    accepted = State()
    corrected = State()
    deleted = State(final=True)

    accept = Event(draft.to(accepted), guard=required("title", "text"))
    correct = Event(accepted.to(corrected), guard=required("title", "text", "reason"))
    delete = Event((draft | accepted | corrected).to(deleted))

    def __init__(self, title: str = "", text: str = "", reason: str = "") -> None:
        self.title = title
        self.text = text
        self.reason = reason


def missing(article: Article, event: str) -> list[str]:
    """Return the names of the fields that ``event`` still needs, all at once, as a form would."""
    refusal = article.refusal(event)
    return [unmet.code for unmet in refusal.unmet if unmet.code] if refusal else []


def main() -> None:
    """Fill in an article field by field, and show what each step still lacks."""
    article = Article()
    print(f"An empty draft can be deleted: {article.can('delete')}")
    print(f"To accept it, fill in: {', '.join(missing(article, 'accept'))}")

    article.title = "The moon is moving away"
    print(f"With a title, it lacks: {', '.join(missing(article, 'accept'))}")
    try:
        article.accept()
    except TransitionHalted as error:
        print(f"Accepted all the same: {error}")

    article.text = "By 3.8 centimetres a year."
    article.accept()
    print(f"With both it is {article.current_state}.")
    print(f"To correct it, fill in: {', '.join(missing(article, 'correct'))}")


if __name__ == "__main__":
    main()
