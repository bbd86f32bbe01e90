"""The queries of the public pages on millions of lines, explained: ``python -m benchmarks.lines INI``.

``INI`` is the configuration of a portal that holds a document or more (after ``make demo``: .services/demo-2.12.ini).
Documents are generated in one transaction (the largest document of the portal copied, its amounts moved), each query is
run under ``EXPLAIN (ANALYZE, BUFFERS)``, and everything is rolled back.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator
from typing import Any

YEARS = 8

DATASETS = """
INSERT INTO package (id, name, title, type, state, private)
SELECT 'bench-' || n, 'bench-' || n, 'Commune ' || n, 'budget', 'active', false FROM generate_series(1, :budgets) n
"""
#: an initial budget and an account a year; :documents of them have lines
DOCUMENTS = """
INSERT INTO budget_document (id, package_id, resource_id, status, siret, siren, name, exercice, stage, dm_number,
    nomenclature, is_annexe, vote, is_draft, source_sha256, occulted_sha256, seal, occultation, header, findings,
    report, attempts, received, converted)
SELECT 'bench-' || n, 'bench-' || (n / (2 * :years) + 1), 'bench-' || n, 'converted',
    lpad((n / (2 * :years) + 1)::text, 9, '9') || '00017', lpad((n / (2 * :years) + 1)::text, 9, '9'),
    'Commune ' || (n / (2 * :years) + 1), 2015 + (n / 2) %% :years, CASE n %% 2 WHEN 0 THEN 'BP' ELSE 'CA' END, 0,
    'M57_D', false, '1', false, 'bench', 'bench', '{}', '{}', '{}', '[]', '{}', 0, now(), now()
FROM generate_series(0, :all - 1) n
""".replace("%%", "%")
LINES = """
INSERT INTO budget_line
SELECT 'bench-' || n, l.number, l.nature, l.nature_label, l.fonction, l.fonction_label, l.contnat, l.contnat_label,
    l.chapter, l.chapter_label, l.operation, l.section, l.ordre, l.code_rd, round(l.mtreal * (n % 97) / 50, 2),
    l.mtbudgprec, l.mtrarprec, l.mtpropnouv, round(l.mtreal * (n % 89) / 50, 2), l.credouv, l.mtrar3112, l.artspe
FROM budget_line l CROSS JOIN generate_series(0, :documents - 1) n WHERE l.document_id = :model
"""
TOTALS = "AND l.document_id LIKE 'bench-%'"


def main() -> int:
    """Generate, explain, roll back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ini")
    parser.add_argument("--lines", type=int, default=5_000_000, help="lines to generate")
    parser.add_argument("--documents", type=int, default=60_000, help="documents to generate")
    parser.add_argument("--plans", action="store_true", help="print whole plans")
    options = parser.parse_args()
    from ckan.cli import load_config  # noqa: PLC0415
    from ckan.config.middleware import make_app  # noqa: PLC0415

    application: Any = make_app(load_config(options.ini))
    with application._wsgi_app.test_request_context("/"):
        _measure(options)
    return 0


def _measure(options: argparse.Namespace) -> None:
    import sqlalchemy as sa  # noqa: PLC0415
    from ckan import model  # noqa: PLC0415

    session = model.Session
    try:
        _generate(session, options)
        for name, statement in _queries():
            compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            for _ in range(2):  # the second run is warm
                rows = session.execute(sa.text(f"EXPLAIN (ANALYZE, BUFFERS) {_bare(str(compiled))}"))
                plan = [row[0] for row in rows]
            spent = next(line for line in plan if line.startswith("Execution Time"))
            print(f"{name}: {spent.split(': ')[1]}")
            print("\n".join(f"    {line}" for line in (plan if options.plans else _scans(plan))))
    finally:
        session.rollback()


def _generate(session: Any, options: argparse.Namespace) -> None:
    import sqlalchemy as sa  # noqa: PLC0415

    from ckanext.budget.registry.code_totals import FILL_ALL  # noqa: PLC0415

    size = "SELECT document_id, count(*) FROM budget_line GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    model_id, each = session.execute(sa.text(size)).one()
    documents = options.lines // each
    every = max(options.documents, documents)
    given = {"budgets": every // (2 * YEARS) + 1, "years": YEARS, "all": every, "documents": documents}
    fill = re.sub(r"WHERE k.code <> ''", f"WHERE k.code <> '' {TOTALS}", FILL_ALL)
    for step in (DATASETS, DOCUMENTS, LINES, fill):
        began = time.monotonic()
        done = session.execute(sa.text(step), {**given, "model": model_id})
        print(f"{done.rowcount:>10,} rows of {step.split()[2]} in {time.monotonic() - began:.0f} s", flush=True)
    for name in ("package", "budget_document", "budget_line", "budget_code_total"):
        session.execute(sa.text(f"ANALYZE {name}"))


def _queries() -> Iterator[tuple[str, Any]]:
    """The queries of each page, as its code makes them."""
    import sqlalchemy as sa  # noqa: PLC0415
    from ckan import model  # noqa: PLC0415

    from ckanext.budget.registry import line_search, line_table  # noqa: PLC0415
    from ckanext.budget.registry.line_search import Asked, Measure  # noqa: PLC0415

    visible = sa.and_(model.Package.state == "active", model.Package.private.is_(False))
    made: list[tuple[str, Any]] = []

    class Recorded:
        """Keeps the statement instead of running it."""

        def __init__(self, name: str) -> None:
            self._name = name

        def execute(self, statement: Any) -> Any:
            made.append((self._name, statement))
            raise StopIteration

        scalars = execute

    asked = {
        "a word of functions (école)": Asked("fonction", text="école"),
        "a word of accounts (personnel)": Asked("nature", text="personnel"),
        "an account (6411)": Asked("nature", code="6411"),
        "a class of accounts (6)": Asked("nature", code="6"),
    }
    real = line_search.model.Session
    for words, one in asked.items():
        for name, call in (
            ("codes found", lambda one=one: line_search.codes(one, visible)),
            ("measures", lambda one=one: line_search.available(one, visible)),
            ("totals by budget and year", lambda one=one: line_search.totals(one, Measure(), visible)),
        ):
            line_search.model.Session = Recorded(f"search, {words}: {name}")  # pyright: ignore
            try:
                call()
            except StopIteration:
                pass
            finally:
                line_search.model.Session = real
    made.append(
        ("lines of a document: a page", line_table.Table("bench-1", line_table.Selection(text="école")).query())
    )
    yield from made


def _bare(statement: str) -> str:
    return statement.replace(":", "\\:")


def _scans(plan: list[str]) -> list[str]:
    """The accesses of a plan: what was read, by which index."""
    return [" ".join(line.split())[:150] for line in plan if " Scan" in line and "->" in line]


if __name__ == "__main__":
    raise SystemExit(main())
