"""Programs that some tests need: missing, they are a skip for a user and a failure in CI."""

from __future__ import annotations

import os
import shutil

import pytest


def require_program(name: str, *, package: str | None = None) -> str:
    """Return the path of a program; without it skip, saying what to install, or fail in CI."""
    path = shutil.which(name)
    if path is None:
        reason = f"needs the program {name}: install {package or name}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
