"""budget-scdl given an archive: a folder of outputs and a summary; a compressed or wrapped budget like a plain one."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from ckanext.budget.standalone import main
from ckanext.budget.standalone.folder import place
from dev import fixtures
from tests.conftest import CORPUS, needs_corpus

MARKER = "Zéphyrine-Marqueur"
CA = fixtures.document("CA", 2021, marker=MARKER)
SIRET, ANNEXE = fixtures.SIRET, fixtures.SIRET_ANNEXE


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def summary(folder: Path) -> list[dict[str, str]]:
    rows = list(csv.DictReader((folder / "bilan.csv").open(encoding="utf-8-sig", newline=""), delimiter=";"))
    assert rows == json.loads((folder / "bilan.json").read_text(encoding="utf-8")) or "'" in str(rows)
    return rows


def written(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {
        "bilan.csv",
        "bilan.json",
    }


def three(base: str) -> set[str]:
    return {base + suffix for suffix in (".csv", ".xml", ".json")}


def test_an_archive_gives_a_folder_and_a_summary(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    annexe = fixtures.document("BP", 2022, annexe=True, marker=MARKER)
    wrapped = (
        b"<PES><P>" + base64.b64encode(gzip.compress(fixtures.document("DM", 2021, dm_number=2))) + b"</P></PES>"
    )
    files = {"a/ca.xml": CA, "b/i.zip": zipped({"bp.xml": annexe}), "dm.xml": wrapped, "note.txt": b"bonjour"}
    (here / "a.zip").write_bytes(zipped(files))
    assert main(["convert", "a.zip", "-o", "out/"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "3 budgets convertis, 1 fichier qui n’est pas un budget. Bilan : out/bilan.csv\n",
    )
    rows = summary(here / "out")
    assert [(r["fichier"], r["resultat"], r["siret"], r["exercice"], r["etape"]) for r in rows] == [
        ("a/ca.xml", "converti", SIRET, "2021", "CA"),
        ("b/i.zip/bp.xml", "converti", ANNEXE, "2022", "BP"),
        ("dm.xml", "converti", SIRET, "2021", "DM 2"),
        ("note.txt", "pas un budget", "", "", ""),
    ]
    outputs = [row["sortie"] for row in rows if row["sortie"]]
    assert outputs[0].startswith(f"{SIRET}/2021-CA-") and outputs[2].startswith(f"{SIRET}/2021-DM-2-")
    assert written(here / "out") == set().union(*(three(name.removesuffix(".csv")) for name in outputs))
    (here / "ca.xml").write_bytes(CA)
    assert main(["convert", "ca.xml", "-o", "ca.csv", "--occulted", "copie.xml", "--report", "ca.json"]) == 0
    for alone, suffix in (("ca.csv", ".csv"), ("copie.xml", ".xml"), ("ca.json", ".json")):
        assert (here / alone).read_bytes() == (here / "out" / outputs[0]).with_suffix(suffix).read_bytes()
    assert {path.name for path in here.iterdir()} == {"a.zip", "out", "ca.xml", "ca.csv", "copie.xml", "ca.json"}
    everything = b"".join(path.read_bytes() for path in (here / "out").rglob("*") if path.is_file())
    assert not any(MARKER.encode(codec) in everything for codec in ("utf-8", "latin-1"))


def test_the_same_archive_gives_the_same_bytes(here: Path) -> None:
    (here / "a.zip").write_bytes(zipped({"1.xml": CA, "2.xml": fixtures.document("BP", 2022, siret=None)}))
    for name in ("un", "deux"):
        assert main(["convert", "a.zip", "-o", name]) == 0
    assert written(here / "un") == written(here / "deux")
    for path in written(here / "un") | {"bilan.csv", "bilan.json"}:
        assert (here / "un" / path).read_bytes() == (here / "deux" / path).read_bytes()


def test_a_refused_file_is_named_and_the_others_are_written(here: Path) -> None:
    files = {"coupe.xml": CA[: len(CA) // 2], "ca.xml": CA, "x.7z": b"7z\xbc\xaf\x27\x1c" + bytes(40)}
    (here / "a.zip").write_bytes(zipped(files))
    assert main(["convert", "a.zip", "-o", "out"]) == 2
    rows = summary(here / "out")
    assert [(r["resultat"], bool(r["sortie"]), bool(r["motif"])) for r in rows] == [
        ("refusé", False, True),
        ("converti", True, False),
        ("refusé", False, True),
    ]
    assert rows[0]["motif"].startswith("Ce fichier s’arrête avant la fin")
    assert len(written(here / "out")) == 3


@pytest.mark.parametrize("order", [("ancien", "nouveau"), ("nouveau", "ancien")])
def test_of_two_versions_the_newest_seal_is_kept(here: Path, order: tuple[str, str]) -> None:
    versions = {
        "ancien": fixtures.document("CA", 2021, seal_date="2022-03-01T10:00:00"),
        "nouveau": fixtures.document("CA", 2021, seal_date="2022-05-01T10:00:00", change=7, name="Ville d'Exemple"),
    }
    (here / "a.zip").write_bytes(zipped({name: versions[name] for name in order}))
    assert main(["convert", "a.zip", "-o", "out"]) == 0
    rows = {row["fichier"]: row for row in summary(here / "out")}
    assert (rows["ancien"]["resultat"], rows["nouveau"]["resultat"]) == ("remplacé", "converti")
    assert "nouveau" in rows["ancien"]["motif"]
    assert written(here / "out") == three(rows["nouveau"]["sortie"].removesuffix(".csv"))


def test_the_same_document_twice_is_converted_once(here: Path) -> None:
    files = {
        "1.xml": CA,
        "2.xml": CA,
        "3.xml.gz": gzip.compress(CA),
        "4.xml": CA.replace(MARKER.encode("latin-1"), b"X"),
    }
    (here / "a.zip").write_bytes(zipped(files))
    assert main(["convert", "a.zip", "-o", "out"]) == 0
    assert [row["resultat"] for row in summary(here / "out")] == ["converti", "doublon", "doublon", "doublon"]


def test_budgets_without_siret_are_told_apart_by_their_names(here: Path) -> None:
    files = {f"{n}.xml": fixtures.document("BP", 2022, siret=None, name=f"Régie n° {n}") for n in (1, 2)}
    (here / "a.zip").write_bytes(zipped(files))
    assert main(["convert", "a.zip", "-o", "out"]) == 0
    siren = SIRET[:9]
    assert [r["sortie"] for r in summary(here / "out")] == [f"{siren}/2022-BP-regie-n-{n}.csv" for n in (1, 2)]


def test_a_name_that_is_a_formula_is_text_in_the_summary(here: Path) -> None:
    (here / "a.zip").write_bytes(zipped({"=cmd|' /C calc'!A0": b"x"}))
    assert main(["convert", "a.zip", "-o", "out"]) == 0
    assert summary(here / "out")[0]["fichier"].startswith("'=cmd")


def test_a_folder_that_is_not_empty_is_left_alone_unless_forced(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "a.zip").write_bytes(zipped({"ca.xml": CA}))
    (here / "out").mkdir()
    assert main(["convert", "a.zip", "-o", "out"]) == 0  # empty
    (here / "out/mien.txt").write_text("à garder")
    for path in written(here / "out") - {"mien.txt"}:
        (here / "out" / path).write_bytes(b"ancien")
    assert main(["convert", "a.zip", "-o", "out"]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["convert", "a.zip", "-o", "out", "--force"]) == 0
    assert (here / "out/mien.txt").read_text() == "à garder"
    assert all((here / "out" / path).read_bytes() != b"ancien" for path in written(here / "out"))
    assert {path.name for path in here.iterdir()} == {"a.zip", "out"}


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04" + bytes(40), zipped({"a": b"x" * 900})[:-30]],
    ids=["no zip", "cut"],
)
def test_an_archive_that_cannot_be_read_leaves_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (here / "a.zip").write_bytes(content)
    assert main(["convert", "a.zip", "-o", "out"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert {path.name for path in here.iterdir()} == {"a.zip"}


def test_a_run_that_stops_leaves_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "a.zip").write_bytes(zipped({"1.xml": CA, "2.xml": fixtures.document("BP", 2022)}))
    calls = []

    def stops(*arguments: object, **more: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return converts(*arguments, **more)

    from ckanext.budget.standalone import folder

    converts = folder.convert_budget
    monkeypatch.setattr(folder, "convert_budget", stops)
    with pytest.raises(KeyboardInterrupt):
        main(["convert", "a.zip", "-o", "out"])
    assert {path.name for path in here.iterdir()} == {"a.zip"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["convert", "a.zip"], "indiquez un dossier avec -o DOSSIER"),
        (["convert", "a.zip", "-o", "out", "--report", "r.json"], "--occulted et --report"),
        (["convert", "ca.xml", "--force"], "--force ne sert qu’à une archive"),
        (["occult", "a.zip", "-o", "x.xml"], "un budget à la fois"),
        (["convert", "a.zip", "-o", "ca.xml"], "ce n’est pas un dossier"),
        (["convert", "a.zip", "-o", "nulle/part"], "introuvable"),
    ],
)
def test_options_that_do_not_go_with_an_archive_are_said(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    (here / "a.zip").write_bytes(zipped({"ca.xml": CA}))
    (here / "ca.xml").write_bytes(CA)
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and words in said.err
    assert {path.name for path in here.iterdir()} == {"a.zip", "ca.xml"}


def test_a_compressed_or_wrapped_budget_is_converted_like_a_plain_one(here: Path) -> None:
    (here / "ca.xml").write_bytes(CA)
    (here / "ca.xml.gz").write_bytes(gzip.compress(CA))
    (here / "pes.xml").write_bytes(b"<PES_Aller><P>" + base64.b64encode(CA) + b"</P></PES_Aller>")
    for name in ("ca.xml", "ca.xml.gz", "pes.xml"):
        outputs = ["-o", f"{name}.o", "--occulted", f"{name}.x", "--report", f"{name}.j"]
        assert main(["convert", name, *outputs]) == 0
        assert main(["occult", name, "-o", f"{name}.y"]) == 0
        assert (here / f"{name}.o").read_bytes() == (here / "ca.xml.o").read_bytes()
        assert (
            (here / f"{name}.x").read_bytes() == (here / f"{name}.y").read_bytes() == (here / "ca.xml.x").read_bytes()
        )
    reports = [json.loads((here / f"{name}.j").read_text()) for name in ("ca.xml", "ca.xml.gz", "pes.xml")]
    assert len({report["source_sha256"] for report in reports}) == 1
    opened = [[f["params"]["what"] for f in report["findings"] if f["code"] == "unwrapped"] for report in reports]
    assert opened == [[], ["gzip"], ["PES_Aller"]]


def test_inspect_lists_what_an_archive_holds(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.zip").write_bytes(zipped({"ca.xml": CA, "note.txt": b"bonjour", "coupe.xml": CA[:5000]}))
    assert main(["inspect", "a.zip"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"ca.xml : CA 2021, {fixtures.NAME}, SIRET {SIRET}, ")
    assert lines[1] == "note.txt : pas un budget"
    assert lines[2].startswith("coupe.xml : refusé. ")
    assert main(["inspect", "a.zip", "--json"]) == 2
    assert [m["outcome"] for m in json.loads(capsys.readouterr().out)] == ["budget", "other", "refused"]
    assert {path.name for path in here.iterdir()} == {"a.zip"}


@pytest.mark.parametrize("content", [gzip.compress(b"7z\xbc\xaf\x27\x1c"), b"7z\xbc\xaf\x27\x1c" + bytes(40)])
def test_another_archive_is_refused(here: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    (here / "a.7z").write_bytes(content)
    assert main(["convert", "a.7z", "-o", "out"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_help_is_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ([], ["convert"], ["inspect"], ["occult"], ["check"]):
        with pytest.raises(SystemExit):
            main([*command, "--help"])
        said = capsys.readouterr().out
        assert said.startswith("utilisation\u00a0: budget-scdl")
        assert not {"usage:", "positional", "show", "exit", "options:", "arguments:"} & set(
            said.replace("\n", " ").split()
        )


def test_the_place_of_a_budget_is_made_of_safe_characters() -> None:
    from ckanext.budget.totem.model import Header

    header = Header("totem", {"LibelleColl": "../Évry & l'Été/ \u202ex" * 9, "Exer": "2022", "NatDec": "01"})
    whose, base = place(header)
    assert whose == "sans-siren" and base.startswith("2022-BP-evry-l-ete-x-evry") and len(base) <= 68


@needs_corpus
def test_twelve_real_budgets_of_three_collectivites(here: Path) -> None:
    names = [p for whose in ("crach", "m3m", "montreuil") for p in sorted((CORPUS / "xml").glob(f"{whose}*"))[:4]]
    files = {f"{p.name.split('-')[0]}/{p.name}.xml": (p if p.is_file() else next(p.glob("*.xml"))) for p in names}
    assert len(files) == 12
    (here / "a.zip").write_bytes(zipped({name: path.read_bytes() for name, path in files.items()}))
    assert main(["convert", "a.zip", "-o", "out"]) == 0
    rows = summary(here / "out")
    assert [row["resultat"] for row in rows] == ["converti"] * 12
    assert len({row["siret"][:9] for row in rows}) == 3
    assert len(written(here / "out")) == 36
