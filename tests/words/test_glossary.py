"""The glossary and the dictionary say everything, in both languages, briefly, and the pages name only known words."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from babel.messages.pofile import read_po

from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.words import dictionary, glossary
from tests.conftest import ROOT

LANGUAGES = ["fr", "en"]
MARK = re.compile(r"\[[^\[\]|]+\|([a-z0-9-]+)\]")


def words(text: str) -> int:
    return sum(bool(re.search(r"\w", piece)) for piece in text.split())


@pytest.mark.parametrize("room", [glossary, dictionary])
def test_the_files_follow_their_schemas(room: object) -> None:
    schema = json.loads(room.SCHEMA.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(room.data(), schema)  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_definition_takes_forty_words_at_most(lang: str) -> None:
    found = glossary.terms(lang)
    assert len(found) >= 50
    assert {t.id: words(t.definition) for t in found.values() if words(t.definition) > 40} == {}


def test_what_a_reader_looks_for_is_there_and_related_words_exist() -> None:
    found = glossary.terms("fr")
    expected = "ordre epargne-brute epargne-nette rar credits-ouverts mandate titre section virement affectation 1068"
    expected += (
        " rattachement dotation dgf fctva desendettement budget-annexe bp bs dm ca cfu nomenclature m14 m57 m4"
    )
    assert set(expected.split()) <= set(found)
    assert {see for t in found.values() for see in t.see} <= set(found)
    assert "aucun euro n’entre ni ne sort" in found["ordre"].definition


def test_letters_and_search_ignore_accents_and_case() -> None:
    found = glossary.terms("fr")
    letters = [letter for letter, _ in glossary.by_letter(found.values())]
    assert letters == sorted(set(letters))
    assert found["epargne-brute"].letter == "E"
    assert [t.id for t in glossary.search(found.values(), "EPARGNE BRUTE")][0] == "epargne-brute"
    assert glossary.search(found.values(), "licorne") == []


def test_the_dictionary_explains_the_columns_of_the_csv_in_their_order() -> None:
    for lang in LANGUAGES:
        assert tuple(dictionary.columns(lang)) == COLUMNS
    column = dictionary.columns("fr")["BGT_MTREAL"]
    assert column.stages.startswith("N’a de sens que dans un compte administratif ou un compte financier unique")
    assert (column.unit, column.type, column.required) == ("euros", "number", False)
    assert dictionary.columns("en")["BGT_OPBUDG"].values == ("réel", "ordre")


def test_the_words_marked_in_the_pages_are_known_and_translations_keep_them() -> None:
    with (ROOT / "ckanext/budget/i18n/fr/LC_MESSAGES/ckanext-budget.po").open("rb") as file:
        marked = [(m.id, m.string) for m in read_po(file) if isinstance(m.id, str) and MARK.search(m.id)]
    assert len(marked) > 10
    for msgid, msgstr in marked:
        assert set(MARK.findall(msgid)) == set(MARK.findall(str(msgstr))), msgid
        assert set(MARK.findall(msgid)) <= set(glossary.terms("fr")), msgid
