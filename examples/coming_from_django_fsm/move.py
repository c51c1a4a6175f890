"""A newspaper moves from django-fsm to statecraft: the same rows, and their log, live on.

``before`` has the old application, ``after`` the new one, on one database. Their migrations 0001
differ in one line: a ``CharField`` where a ``FSMField`` was, which is the same column.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent


def run(database: Path, project: str, *arguments: str) -> None:
    """Run a command of one of the two projects."""
    print(f"-- {project}: manage.py {' '.join(arguments)}", flush=True)
    options = [f"-W{option}" for option in sys.warnoptions]
    command = [sys.executable, *options, str(HERE / project / "manage.py"), *arguments]
    subprocess.run(command, check=True, env=os.environ | {"NEWS_DATABASE": str(database)})


def move(database: Path) -> None:
    """Make the old application and fill it; put the new one in its place, and go on."""
    run(database, "before", "migrate", "--verbosity=0")
    run(database, "before", "fill")
    run(database, "after", "migrate", "--verbosity=0")
    run(database, "after", "workflow_stored", "news.Article")
    run(database, "after", "go_on")


if __name__ == "__main__":
    with TemporaryDirectory() as directory:
        move(Path(*sys.argv[1:] or [directory]) / "news.sqlite3")
