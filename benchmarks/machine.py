"""Describes what measures: enough to judge the numbers, nothing that names the machine."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.rows import DISTRIBUTIONS


@dataclass(frozen=True)
class Machine:
    """When and on what the numbers were taken."""

    date: str
    python: str
    processors: str
    system: str

    @property
    def python_minor(self) -> str:
        """The version of Python without its last part."""
        return self.python.rpartition(".")[0]

    def __str__(self) -> str:
        return f"{self.date}, {self.python_name}, {self.processors}, {self.system}"

    @property
    def python_name(self) -> str:
        """The implementation of Python and its version."""
        return f"{platform.python_implementation()} {self.python}"


def this_machine() -> Machine:
    """Return the description of this machine, today."""
    count = os.cpu_count() or 1
    processors = f"{count} processor{'s' if count > 1 else ''} ({_processor_name()})"
    system = f"{platform.system()} on {platform.machine()}"
    return Machine(f"{datetime.now(UTC):%Y-%m-%d}", platform.python_version(), processors, system)


def _processor_name() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or "unknown"


def versions(names: list[str]) -> str:
    """Return the names with their versions, where there is one."""
    described: list[str] = []
    for name in names:
        try:
            described.append(f"{name} {version(DISTRIBUTIONS.get(name, name))}")
        except PackageNotFoundError:
            described.append(name)
    return ", ".join(described)
