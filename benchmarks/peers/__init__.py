"""Others' ways to do the same work: how each is called, and why one may not be measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import files
from benchmarks.timing import ROOT, Cost, subject, whole

YATOTEM = ROOT / ".venv-tools" / "bin" / "yatotem2scdl"
STYLESHEET = Path(__file__).with_name("keyed.xsl")


class NotMeasuredError(Exception):
    """A peer is not there, or would need more than the machine has; the text says which."""


@dataclass(frozen=True)
class Row:
    """A row of the table. ``memory``: GiB needed at each size where it is much; ``slow``: sizes that would take more
    than ten minutes."""

    title: str
    measure: Callable[[Path], Cost]
    memory: dict[str, float]
    slow: tuple[str, ...] = ()

    def at(self, size: str) -> Cost:
        """Measure it on the generated file of a size."""
        if size in self.slow:
            raise NotMeasuredError("over ten minutes")
        needed = self.memory.get(size, 0)
        if needed > _available():
            raise NotMeasuredError(f"needs about {needed:.0f} GiB")
        return self.measure(files.generated(size))


def yatotem(path: Path) -> Cost:
    """yatotem2scdl from PyPI, whole process."""
    if not YATOTEM.exists():
        raise NotMeasuredError("yatotem2scdl is not in .venv-tools: run make bench")
    return whole([YATOTEM, "budget", path, "--plans-de-comptes", files.plans()])


def _sax(path: Path) -> Cost:
    return whole([_program("xmllint"), "--sax", "--noout", path])


def _xslt(path: Path) -> Cost:
    plan = str(files.plan_of_generated())
    return whole([_program("xsltproc"), "--stringparam", "plan", plan, STYLESHEET, path])


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise NotMeasuredError(f"{name} is not installed: run make bench")
    return found


def _available() -> float:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) / 2**20
    return 0


def _in_python(name: str) -> Callable[[Path], Cost]:
    return lambda path: subject(name, path)


ROWS = {
    "sax": Row("bare libxml2 SAX in C, empty handlers (xmllint)", _sax, {}),
    "pyexpat": Row("**bare pyexpat, no handlers (the yardstick)**", _in_python("pyexpat"), {}),
    "conversion": Row("**ours, conversion alone**", _in_python("conversion"), {}),
    "proved": Row("**ours, with proof, occultation and its re-reading**", _in_python("proved"), {}),
    "iterparse": Row("lxml.iterparse, lines and annex records freed", _in_python("iterparse"), {}),
    "tree": Row("lxml tree + pandas", _in_python("tree"), {"20k": 2, "200k": 4, "1M": 12}),
    "xslt": Row("XSLT with keys (xsltproc)", _xslt, {"20k": 2, "200k": 8, "1M": 28}, slow=("1M",)),
    "yatotem": Row("yatotem2scdl 0.1.5 (PyPI)", yatotem, {"20k": 2, "200k": 12}, slow=("200k", "1M")),
}
