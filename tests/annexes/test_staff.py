"""Aggregates of staff: five or more behind each figure, nothing to find by subtraction, sums kept."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.annexes.staff import SEVERAL, Group, K, Staff, merged
from tests.annexes.made import document, made, record, staff, table
from tests.totem.documents import sample


def groups(**sizes: int) -> list[Group]:
    """Groups by «status_category_filière»."""
    out: list[Group] = []
    for name, size in sizes.items():
        status, category, sector = name.split("_")
        out.append(Group((status, category, sector), Decimal(size), Decimal(size)))
    return out


def shown(*found: Group) -> dict[str, int]:
    return {"_".join(group.key): int(group.posts) for group in found}


def test_four_are_not_shown_and_five_are() -> None:
    rows, _ = table("personnel", staff("4"))
    assert rows == []
    rows, _ = table("personnel", staff("5"))
    assert [row["etp_pourvus"] for row in rows] == ["5"]


def test_a_staff_under_five_makes_no_file_and_says_why() -> None:
    files, tables = made(document(staff("2"), staff("2.9", "ADM")), ["personnel"])
    assert files == {}
    assert tables["personnel"].left_out["too_few"].count == 2


def test_small_groups_of_a_category_are_merged() -> None:
    assert shown(*merged(groups(I_C_a=3, I_C_b=2, I_C_c=20))) == {f"I_C_{SEVERAL}": 5, "I_C_c": 20}


def test_one_small_group_takes_in_its_smallest_neighbour() -> None:
    """Else a total known from elsewhere would give it back by subtraction."""
    assert shown(*merged(groups(I_C_a=1, I_C_b=30, I_C_c=20))) == {f"I_C_{SEVERAL}": 21, "I_C_b": 30}


def test_a_small_category_joins_its_status_then_the_whole() -> None:
    assert shown(*merged(groups(I_A_a=2, I_C_b=30, I_C_c=20))) == {f"I_{SEVERAL}_{SEVERAL}": 22, "I_C_b": 30}
    found = shown(*merged(groups(N_A_a=1, I_C_b=30, I_C_c=20)))
    assert found == {f"{SEVERAL}_{SEVERAL}_{SEVERAL}": 21, "I_C_b": 30}


sizes = st.dictionaries(
    st.tuples(st.sampled_from("INR"), st.sampled_from("ABC"), st.sampled_from(["ADM", "TECH", "S", "POL"])),
    st.decimals(0, 40, places=2),
)


@sample
@given(sizes)
def test_every_figure_covers_five_and_sums_are_kept(drawn: dict[tuple[str, str, str], Decimal]) -> None:
    found = merged([Group(key, size, None) for key, size in drawn.items()])
    total = sum(drawn.values(), Decimal(0))
    assert all(group.posts >= K for group in found)
    assert sum((group.posts for group in found), Decimal(0)) == (total if total >= K else 0)
    keys = [group.key for group in found]
    assert keys == sorted(set(keys))


def test_order_of_the_records_does_not_matter() -> None:
    records = [staff("3"), staff("4", "ADM"), staff("9", "S"), staff("1", "POL", "B"), staff("6", "ADM", status="N")]
    assert made(document(*records)) == made(document(*reversed(records)))


def test_no_pay_no_index_no_grade_reaches_the_file() -> None:
    files, _ = made(document(staff("7", RemunAgent="19840.12", IndiceAgent="354123", Champ_Editeur="note")))
    assert set(files) == {"personnel"}
    for secret in (b"19840.12", b"354123", b"note", b"Adjoint"):
        assert secret not in files["personnel"]


def test_an_unknown_code_does_not_become_text() -> None:
    rows, _ = table("personnel", staff("7", sector="DUPONT", category="Jean", status="M. X"))
    assert [(row["statut"], row["categorie"], row["filiere"]) for row in rows] == [
        ("Non précisé", "Non précisée", "Autres emplois")
    ]


def test_management_posts_are_not_a_group_of_their_own() -> None:
    assert [row["filiere"] for row in table("personnel", staff("7", "DIR1"))[0]] == ["Autres emplois"]


def test_budgeted_posts_are_shown_only_when_all_are_known_and_five_or_more() -> None:
    assert table("personnel", staff("6", EffectifBud="6.5"))[0][0]["postes_budgetes"] == "6.5"
    assert table("personnel", staff("6", EffectifBud="4"))[0][0]["postes_budgetes"] == ""
    assert table("personnel", staff("6", EffectifBud="9"), staff("1"))[0][0]["postes_budgetes"] == ""


def test_a_record_without_a_number_is_left_out_and_counted() -> None:
    bad = [staff("NaN"), staff("-3"), staff("1e9"), record("PERSONNEL", EmploiGradeAgent="Adjoint")]
    rows, told = table("personnel", staff("7"), *bad)
    assert [row["etp_pourvus"] for row in rows] == ["7"]
    assert told.left_out["unreadable"].count == len(bad)


def test_staff_counts_what_it_takes() -> None:
    counted = Staff()
    assert counted.add({"EffectifPourvu": "0.80"}) and not counted.add({})
    assert counted.records == 1
