"""Labels of a deposited table are free text: a person's name is hidden in them, and said."""

from __future__ import annotations

import csv
import io

from ckanext.budget.convert import convert
from ckanext.budget.tables.normalise import normalise
from dev import fixtures


def test_a_label_that_names_a_person_is_hidden_and_to_check() -> None:
    out = io.BytesIO()
    convert(io.BytesIO(fixtures.document("CA", 2021)), out)
    rows = list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))
    label = rows[0].index("BGT_NATURE_LABEL")
    rows[3][label] = "Indemnité à Mme EXEMPLE Lou"
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    written = io.BytesIO()
    found = normalise(io.BytesIO(text.getvalue().encode()), written)
    assert b"EXEMPLE Lou" not in written.getvalue()
    made = list(csv.reader(io.StringIO(written.getvalue().decode(), newline="")))
    assert made[3][label] == "Occulté"
    assert [row for n, row in enumerate(made) if n != 3] == [row for n, row in enumerate(rows) if n != 3]
    (finding,) = [f for f in found.findings if f.code == "table_label_hidden"]
    assert (finding.level, finding.params["column"], finding.params["count"]) == (
        "a_verifier",
        "BGT_NATURE_LABEL",
        "1",
    )


def test_a_heading_that_names_a_person_is_hidden_wherever_it_is_told() -> None:
    out = io.BytesIO()
    convert(io.BytesIO(fixtures.document("CA", 2021)), out)
    rows = list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["Vu par M. EXEMPLE Lou", *rows[0]], *(["oui", *row] for row in rows[1:])])
    found = normalise(io.BytesIO(text.getvalue().encode()), io.BytesIO())
    told = str(found.mapping) + "".join(str(dict(finding.params)) for finding in found.findings)
    assert "EXEMPLE" not in told and ("Occulté", None) in found.mapping
