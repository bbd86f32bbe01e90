"""The dashboard as pages: state in the address, the same rows to download, words and links, who sees what."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from ckan.tests import factories, helpers

from tests.coverage.conftest import Herault
from tests.coverage.made import MONTPELLIER, SMALL, dataset, document, refusal

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]
PAGE = "/en/budgets/tableau-de-bord"


def text(body: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def signed(user: str) -> dict[str, str]:
    token = helpers.call_action("api_token_create", {"ignore_auth": True}, user=user, name="t")
    return {"Authorization": token["token"]}


def test_each_place_says_what_it_is_and_leads_somewhere(herault: Herault, app: Any) -> None:
    package = dataset(name="budget-essai")
    document(package, MONTPELLIER, 2021, "CFU")
    body = app.get(f"{PAGE}?q={MONTPELLIER}").body
    said = text(body)
    assert "Single financial account 2021: ✔ published" in said
    assert "Initial budget 2022: ✖ missing" in said
    assert f"/budget/budget-essai/resource/r-{MONTPELLIER}-2021-CFU" in body
    assert f'/budgets/deposer?siren={MONTPELLIER}&amp;exercice=2022&amp;etape=BP"' in body
    assert "50 agents to be checked" in said
    assert "L. 1612-12" in said  # the calendar cites the law
    assert "23 November 2026" in said or "Last compared with the law on" in said


def test_the_state_is_in_the_address(herault: Herault, app: Any) -> None:
    document(dataset(), MONTPELLIER, 2021, "BP")
    document(dataset(), SMALL, 2021, "BP")
    body = app.get(f"{PAGE}?groupe=volontaires&etape=BP&de=2021&a=2021&tri=habitants&ordre=decroissant").body
    assert re.findall(r"/tableau-de-bord/(\d{9})", body) == [SMALL]
    assert re.search(r'<th scope="col" aria-sort="descending">\s*<a href="[^"]*ordre=croissant', body)
    assert 'name="etape" value="BP" checked' in body
    assert 'name="etape" value="compte" checked' not in body
    assert app.get(f"{PAGE}?groupe=tous", status=400)


def test_what_is_shown_can_be_downloaded(herault: Herault, app: Any) -> None:
    document(dataset(), MONTPELLIER, 2022, "CFU")
    query = "?type=commune&etape=compte&tri=publies&ordre=decroissant"
    answer = app.get(f"/en/budgets/tableau-de-bord.csv{query}")
    rows = list(csv.reader(io.StringIO(answer.body.lstrip("\ufeff")), delimiter=";"))
    assert rows[0][-2:] == ["2022 CA", "2021 CA"]
    assert rows[1][0] == MONTPELLIER
    assert rows[1][-2:] == ["published (CFU)", "missing"]
    shown = herault.coverage(kind="commune", etapes=["compte"], limit=1000)
    assert len(rows) == shown["count"] + 1


def test_a_refusal_is_explained_to_those_who_may_know(herault: Herault, app: Any) -> None:
    member = factories.User()
    org = factories.Organization(users=[{"name": member["name"], "capacity": "member"}])
    row_id = refusal(member["id"], org["id"], MONTPELLIER, 2022, "CA")
    path = f"/en/budgets/refus/{row_id}"
    headers = signed(member["name"])
    assert path.removeprefix("/en") in app.get(f"{PAGE}?q={MONTPELLIER}", headers=headers).body
    said = text(app.get(path, headers=headers).body)
    assert "compte.xml" in said
    assert "This file stops before its end" in said
    assert path not in app.get(f"{PAGE}?q={MONTPELLIER}").body
    app.get(path, status=404)
    app.get("/en/budgets/refus/unknown", headers=headers, status=404)


def test_an_organisation_shows_its_years_and_the_desk_what_is_missing(herault: Herault, app: Any) -> None:
    user = factories.User()
    extras = [{"key": "siren", "value": MONTPELLIER}]
    org = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}], extras=extras)
    document(dataset(owner_org=org["id"], title="Budget de la ville"), MONTPELLIER, 2021, "DM", dm_number=2)
    said = text(app.get(f"/en/organization/{org['name']}").body)
    assert "Budgets, year by year" in said
    assert "Budget amendment no. 2 2021: ✔ published" in said
    desk = app.get(f"/en/budgets/deposer?siren={MONTPELLIER}&exercice=2022&etape=BP", headers=signed(user["name"]))
    assert "Awaited: Initial budget 2022 of Montpellier" in text(desk.body)
    assert "What you have still to publish" in text(desk.body)
    assert "Remind me" in text(desk.body)
    assert "Awaited" not in app.get("/en/budgets/deposer?siren=<b>&exercice=x&etape=BP").body
    other = factories.Organization()
    assert "year by year" not in app.get(f"/en/organization/{other['name']}").body
