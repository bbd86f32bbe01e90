"""The slowest query of each public page on millions of lines, explained: ``python -m benchmarks.lines INI``.

``INI`` is the configuration of a portal that holds a document or more (after ``make demo``: .services/demo-2.12.ini).
Documents of real collectivités are generated in one transaction (the largest ordinary document of the portal copied,
its amounts moved), each page is built, and the slowest of the queries that it made is run under ``EXPLAIN (ANALYZE,
BUFFERS)``. Everything is rolled back. ``--write`` puts the result into RESULTS.md.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

YEARS = 8
FIRST_YEAR = 2015
#: rank, by population, of the commune whose pages are built: its documents have lines
COMMUNE = 300

DATASETS = """
INSERT INTO package (id, name, title, type, state, private, metadata_created, metadata_modified)
SELECT 'bench-' || n, 'bench-' || n, 'Commune ' || n, 'budget', 'active', false, now(), now()
FROM generate_series(1, :budgets) n
"""
#: an initial budget and an account a year; :documents of them have lines
DOCUMENTS = """
INSERT INTO budget_document (id, package_id, resource_id, status, siret, siren, name, exercice, stage, dm_number,
    nomenclature, is_annexe, vote, is_draft, source_sha256, occulted_sha256, seal, occultation, header, findings,
    report, attempts, received, converted)
SELECT 'bench-' || n, 'bench-' || b, 'bench-' || n, 'converted', s.siren || '00017', s.siren, 'Commune ' || b,
    :first + (n / 2) % :years, CASE n % 2 WHEN 0 THEN 'BP' ELSE 'CA' END, 0,
    'M57_D', false, '1', false, 'bench', 'bench', '{}', '{}', '{}', '[]', '{}', 0, now(), now()
FROM generate_series(0, :all - 1) n, LATERAL (SELECT n / (2 * :years) + 1 AS b) AS budget,
    LATERAL (SELECT (CAST(:sirens AS text[]))[b] AS siren) AS s
"""
LINES = """
INSERT INTO budget_line
SELECT 'bench-' || n, l.number, l.nature, l.nature_label, l.fonction, l.fonction_label, l.contnat, l.contnat_label,
    l.chapter, l.chapter_label, l.operation, l.section, l.ordre, l.code_rd, round(l.mtreal * (n % 97) / 50, 2),
    l.mtbudgprec, l.mtrarprec, l.mtpropnouv, round(l.mtreal * (n % 89) / 50, 2), l.credouv, l.mtrar3112, l.artspe
FROM budget_line l CROSS JOIN generate_series(0, :documents - 1) n WHERE l.document_id = :model
"""
TOTALS = "AND l.document_id LIKE 'bench-%'"
MODEL = "SELECT document_id, count(*) FROM budget_line GROUP BY 1 HAVING count(*) <= 2000 ORDER BY 2 DESC LIMIT 1"
INDEXES = (
    "SELECT indexdef FROM pg_indexes WHERE tablename = 'budget_code_total' AND indexname LIKE 'ix\\_%' ORDER BY 1"
)


@dataclass
class Run:
    """A query that a page made: how long it took (ms), and what to run again."""

    elapsed: float
    statement: str
    parameters: Any


@dataclass
class Page:
    """What a page cost: its queries, the slowest explained."""

    name: str
    runs: list[Run] = field(default_factory=list[Run])
    plan: list[str] = field(default_factory=list[str])

    @property
    def slowest(self) -> Run:
        """The one that took longest."""
        return max(self.runs, key=lambda run: run.elapsed)


def main() -> int:
    """Generate, build, explain, roll back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ini")
    parser.add_argument("--lines", type=int, default=5_000_000, help="lines to generate")
    parser.add_argument("--documents", type=int, default=60_000, help="documents to generate")
    parser.add_argument("--plans", action="store_true", help="print whole plans")
    parser.add_argument("--write", action="store_true", help="write the result into RESULTS.md")
    options = parser.parse_args()
    from ckan.cli import load_config  # noqa: PLC0415
    from ckan.config.middleware import make_app  # noqa: PLC0415

    application: Any = make_app(load_config(options.ini))
    with ExitStack() as contexts:  # one request a page, none left before the end: CKAN would drop the transaction

        def ask(path: str) -> None:
            environ = {"CKAN_LANG": "fr", "CKAN_LANG_IS_DEFAULT": True}
            contexts.enter_context(application._wsgi_app.test_request_context(path, environ_overrides=environ))

        ask("/")
        _measure(options, ask)
    return 0


def _measure(options: argparse.Namespace, ask: Callable[[str], None]) -> None:
    import ckan.plugins.toolkit as tk  # noqa: PLC0415
    from ckan import model  # noqa: PLC0415

    session = model.Session
    tk.config["ckanext.budget.coverage_seconds"] = 0  # the dashboard's answers of the last seconds
    try:
        there = _generate(session, options)
        pages: list[Page] = []
        for name, path, build in _pages():
            ask(path)
            page = _built(session, name, build)
            pages.append(page)
            print(_said(page), flush=True)
            print("\n".join(f"    {line}" for line in (page.plan if options.plans else scans(page.plan))), flush=True)
        if options.write:
            from benchmarks import results  # noqa: PLC0415

            results.write_section(results.QUERIES, section(there, pages))
    finally:
        session.rollback()


# -- what is there


def _generate(session: Any, options: argparse.Namespace) -> str:
    import sqlalchemy as sa  # noqa: PLC0415

    from ckanext.budget.registry.code_totals import FILL_ALL  # noqa: PLC0415

    model_id, each = session.execute(sa.text(MODEL)).one()
    documents = options.lines // each
    every = max(options.documents, documents)
    sirens = _sirens()
    budgets = min(every // (2 * YEARS) + 1, len(sirens))
    every = min(every, budgets * 2 * YEARS)
    given = {"budgets": budgets, "years": YEARS, "first": FIRST_YEAR, "all": every, "sirens": sirens}
    given |= {"documents": documents, "model": model_id}
    fill = re.sub(r"WHERE k.code <> ''", f"WHERE k.code <> '' {TOTALS}", FILL_ALL)
    counts: list[int] = []
    made = list(session.scalars(sa.text(INDEXES)))
    for name in session.scalars(sa.text(INDEXES.replace("indexdef", "indexname"))).all():
        session.execute(sa.text(f"DROP INDEX {name}"))  # built anew at once: ten times as fast, and rolled back too
    session.execute(sa.text("SET LOCAL work_mem = '256MB'"))
    session.execute(sa.text("SET LOCAL maintenance_work_mem = '512MB'"))
    for step in (DATASETS, DOCUMENTS, LINES, fill):
        if step is fill:
            session.execute(sa.text("ANALYZE budget_document"))
            session.execute(sa.text("ANALYZE budget_line"))
        began = time.monotonic()
        used = {name: value for name, value in given.items() if f":{name}" in step}
        done = session.execute(sa.text(step), used)
        counts.append(done.rowcount)
        print(f"{done.rowcount:>10,} rows of {step.split()[2]} in {time.monotonic() - began:.0f} s", flush=True)
    for statement in made:
        session.execute(sa.text(_bare(statement)))
    session.execute(sa.text("SET LOCAL work_mem = '4MB'"))
    for name in ("package", "budget_document", "budget_line", "budget_code_total"):
        session.execute(sa.text(f"ANALYZE {name}"))
    return f"{counts[1]:,} documents of {counts[0]:,} budgets, {counts[2]:,} lines, {counts[3]:,} totals of codes"


def _sirens() -> list[str]:
    """Communes of the directory, the largest first."""
    from ckanext.budget.territory.directory import directory  # noqa: PLC0415

    communes = [place for place in directory() if place.siren and place.kind == "commune" and place.population]
    communes.sort(key=lambda place: (-(place.population or 0), place.siren))
    return [place.siren for place in communes]


def _pages() -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Name, address and builder of each page, as its route builds it."""
    import ckan.plugins.toolkit as tk  # noqa: PLC0415
    from ckan import model  # noqa: PLC0415

    from ckanext.budget.registry.models import BudgetDocument  # noqa: PLC0415
    from ckanext.budget.territory.directory import directory  # noqa: PLC0415
    from ckanext.budget.views import (  # noqa: PLC0415
        budget_page,
        compare_page,
        dashboard_page,
        document_view,
        home_page,
        line_choice,
        line_page,
        search_page,
        territory_page,
    )

    sirens = _sirens()
    siren, place = sirens[COMMUNE], directory().by_siren(sirens[COMMUNE])
    assert place is not None
    assert place.departement
    assert place.region
    six = "&".join(f"siren={one}" for one in sirens[COMMUNE : COMMUNE + 6])

    def budget() -> Any:
        held = budget_page.held(siren)
        assert held is not None
        return budget_page.build(held)

    def document() -> Any:
        return model.Session.get(BudgetDocument, f"bench-{COMMUNE * 2 * YEARS + 2 * YEARS - 1}")

    def lines() -> Any:
        return line_page.build(document(), line_choice.read(tk.request.args))

    def compare() -> Any:
        return compare_page.build(tk.request.args)

    def search() -> Any:
        return search_page.search(tk.request.args)

    def dashboard() -> Any:
        address = dashboard_page.Address(tk.request.args)
        found = tk.get_action("budget_coverage")({"user": ""}, address.asked())
        return dashboard_page.page(found, address)

    yield "home", "/budgets", home_page.build
    yield "budget", f"/budgets/{siren}", budget
    yield "document", f"/budgets/{siren}/2022/ca", lambda: document_view.page_of(document())
    yield "table of lines", "/lignes?texte=ecole&tri=-mtreal&grouper=chapitre", lines
    yield "comparison of six", f"/budgets/comparer?{six}", compare
    for group in ("strate", "departement", "type"):
        yield f"comparison, groupe={group}", f"/budgets/comparer?siren={siren}&groupe={group}&exercice=2022", compare
    yield "territory (département)", "/", lambda: territory_page.build(place.departement.code, 1)  # pyright: ignore
    yield "territory (région)", "/", lambda: territory_page.build(f"R{place.region.code}", 1)  # pyright: ignore
    yield "search of a name", "/budgets/recherche?q=saint", search
    yield "search of a word (école)", "/budgets/recherche?q=%C3%A9cole", search
    yield "search of a word (personnel)", "/budgets/recherche?q=personnel&dans=comptes", search
    yield "search of a code (6)", "/budgets/recherche?q=60", search
    yield "account (6411)", "/budgets/comptes/6411", lambda: search_page.account("6411", {})
    yield "dashboard", "/budgets/tableau-de-bord", dashboard


def _bare(statement: str) -> str:
    """SQL whose colons name no parameter."""
    return statement.replace(":", "\\:")


# -- what it costs


def _built(session: Any, name: str, build: Callable[[], Any]) -> Page:
    """The queries of a page that nobody has asked for yet, the slowest explained (the second time: warm)."""
    session.expire_all()
    page = Page(name)
    with _recorded(session, page.runs):
        build()
    slowest = page.slowest
    connection = session.connection()
    for _ in range(2):
        found = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {slowest.statement}", slowest.parameters)
        page.plan = [row[0] for row in found]
    return page


@contextmanager
def _recorded(session: Any, runs: list[Run]) -> Iterator[None]:
    from sqlalchemy import event  # noqa: PLC0415

    began: list[float] = []

    def before(*_: Any) -> None:
        began.append(time.perf_counter())

    def after(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        elapsed = 1000 * (time.perf_counter() - began.pop())
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            runs.append(Run(elapsed, statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def execution(plan: list[str]) -> str:
    """«12.3 ms»."""
    return next(line for line in plan if line.startswith("Execution Time")).split(": ")[1]


def scans(plan: list[str]) -> list[str]:
    """The accesses of a plan: what was read, by which index."""
    lines = [" ".join(line.split()).removeprefix("-> ") for line in plan if " Scan" in line]
    return [re.sub(r"\(cost=\S+ rows=\S+ width=\S+\) ", "", line)[:120] for line in lines]


def _said(page: Page) -> str:
    total = sum(run.elapsed for run in page.runs)
    return f"{page.name}: {len(page.runs)} queries, {total:.0f} ms; the slowest: {execution(page.plan)}"


def section(there: str, pages: list[Page]) -> str:
    """For RESULTS.md."""
    from benchmarks import results  # noqa: PLC0415

    rows = [
        f"| {page.name} | {len(page.runs)} | {sum(run.elapsed for run in page.runs):.0f} ms | {execution(page.plan)} "
        f"| {'<br>'.join(_access(line) for line in scans(page.plan))} |"
        for page in pages
    ]
    return "\n".join([
        results.QUERIES,
        "",
        f"{there}. Written by `python -m benchmarks.lines .services/demo-2.12.ini --write`: each page built while the",
        "process holds nothing of it, its slowest query under `EXPLAIN (ANALYZE, BUFFERS)` twice (the second is told).",
        "",
        "| page | queries | all of them | the slowest | what it reads |",
        "|---|---|---|---|---|",
        *rows,
    ])  # fmt: skip


def _access(line: str) -> str:
    """«Index Scan using …, 3 times»."""
    name, _, actual = line.partition(" (actual")
    loops = re.search(r"loops=(\d+)", actual)
    times = f", {int(loops[1]):,} times" if loops and loops[1] != "1" else ""
    return f"{name}{times}"


if __name__ == "__main__":
    raise SystemExit(main())
