"""What may be pinned where: attacks are refused before anything is written."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.budget.notes.items import LONGEST, Place, UnfitError, check_rendered, clean


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"exercice": "deux mille"}, "exercice"),
        ({"exercice": 12}, "exercice"),
        ({"exercice": -2022}, "exercice"),
        ({"stage": "CA"}, "stage"),
        ({"exercice": 2022, "stage": "XX"}, "stage"),
        ({"exercice": 2022, "stage": "CA", "dm_number": 2}, "dm_number"),
        ({"item": "chapter:"}, "item"),
        ({"item": "chapter:<b>"}, "item"),
        ({"item": "autre:011"}, "item"),
        ({"item": ["headline"]}, "item"),
    ],
)
def test_a_place_that_is_none_is_refused(given: dict[str, Any], code: str) -> None:
    with pytest.raises(UnfitError) as caught:
        Place.read(given)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "empty"),
        (" \n\x00 ", "empty"),
        ("x" * (LONGEST + 1), "long"),
        ("x" * 100_000, "long"),
        ("bon <script>alert(1)</script>", "markup"),
        ("<img src=x onerror=alert(1)>", "markup"),
        ("<!-- rien -->", "markup"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(text: Any, code: str) -> None:
    with pytest.raises(UnfitError) as caught:
        clean(text)
    assert caught.value.code == code


def test_a_text_is_kept_as_it_was_written() -> None:
    assert clean("Une école, 3 < 4.\r\n\r\n<https://exemple.fr>\u202e") == "Une école, 3 < 4.\n\n<https://exemple.fr>"


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<h1>Grand</h1>", "tags"),
        ('<p><img src="https://exemple.fr/mouchard.png"></p>', "tags"),
        ('<p><a href="javascript:alert(1)">x</a></p>', "address"),
        ('<p><a href="data:text/html,x">x</a></p>', "address"),
        ("<p><a>x</a></p>", "address"),
    ],
)
def test_what_markdown_made_is_checked_tag_by_tag(html: str, code: str) -> None:
    with pytest.raises(UnfitError) as caught:
        check_rendered(html)
    assert caught.value.code == code
    check_rendered('<p>Une <strong>école</strong>, <a href="https://exemple.fr">ici</a>.</p><ul><li>a</li></ul>')


def test_a_text_covers_its_document_its_year_or_every_year() -> None:
    document = Place(2022, "DM", 2)
    assert all(place.covers(document) for place in (Place(), Place(2022), Place(2022, "DM", 2)))
    assert not any(place.covers(document) for place in (Place(2021), Place(2022, "DM", 1), Place(2022, "CA")))
