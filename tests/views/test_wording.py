"""Numbers as Babel writes them; what is worked out of a document is worked out once."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_currency, format_decimal

from ckanext.budget.figures.document import Document
from ckanext.budget.views import wording
from ckanext.budget.views.kept import Kept


@pytest.mark.parametrize("lang", ["fr", "en", "de", "es", "hi", "ar", "pt_BR", "pl"])
def test_numbers_are_those_of_babel(lang: str) -> None:
    chance = random.Random(lang)  # noqa: S311  (no secret)
    locale = Locale.parse(lang)
    drawn = [Decimal(chance.randrange(10 ** chance.randrange(1, 13))) / 100 for _ in range(300)]
    for value in [*drawn, Decimal(0), Decimal("0.005"), Decimal("2.675"), Decimal("999999.999")]:
        euros = format_currency(value, "EUR", locale=locale).replace("\xa0", "\u202f")
        assert wording.amount(value, lang) == euros
        assert wording.amount(-value, lang).removeprefix(wording.MINUS) == euros
        number = format_decimal(int(value), locale=locale).replace("\xa0", "\u202f")
        assert wording.count(int(value), lang) == number


def test_an_answer_is_kept_for_a_version_and_for_what_was_asked() -> None:
    made: list[tuple[str, object]] = []
    kept = Kept[int](2)

    def ask(documents: Sequence[Document], asked: object) -> list[int]:
        def make(missing: Sequence[Document]) -> dict[str, int]:
            made.extend((d.id, asked) for d in missing)
            return {d.id: len(made) for d in missing}

        return list(kept.of(documents, asked, make).values())

    day = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
    one, other = (Document(name, 2022, "CA", converted=day) for name in ("a", "b"))
    assert ask([one], "x") == ask([one], "x") == [1]
    ask([one, other], "x")
    assert made == [("a", "x"), ("b", "x")]
    ask([replace(one, converted=day + dt.timedelta(1))], "x")  # converted anew: another answer
    ask([one], "y")
    assert made[2:] == [("a", "x"), ("a", "y")]
    ask([other], "x")  # the eldest of three was let go
    assert made[4:] == [("b", "x")]
    waiting = replace(one, converted=None)
    ask([waiting], "x")
    ask([waiting], "x")
    assert len(made) == 7  # being converted: asked each time
