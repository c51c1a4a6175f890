"""Runs the examples of the README and of the docs as tests, each page in a namespace of its own."""

from __future__ import annotations

from sybil import Sybil
from sybil.parsers.myst import DocTestDirectiveParser, PythonCodeBlockParser, SkipParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=0), DocTestDirectiveParser(), SkipParser()],
    patterns=["*.md"],
).pytest()
