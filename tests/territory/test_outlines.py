"""Every metropolitan département has an outline, inside the map that is drawn of it; overseas there is no map."""

from __future__ import annotations

import re

import pytest

from ckanext.budget.territory import outlines
from ckanext.budget.territory.directory import directory


def test_every_metropolitan_departement_is_drawn_inside_its_map() -> None:
    known = {t.departement.code for t in directory() if t.departement}
    metropolitan = tuple(sorted(code for code in known if not code.startswith(("97", "98"))))
    found = outlines.of(metropolitan)
    assert found and [one.code for one in found.outlines] == list(metropolitan) and len(metropolitan) == 96
    left, top, width, height = found.box
    for one in found.outlines:
        assert left <= one.x <= left + width and top <= one.y <= top + height
        assert re.fullmatch(r"(M\d+ \d+l(-?\d+ -?\d+ ?)+z)+", one.path), one.code
    assert "CC BY 4.0" in outlines.source()


@pytest.mark.parametrize("codes", [("971", "972"), ("55", "971"), ("55",), ()])
def test_a_map_leaves_nobody_out(codes: tuple[str, ...]) -> None:
    assert outlines.of(codes) is None
