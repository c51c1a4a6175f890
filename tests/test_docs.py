"""What the pages of the docs show beside their examples: errors, reserved names, and the peers.

The ``python`` blocks of the pages run by themselves (see the conftest of the project). Blocks that
cannot are written as ``py``: classes that are wrong, each with the ``text`` of its error, and code
of other libraries.
"""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import statecraft
from statecraft import AsyncWorkflowMixin, WorkflowDefinitionError, WorkflowMixin
from statecraft.django import DjangoWorkflow
from statecraft.redis import RedisWorkflow
from statecraft.sqlalchemy import AsyncSQLAlchemyWorkflow, SQLAlchemyWorkflow
from statecraft.sqlite import SQLiteWorkflow
from tests.services import require_module

DOCS = Path(__file__).parent.parent / "docs"
ERRORS = DOCS / "errors.md"
RESERVED = DOCS / "reserved-names.md"
PEERS = {  # the page: the module, and what is to be installed
    "transitions": ("transitions", "transitions"),
    "python-statemachine": ("statemachine", "python-statemachine"),
    "django-fsm": ("django_fsm", "django-fsm-2"),
}


class Block(NamedTuple):
    """A fenced block of a page."""

    line: int
    language: str
    text: str


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(
        r"^```(?P<language>[\w{}-]*).*\n(?P<text>(?:.*\n)*?)```$", text, re.MULTILINE
    )
    return [
        Block(text.count("\n", 0, one.start()) + 1, one["language"], one["text"]) for one in found
    ]


def mistakes() -> list[Any]:
    """Return each wrong class of the page with the text that stands below it."""
    return [
        pytest.param(block.text, after.text, id=f"line {block.line}")
        for block, after in pairwise(blocks_of(ERRORS))
        if block.language == "py"
    ]


@pytest.mark.parametrize(("code", "text"), mistakes())
def test_the_page_of_errors_shows_what_is_really_printed(code: str, text: str) -> None:
    """Each ``py`` block raises the error whose text stands below it, with its real lines."""
    compiled = compile(code, "article.py", "exec")
    with pytest.raises((TypeError, WorkflowDefinitionError)) as caught:
        exec(compiled, vars(statecraft) | {"__name__": "article"})  # noqa: S102 - the example
    error = caught.value
    kind = "" if isinstance(error, WorkflowDefinitionError) else f"{type(error).__name__}: "
    checker = doctest.OutputChecker()
    assert checker.check_output(text, f"{kind}{error}\n", doctest.ELLIPSIS), f"{kind}{error}"


@pytest.mark.parametrize(
    ("heading", "cls", "above"),
    [
        ("Every workflow", WorkflowMixin, object),
        ("Async workflows", AsyncWorkflowMixin, WorkflowMixin),
        ("SQLite", SQLiteWorkflow, WorkflowMixin),
        ("Redis", RedisWorkflow, WorkflowMixin),
        ("Django", DjangoWorkflow, WorkflowMixin),
        ("SQLAlchemy", SQLAlchemyWorkflow, WorkflowMixin),
        ("SQLAlchemy", AsyncSQLAlchemyWorkflow, AsyncWorkflowMixin),
    ],
)
def test_the_page_of_reserved_names_is_complete(heading: str, cls: type, above: type) -> None:
    """It lists the names that a workflow really has, and no others."""
    text = RESERVED.read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    listed = set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
    assert listed == {name for name in set(dir(cls)) - set(dir(above)) if name[0] != "_"}
    private = set(re.findall(r"`(_[a-z]\w*)`", section))
    assert private == _private_names(cls) - _private_names(above)


def _private_names(cls: type) -> set[str]:
    of_library = [klass for klass in cls.__mro__ if klass.__module__.startswith("statecraft")]
    return {name for klass in of_library for name in vars(klass) if re.match("_[a-z]", name)}


def test_the_reference_has_every_public_name() -> None:
    """Of the package; those of its modules are few, and are seen in the same place."""
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\.\. (?:auto|py:)\w+:: (\w+)", text, re.MULTILINE))
    assert set(statecraft.__all__) - shown == set()


@pytest.mark.parametrize("page", PEERS)
def test_the_code_of_other_libraries_runs(page: str, tmp_path: Path) -> None:
    """It does what the page says, in a process of its own: Django is configured only once."""
    module, package = PEERS[page]
    require_module(module, package=package)
    path = DOCS / "coming-from" / f"{page}.md"
    shown = [block for block in blocks_of(path) if block.language == "py"]
    assert shown
    script = tmp_path / "peer.py"
    script.write_text("\n".join(block.text for block in shown), encoding="utf-8")
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_every_session_runs() -> None:
    """A session in a block of another language than ``python`` would only look as if it ran."""
    for page in [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]:
        for block in blocks_of(page):
            assert block.language == "python" or ">>> " not in block.text, (page.name, block.line)
