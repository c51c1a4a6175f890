"""Programs that some tests need: missing, they are a skip for a user and a failure in CI."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import NoReturn

import pytest


def require_program(name: str, *, package: str | None = None) -> str:
    """Return the path of a program; without it skip, saying what to install, or fail in CI."""
    path = shutil.which(name)
    if path is None:
        do_without(f"needs the program {name}: install {package or name}")
    return path


def require_module(name: str, *, package: str | None = None) -> str:
    """Return the name of a module that can be run; without it skip, or fail in CI."""
    if importlib.util.find_spec(name) is None:
        do_without(f"needs the package {package or name}: install it")
    return name


def do_without(reason: str) -> NoReturn:
    """Skip the test, or fail it in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=True)
