"""The corpus judged from its sources alone, by a program that knows nothing of ours: every case holds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import CORPUS, SHARED, needs_corpus

SCHEMA = CORPUS / "scdl_schema/budget/latest/schema.json"


@needs_corpus
def test_every_case_of_the_corpus_holds() -> None:
    tool = Path(sys.executable).parent / "budget-scdl"
    judge = [sys.executable, SHARED / "tools/judge.py", tool, CORPUS / "xml", SCHEMA]
    done = subprocess.run(judge, capture_output=True, text=True)
    *cases, totals = done.stdout.splitlines()
    assert [case for case in cases if not case.startswith("ok ")] == []
    assert len(cases) == 38
    held = re.fullmatch(r"38 of 38 cases hold, (\d+) rows", totals)
    assert held is not None and int(held[1]) > 15000, totals
    assert done.returncode == 0, done.stderr[-2000:]
