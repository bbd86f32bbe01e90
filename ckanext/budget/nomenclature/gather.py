"""The plans in what an administrator gives: a file, a folder, a zip. Nothing is extracted, nothing is trusted."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.nomenclature.compile import facts_of_plan, folder_identity
from ckanext.budget.nomenclature.table import Fact, Facts, Key, Source
from ckanext.budget.totem.feed import Feed, Limits, local

FILE = "planDeCompte.xml"
#: ten times the largest official plan and more
MAX_BYTES = 16 << 20
MEMBERS = 2000

_NORM = re.compile(r"[A-Z][0-9]{1,3}[A-Z0-9_]{0,30}")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z ._/-]{0,19}")
_YEARS = range(1990, 2100)


class Given(NamedTuple):
    """One plan that was given. ``findings``: what is worth knowing of it."""

    key: Key
    year: int
    facts: Facts
    source: Source
    findings: tuple[Finding, ...]

    @property
    def title(self) -> str:
        """«M57-M57_D 2025»."""
        return title(self.key, self.year)


class _Candidate(NamedTuple):
    name: str
    parts: tuple[str, ...]
    data: bytes


def title(key: Key, year: int | None = None) -> str:
    """«M57-M57_D 2025», as a budget names its nomenclature."""
    return f"{key[0]}-{key[1]}" if year is None else f"{key[0]}-{key[1]} {year}"


def gather(paths: Iterable[Path]) -> list[Given]:
    """Every plan in these files, folders and zips, by declination and year. Raises :class:`Refusal` at the first that
    is no plan, and when two differ for one year; :class:`OSError`."""
    plans: dict[tuple[Key, int], Given] = {}
    for path in paths:
        found = False
        for candidate in _candidates(path):
            given, found = _read(candidate), True
            other = plans.setdefault((given.key, given.year), given)
            if other.facts != given.facts:
                raise Refusal("plan_twice", plan=given.title, file=given.source.file, other=other.source.file)
        if not found:
            raise Refusal("plan_none_found", path=str(path))
    return [plans[each] for each in sorted(plans)]


def _candidates(path: Path) -> Iterator[_Candidate]:
    if path.is_dir():
        for file in _chosen(sorted(each for each in path.rglob("*") if each.is_file())):
            yield from _of_file(file)
    else:
        yield from _of_file(path)


def _chosen(files: list[Path]) -> list[Path]:
    """Of a folder: the files named as plans are, with its zips; else every XML."""
    named = [file for file in files if file.name.lower() == FILE.lower() or file.suffix.lower() == ".zip"]
    return named or [file for file in files if file.suffix.lower() == ".xml"]


def _of_file(path: Path) -> Iterator[_Candidate]:
    with path.open("rb") as stream:
        if stream.read(4).startswith(b"PK"):
            yield from _of_zip(path)
            return
        stream.seek(0)
        yield _Candidate(path.name, path.resolve().parts, _bounded(stream, path.name))


def _of_zip(path: Path) -> Iterator[_Candidate]:
    try:
        with zipfile.ZipFile(path) as archive:
            files = [PurePosixPath(info.filename) for info in archive.infolist() if not info.is_dir()]
            if len(files) > MEMBERS:
                raise Refusal("plan_too_big", file=path.name, limit=f"{MEMBERS} XML")
            named = [file for file in files if file.name.lower() == FILE.lower()]
            for file in sorted(named or [file for file in files if file.suffix.lower() == ".xml"]):
                with archive.open(str(file)) as member:
                    yield _Candidate(f"{path.name}/{file}", file.parts, _bounded(member, f"{path.name}/{file}"))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, KeyError) as error:
        raise Refusal("plan_zip_broken", file=path.name) from error


def _bounded(stream: Any, name: str) -> bytes:
    data: bytes = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Refusal("plan_too_big", file=name, limit=f"{MAX_BYTES >> 20} Mio")
    return data


def _read(candidate: _Candidate) -> Given:
    root = _root(candidate)
    facts = facts_of_plan(root)
    _check(facts, candidate.name)
    stated = (root.get("Norme") or "", root.get("Declinaison") or "", root.get("Exer") or "")
    laid = folder_identity(candidate.parts)
    placed = laid is not None and _sound(*laid)
    norm, name, year = laid if laid and placed else stated
    if not _sound(norm, name, year):
        raise Refusal("plan_identity_absent", file=candidate.name, norm=norm, declination=name, year=str(year))
    key = (norm, name)
    file = "/".join(candidate.parts[-4:]) if placed else candidate.name
    source = Source(re.sub(r"[\t\n\r]", " ", file), hashlib.sha256(candidate.data).hexdigest())
    findings: list[Finding] = []
    if stated != (norm, name, str(year)):
        said = f"{stated[0]}-{stated[1]} {stated[2]}"
        params = {"file": source.file, "stated": said, "plan": title(key, int(year))}
        findings.append(Finding("plan_identity_differs", "a_verifier", params))
    if undefined := _undefined(facts):
        params = {"plan": title(key, int(year)), "codes": ", ".join(undefined)}
        findings.append(Finding("plan_chapters_undefined", "a_verifier", params))
    return Given(key, int(year), facts, source, tuple(findings))


def _root(candidate: _Candidate) -> Any:
    """The root element: read by expat first, which stops at a DOCTYPE and at our limits."""
    from lxml import etree  # noqa: PLC0415  (heavy; a conversion never needs it)

    name, roots = candidate.name, list[str]()
    feed = Feed(io.BytesIO(candidate.data), Limits(bytes=MAX_BYTES))
    feed.on_start = lambda tag, _: roots.append(local(tag)) if not roots else None
    try:
        for _ in feed.run():
            pass
        if roots[:1] != ["Nomenclature"]:
            raise Refusal("not_xml")
        return etree.fromstring(candidate.data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Refusal("plan_broken", file=name, line=error.lineno) from error
    except Refusal as refusal:
        raise _of_plan(refusal.finding, candidate, roots) from refusal


def _of_plan(finding: Finding, candidate: _Candidate, roots: list[str]) -> Refusal:
    """A refusal of the reader, in the words of plans."""
    name, code = candidate.name, finding.code
    if code == "limit_reached":
        return Refusal("plan_too_big", file=name, limit=f"{finding.params['limit']}: {finding.params['value']}")
    if code == "xml_doctype":
        return Refusal("plan_doctype", file=name, line=finding.line)
    if code == "empty_file":
        return Refusal("plan_empty", file=name)
    if code == "not_xml":
        head = "".join(c for c in candidate.data[:40].decode("latin-1") if c.isprintable())
        return Refusal("plan_not_plan", file=name, found=f"<{roots[0]}>" if roots else head)
    return Refusal("plan_broken", file=name, line=finding.line)


def _sound(norm: str, name: str, year: int | str) -> bool:
    stated = str(year).isascii() and str(year).isdecimal() and int(year) in _YEARS
    return stated and bool(_NORM.fullmatch(norm) and _NORM.fullmatch(name))


def _check(facts: Facts, file: str) -> None:
    if not {"A", "C"} <= {kind for kind, _ in facts}:
        raise Refusal("plan_empty", file=file)
    for fact in facts.values():
        codes = (fact.code, fact.parent or "0", *_chapters(fact))
        section = fact.kind not in "CF" or fact.places in ("I", "F")
        if not section or not all(code and _CODE.fullmatch(code) for code in codes):
            raise Refusal("plan_entry_wrong", file=file, entry=fact.code or "", label=fact.label)


def _chapters(fact: Fact) -> list[str]:
    return [code for code in fact.places.split(",") if code] if fact.kind in "AG" else []


def _undefined(facts: Facts) -> list[str]:
    """Chapters that accounts name and that the plan does not define."""
    named = {("C" if fact.kind == "A" else "F", code) for fact in facts.values() for code in _chapters(fact)}
    return sorted({code for kind, code in named if (kind, code) not in facts and ("C", code) not in facts})
