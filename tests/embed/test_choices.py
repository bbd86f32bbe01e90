"""What is chosen in an address, colours that can be read, links that leave the page: without CKAN."""

from __future__ import annotations

import pytest
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ckanext.budget import colour
from ckanext.budget.embed import choice, links
from ckanext.budget.embed.middleware import ANONYMOUS

OFFERED = ("chiffres", "blocs", "depenses")


def read(*given: tuple[str, str]) -> choice.Choice:
    return choice.read(MultiDict(given), OFFERED, ("chiffres",), ("fr", "en", "de"))


def test_a_choice_comes_back_from_its_own_address() -> None:
    asked = read(("vues", "depenses,chiffres"), ("couleur", "0A5"), ("logo", "oui"), ("langue", "en"))
    assert asked == choice.Choice(("depenses", "chiffres"), "#00aa55", True, "en")
    assert read(*asked.to_query().items()) == asked
    assert read(("vues", "chiffres"), ("vues", "blocs")).views == ("chiffres", "blocs")  # boxes of a form
    assert read() == choice.Choice(("chiffres",))


def test_what_means_nothing_is_left_out_and_told() -> None:
    asked = read(("vues", "blocs,<b>,blocs"), ("couleur", "red;}"), ("logo", "http://x"), ("langue", "de"))
    assert (asked.views, asked.colour, asked.logo, asked.language) == (("blocs",), "", False, "")
    assert asked.ignored == ("vues=<b>", "couleur=red;}", "logo=http://x", "langue=de")
    assert len(read(("couleur", "x" * 500)).ignored[0]) < 100


@pytest.mark.parametrize("given", ["#1f5f99", "#000000", "#ffff00", "#ffffff", "#ff0000", "#7f7f7f", "#00ff00"])
def test_any_colour_is_made_readable_on_white(given: str) -> None:
    made = colour.readable(given)
    assert colour.contrast(made) >= 4.5
    if colour.contrast(given) >= 4.5:
        assert made == given
    else:
        channels = [[int(c[n : n + 2], 16) for n in (1, 3, 5)] for c in (given, made)]
        assert all(after <= before for before, after in zip(*channels, strict=True))


def test_contrast_is_that_of_wcag() -> None:
    assert colour.contrast("#000000") == pytest.approx(21)
    assert colour.contrast("#767676") == pytest.approx(4.54, abs=0.01)
    assert [colour.read(text) for text in ("#ABC", "abcdef", "abcd", "rgb(1,2,3)", "")] == [
        "#aabbcc",
        "#abcdef",
        None,
        None,
        None,
    ]


def test_only_links_that_leave_open_a_new_window() -> None:
    html = (
        '<a href="/budgets/215509001/integrer?vue=cent&amp;vues=depenses#b-purposes">in</a>'
        '<a href="#b-controls">here</a>'
        '<a class="x" href="/budgets/glossaire#ordre" aria-describedby="t">out</a>'
        '<a title="a > b" rel=\'nofollow\' target=_top href="https://exemple.fr/?a=1&amp;b=\'"><b>far</b></a>'
        "<abbr>no link</abbr>"
    )
    made = links.outward(html, "https://portail.fr", "new window")
    assert isinstance(made, Markup)
    said = '<span class="visually-hidden"> (new window)</span></a>'
    assert made == (
        '<a href="/budgets/215509001/integrer?vue=cent&amp;vues=depenses#b-purposes">in</a>'
        '<a href="#b-controls">here</a>'
        '<a href="https://portail.fr/budgets/glossaire#ordre" target="_blank" rel="noopener" class="x"'
        f' aria-describedby="t">out{said}'
        '<a href="https://exemple.fr/?a=1&amp;b=&#39;" target="_blank" rel="noopener" title="a > b"><b>far</b>'
        f"{said}<abbr>no link</abbr>"
    )


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/budgets/215509001/integrer", True),
        ("/en/budgets/21550900100017/2022/dm-1/integrer", True),
        ("/budgets/integrer.js", True),
        ("/portail/budgets/oembed", True),
        ("/budgets/215509001/integrer/code", False),
        ("/budgets/215509001", False),
        ("/budgets/textes/integrer", False),
        ("/user/login", False),
    ],
)
def test_only_pages_for_other_sites_are_anonymous(path: str, found: bool) -> None:
    assert bool(ANONYMOUS.search(path)) is found
