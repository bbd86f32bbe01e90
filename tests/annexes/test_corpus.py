"""Real files: nobody is named, nothing hidden comes back, sums hold. (Nothing of them is written here.)"""

from __future__ import annotations

import functools
import io
from decimal import Decimal
from pathlib import Path

import pytest

from ckanext.budget.annexes.model import Table
from ckanext.budget.annexes.persons import CHECKED_FIELDS, looks_like_person
from ckanext.budget.annexes.reader import records
from ckanext.budget.annexes.rules import LEGAL_PERSONS
from ckanext.budget.annexes.specs import SPECS
from ckanext.budget.annexes.staff import K
from ckanext.budget.totem.feed import Feed
from tests.annexes.made import made, rows
from tests.conftest import CORPUS, needs_corpus
from tests.totem.documents import occulted

pytestmark = needs_corpus

FAULTY = {"variant-mauvais_totem", "variant-totem_mauvaise_annee"}
CASES = sorted(path.parent.name for path in CORPUS.glob("xml/*/totem.xml") if path.parent.name not in FAULTY)


def source_of(case: str) -> bytes:
    return Path(CORPUS / "xml" / case / "totem.xml").read_bytes()


@functools.cache
def both(case: str) -> tuple[dict[str, bytes], dict[str, Table], dict[str, bytes], dict[str, Table], bytes]:
    """Files and tables of the source, of the occulted copy, and the copy."""
    source = source_of(case)
    copy, _ = occulted(source)
    return *made(source), *made(copy), copy


def values(source: bytes) -> set[str]:
    """Every value of a file."""
    found: set[str] = set()
    feed = Feed(io.BytesIO(source))
    feed.on_start = lambda _, attributes: found.update(" ".join(value.split()) for value in attributes.values())
    for _ in feed.run():
        pass
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_source_and_the_occulted_copy_give_the_same_tables(case: str) -> None:
    files, tables, copied_files, copied_tables, _ = both(case)
    assert files == copied_files
    assert tables == copied_tables


@pytest.mark.parametrize("case", CASES)
def test_no_hidden_value_is_in_a_table_and_no_text_names_a_person(case: str) -> None:
    files, _, _, _, copy = both(case)
    texts = {
        cell for file in files.values() for row in rows(file) for cell in row.values() if any(map(str.isalpha, cell))
    }
    readable = values(copy)
    assert not texts & (values(source_of(case)) - readable)
    assert not [text for text in texts if looks_like_person(text)]


@pytest.mark.parametrize("case", CASES)
def test_every_record_is_a_row_or_is_counted(case: str) -> None:
    _, tables, files, _, _ = both(case)
    found = list(records(io.BytesIO(source_of(case)), {spec.kind for spec in SPECS.values()}))
    for name, spec in SPECS.items():
        table, total = tables[name], sum(1 for record in found if record.kind == spec.kind)
        if name != "personnel":
            assert table.rows + sum(left.count for left in table.left_out.values()) == total
        assert len(rows(files.get(name, b""))) == table.rows
    listed = sum(1 for r in found if r.kind == "CONCOURS" and r.fields.get("CodNatJurBenefCA") in LEGAL_PERSONS)
    unnamed = tables["subventions"].left_out.get("beneficiary_unnamed")
    assert tables["subventions"].rows == listed - (unnamed.count if unnamed else 0)


@pytest.mark.parametrize("case", CASES)
def test_staff_comes_in_fives_and_its_sum_is_kept(case: str) -> None:
    _, _, files, _, copy = both(case)
    shown = rows(files.get("personnel", b""))
    figures = [Decimal(row[name]) for row in shown for name in ("etp_pourvus", "postes_budgetes") if row[name]]
    assert all(figure >= K for figure in figures)
    total = sum(
        (Decimal(r.fields.get("EffectifPourvu", "0")) for r in records(io.BytesIO(copy), {"PERSONNEL"})), Decimal(0)
    )
    assert sum((Decimal(row["etp_pourvus"]) for row in shown), Decimal(0)) == (total if total >= K else 0)


@pytest.mark.parametrize(
    ("case", "debt"), [("montreuil-2022-CA-M14", "206124077.90"), ("crach-2021-CA-principal-M14", "2079074.34")]
)
def test_the_debt_is_that_of_the_domain(case: str, debt: str) -> None:
    found = rows(both(case)[0]["emprunts"])
    assert sum(Decimal(row["capital_restant_du_31_12"] or 0) for row in found) == Decimal(debt)


def test_few_labels_of_works_and_goods_are_taken_for_persons() -> None:
    """A check that empties too much would be switched off: fewer than one label in two hundred."""
    kinds = ("APCP", "PATRIMOINE", "AMORTISSEMENT_METHODE", "RECETTE_AFFECTEE", "TIERS")
    seen = {
        value
        for case in CASES
        for record in records(io.BytesIO(source_of(case)), kinds)
        for name, value in record.fields.items()
        if name in CHECKED_FIELDS[record.kind]
    }
    taken = [value for value in seen if looks_like_person(value)]
    assert len(seen) > 5000
    assert 0 < len(taken) < len(seen) / 200
