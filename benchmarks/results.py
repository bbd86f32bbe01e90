"""benchmarks/RESULTS.md: written by ``make bench``; what is run apart has a section of its own (the soak of imports, a
row too)."""

from __future__ import annotations

import re
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
GATE, REACH = "bulk import, 1,000 documents: 2 workers / 1 worker", "≥ 1.4"
SECTION = "## The soak of imports"
QUERIES = "## The slowest query of each page"
ROW = re.compile(rf"(?m)^\| {re.escape(GATE)} \|.*$")


def row(measured: str, verdict: str) -> str:
    """The row of the gate in the table."""
    return f"| {GATE} | {REACH} | {measured} | **{verdict}** |"


def kept() -> tuple[str, list[str]]:
    """The row that the last soak wrote, and the sections of what is run apart."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    found = ROW.search(text)
    sections = [section_of(text, heading) for heading in (SECTION, QUERIES)]
    return found.group() if found else row("not measured yet", "not measured"), [s for s in sections if s]


def with_row(text: str, title: str, line: str) -> str:
    """The results with another line for a gate, in its place or after the other gates."""
    lines = text.splitlines()
    ranks = [n for n, old in enumerate(lines) if old.startswith(f"| {title} |")]
    if ranks:
        lines[ranks[0]] = line
    else:
        lines.insert(1 + max(n for n, old in enumerate(lines) if old.endswith("** |") and old.count("|") == 5), line)
    return "\n".join(lines) + "\n"


def section_of(text: str, heading: str = SECTION) -> str:
    """A section, with its heading; empty without one."""
    start = text.find(heading)
    if start < 0:
        return ""
    end = text.find("\n## ", start + 1)
    return text[start : end if end >= 0 else len(text)].strip()


def with_soak(text: str, new_row: str | None, section: str) -> str:
    """The results with another row and another section."""
    text = with_section(text, SECTION, section)
    return ROW.sub(lambda _: new_row, text) if new_row else text


def with_section(text: str, heading: str, section: str) -> str:
    """The results with another section, in its place or at the end."""
    old = section_of(text, heading)
    return text.replace(old, section) if old else f"{text.rstrip()}\n\n{section}\n"


def write_section(heading: str, section: str) -> None:
    """Write it."""
    RESULTS.write_text(with_section(RESULTS.read_text(encoding="utf-8"), heading, section), encoding="utf-8")


def write_soak(new_row: str | None, section: str) -> None:
    """Write them; without a row (nothing was measured), the one that is there stays."""
    RESULTS.write_text(with_soak(RESULTS.read_text(encoding="utf-8"), new_row, section), encoding="utf-8")
