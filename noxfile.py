"""The sessions of the project: ``nox --list`` shows them."""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from pathlib import Path

import nox

PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = [
    classifier.rpartition(" ")[2]
    for classifier in PROJECT["classifiers"]
    if classifier.startswith("Programming Language :: Python :: 3.")
]
nox.needs_version = ">=2024.10"
nox.options.sessions = ["lint", "typing", "coverage", "docs", "build"]
nox.options.error_on_missing_interpreters = False


def _interpreter(version: str) -> str | None:
    """Return a Python of this version: from the path, or from pyenv."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = sorted(root.glob(f"versions/{version}.*/bin/python"))
    return str(found[-1]) if found else shutil.which(f"python{version}")


FOUND = {version: path for version in PYTHONS if (path := _interpreter(version))}
MAY_BE_MISSING = {"3.14"}


def others() -> list[str]:
    """Return all Pythons but the one that runs this; in CI each of them has to be there."""
    missing = [version for version in PYTHONS if version not in FOUND.keys() | MAY_BE_MISSING]
    if missing and os.environ.get("CI"):
        message = f"CI needs Python {', '.join(missing)}"
        raise SystemExit(message)
    this = "{}.{}".format(*sys.version_info)
    return [path for version, path in FOUND.items() if version != this]


@nox.session(python=list(FOUND.values()))
def tests(session: nox.Session) -> None:
    """Run the tests on every supported Python that is found."""
    missing = [version for version in PYTHONS if version not in FOUND]
    if missing:
        session.log(f"not found, and left out: Python {', '.join(missing)}")
    session.install("--editable", ".[dev]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the tests, and demand every line and branch of the package."""
    session.install("--editable", ".[dev]")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "combine")
    session.run("coverage", "report")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of the package, the tests and the examples with mypy and with pyright."""
    session.install("--editable", ".[dev]")
    session.run("mypy")
    session.run("pyright")


@nox.session
def lint(session: nox.Session) -> None:
    """Check the rules and the format."""
    session.install("ruff")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    session.install("--editable", ".[dev]")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Compare with hand-written code and with the peers; writes the table and the picture."""
    session.install(".[benchmarks]")
    session.run("python", "-m", "benchmarks", *session.posargs)
    session.run("python", "-m", "benchmarks.stored")
    session.run("python", "-m", "benchmarks.wizards")


@nox.session
def thorough(session: nox.Session) -> None:
    """Let the property tests look for longer."""
    session.install("--editable", ".[dev]")
    session.run("python", "-m", "pytest", "tests/property", env={"HYPOTHESIS_PROFILE": "thorough"})


@nox.session
def races(session: nox.Session) -> None:
    """Let processes race for longer, on real servers; each run says what it did."""
    session.install("--editable", ".[dev]")
    tests = ["tests/races", *map(str, Path("tests").glob("*_store/test_races_*.py"))]
    session.run("python", "-m", "pytest", "-s", *tests, env={"STATECRAFT_RACES": "long"})
    session.run("python", "-m", "benchmarks.renaming")


@nox.session
def build(session: nox.Session) -> None:
    """Build the distributions, and test the wheel: alone, and with all tests."""
    session.install("build")
    output = Path(session.create_tmp()).resolve() / "dist"
    session.run("python", "-m", "build", "--outdir", str(output))
    (wheel,) = output.glob("*.whl")
    alone = Path(session.create_tmp()).resolve() / "alone"
    session.run("python", "-m", "venv", "--clear", str(alone))
    python = str(alone / "bin" / "python")
    session.run(python, "-m", "pip", "install", "--quiet", str(wheel), external=True)
    session.run(python, "-I", "examples/article.py", "--in-memory", external=True)
    session.install(f"{wheel}[dev]")
    session.run("python", "-m", "pytest", *session.posargs)
