"""Realistic TotEM files of any size: fictitious, the same bytes for the same size and seed, written as a stream.

Lines and annexes have the shape and the weight of a large commune's compte administratif (about 365 bytes a line; most
of the rest is loans, grants, assets and staff). Codes come from the shipped charts of accounts, so labels are found.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from benchmarks.codes import entries, shipped
from ckanext.budget.nomenclature.plans import Entry, Place
from dev.fixtures import NAME, SIRET
from dev.fixtures.annexes import CLUBS, PEOPLE

NORM, DECLINATION, YEAR = "M14", "M14_COM_SUP3500", 2022
ENCODING = "ISO-8859-1"


@dataclass(frozen=True)
class Size:
    """How many budget lines, and how many bytes of annexes."""

    lines: int
    annexes: int


#: the sizes of the table: an everyday file (6 MB), beyond any file seen (61 MB), stress (138 and 482 MB)
SIZES = {
    "tiny": Size(60, 40_000),
    "3.5 MB": Size(1_450, 2_950_000),
    "2k": Size(2_000, 5_300_000),
    "20k": Size(20_000, 54_000_000),
    "200k": Size(200_000, 66_000_000),
    "1M": Size(1_000_000, 122_000_000),
}

_HEAD = f"""<?xml version="1.0" encoding="{ENCODING}"?>
<DocumentBudgetaire xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire">
   <VersionSchema V="108"/>
   <BlocEditeur>
      <CodeEditeur V="Logiciel fictif de comptabilité"/>
   </BlocEditeur>
   <VersionOutil outil="FICTIF" version="1"/>
   <Scellement md5="00000000000000000000000000000000" sha1="0000000000000000000000000000000000000000" date="{YEAR + 1}-03-30T14:50:51"/>
   <EnTeteDocBudgetaire>
      <DteStr V="{YEAR + 1}-03-30"/>
      <LibellePoste V="TRÉSORERIE FICTIVE"/>
      <IdPost V="055000"/>
      <LibelleColl V="{NAME}"/>
      <IdColl V="{SIRET}"/>
      <NatCEPL V="Commune"/>
      <Departement V="055"/>
   </EnTeteDocBudgetaire>
   <Budget>
      <EnTeteBudget>
         <LibelleEtab V="Budget principal"/>
         <IdEtab V="{SIRET}"/>
         <CodColl V="900"/>
         <CodInseeColl V="55900"/>
         <CodBud V="00"/>
         <Nomenclature V="{NORM}-{DECLINATION}"/>
      </EnTeteBudget>
      <BlocBudget>
         <NatDec V="09"/>
         <Exer V="{YEAR}"/>
         <ProjetBudget V="false"/>
         <DteDec V="{YEAR + 1}-03-29"/>
         <NatVote V="FcIc"/>
         <OpeEquip V="true"/>
         <VoteFormelChap V="false"/>
         <TypProv V="1"/>
         <BudgPrec V="1"/>
         <ReprRes V="3"/>
         <NatFonc V="3"/>
         <PresentationSimplifiee V="false"/>
         <CodTypBud V="P"/>
      </BlocBudget>
      <InformationsGenerales>
         <Information Code="PopTot" V="111 810"/>
         <Information Code="ValDepRFonc" V="1 874,44"/>
      </InformationsGenerales>
"""  # noqa: E501  (a line of a file)
_TAIL = "   </Budget>\n</DocumentBudgetaire>\n"

#: (sense, OpBudg, TypOpBudg) → the chapter of the account that such a line has
_PLACES: tuple[tuple[Place, str, str, str], ...] = (
    ("DR", "D", "0", ""),
    ("RR", "R", "0", ""),
    ("DOES", "D", "1", "2"),
    ("ROES", "R", "1", "2"),
)


def write(size: Size, out: BinaryIO, *, seed: int = 1) -> None:
    """Write a file; memory does not grow with it."""
    chance = random.Random(f"{seed}/{size}")  # noqa: S311  (no secret: a reproducible file)
    for piece in _pieces(size, chance):
        out.write(piece.encode(ENCODING, "xmlcharrefreplace"))


def _pieces(size: Size, chance: random.Random) -> Iterator[str]:
    yield _HEAD
    yield from _lines(size.lines, chance)
    yield "      <Annexes>\n"
    for kind, (share, record) in _ANNEXES.items():
        yield f"         <DATA_{kind}>\n"
        left = size.annexes * share
        while left > 0:
            text = _record(kind, record(chance))
            left -= len(text)
            yield text
        yield f"         </DATA_{kind}>\n"
    yield "      </Annexes>\n"
    yield _TAIL


# -- lines


def _lines(count: int, chance: random.Random) -> Iterator[str]:
    """LigneBudget: an account in one of its places, a function, amounts of all sizes."""
    starts = _accounts()
    functions = [entry.code for entry in entries(shipped(NORM, DECLINATION, YEAR), "R") if len(entry.code) > 1]
    number, below = chance.random, chance.randrange
    for _ in range(count):
        start, middle, end = starts[below(len(starts))]
        credits = int(number() ** 4 * 400_000_000) + 100
        spent = int(credits * (0.4 + 0.6 * number()))
        carried = f'         <MtRAR3112 V="{_euros((credits - spent) // 3)}"/>\n' if number() < 0.1 else ""
        yield (
            f'{start}{functions[below(len(functions))]}{middle}{_euros(credits)}"/>\n'
            f'         <MtReal V="{_euros(spent)}"/>\n{carried}{end}{_euros(credits)}"/>\n      </LigneBudget>\n'
        )


def _accounts() -> list[tuple[str, str, str]]:
    """The fixed parts of a line, for each account and place."""
    return [
        _parts(entry, chapter, sense, order, between)
        for entry in entries(shipped(NORM, DECLINATION, YEAR), "A")
        for place, sense, order, between in _PLACES
        if (chapter := entry.chapter(place))
    ]


def _parts(entry: Entry, chapter: str, sense: str, order: str, between: str) -> tuple[str, str, str]:
    start = f'      <LigneBudget>\n         <Nature V="{entry.code}"/>\n         <Fonction V="'
    middle = (
        f'"/>\n         <ContNat V="{chapter}"/>\n         <ArtSpe V="false"/>\n         <CodRD V="{sense}"/>\n'
        '         <MtPrev V="0.00"/>\n         <CredOuv V="'
    )
    kind = f'         <TypOpBudg V="{between}"/>\n' if between else ""
    return start, middle, f'         <OpBudg V="{order}"/>\n{kind}         <MtSup Code="BudgetHorsRAR" V="'


# -- annexes

Fields = dict[str, str]


def _record(kind: str, fields: Fields) -> str:
    values = "".join(f'               <{tag} V="{value}"/>\n' for tag, value in fields.items())
    return f"            <{kind}>\n{values}            </{kind}>\n"


def _loan(chance: random.Random) -> Fields:
    amount = chance.randrange(5_000_000, 900_000_000)
    guaranteed = chance.random() < 0.9
    borrower = {"NomBenefEmprGaranti": f"{chance.choice(CLUBS)} (fictif)", "CodTypEmprGaranti": "01"}
    index = "Livret A (Préfixé) + 0.60 - (Taux fixe) barrière fictive"
    return {
        "CodTypEmpr": "09" if guaranteed else "01", "CodProfilAmort": "P", "CodProfilAmortDtVote": "P",
        "AnEncaisse": str(chance.randrange(1990, YEAR)), "ObjEmpr": "Réhabilitation de logements, résidence fictive",
        "MtEmprOrig": _euros(amount), "DureeRest": f"{chance.randrange(40)}.00",
        "LibOrgaPreteur": "Caisse fictive", "CodPeriodRemb": "A", "CodPeriodRembDtVote": "A",
        "CodPeriodRembReneg": "X", "CodTyptxInit": "V", "CodTyptxDtVote": "V", "IndexTxVariInit": index,
        "TxActuaInit": "1.35", "IndexTxVariDtVote": index, "TxActua": "2.600", "IndiceEmpr": "001",
        "MtIntExer": _euros(amount // 60), "MtCapitalExer": _euros(amount // 30),
        "MtCapitalRestDu_01_01": _euros(amount // 2), "MtCapitalRestDu_31_12": _euros(amount // 2 - amount // 30),
        **(borrower if guaranteed else {}), "IndSousJacentDtVote": "1", "StructureDtVote": "A",
        "RtAnticipe": "false", "Couverture": "false", "Renegocie": "false",
    }  # fmt: skip


def _grant(chance: random.Random) -> Fields:
    person = chance.random() < 0.05
    return {
        "CodArticle": "6574", "CodInvFonc": "F", "CodNatJurBenefCA": "P3" if person else "P1",
        "LibOrgaBenef": chance.choice(PEOPLE) if person else f"{chance.choice(CLUBS)} d’Exemple",
        "MtSubv": _euros(chance.randrange(10_000, 9_000_000)), "LibPrestaNat": "Prêt de salle",
    }  # fmt: skip


def _asset(chance: random.Random) -> Fields:
    value = chance.randrange(5_000, 50_000_000)
    day = f"{YEAR}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}"
    return {
        "CodVariPatrim": "E", "CodEntreeSorti": "1", "CodModalSorti": "01",
        "LibBien": f"Matériel d’équipement fictif n° {chance.randrange(10**6)}, école élémentaire",
        "MtValAcquiBien": _euros(value), "MtCumulAmortBien": "0.00", "DureeAmortBien": "5", "DtAcquiBien": day,
        "MtVNCBienSorti": _euros(value), "MtPrixCessBienSorti": "0.00", "DtCessBienSorti": day,
    }  # fmt: skip


def _agent(chance: random.Random) -> Fields:
    grade = chance.choice(("Adjoint technique", "Rédacteur principal de 1re classe", "Attaché", "Agent de maîtrise"))
    return {
        "CodTypAgent": "T", "EmploiGradeAgent": grade, "CodCatAgent": "C", "TempsComplet": "true",
        "Permanent": "true", "CodSectAgentTitulaire": "TECH", "RemunAgent": "0.00",
        "IndiceAgent": str(chance.randrange(340, 800)), "EffectifBud": "1.00", "EffectifPourvu": "1.00",
    }  # fmt: skip


def _share(chance: random.Random) -> Fields:
    return {
        "CodTypVentil": "1", "NomService": "Service des eaux fictif", "CodInvFonc": "F", "CodRD": "D",
        "TypOpBudg": "1", "CodChapitre": "011", "CodArticle": "6061", "LibCpte": "Fournitures non stockables",
        "MtVentil": _euros(chance.randrange(1_000, 9_000_000)),
    }  # fmt: skip


def _signatory(chance: random.Random) -> Fields:
    return {"Signataire": chance.choice(PEOPLE)}


#: annexe → (share of the bytes of the annexes, how a record is made), in the order of the XSD
_ANNEXES: dict[str, tuple[float, Callable[[random.Random], Fields]]] = {
    "EMPRUNT": (0.40, _loan),
    "CONCOURS": (0.05, _grant),
    "PATRIMOINE": (0.22, _asset),
    "PERSONNEL": (0.30, _agent),
    "VENTILATION": (0.025, _share),
    "SIGNATAIRE": (0.005, _signatory),
}


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
