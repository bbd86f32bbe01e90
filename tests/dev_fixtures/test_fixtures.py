"""The fictitious budgets are coherent, official in their codes, and carry what they promise."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from stdnum.fr import siren, siret

from dev import fixtures
from dev.fixtures.story import story

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"


def tree(content: bytes):
    return etree.fromstring(content)


def lines(content: bytes) -> list[dict[str, str]]:
    found = tree(content).iter("{*}LigneBudget")
    return [{etree.QName(e).localname: e.get("V") for e in line} for line in found if line.get("calculated") is None]


def total(found: list[dict[str, str]], amount: str, **where: str) -> Decimal:
    return sum((Decimal(x.get(amount, "0")) for x in found if all(x[k] == v for k, v in where.items())), Decimal(0))


def section(line: dict[str, str]) -> str:
    return line["CaracSup"]


def test_the_commune_has_valid_numbers_and_no_real_namesake() -> None:
    assert siren.is_valid(fixtures.SIREN)
    assert siret.is_valid(fixtures.SIRET)
    assert siret.is_valid(fixtures.SIRET_ANNEXE)
    assert fixtures.SIRET != fixtures.SIRET_ANNEXE
    assert fixtures.SIRET[:9] == fixtures.SIRET_ANNEXE[:9] == fixtures.SIREN


def test_same_arguments_same_bytes(tmp_path: Path) -> None:
    first = {p.name: p.read_bytes() for p in fixtures.write_all(tmp_path / "a")}
    second = {p.name: p.read_bytes() for p in fixtures.write_all(tmp_path / "b")}
    assert first == second
    assert len(first) == 26


@pytest.mark.parametrize("annexe", [False, True])
@pytest.mark.parametrize("exercice", fixtures.YEARS)
def test_voted_sections_balance(exercice: int, annexe: bool) -> None:
    budget = lines(fixtures.document("BP", exercice, annexe=annexe))
    for part in "FI":
        mine = [x for x in budget if section(x) == part]
        for amount in ("CredOuv",):
            assert total(mine, amount, CodRD="D") == total(mine, amount, CodRD="R") > 0
        voted = {rd: total(mine, "MtPrev", CodRD=rd) + total(mine, "MtRARPrec", CodRD=rd) for rd in "DR"}
        assert voted["D"] == voted["R"]


@pytest.mark.parametrize("annexe", [False, True])
@pytest.mark.parametrize("exercice", fixtures.YEARS)
def test_credits_are_never_overspent_and_ordre_balances(exercice: int, annexe: bool) -> None:
    account = lines(fixtures.document("CA", exercice, annexe=annexe))
    for line in account:
        if line["CodRD"] == "D" and line["Nature"] not in ("675", "6761"):  # a sale opens its own credits
            assert Decimal(line["MtReal"]) + Decimal(line.get("MtRAR3112", "0")) <= Decimal(line["CredOuv"]), line
    assert total(account, "MtReal", CodRD="D", OpBudg="1") == total(account, "MtReal", CodRD="R", OpBudg="1") > 0


@pytest.mark.parametrize("annexe", [False, True])
@pytest.mark.parametrize("exercice", [*range(2016, 2023)])
def test_results_follow_from_the_year_before(exercice: int, annexe: bool) -> None:
    before = lines(fixtures.document("CA", exercice - 1, annexe=annexe))
    voted = lines(fixtures.document("BP", exercice, annexe=annexe))

    def closing(part: str) -> Decimal:
        mine = [x for x in before if section(x) == part]
        return total(mine, "MtReal", CodRD="R") - total(mine, "MtReal", CodRD="D")

    carried = total(voted, "MtPrev", CodRD="R", Nature="001") - total(voted, "MtPrev", CodRD="D", Nature="001")
    assert carried == closing("I")
    assert total(voted, "MtPrev", Nature="002") + total(voted, "MtPrev", Nature="1068") == closing("F")
    assert total(voted, "MtRARPrec") == total(before, "MtRAR3112")


def test_the_amendment_is_part_of_the_credits_of_its_year() -> None:
    voted, amendment, account = (lines(fixtures.document(s, 2021)) for s in ("BP", "DM", "CA"))
    assert total(amendment, "MtPrev", CodRD="D") == total(amendment, "MtPrev", CodRD="R") != 0
    for rd in "DR":
        assert total(voted, "CredOuv", CodRD=rd) + total(amendment, "MtPrev", CodRD=rd) == total(
            account, "CredOuv", CodRD=rd
        )
    assert total(account, "CredOuv", CodRD="D") == total(
        lines(fixtures.document("BP", 2022)), "MtBudgPrec", CodRD="D"
    )


def test_the_debt_annexe_follows_its_loans() -> None:
    def debt(exercice: int) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for loan in tree(fixtures.document("CA", exercice)).iter("{*}EMPRUNT"):
            record = {etree.QName(e).localname: e.get("V") for e in loan}
            if record["CodTypEmpr"] == "01":
                for name in ("MtCapitalRestDu_31_12", "MtCapitalExer"):
                    sums[name] += Decimal(record[name])
        return sums

    for exercice in range(2016, 2023):
        account = lines(fixtures.document("CA", exercice))
        new = total(account, "MtReal", Nature="1641", CodRD="R")
        repaid = total(account, "MtReal", Nature="1641", CodRD="D")
        assert repaid == debt(exercice)["MtCapitalExer"]
        assert debt(exercice - 1)["MtCapitalRestDu_31_12"] - repaid + new == debt(exercice)["MtCapitalRestDu_31_12"]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus ../shared/corpus is absent")
@pytest.mark.parametrize(
    ("exercice", "annexe"), [*((y, False) for y in range(2015, 2024)), *((y, True) for y in fixtures.YEARS)]
)
def test_codes_and_chapters_are_official(exercice: int, annexe: bool) -> None:
    content = fixtures.document("CA", exercice, annexe=annexe)
    norm, declination = re.search(rb'<Nomenclature V="(\w+)-(\w+)"', content).groups()
    folder = {"M49": "M4"}.get(norm.decode(), norm.decode())
    plan = etree.parse(
        CORPUS / "plans_de_comptes" / str(exercice) / folder / declination.decode() / "planDeCompte.xml"
    )
    accounts = {e.get("Code"): e for e in plan.iterfind(".//{*}Nature//{*}Compte")}
    functions = {e.get("Code") for e in plan.iter("{*}RefFonc")}
    for line in lines(content):
        kind = {"0": "R", "1": "OES" if line.get("TypOpBudg") == "2" else "OIS"}[line["OpBudg"]]
        assert accounts[line["Nature"]].get(line["CodRD"] + kind) == line["ContNat"], line
        assert line.get("Fonction") in functions if functions else "Fonction" not in line, line


def test_every_kind_of_name_carries_the_marker() -> None:
    for content in (
        fixtures.document("CA", 2021, marker="ZQX17"),
        fixtures.document(exercice=2023, cfu=True, marker="ZQX17"),
    ):
        marked = {
            etree.QName(e).localname
            for e in tree(content).iter("{*}*")
            if "ZQX17" in (e.text or "") + "".join(e.attrib.values())
        }
        assert marked >= {
            "LibOrgaBenef", "DenomOuNumSubv", "LibPrestaNat", "ObjSubv", "NomBenefPret", "LibNatProv", "LibObjProv",
            "RemunAgent", "IndiceAgent", "NomOrgEng", "RSOrgEng", "NomOrgaBenef", "NatEng", "LibCredBail",
            "LibTypDette",
            "NomPJ", "Champ_Editeur", "Proprietaire", "Signataire", "LibPresentPar", "NomElu", "NomBenefEmprGaranti",
        }  # fmt: skip
    assert marked >= {"Gestion", "Edition", "X509Certificate", "SignerName", "Auteur"}


def test_a_marker_changes_nothing_in_the_lines() -> None:
    assert lines(fixtures.document("CA", 2021, marker="ZQX17")) == lines(fixtures.document("CA", 2021))


def test_public_beneficiaries_never_carry_the_marker() -> None:
    for record in tree(fixtures.document("CA", 2021, marker="ZQX17")).iter("{*}CONCOURS"):
        values = {etree.QName(e).localname: e.get("V") for e in record}
        assert (values["LibOrgaBenef"] == "ZQX17") == (values.get("CodNatJurBenefCA") != "P1")


def test_encodings_and_lies_about_them() -> None:
    plain = tree(fixtures.document("CA", 2021))
    for encoding in ("UTF-8", "windows-1252", "UTF-16"):
        other = tree(fixtures.document("CA", 2021, encoding=encoding))
        assert etree.tostring(other, method="c14n") == etree.tostring(plain, method="c14n")
    lying = fixtures.document("CA", 2021, encoding="UTF-8", declared="ISO-8859-1")
    assert b'encoding="ISO-8859-1"' in lying
    assert "Dupré".encode() in lying


def test_a_cfu_has_subtotals_that_repeat_its_lines() -> None:
    document = tree(fixtures.document(exercice=2023, cfu=True))
    assert etree.QName(document).localname == "CompteFinancierUnique"
    calculated = [e for e in document.iter("{*}LigneBudget") if e.get("calculated") == "true"]
    sums = sum((Decimal(e.find("{*}MtReal").get("V")) for e in calculated), Decimal(0))
    assert sums == total(lines(fixtures.document(exercice=2023, cfu=True)), "MtReal") > 0


def test_the_correction_supersedes_and_only_one_amount_differs(tmp_path: Path) -> None:
    paths = {p.name: p for p in fixtures.write_all(tmp_path)}
    first, second = (lines(paths[n].read_bytes()) for n in ("CA-2019.xml", "CA-2019-corrige.xml"))
    different = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    assert len(different) == 1
    assert Decimal(different[0][1]["MtReal"]) - Decimal(different[0][0]["MtReal"]) == 1200
    with pytest.raises(etree.XMLSyntaxError):
        etree.parse(io.BytesIO(paths["CA-2022-coupe.xml"].read_bytes()))


def test_the_story_has_a_sale_and_its_ordre_lines() -> None:
    account = lines(fixtures.document("CA", 2018))
    assert total(account, "MtReal", Nature="775") == Decimal("18500.00")
    assert story(False)[2018].closing("F") > 0
