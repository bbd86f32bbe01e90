"""The cells with rules of their own: SIRET, name, section, kind of operation, spécialisé; and what is told."""

from __future__ import annotations

import pytest

from dev import fixtures
from tests.scdl.made import M52, M57, converted, line, row

KEYED = fixtures.SIRET
FAULTY = KEYED[:-1] + str((int(KEYED[-1]) + 1) % 10)


def test_a_siret_that_passes_its_key_is_written() -> None:
    result = converted(line())
    assert result.rows[0]["BGT_SIRET"] == KEYED
    assert result.findings == []


@pytest.mark.parametrize("given", [None, "", "   "])
def test_an_absent_siret_leaves_the_cell_empty_and_is_told(given: str | None) -> None:
    result = converted(line(), line(), IdEtab=given, IdColl=KEYED)
    assert {r["BGT_SIRET"] for r in result.rows} == {""}
    (finding,) = result.findings
    assert (finding.code, finding.level) == ("siret_absent", "a_verifier")


@pytest.mark.parametrize("given", [FAULTY, KEYED[:9], KEYED[:-1], KEYED + "0", "absent", f"{KEYED[:9]} {KEYED[9:]}"])
def test_a_faulty_siret_leaves_the_cell_empty_and_is_quoted(given: str) -> None:
    result = converted(line(), IdEtab=given, IdColl=KEYED)
    assert result.rows[0]["BGT_SIRET"] == ""
    (finding,) = result.findings
    assert (finding.code, finding.level, dict(finding.params)) == ("siret_faulty", "a_verifier", {"siret": given})


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "Exemple-sur-Meuse"),
        ({"LibelleEtab": "EXERCICE 2019"}, "Exemple-sur-Meuse"),
        ({"CodTypBud": "A", "LibelleEtab": "Assainissement"}, "Exemple-sur-Meuse – Assainissement"),
        ({"CodTypBud": "A", "LibelleEtab": "EXERCICE 2019"}, "Exemple-sur-Meuse"),
        ({"CodTypBud": "A", "LibelleEtab": "Budget annexe"}, "Exemple-sur-Meuse"),
        ({"CodTypBud": "A", "LibelleEtab": "EXEMPLE-SUR-MEUSE"}, "Exemple-sur-Meuse"),
        ({"CodTypBud": "A", "LibelleEtab": None}, "Exemple-sur-Meuse"),
        ({"LibelleColl": None, "LibelleEtab": "Régie des eaux"}, "Régie des eaux"),
        ({"LibelleColl": None, "CodTypBud": "A", "LibelleEtab": "Régie des eaux"}, "Régie des eaux"),
        ({"LibelleColl": None, "LibelleEtab": None}, f"SIREN {fixtures.SIREN}"),
        ({"LibelleColl": " ", "LibelleEtab": "", "IdEtab": None}, "Collectivité non nommée"),
    ],
)
def test_the_name_is_the_collectivites_with_its_annexe_when_that_says_something(
    values: dict[str, str | None], name: str
) -> None:
    assert row(line(), **values)["BGT_NOM"] == name


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("true", "spécialisé"),
        ("1", "spécialisé"),
        ("false", "non spécialisé"),
        ("0", "non spécialisé"),
        (None, ""),
        ("", ""),
        ("peut-être", ""),
    ],
)
def test_artspe_in_its_four_spellings_or_absent(given: str | None, written: str) -> None:
    result = converted(line(**({} if given is None else {"ArtSpe": given})))
    assert result.rows[0]["BGT_ARTSPE"] == written
    assert result.lines[0].artspe == (written or None)


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ({"OpBudg": "0"}, "réel"),
        ({"OpBudg": "1"}, "ordre"),
        ({"OpBudg": "1", "TypOpBudg": "1"}, "ordre"),
        ({"OpBudg": "1", "TypOpBudg": "2"}, "ordre"),
        ({"OpBudg": "0", "TypOpBudg": "2"}, "réel"),
    ],
)
def test_an_operation_is_real_unless_it_is_said_ordre(values: dict[str, str], written: str) -> None:
    result = converted(line("2313", **values))
    assert result.rows[0]["BGT_OPBUDG"] == written
    assert result.lines[0].ordre is (written == "ordre")


def test_senses_are_written_as_words() -> None:
    assert [row(line(CodRD=rd))["BGT_CODRD"] for rd in "RD"] == ["recette", "dépense"]


def test_an_operation_number_is_kept_as_it_is() -> None:
    assert row(line(Operation="0042 A"))["BGT_OPERATION"] == "0042 A"


@pytest.mark.parametrize(
    ("nature", "values", "section"),
    [
        ("60611", {}, "fonctionnement"),
        ("60611", {"section": "I"}, "fonctionnement"),  # the plan prevails over what the file declares
        ("1641", {}, "investissement"),
        ("001", {}, "investissement"),
        ("002", {"CodRD": "R"}, "fonctionnement"),
        ("021", {"CodRD": "R", "OpBudg": "1", "TypOpBudg": "2"}, "investissement"),
        ("023", {"OpBudg": "1", "TypOpBudg": "2"}, "fonctionnement"),
        ("024", {"CodRD": "R"}, "investissement"),
        ("6811", {"OpBudg": "1", "TypOpBudg": "2"}, "fonctionnement"),
        ("281311", {"CodRD": "R", "OpBudg": "1", "TypOpBudg": "2"}, "investissement"),
    ],
)
def test_the_section_is_that_of_the_accounts_chapter(nature: str, values: dict[str, str], section: str) -> None:
    assert row(line(nature, **values))["BGT_SECTION"] == section


@pytest.mark.parametrize("nature", ["10", "2", "31", "45411", "5688", "001", "010", "018", "020", "021", "024"])
def test_without_a_plan_these_accounts_are_of_investment(nature: str) -> None:
    assert row(line(nature, section="F"), Nomenclature="M832-M832")["BGT_SECTION"] == "investissement"


@pytest.mark.parametrize("nature", ["6", "60611", "7788", "002", "022", "023"])
def test_without_a_plan_these_accounts_are_of_operation(nature: str) -> None:
    assert row(line(nature, section="I"), Nomenclature="M832-M832")["BGT_SECTION"] == "fonctionnement"


@pytest.mark.parametrize(
    ("values", "section"),
    [
        ({"section": "I"}, "investissement"),
        ({"section": "F"}, "fonctionnement"),
        ({"section": "Z"}, "fonctionnement"),
        ({}, "fonctionnement"),
        ({"ContNat": "21"}, "investissement"),
        ({"ContNat": "21", "section": "F"}, "fonctionnement"),
    ],
)
def test_an_account_that_tells_nothing_takes_the_declared_section_then_its_chapters(
    values: dict[str, str], section: str
) -> None:
    assert row(line("0000", **values), **M52)["BGT_SECTION"] == section


@pytest.mark.parametrize(
    ("values", "contnat", "section"),
    [
        ({"ContNat": "011"}, "011", "fonctionnement"),
        ({"ContNat": "040"}, "040", "investissement"),
        ({"ContFon": "900"}, "900", "investissement"),
        ({"ContFon": "930"}, "930", "fonctionnement"),
        ({}, "0", "fonctionnement"),
    ],
)
def test_a_line_without_account_is_its_chapters_and_is_told(
    values: dict[str, str], contnat: str, section: str
) -> None:
    result = converted(line(None, **values), **M57)
    (found,) = result.rows
    assert (found["BGT_NATURE"], found["BGT_CONTNAT"], found["BGT_SECTION"]) == (contnat, contnat, section)
    assert found["BGT_NATURE_LABEL"] and found["BGT_CONTNAT_LABEL"]
    finding = result.findings[0]
    assert (finding.code, finding.level, finding.params["count"]) == ("nature_absent", "a_verifier", "1")


@pytest.mark.parametrize(
    ("given", "chapter"),
    [
        (line("60611", CodRD="R"), "011"),  # the other direction's
        (line("60611", OpBudg="1", TypOpBudg="1"), "011"),  # the same direction's, réel
    ],
)
def test_a_chapter_that_the_plan_does_not_give_is_inferred_and_told(given: dict[str, str], chapter: str) -> None:
    result = converted(given, given)
    assert {one.chapter for one in result.lines} == {chapter}
    (finding,) = result.findings
    assert (finding.code, finding.level, finding.line) == ("chapter_inferred", "information", 12)
    assert dict(finding.params) == {"code": given["Nature"], "chapter": chapter, "count": "2"}


@pytest.mark.parametrize(
    ("given", "chapter"),
    [
        (line("1022"), "10"),
        (line("28041", CodRD="R", OpBudg="1", TypOpBudg="2"), "040"),
        (line("60"), "011"),
    ],
)
def test_a_heading_takes_the_chapter_of_the_accounts_below_it_and_is_to_check(
    given: dict[str, str], chapter: str
) -> None:
    (made,), (finding,) = converted(given).lines, converted(given).findings
    assert (made.chapter, made.contnat) == (chapter, chapter) and made.chapter_label
    assert (finding.code, finding.level) == ("account_is_heading", "a_verifier")
    assert dict(finding.params) == {"code": given["Nature"], "chapter": chapter, "count": "1"}


def test_a_heading_whose_accounts_go_to_several_chapters_takes_none_of_them() -> None:
    finding = converted(line("62")).findings[0]
    assert finding.code == "chapter_inferred"


def test_an_unknown_norm_is_told_and_every_label_says_so() -> None:
    result = converted(line(ContNat="011"), Nomenclature="M832-M832")
    assert result.codes == ["nomenclature_unknown", "label_absent", "label_absent"]
    assert result.findings[0].params["nomenclature"] == "M832-M832"
    assert result.rows[0]["BGT_NATURE_LABEL"] == "Compte 60611, absent du plan M832 2021"
    assert result.rows[0]["BGT_CONTNAT_LABEL"] == "Chapitre 011, absent du plan M832 2021"


def test_no_nomenclature_at_all_still_fills_the_row() -> None:
    result = converted(line(ContNat="011"), Nomenclature=None)
    assert result.rows[0]["BGT_NATURE_LABEL"] == "Compte 60611, absent du plan inconnu 2021"


def test_an_unknown_declination_takes_a_sibling_and_says_which() -> None:
    result = converted(line(), Nomenclature="M14-M14_COM_INVENTEE")
    assert result.rows[0]["BGT_NATURE_LABEL"] == "Eau et assainissement"
    (finding,) = result.findings
    assert (finding.code, finding.params["used"]) == ("declination_unknown", "M14_COM_SUP3500")


def test_a_year_without_plan_takes_the_nearest_and_says_it_once() -> None:
    result = converted(line(), line("1641"), Nomenclature="M57-M57_D", Exer="2026")
    (finding,) = result.findings
    assert (finding.code, finding.level, finding.params["year"]) == ("plan_year_missing", "information", "2024")
    assert result.rows[0]["BGT_NATURE_LABEL"] == "Eau et assainissement"
    assert {r["BGT_ANNEE"] for r in result.rows} == {"2026"}


def test_a_code_of_another_year_takes_that_years_label_and_says_it() -> None:
    result = converted(line("102292", OpBudg="1", TypOpBudg="2"))
    (finding,) = result.findings
    assert (finding.code, finding.params["year"], finding.params["count"]) == ("label_other_year", "2014", "1")


@pytest.mark.parametrize(("stage", "told"), [("01", True), ("02", True), ("03", True), ("09", False), ("10", False)])
def test_a_draft_is_told_for_what_is_voted_beforehand(stage: str, told: bool) -> None:
    assert converted(line(), NatDec=stage, ProjetBudget="true").codes == (["draft"] if told else [])
