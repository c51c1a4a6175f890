"""Runs the examples of the README and of the docs as tests, each page in a namespace of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from sybil import Sybil
from sybil.parsers.myst import DocTestDirectiveParser, PythonCodeBlockParser, SkipParser

if TYPE_CHECKING:
    from xdist.scheduler import Scheduling

PROCESSES = 4  # at most: each has connections of its own to each server

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=0), DocTestDirectiveParser(), SkipParser()],
    patterns=["*.md"],
).pytest()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return in how many processes the tests run, if they run in several."""
    return min(os.cpu_count() or 1, PROCESSES)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Let one process run all of a file: the examples of a page build on each other."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - it may not be installed

    config.option.loadscopereorder = False  # the many small pages come last, and fill what is left
    return LoadFileScheduling(config, log)
