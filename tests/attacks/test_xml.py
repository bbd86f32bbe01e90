"""Each hostile XML is refused in words of its own, or taken with nothing left of what it hid; memory stays bounded."""

from __future__ import annotations

import pytest

from tests.attacks.runner import BOUND, growth, hidden, run
from tests.attacks.xml import ATTACKS, HIDDEN, NAME, Attack

REFUSED = [attack for attack in ATTACKS if attack.code]
TAKEN = [attack for attack in ATTACKS if not attack.code]


@pytest.mark.parametrize("attack", REFUSED, ids=lambda attack: attack.name)
def test_it_is_refused_in_bounded_memory(attack: Attack) -> None:
    found = run(attack)
    assert found["code"] == attack.code
    assert found["sentence"].endswith(".")
    if attack.limit:
        assert found["params"]["limit"] == attack.limit
    assert growth(found) < BOUND


@pytest.mark.parametrize("attack", TAKEN, ids=lambda attack: attack.name)
def test_it_is_taken_and_harmless_in_bounded_memory(attack: Attack) -> None:
    found = run(attack)
    assert found["code"] == ""
    assert not found["leaks"]
    assert growth(found) < BOUND
    if attack in HIDDEN and "listed" in attack.name:
        assert hidden(found)


def test_a_formula_stays_the_text_it_is() -> None:
    """The standard CSV is data: it is spreadsheet exports that escape."""
    found = run(next(attack for attack in HIDDEN if attack.name == "formula in a label"))
    assert NAME in found["csv"]
