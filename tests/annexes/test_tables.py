"""Tables of annexes: who is listed, who is only counted, what a cell may hold."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ckanext.budget.annexes.findings import findings
from ckanext.budget.annexes.specs import GRANTS, SPECS
from ckanext.budget.messages import render
from dev import fixtures
from tests.annexes.made import document, grant, made, record, rows, table
from tests.conftest import CORPUS, needs_corpus
from tests.totem.documents import occulted

LOAN = {"CodTypEmpr": "01", "LibOrgaPreteur": "Caisse fictive", "MtCapitalRestDu_31_12": "900.50"}


def names(*records: str) -> list[str]:
    return [row["nomBeneficiaire"] for row in table("subventions", *records)[0]]


@pytest.mark.parametrize("code", ["P1", "P2", "P4", "U1", "U6"])
def test_a_legal_person_is_listed(code: str) -> None:
    assert names(grant(CodNatJurBenefCA=code)) == ["Union sportive d'Exemple"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("P3", "natural_person"),
        (["P1", "P3"], "natural_person"),
        (["P3", "P1"], "natural_person"),
        ("", "nature_unknown"),
        ("p1", "nature_unknown"),
        ("P9", "nature_unknown"),
        ("Occulté", "nature_unknown"),
        (["P1", "P2"], "nature_unknown"),
    ],
)
def test_who_is_not_said_to_be_a_legal_person_is_only_counted(code: str | list[str], reason: str) -> None:
    found, told = table("subventions", grant(CodNatJurBenefCA=code), grant())
    assert len(found) == 1
    assert {name: left.count for name, left in told.left_out.items()} == {reason: 1}


@pytest.mark.parametrize("name", ["DUPONT JEAN", "Mme Lenoir", "MARÉCHAL Dominique", "Occulté", "Nom anonymisé", ""])
def test_a_person_coded_as_an_association_is_only_counted(name: str) -> None:
    found, told = table("subventions", grant(LibOrgaBenef=name, ObjSubv="Bourse"))
    assert found == [] and told.left_out["beneficiary_unnamed"].count == 1


def test_a_second_name_does_not_pass_behind_the_first() -> None:
    assert names(grant(LibOrgaBenef=["Union sportive", "DUPONT JEAN"])) == []


def test_texts_beside_the_name_are_emptied_when_they_name_a_person() -> None:
    found, told = table("subventions", grant(ObjSubv="Bourse de MARTIN Sophie", LibPrestaNat="Prêt de salle"))
    assert [(row["objet"], row["prestation_en_nature"]) for row in found] == [("", "Prêt de salle")]
    assert told.masked == 1


def test_a_prefix_hides_nothing() -> None:
    plain = document(grant(), grant(CodNatJurBenefCA="P3", LibOrgaBenef="Quelqu'un"))
    prefixed = plain
    for tag in (b"CONCOURS", b"CodNatJurBenefCA", b"LibOrgaBenef", b"MtSubv", b"DATA_CONCOURS"):
        prefixed = prefixed.replace(b"<" + tag, b"<x:" + tag).replace(b"</" + tag, b"</x:" + tag)
    prefixed = prefixed.replace(b"<Annexes>", b'<Annexes xmlns:x="urn:x">')
    assert made(prefixed) == made(plain)


def test_the_amount_of_few_people_is_not_told() -> None:
    person = grant(CodNatJurBenefCA="P3", MtSubv="400.10")
    assert table("subventions", *[person] * 4)[1].left_out["natural_person"].amount is None
    assert table("subventions", *[person] * 5)[1].left_out["natural_person"].amount == Decimal("2000.50")


def test_duplicate_records_are_all_kept() -> None:
    assert len(names(grant(), grant())) == 2


def test_columns_of_the_schema_that_the_annexe_does_not_tell_stay_empty() -> None:
    row = table("subventions", grant(Siret="21930048000015", CodInvFonc="F", CodArticle="65748"))[0][0]
    assert row["idBeneficiaire"] == "21930048000015"
    assert (row["nature"], row["section"], row["article"]) == ("aide en numéraire", "fonctionnement", "65748")
    absent = [column.name for column in GRANTS.columns if column.check == "absent"]
    assert len(absent) == 9 and {row[name] for name in absent} == {""}


def test_the_kind_of_aid_is_told_only_when_plain() -> None:
    def kind(**fields: str) -> str:
        return table("subventions", grant(**fields))[0][0]["nature"]

    assert kind(LibPrestaNat="Prêt de salle", MtSubv="0.0") == "aide en nature"
    assert kind(LibPrestaNat="Subvention", MtSubv="0.0") == ""
    assert kind(LibPrestaNat="Prêt de salle") == kind(ObjSubv="Nature") == kind(MtSubv="0") == ""


@needs_corpus
def test_the_first_columns_are_those_of_the_schema() -> None:
    schema = json.loads((CORPUS / "scdl_schema/subventions/latest/schema.json").read_text(encoding="utf-8"))
    fields = [field["name"] for field in schema["fields"]]
    assert [column.name for column in GRANTS.columns][: len(fields)] == fields


def test_own_and_guaranteed_loans_are_apart_and_the_beneficiary_is_nowhere() -> None:
    secret = "Bailleresse Fictive"
    own = record("EMPRUNT", **LOAN)
    guaranteed = record("EMPRUNT", **{**LOAN, "CodTypEmpr": "09"}, NomBenefEmprGaranti=secret)
    ratio = record("EMPRUNT", **{**LOAN, "CodTypEmpr": "10"})
    files, tables = made(document(own, guaranteed, ratio, own))
    assert [row["capital_restant_du_31_12"] for row in rows(files["emprunts"])] == ["900.50"] * 2
    assert len(rows(files["emprunts_garantis"])) == 1
    assert tables["emprunts"].left_out["other_kind"].count == 2
    assert all(secret.encode() not in file for file in files.values())


def test_a_lender_who_is_a_person_is_emptied() -> None:
    found, told = table("emprunts", record("EMPRUNT", **{**LOAN, "LibOrgaPreteur": "Mme LENOIR Claude"}))
    assert found[0]["preteur"] == "" and told.masked == 1


def test_the_borrower_is_never_shown() -> None:
    files, _ = made(document(record("PRET", CodTypPret="N", NomBenefPret="Association fictive", MtCapitalExer="10")))
    assert b"fictive" not in files["prets"] and rows(files["prets"])[0]["capital_exercice"] == "10"


def test_labels_of_programmes_and_goods_are_checked() -> None:
    programme = record(
        "APCP", CodTypAutori="P", CodSTypAutori="S", LibAutori="INDEMNITE CONSORTS DURAND", Chapitre="21"
    )
    assert table("apcp", programme)[0][0]["libelle"] == ""
    good = {"CodVariPatrim": "01", "CodEntreeSorti": "E", "MtValAcquiBien": "12.0"}
    found, _ = table("patrimoine", *(record("PATRIMOINE", **good, LibBien=x) for x in ("École", "ACQ DUPONT JEAN")))
    assert [row["bien"] for row in found] == ["École", ""]


def test_cells_hold_what_their_column_says_or_nothing() -> None:
    row, told = table("emprunts", record("EMPRUNT", **LOAN, MtICNE="NaN", DtSignInit="2021-02-30", AnEncaisse="202",
                                         CodTyptxInit="Mme X", NumContrat="Mme Lenoir"))  # fmt: skip
    assert {row[0][name] for name in ("icne", "date_signature", "annee_encaissement", "type_taux", "contrat")} == {""}
    assert (told.masked, told.unreadable) == (1, 4)


def test_the_origin_is_on_every_row() -> None:
    row = table("subventions", grant())[0][0]
    assert (row["exercice"], row["etape"], len(row["siret"])) == ("2021", "compte administratif", 14)
    assert row["budget"] == row["nomAttribuant"] != ""


def test_the_csv_is_utf_8_with_commas_and_crlf() -> None:
    file = made(document(grant(LibOrgaBenef="Foyer, d’« été »")))[0]["subventions"]
    assert file.endswith(b"\r\n") and file.count(b"\n") == file.count(b"\r\n") == 2
    assert '"Foyer, d’« été »"' in file.decode("utf-8") or "Foyer, d’« été »" in file.decode("utf-8")
    assert not file.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("more", [{}, {"encoding": "utf-8"}, {"cfu": True}])
def test_the_source_and_the_occulted_copy_give_the_same_bytes(more: dict[str, object]) -> None:
    marker = "SECRETMARQUEUR"
    source = fixtures.document("CA", 2023 if "cfu" in more else 2021, marker=marker, **more)  # pyright: ignore[reportArgumentType]
    copy, _ = occulted(source)
    files, tables = made(source)
    assert (files, tables) == made(copy)
    assert {"subventions", "emprunts", "emprunts_garantis", "prets", "personnel"} <= set(files)
    assert all(marker.encode() not in file for file in files.values())


def test_a_table_not_asked_for_is_not_made() -> None:
    files, tables = made(document(grant(), record("EMPRUNT", **LOAN)), ["emprunts"])
    assert set(files) == set(tables) == {"emprunts"}
    with pytest.raises(KeyError):
        made(document(grant()), ["salaires"])


def test_what_is_left_out_is_told_in_words() -> None:
    records = [grant(CodNatJurBenefCA="P3"), grant(CodNatJurBenefCA=""), grant(LibOrgaBenef="Mme Lenoir"),
               grant(ObjSubv="M. Dupont"), grant(MtSubv="x"), record("EMPRUNT", **LOAN, MtICNE="NaN")]  # fmt: skip
    found = findings(made(document(*records))[1].values())
    assert [finding.code for finding in found] == [
        "annexe_beneficiary_unnamed", "annexe_natural_persons", "annexe_nature_unknown", "annexe_records_unreadable",
        "annexe_texts_masked", "annexe_values_unreadable",
    ]  # fmt: skip
    assert all("1" in render(finding, str).sentence for finding in found)


def test_every_table_has_a_title_and_a_written_rule() -> None:
    assert all(spec.title and len(spec.rule) > 40 for spec in SPECS.values())
    assert len({spec.rule for spec in SPECS.values()}) == len(SPECS) == 7
