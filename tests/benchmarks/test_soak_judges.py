"""The judges of the soak would see each kind of fault."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.soak import oracle, trial
from benchmarks.soak.mutate import Variant
from ckanext.budget.convert import convert
from ckanext.budget.errors import Refusal
from ckanext.budget.totem.occult import occult
from dev import fixtures

DOCUMENT = fixtures.document("CA", 2021)


def judged(folder: Path, data: bytes = DOCUMENT) -> trial.Outcome:
    return trial.judge(Variant(data, data, "as it is"), folder, by_command=True)


def occulted(document: bytes) -> bytes:
    out = io.BytesIO()
    occult(io.BytesIO(document), out)
    return out.getvalue()


def test_a_sound_file_holds(tmp_path: Path) -> None:
    found = judged(tmp_path)
    assert (found.what, found.fault) == ("converted", "")
    assert judged(tmp_path, DOCUMENT[:-40]).what == "refused: xml_cut"


def test_every_listed_field_is_looked_for() -> None:
    document = fixtures.document("CA", 2021, marker="NOM")
    found = oracle.leaks(document)
    assert set(found) >= oracle.ALWAYS | oracle.CONCOURS | {"NomOrgaBenef"}
    assert oracle.leaks(occulted(document)) == {}


@pytest.mark.parametrize(
    "more", ["<!-- NOM -->", "NOM", "<CONCOURS><LibOrgaBenef V='NOM'/></CONCOURS>", "<Signatures/>"]
)
def test_what_is_no_field_is_looked_for(more: str) -> None:
    copy = occulted(DOCUMENT)
    assert oracle.leaks(copy.replace(b"</Annexes>", more.encode() + b"</Annexes>"))


def test_a_lost_row_and_a_changed_amount_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(change: Callable[[bytes], bytes]) -> Callable[..., object]:
        def work(source: io.BytesIO, out: io.BytesIO) -> object:
            whole = io.BytesIO()
            report = convert(source, whole)
            out.write(change(whole.getvalue()))
            return report

        return work

    def lost(data: bytes) -> bytes:
        return b"".join(data.splitlines(keepends=True)[:-1])

    def changed(data: bytes) -> bytes:
        return data.replace(b".00,", b".01,", 1)

    for change, words in ((lost, "rows for"), (changed, "sums differ"), (lambda data: data[:-1], "not whole")):
        monkeypatch.setattr(trial, "convert", lossy(change))
        assert words in judged(tmp_path).fault


def test_a_crash_a_loop_and_a_wordless_refusal_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyError("x")

    def loop(*_: object, **__: object) -> None:
        while True:
            pass

    def wordless(*_: object, **__: object) -> None:
        raise Refusal("no_such_code")

    def litter(*_: object, **__: object) -> None:
        (tmp_path / "left.tmp").touch()
        raise Refusal("xml_cut")

    monkeypatch.setattr(trial, "SECONDS", 0.1)
    for broken, words in (
        (crash, "KeyError"),
        (loop, "processor time"),
        (wordless, "no words"),
        (litter, "files left"),
    ):
        monkeypatch.setattr(trial, "receive", broken)
        assert words in trial.judge(Variant(b"", b"", ""), tmp_path, by_command=False).fault
