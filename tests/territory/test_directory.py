"""The directory that ships: who is who, by number and by name."""

from __future__ import annotations

import time

import pytest
from stdnum.fr import siren

from ckanext.budget.territory import table
from ckanext.budget.territory.directory import Directory, directory


@pytest.mark.parametrize(
    ("number", "name", "kind", "departement", "epci"),
    [
        ("213401722", "Montpellier", "commune", "34", "Montpellier Méditerranée Métropole"),
        ("243400017", "Montpellier Méditerranée Métropole", "metropole", "34", None),
        ("217500016", "Paris", "commune", "75", "Métropole du Grand Paris"),
        ("223400011", "Département de l'Hérault", "departement", "34", None),
        ("200053791", "Région Occitanie", "region", None, None),
        ("200076958", "Collectivité de Corse", "collectivite_unique", None, None),
        ("200094332", "Collectivité européenne d'Alsace", "departement", None, None),
        ("200046977", "Métropole de Lyon", "metropole", "69", None),
        ("200057867", "Plaine Commune", "ept", "93", None),
        ("212000046", "Ajaccio", "commune", "2A", "CA du Pays Ajaccien"),
        ("229850003", "Département de Mayotte", "departement", "976", None),
        ("218501138", "L'Île-d'Yeu", "commune", "85", None),
    ],
)
def test_a_siren_tells_who_it_is(
    number: str, name: str, kind: str, departement: str | None, epci: str | None
) -> None:
    found = directory().by_siren(number)
    assert found is not None
    assert (found.name, found.kind, found.siren) == (name, kind, number)
    assert (found.departement.code if found.departement else None) == departement
    assert (found.epci.name if found.epci else None) == epci


def test_a_siret_leads_to_its_collectivite_and_an_unknown_number_to_nobody() -> None:
    found = directory().by_siret("213 401 722 00019")
    assert found is not None and found.name == "Montpellier"
    assert directory().by_siren("215509000") is None
    assert directory().by_siret("") is None


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("34172", "Montpellier"),
        ("13202", "Marseille"),  # a municipal arrondissement
        ("01025", "Bâgé-Dommartin"),  # a commune déléguée
        ("20004", "Ajaccio"),  # the code before the two Corsican départements
        ("98735", "Papeete"),
    ],
)
def test_an_insee_code_of_today_or_of_before_leads_to_the_commune(code: str, name: str) -> None:
    found = directory().by_insee(code)
    assert found is not None and found.name == name


def test_the_population_says_its_year() -> None:
    of = {code: directory().by_insee(code) for code in ("34172", "97608", "98735", "55039")}
    assert [(t.population, t.population_year) for t in of.values() if t] == [
        (310240, 2023),
        (17831, 2017),
        (of["98735"].population, None),  # pyright: ignore[reportOptionalMemberAccess]
        (None, None),  # a village destroyed in 1916: nobody lives there
    ]


def test_the_members_of_an_epci_make_its_population() -> None:
    metropole = directory().by_siren("243400017")
    members = directory().members("243400017")
    assert metropole is not None
    assert len(members) == 31
    assert {m.epci.code for m in members if m.epci} == {"243400017"}
    assert sum(m.population or 0 for m in members) == metropole.population
    assert len(directory().members("200057867")) == 8
    assert directory().members("213401722") == []


def test_the_departement_du_rhone_leaves_out_the_metropole_of_lyon() -> None:
    rhone, lyon = (directory().by_siren(number) for number in ("226900017", "200046977"))
    whole = sum(t.population or 0 for t in directory() if t.kind == "commune" and t.insee.startswith("69"))
    assert rhone and lyon and rhone.population and lyon.population
    assert rhone.population + lyon.population == whole


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("34", "Département de l'Hérault"),
        ("68", "Collectivité européenne d'Alsace"),
        ("2B", "Collectivité de Corse"),
        ("75", "Paris"),
    ],
)
def test_who_exercises_the_powers_of_a_departement(code: str, name: str) -> None:
    found = directory().departement(code)
    assert found is not None and found.name == name


def test_every_departement_of_today_has_its_authority() -> None:
    codes = {t.departement.code for t in directory() if t.kind == "commune" and t.departement}
    assert [
        c for c in sorted(codes) if not c.startswith(("975", "977", "978", "98")) and not directory().departement(c)
    ] == []


@pytest.mark.parametrize("text", ["saint etienne", "SAINT-ÉTIENNE", "St Étienne"])
def test_a_name_is_searched_as_people_write_it(text: str) -> None:
    found = [t.name for t in directory().search(text, limit=3)]
    assert found[0] == "Saint-Étienne"
    assert "Saint-Étienne Métropole" in found


def test_a_search_finds_by_number_by_code_by_former_name_and_by_word() -> None:
    first = lambda text: next((t.name for t in directory().search(text)), None)  # noqa: E731
    assert first("213 401 722") == "Montpellier"
    assert first("34172") == "Montpellier"
    assert first("bagé la ville") == "Bâgé-Dommartin"
    assert first("médillan") == "Montpellier-de-Médillan"
    assert directory().search("  ") == []
    assert directory().search("zzzz") == []
    assert len(directory().search("saint", limit=5)) == 5


@pytest.mark.parametrize(
    ("title", "siren_found"),
    [
        ("Commune de Metz", "215704636"),
        ("Ville de Montpellier", "213401722"),
        ("MAIRIE DE MONTPELLIER", "213401722"),
        ("Montpellier Méditerranée Métropole", "243400017"),
        ("Communauté de communes Faucigny-Glières", "200000172"),
        ("Conseil départemental de l’Hérault", "223400011"),
        ("Ville-d’Avray", "219200771"),
        ("Saint-Denis", None),  # several
        ("CCAS de Metz", None),
        ("Département de Metz", None),
        ("Agence technique départementale", None),
        ("Communauté de communes", None),
        ("", None),
    ],
)
def test_a_title_names_one_collectivite_or_none(title: str, siren_found: str | None) -> None:
    found = directory().named(title)
    assert (found.siren if found else None) == siren_found


def test_every_number_passes_its_key_and_belongs_to_one() -> None:
    numbers = [t.siren for t in directory() if t.siren]
    assert len(numbers) > 36000
    assert len(set(numbers)) == len(numbers)
    assert [n for n in numbers if not siren.is_valid(n)] == []


def test_the_table_is_small_and_quick_to_read() -> None:
    data = table.TABLE.read_bytes()
    assert len(data) < 700_000
    start = time.perf_counter()
    made = Directory(data)
    assert time.perf_counter() - start < 1.5
    start = time.perf_counter()
    for _ in range(1000):
        made.by_siren("213401722")
    assert time.perf_counter() - start < 0.5
    assert made.source.package == "@etalab/decoupage-administratif"


def test_a_damaged_table_says_so() -> None:
    for data in (b"", b"not gzip", table.TABLE.read_bytes()[:2000]):
        with pytest.raises(ValueError, match="damaged"):
            Directory(data)
