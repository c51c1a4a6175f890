"""An article on its way to publication; it is kept in a file, and goes on at the next start.

Start it three times by ``python examples/article.py`` and see the article move on, refuse what
makes no sense, and draw where it stands. ``--start-over`` forgets what has happened, and
``--in-memory`` does all of it at once, without any file.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from statecraft import Event, NoTransitionAllowed, State, Transition, Workflow, workflow_diagram
from statecraft.sqlite import SQLiteWorkflow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class ArticleWorkflow(Workflow):
    """The way of an article from a journalist to publication, wherever it is kept."""

    new = State()
    awaiting_review = State()
    being_reviewed = State(meta={"importance": 8})
    accepted = State()
    rejected = State()

    submit = Event(new.to(awaiting_review))
    review = Event(awaiting_review.to(being_reviewed))
    accept = Event(being_reviewed.to(accepted), meta={"weight": 8})

    @Event(being_reviewed.to(rejected))
    def reject(self, reason: str) -> None:
        """Send it back, for an important reason only."""
        if "important" not in reason:
            self.halt("We do not reject articles unless the reason is important")

    def __init__(self, number: int) -> None:
        self.number = number

    @accepted.on_entry
    def announce(self) -> None:
        """Tell everybody, as soon as it is stored."""
        print(f"    Article {self.number} will be in the paper tomorrow!")

    def on_transition(self, transition: Transition) -> None:
        """Show every step."""
        print(f"    Article {self.number}: {transition.source} -> {transition.target}")

    if TYPE_CHECKING:  # made for every state and event, which type checkers cannot know
        is_new: Callable[[], bool]
        is_awaiting_review: Callable[[], bool]
        is_being_reviewed: Callable[[], bool]
        can_accept: Callable[[], bool]


class Article(SQLiteWorkflow, ArticleWorkflow, database=lambda: Article.folder / "articles.db"):
    """An article whose state is a row of an SQLite file."""

    folder = Path("article-output")

    def workflow_key(self) -> str:
        """Name the row; the default has the module in it, which is ``__main__`` in a script."""
        return f"article:{self.number}"


def work_on(article: ArticleWorkflow) -> None:
    """Do what a day at the editorial office brings: it depends on where the article stands."""
    print(f"Article {article.number} is {article.current_state}.")
    if article.current_state < "being_reviewed":
        hand_in(article)
    elif article.is_being_reviewed():
        judge(article)
    else:
        print(f"That cannot be undone: {article.refusal('reject')}")


def hand_in(article: ArticleWorkflow) -> None:
    """Try a short cut, which is refused, and take the long way up to the review."""
    print(f"Can it be accepted at once? {article.can_accept()}, and trying it all the same says:")
    try:
        article.accept()
    except NoTransitionAllowed as error:
        print(f"    {error}")
    print("So it goes the usual way:")
    if article.is_new():
        article.submit()
    if article.is_awaiting_review():
        article.review()


def judge(article: ArticleWorkflow) -> None:
    """Try to reject it for a bad reason, which the handler halts, and accept it."""
    print("Can it be rejected because it is boring?")
    rejected = article.reject("It is boring")
    print(f"    {rejected}: {article.halted_because}")
    print("So it is accepted:")
    article.accept()


def draw(article: Article) -> None:
    """Write the diagram, in which the present state is marked."""
    paths = [article.folder / "article.mmd"]
    if shutil.which("dot"):
        paths.append(article.folder / "article.svg")
    for path in paths:
        workflow_diagram(article, path=path)
    print(f"Its diagram is in {' and '.join(map(str, paths))}")


def options_from(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description="Move an article on, as far as a day goes.")
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Article.folder,
        help="where the files go (default: %(default)s)",
    )
    parser.add_argument("--in-memory", action="store_true", help="do it all at once, in no file")
    parser.add_argument("--start-over", action="store_true", help="forget what has happened")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Move the article on by one day, or by three if it is kept in memory."""
    options = options_from(arguments)
    if options.in_memory:
        article = ArticleWorkflow(1)
        for _ in range(3):
            work_on(article)
        return

    Article.folder = options.folder
    Article.folder.mkdir(parents=True, exist_ok=True)
    if options.start_over:
        for path in Article.folder.glob("articles.db*"):
            path.unlink()
    stored = Article(1)
    work_on(stored)
    draw(stored)
    print(f"Its state, {stored.current_state}, is in {stored.folder / 'articles.db'}")
    if stored.allowed_events():
        print("Start me again, and it goes on from there.")
    else:
        print("Start me with --start-over for another round.")


if __name__ == "__main__":
    main()
