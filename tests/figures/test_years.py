"""Years, votes and results of one budget: gaps stay gaps, norms are told, nothing is added up that should not be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ckanext.budget.figures import definitions, prices, results, series
from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.document import Document, prevailing, stage_of
from ckanext.budget.figures.groups import AMOUNTS, Group
from ckanext.budget.figures.values import Inhabitants
from tests.figures.made import corpus, fictitious, town

D = Decimal


def years(*wanted: tuple[str, int]) -> tuple[list[Document], dict[str, list[Group]]]:
    made = [fictitious(*one) for one in wanted]
    return [d for d, _ in made], {d.id: g for d, g in made}


def test_a_gap_is_a_gap_and_the_change_of_norm_is_told() -> None:
    documents, groups = years(("CA", 2018), ("CA", 2020), ("CA", 2021), ("CA", 2022), ("BP", 2022))
    time = series.timeline(documents)
    assert list(time.years) == [2018, 2019, 2020, 2021, 2022] and time.gaps == [2019]
    assert time.changes == [series.NormChange(2022, "M14", "M57")]
    spent, saved = series.of_figures(time, groups, ["expenditure", "gross_savings"])
    assert [p.value is None for p in spent.points] == [False, True, False, False, False]
    assert spent.points[-1].value == f.headline(groups[documents[3].id], "mtreal", "D")
    assert saved.code == "gross_savings" and saved.label == "Épargne brute"
    voted = series.of_figures(time, groups, ["expenditure"], line="voted")[0]
    assert [p.value is None for p in voted.points] == [True, True, True, True, False]


def test_constant_euros_and_inhabitants_are_told_beside() -> None:
    documents, groups = years(("CA", 2020), ("CA", 2022))
    euros = series.Euros(prices.shipped(), 2022, Inhabitants(1000, 2023))
    points = series.of_figures(series.timeline(documents), groups, ["expenditure"], euros=euros)[0].points
    first, _, last = points
    assert last.constant == last.value and first.value and first.constant
    assert first.constant == (first.value * D("112.01") / D("104.73")).quantize(D("0.01"))
    assert first.per_inhabitant == first.value / 1000
    assert prices.shipped().constant(D(1), 1999, 2022) is None and prices.shipped().constant(None, 2020, 2022) is None
    assert prices.load(prices.FILE) == prices.shipped()


def test_a_ratio_has_no_constant_euros() -> None:
    documents, groups = years(("CA", 2020), ("CA", 2022))
    euros = series.Euros(prices.shipped(), 2022)
    points = series.of_figures(series.timeline(documents), groups, ["ratio_staff"], euros=euros)[0].points
    assert points[0].value and points[0].constant is None


def test_several_budgets_are_no_series() -> None:
    (one, _), (other, _) = fictitious("CA", 2021), fictitious("CA", 2021, True)
    with pytest.raises(ValueError, match="several budgets"):
        series.timeline([one, other])


def test_a_cfu_prevails_over_the_ca_and_both_are_to_be_checked() -> None:
    (ca, _), (bp, _) = fictitious("CA", 2022), fictitious("BP", 2022)
    cfu = replace(ca, id="cfu", stage="CFU")
    time = series.timeline([cfu, ca, bp])
    assert time.accounts[2022] == cfu and list(time.two_accounts) == [2022]
    assert prevailing([ca, cfu, bp]) == [bp, cfu]


def test_chapters_that_a_norm_moved_are_joined() -> None:
    documents, groups = years(("CA", 2021), ("CA", 2022))
    told = series.of_chapters(series.timeline(documents), groups, "F", "R")
    codes = [s.code for s in told]
    assert "73 + 731" in codes and "73" not in codes and "731" not in codes
    for rank, document in enumerate(documents):
        whole = sum((s.points[rank].value or D(0) for s in told), D(0))
        assert whole == f.block(groups[document.id], "mtreal", "F", "R")
    alone = series.of_chapters(series.timeline(documents[:1]), {documents[0].id: groups[documents[0].id]}, "F", "R")
    assert "73" in [s.code for s in alone]


def test_categories_over_the_years_make_up_the_headline() -> None:
    documents, groups = years(("CA", 2021), ("CA", 2022))
    told = series.of_categories(series.timeline(documents), groups, "", "D")
    for rank, document in enumerate(documents):
        whole = sum((s.points[rank].value or D(0) for s in told), D(0))
        assert whole == f.headline(groups[document.id], "mtreal", "D")
    assert told[-1].code == "none"  # 2021 had no functions
    assert told[-1].points[1].value == 0


# -- votes


def test_what_the_council_voted_explains_the_credits_opened() -> None:
    account = fictitious("CA", 2021)[1]
    told = results.council([fictitious("DM", 2021, False, 1), fictitious("BP", 2021)], account)
    assert [d.stage for d in told.documents] == ["BP", "DM"] and list(told.missing) == []
    assert told.unexplained == 0 and told.complete
    staff = next(v for v in told.chapters if (v.section, v.sense, v.code) == ("F", "D", "012"))
    assert staff.opened and staff.total == sum(staff.by_stage)


def test_missing_etapes_are_named_and_their_amount_told() -> None:
    account = fictitious("CA", 2021)[1]
    only_budget = results.council([fictitious("BP", 2021)], account)
    amendment, lines = fictitious("DM", 2021, False, 1)
    assert only_budget.unexplained == f.voted(lines, "D") and not only_budget.complete
    third = results.council([(replace(amendment, dm_number=3), lines)])
    assert list(third.missing) == ["BP", "DM 1", "DM 2"] and third.unexplained is None


def group(section: str, sense: str, nature: str, real: str = "0", rar: str = "0") -> Group:
    amounts = {**dict.fromkeys(AMOUNTS, D(0)), "mtreal": D(real), "mtrar3112": D(rar)}
    return Group(section, sense, False, nature, "", "", "", amounts)


@pytest.mark.parametrize(
    ("operating", "investment", "rar", "need", "reserve", "carry"),
    [("1000", "-400", "100", "500", "500", "500"), ("300", "-400", "0", "400", "300", "0"),
     ("1000", "200", "100", "0", "0", "1000"), ("-50", "-400", "0", "400", "0", "-50")],
)  # fmt: skip
def test_the_affectation_of_the_result(
    operating: str, investment: str, rar: str, need: str, reserve: str, carry: str
) -> None:
    lines = [group("F", "R", "70", operating), group("I", "R", "13", investment), group("I", "D", "2313", "0", rar)]
    told = results.affectation(lines)
    assert (told.need, told.to_reserve, told.to_carry) == (D(need), D(reserve), D(carry))


def test_the_next_budget_takes_up_what_the_account_leads_to() -> None:
    told = results.affectation(fictitious("CA", 2020)[1])
    after = fictitious("CA", 2021)[1]
    assert told.closing_investment == f.carried(after, "mtreal", "001")
    assert told.closing_operating == f.carried(after, "mtreal", "002") + f.reserve(after, "mtreal")


@corpus
def test_the_affectation_of_a_town() -> None:
    told = results.affectation(town("montreuil-2022-CA-M14")[1])
    assert told.closing_investment == D("-3891286.86") and told.closing_operating == D("15699198.91")
    assert told.to_reserve + told.to_carry == told.closing_operating


@pytest.mark.parametrize(
    ("slug", "stage"),
    [("bp", ("BP", 0)), ("dm-2", ("DM", 2)), ("cfu", ("CFU", 0)), ("DM-1", ("DM", 1)), ("dm", None), ("bp-1", None),
     ("dm-x", None), ("", None)],
)  # fmt: skip
def test_an_etape_in_an_address(slug: str, stage: tuple[str, int] | None) -> None:
    assert stage_of(slug) == stage
    if stage:
        assert Document("a", 2021, stage[0], dm_number=stage[1]).slug == slug.casefold()


def test_joins_name_chapters_once() -> None:
    chapters = [chapter for join in definitions.shipped().joins for chapter in join.chapters]
    assert len(chapters) == len(set(chapters))
