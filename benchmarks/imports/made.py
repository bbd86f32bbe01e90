"""Fictitious budgets of many communes, years and étapes, small and all different: the files of the soak of imports."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stdnum import luhn

from dev import fixtures
from dev.fixtures import identity

#: départements whose communes have no such ranks: these numbers pass their keys and belong to nobody
DEPARTEMENTS = ("55", "08", "52", "88")
RANKS = range(900, 1000)
STAGES = ("BP", "CA")
#: documents of one budget
EACH = len(identity.YEARS) * len(STAGES)


@dataclass(frozen=True)
class Made:
    """A file: where it is, what it is."""

    name: str
    siret: str
    exercice: int
    stage: str
    sha256: str


def siret(number: int) -> str:
    """SIRET of the n-th fictitious commune."""
    departement, rank = DEPARTEMENTS[number // len(RANKS)], RANKS[number % len(RANKS)]
    start = f"21{departement}0{rank}"
    digits = f"{start}{luhn.calc_check_digit(start)}00011"[:13]
    return digits + luhn.calc_check_digit(digits)


def write(folder: Path, count: int, *, first: int = 0) -> list[Made]:
    """Write ``count`` files, of the communes from ``first`` on (:func:`communes` tells how many)."""
    found: list[Made] = []
    for number, exercice, stage in _kinds(count, first):
        name = f"{siret(number)}/{stage}-{exercice}.xml"
        content = fixtures.document(
            stage, exercice, siret=siret(number), name=f"Exemple-{number:03d}-sur-Meuse", change=number
        )
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        found.append(Made(name, siret(number), exercice, stage, hashlib.sha256(content).hexdigest()))
    return found


def communes(count: int) -> int:
    """How many communes ``count`` files are of."""
    return -(-count // EACH)


def _kinds(count: int, first: int) -> Iterator[tuple[int, int, str]]:
    every = (
        (number, exercice, stage)
        for number in range(first, first + communes(count))
        for exercice in identity.YEARS
        for stage in STAGES
    )
    for _, kind in zip(range(count), every, strict=False):
        yield kind
