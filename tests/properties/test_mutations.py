"""Damaged files: each is converted whole or refused with a reason (``make soak`` judges 20,000 of them)."""

from __future__ import annotations

import pytest

from benchmarks import soak
from tests.conftest import CORPUS

SEED, COUNT, GROUP = 1, 150, 15
REAL = CORPUS.is_dir()


@pytest.mark.parametrize("first", range(0, COUNT, GROUP))
def test_a_damaged_file_is_converted_whole_or_refused(first: int) -> None:
    found = {number: soak.outcome(SEED, number, real=REAL) for number in range(first, first + GROUP)}
    faults = {
        number: (soak.made(SEED, number, real=REAL).recipe, outcome.what, outcome.fault)
        for number, outcome in found.items()
        if outcome.fault
    }
    assert faults == {}


def test_the_damage_is_worth_looking_at() -> None:
    """Some variants come through, some don't, for many reasons; and they are the same at every run."""
    variants = [soak.made(SEED, number, real=False) for number in range(200)]
    assert variants == [soak.made(SEED, number, real=False) for number in range(200)]
    originals = {data for _, data in soak.generated()}
    assert sum(variant.data in originals for variant in variants) < 10
    kinds = {soak.outcome(SEED, number, real=False).what for number in range(40)}
    assert "converted" in kinds
    assert len([kind for kind in kinds if kind.startswith("refused")]) >= 3
