"""The house: which module may import which, what importing costs, and what every module has."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "statecraft"

# A module imports only from modules that stand above it; those in one line may import one another.
ORDER = (
    ("names",),
    ("bundles",),
    ("actors",),
    ("errors",),
    ("once",),
    ("signatures",),
    ("predicates",),
    ("places",),
    ("arrows",),
    ("states",),
    ("compounds",),
    ("transitions",),
    ("moves",),
    ("resolution",),
    ("records",),
    ("interchange",),
    ("spec",),
    ("event_types",),
    ("declarations",),
    ("class_bodies",),
    ("collect",),
    ("halting",),
    ("hooks",),
    ("persistence",),
    ("checks",),
    ("observation",),
    ("turns",),
    ("compiler",),
    ("definition",),
    ("creation",),
    ("attached",),
    ("adopting", "spec_classes"),
    ("workflow",),
    ("async_workflow",),
    ("diagrams",),
    ("loading",),
    ("cli",),
    ("transition_log", "keyed"),
    ("log_entries", "stored_rows"),
    ("flows",),
    ("testing",),
    ("django", "observers", "redis", "sqlalchemy", "sqlite"),
    ("__init__", "__main__"),
)
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
# public names that are fetched when they are first used
LATE = {("__init__", "diagrams")}


def room_of(path: Path) -> str:
    """Return the room of a module: itself, or the package that it is in."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """Return the rooms that a module imports when it runs: not those for type checkers only."""
    rooms: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts == ["statecraft"]:
                rooms.update(
                    alias.name if alias.name in RANK else "__init__" for alias in node.names
                )
            elif parts[0] == "statecraft":
                rooms.add(parts[1])
        waiting += ast.iter_child_nodes(node)
    return rooms


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    """From the top of the order to its bottom, and never back."""
    room = room_of(path)
    assert room in RANK, f"{room} has no place in the order"
    for other in imported_rooms(path) - {room}:
        assert (room, other) in LATE or RANK[other] <= RANK[room], f"{room} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_can_be_told_in_one_sentence(path: Path) -> None:
    """Which stands at its head."""
    documentation = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert documentation
    assert documentation.splitlines()[0].endswith((".", ":"))


def test_importing_statecraft_loads_nothing_optional() -> None:
    """Nor the heavy modules of the standard library that only some programs need."""
    code = "import sys; old = set(sys.modules); import statecraft; print(*set(sys.modules) - old)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "statecraft" in loaded
    assert not loaded & {
        "asyncio",
        "attr",
        "attrs",
        "dataclasses",
        "difflib",
        "django",
        "graphviz",
        "hypothesis",
        "inspect",
        "linecache",
        "logging",
        "opentelemetry",
        "pydantic",
        "pytest",
        "redis",
        "sqlalchemy",
        "sqlite3",
        "trio",
        "typing_extensions",
        "yaml",
    }
    assert loaded <= {"statecraft"} | sys.stdlib_module_names


def test_every_public_name_is_there() -> None:
    """Those of ``__all__``, the late ones too, and nothing that is only said to be there."""
    import statecraft

    for name in statecraft.__all__:
        assert getattr(statecraft, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'Workflows'"):
        _ = statecraft.Workflows


def test_nobody_is_told_to_install_another_project() -> None:
    """The bare name on the package index belongs to somebody else."""
    wrong = "pip install " + "statecraft"
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *MODULES]:
        for line in path.read_text(encoding="utf-8").splitlines():
            told = line.partition(wrong)
            assert not told[1] or told[2].startswith("-fsm"), f"{path}: {line}"
