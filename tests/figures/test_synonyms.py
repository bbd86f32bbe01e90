"""Everyday words lead to official ones: each of these is in a label of a plan that ships."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from ckanext.budget.figures import synonyms
from ckanext.budget.jsonfile import JsonFileError
from ckanext.budget.nomenclature import plans


def labels() -> set[str]:
    """The labels of accounts and functions, as they are compared."""
    found: set[str] = set()
    with gzip.open(plans.TABLE, "rt", encoding="utf-8") as table:
        for line in table:
            cells = line.split("\t")
            if line[0] in "AGR" and len(cells) > 5:
                found.add(synonyms.key(cells[4]))
    return found


def test_what_is_searched_besides_is_in_a_label() -> None:
    known = [label.split() for label in labels()]
    shipped = synonyms.load(synonyms.FILE)
    assert shipped.groups == synonyms.shipped().groups
    for text in {words for group in shipped.groups.values() for words in group}:
        wanted = synonyms.key(text).split()
        assert any(all(any(w[:6] == word[:6] for w in label) for word in wanted) for label in known), text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("école", "classes regroupées"),
        ("Ecoles", "premier degré"),
        ("CANTINES", "restauration scolaire"),
        ("halte garderie", "petite enfance"),
        ("taxe d’habitation", "impôts directs locaux"),
    ],
)
def test_accents_case_and_plural_do_not_matter(typed: str, found: str) -> None:
    assert found in synonyms.shipped().also(typed)


def test_nothing_is_added_to_what_is_already_official() -> None:
    assert "piscines" not in synonyms.shipped().also("piscine")
    assert synonyms.shipped().also("école de musique") == synonyms.shipped().also("") == []


def test_a_word_in_two_groups_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.json"
    groups = [{"words": ["Rue"], "also": ["voirie"]}, {"words": ["rues"], "also": ["routes"]}]
    path.write_text(json.dumps({"version": "1", "source": "–", "groups": groups}), encoding="utf-8")
    with pytest.raises(JsonFileError, match="«rue» is there twice"):
        synonyms.load(path)
