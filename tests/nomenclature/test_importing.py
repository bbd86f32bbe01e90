"""Adding plans: what is found in files, folders and zips, what it changes, what is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ckanext.budget.errors import Refusal
from ckanext.budget.messages import MESSAGES, render
from ckanext.budget.nomenclature import importing, plans, table, words
from ckanext.budget.nomenclature.gather import MAX_BYTES, gather
from ckanext.budget.nomenclature.importing import import_plans
from tests.conftest import CORPUS, needs_corpus
from tests.nomenclature.conftest import LAMPS, write, xml


def refusal(path: Path, folder: Path) -> str:
    with pytest.raises(Refusal) as refused:
        import_plans([path], folder)
    assert render(refused.value.finding, str).sentence
    assert not (folder / table.NAME).exists()
    return refused.value.finding.code


def test_an_import_is_read_at_once_and_leaves_the_package_alone(tmp_path: Path, own: Path) -> None:
    shipped = plans.TABLE.read_bytes()
    done = import_plans([write(tmp_path, xml())], own)
    assert [(each.given.title, each.status, each.compared) for each in done.plans] == [
        ("X9-X9_T 2030", "added", None)
    ]
    chart = plans.plan("X9", "X9_T", 2030)
    assert chart is not None and chart.find("A", "651").entry.label == "Lampes"
    assert plans.plans_version() == done.after != done.before == plans.PLANS_VERSION
    assert plans.TABLE.read_bytes() == shipped
    assert [path.name for path in own.iterdir()] == [table.NAME]
    assert (own / table.NAME).stat().st_mode & 0o777 == 0o644


def test_the_same_file_again_changes_nothing(tmp_path: Path, own: Path) -> None:
    path = write(tmp_path, xml())
    import_plans([path], own)
    before = (own / table.NAME).stat()
    done = import_plans([path], own)
    assert [each.status for each in done.plans] == ["unchanged"] and done.before == done.after
    assert (own / table.NAME).stat() == before
    assert "déjà là" in "\n".join(words.outcome(done, dry_run=False))


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path, own: Path) -> None:
    path = write(tmp_path, xml())
    tried = import_plans([path], own, dry_run=True)
    assert not own.exists()
    assert tried.to_dict() == import_plans([path], own).to_dict()


def test_years_add_up_and_are_compared_with_the_nearest(tmp_path: Path, own: Path) -> None:
    import_plans([write(tmp_path, xml(2030))], own)
    changed = (("651", "Lanternes", "66"), ("653", "Torches", "65"))
    done = import_plans([write(tmp_path, xml(2033, changed)), write(tmp_path, xml(2032), "b.xml")], own)
    near, far = done.plans
    assert (near.given.year, near.compared, any(near.changes)) == (2032, 2030, False)
    assert (far.given.year, far.compared) == (2033, 2032)
    assert [fact.code for fact in far.changes.added] == ["653"]
    assert [fact.code for fact in far.changes.removed] == ["652"]
    assert [(old.label, new.label) for old, new in far.changes.labels] == [("Lampes", "Lanternes")]
    assert far.to_dict()["changes"]["chapters"] == [
        {"kind": "A", "code": "651", "before": {"chapters": {"DR": "65", "RR": "65"}},
         "after": {"chapters": {"DR": "66", "RR": "66"}}}
    ]  # fmt: skip
    text = "\n".join(words.outcome(done, dry_run=False))
    assert "compte 651 : « Lampes » → « Lanternes »" in text
    assert "dépense réelle 65 → 66, recette réelle 65 → 66" in text
    assert "+ compte 653 « Torches »" in text and "- compte 652 « Mèches »" in text
    assert ("X9", "X9_T", (2030, 2032, 2033)) in plans.declinations()


def test_a_plan_imported_before_is_replaced_and_said_so(tmp_path: Path, own: Path) -> None:
    import_plans([write(tmp_path, xml())], own)
    done = import_plans([write(tmp_path, xml(accounts=LAMPS[:1]))], own)
    assert [(each.status, each.compared) for each in done.plans] == [("replaces_imported", 2030)]
    assert plans.library().declination(("X9", "X9_T")).size(2030) == 2  # 6 and 651


def test_a_shipped_plan_is_overridden_and_said_so(tmp_path: Path, own: Path) -> None:
    done = import_plans([write(tmp_path, xml(2024, norm="M52", name="M52"))], own)
    assert [each.status for each in done.plans] == ["replaces_shipped"]
    assert "remplace le plan livré" in next(words.outcome(done, dry_run=False))
    chart = plans.plan("M52", "M52", 2024)
    assert chart is not None and chart.declination.size(2024) == 3
    assert chart.declination.size(2023) > 1000


def test_folders_tell_the_plan_else_the_file_does(tmp_path: Path) -> None:
    write(tmp_path / "2031/X8/X8_A", xml(1999))
    write(tmp_path / "2031/elsewhere/place", xml(2032))
    laid, stated = gather([tmp_path])
    assert (laid.title, stated.title) == ("X8-X8_A 2031", "X9-X9_T 2032")
    assert laid.source.file == "2031/X8/X8_A/planDeCompte.xml" and stated.source.file == "planDeCompte.xml"
    assert [f.code for f in laid.findings] == ["plan_identity_differs"] and stated.findings == ()


def test_a_folder_gives_its_plans_by_name_else_every_xml(tmp_path: Path) -> None:
    write(tmp_path / "a", xml(2030), "x.xml")
    write(tmp_path / "a", b"%PDF", "x.pdf")
    assert [each.year for each in gather([tmp_path / "a"])] == [2030]
    write(tmp_path / "a/deep", xml(2031))
    assert [each.year for each in gather([tmp_path / "a"])] == [2031]


def test_a_zip_gives_the_same_as_its_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "plans.zip", "w") as archive:
        archive.writestr("envoi/2030/X8/X8_A/planDeCompte.xml", xml(1999))
        archive.writestr("envoi/2031/X8/X8_A/planDeCompte.xml", xml(2031))
        archive.writestr("envoi/lisezmoi.txt", "…")
    assert [each.title for each in gather([tmp_path / "plans.zip"])] == ["X8-X8_A 2030", "X8-X8_A 2031"]
    assert [each.title for each in gather([tmp_path])] == ["X8-X8_A 2030", "X8-X8_A 2031"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "plan_empty"),
        (b"Bonjour", "plan_not_plan"),
        (b"<DocumentBudgetaire/>", "plan_not_plan"),
        (xml()[:-20], "plan_broken"),
        (xml().replace(b"</Compte>", b"</Conte>"), "plan_broken"),
        (xml().replace(b"<Nomenclature", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Nomenclature", 1), "plan_doctype"),
        (xml(""), "plan_identity_absent"),
        (xml("2030a"), "plan_identity_absent"),
        (xml(30), "plan_identity_absent"),
        (xml(norm=""), "plan_identity_absent"),
        (xml(norm="../x"), "plan_identity_absent"),
        (xml(name="X9\u00e9"), "plan_identity_absent"),
        (xml(accounts=()).replace(b'<Compte Code="6" Libelle="Tout"></Compte>', b""), "plan_empty"),
        (xml(accounts=(("", "Lampes", "65"),)), "plan_entry_wrong"),
        (xml(accounts=(("651&#9;2030", "Lampes", "65"),)), "plan_entry_wrong"),
        (xml(accounts=(("651", "Lampes", "6&#10;5"),)), "plan_entry_wrong"),
        (xml().replace(b'Code="651"', b""), "plan_entry_wrong"),
        (xml().replace(b'Section="F"', b'Section="Q"'), "plan_entry_wrong"),
        (xml() + b" " * MAX_BYTES, "plan_too_big"),
        (b"<Nomenclature>" + b"<Nature>" * 100 + b"</Nature>" * 100 + b"</Nomenclature>", "plan_too_big"),
        (b"PK\x03\x04 is no zip", "plan_zip_broken"),
    ],
)
def test_what_is_no_plan_is_refused_and_nothing_is_written(
    tmp_path: Path, own: Path, content: bytes, code: str
) -> None:
    assert refusal(write(tmp_path, content), own) == code
    assert code in MESSAGES


def test_one_bad_file_stops_the_others(tmp_path: Path, own: Path) -> None:
    good, bad = write(tmp_path, xml()), write(tmp_path, b"<a/>", "b.xml")
    with pytest.raises(Refusal):
        import_plans([good, bad], own)
    assert not own.exists()


def test_two_files_that_differ_for_one_plan_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path, xml())
    assert len(gather([one, write(tmp_path, xml(), "same.xml")])) == 1
    with pytest.raises(Refusal) as refused:
        gather([one, write(tmp_path, xml(accounts=LAMPS[:1]), "other.xml")])
    assert refused.value.finding.code == "plan_twice"


def test_a_folder_without_a_plan_is_refused(tmp_path: Path, own: Path) -> None:
    write(tmp_path / "empty", b"...", "a.txt")
    assert refusal(tmp_path / "empty", own) == "plan_none_found"


def test_chapters_that_a_plan_does_not_define_are_told(tmp_path: Path) -> None:
    (given,) = gather([write(tmp_path, xml(accounts=(("651", "Lampes", "67"), ("652", "Mèches", "65"))))])
    assert [(f.code, f.params["codes"]) for f in given.findings] == [("plan_chapters_undefined", "67")]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    path, blocked = write(tmp_path, xml()), tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(Refusal) as refused:
        import_plans([path], blocked)
    assert refused.value.finding.code == "plans_not_written"


def test_a_write_that_fails_leaves_the_old_table(tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_plans([write(tmp_path, xml())], own)
    before = (own / table.NAME).read_bytes()
    monkeypatch.setattr(importing.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(Refusal) as refused:
        import_plans([write(tmp_path, xml(2031))], own)
    assert refused.value.finding.code == "plans_not_written"
    assert (own / table.NAME).read_bytes() == before
    assert [path.name for path in own.iterdir()] == [table.NAME]


@needs_corpus
def test_the_official_plans_are_already_there(own: Path) -> None:
    official = CORPUS / "plans_de_comptes"
    done = import_plans([official / "2022", official / "2023"], own)
    assert len(done.plans) > 30 and {each.status for each in done.plans} == {"unchanged"}
    assert sum("plan_identity_differs" in [f.code for f in each.given.findings] for each in done.plans) == 5
    assert not any(f.code == "plan_chapters_undefined" for each in done.plans for f in each.given.findings)
    assert not (own / table.NAME).exists()
