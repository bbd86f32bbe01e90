"""Judges that know nothing of the converter: lxml, the rules of the field, and the file itself.

Listed fields (L. 311-7 CRPA as the field practises it, and names found in real files) are written here a second time,
on purpose: a rule lost in the product's table is still known to this one.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from lxml import etree

AMOUNTS = ("MtReal", "MtBudgPrec", "MtRARPrec", "MtPropNouv", "MtPrev", "CredOuv", "MtRAR3112")
ALWAYS = frozenset({
    "NomBenefPret", "LibNatProv", "LibObjProv", "RemunAgent", "IndiceAgent", "NomOrgEng", "RSOrgEng", "LibCredBail",
    "LibTypDette", "NomPJ", "Champ_Editeur", "Proprietaire", "Signataire", "LibPresentPar", "NomElu",
    "NomBenefEmprGaranti",
})  # fmt: skip
ATTRIBUTES = frozenset({"NomComptable", "Utilisateur"})
GONE = frozenset({"DocumentComptable", "DocumentRapport", "Signatures", "X509Certificate", "SignatureValue"})
CONCOURS = frozenset({"LibOrgaBenef", "DenomOuNumSubv", "LibPrestaNat", "ObjSubv"})
COMMITMENT = frozenset({"NomOrgaBenef", "NatEng"})
HIDDEN = frozenset({"", "Occulté"})

Sums = dict[tuple[str, str], Decimal]


class Unreadable(Exception):  # noqa: N818  (a state of the file)
    """lxml does not read it."""


def tree(data: bytes) -> Any:
    """The root; bytes that are UTF-8 are read so, whatever is declared, and false UTF-8 as windows-1252."""
    parser = etree.XMLParser(encoding="utf-8", huge_tree=True, resolve_entities=False, no_network=True)
    try:
        text = _DECLARATION.sub("", _text(data), count=1)  # XML 1.x whatever it says, and the encoding is known
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        if "is not a valid URI" not in str(error):  # a namespace may be named anything: libxml2 alone minds
            raise Unreadable(str(error)) from error
        lenient = etree.XMLParser(encoding="utf-8", huge_tree=True, resolve_entities=False, recover=True)
        return etree.fromstring(text.encode(), lenient)
    except (UnicodeError, LookupError, ValueError) as error:
        raise Unreadable(str(error)) from error


def _text(data: bytes) -> str:
    for mark, codec in _UTF16:
        if data.startswith(mark):
            return data.decode(codec).removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = re.match(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)", data[:1024])
        name = declared.group(1).decode().lower() if declared else "utf-8"
        canonical = codecs.lookup(name).name
        latin = canonical == "iso8859-1" and re.search(rb"[\x80-\x9f]", data)  # windows-1252 in truth
        wrong = canonical.startswith("utf-8") or canonical == "cp1252" or latin
        return data.decode("cp1252", "replace") if wrong else data.decode(name)


_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>")
_UTF16 = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


def local(element: Any) -> str:
    """Local name; empty for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def leaks(copy: bytes) -> Counter[str]:
    """Listed fields of an occulted copy that still hold something."""
    found: Counter[str] = Counter()
    for element in tree(copy).iter():
        name = local(element)
        if not name:
            found["comment"] += 1
            continue
        if name in GONE:
            found[name] += 1
        if (element.text or "").strip() or (element.tail or "").strip():
            found[f"text of {name}"] += 1
        shown = {etree.QName(key).localname for key, value in element.attrib.items() if value.strip() not in HIDDEN}
        if shown & ATTRIBUTES or (shown and _listed(element, name)):
            found[name] += 1
    return found


def _listed(element: Any, name: str) -> bool:
    if name in ALWAYS:
        return True
    if name in CONCOURS:
        return not _legal_person(element, "CONCOURS", "CodNatJurBenefCA", lambda code: code not in (None, "", "P3"))
    if name in COMMITMENT:
        # NatEng is also a harmless field of ORGANISME_ENG
        record = _record(element, ("AUTRE_ENGAGEMENT",))
        return record is not None and not _legal_person(
            element, "AUTRE_ENGAGEMENT", "CodTypPersoMorale", lambda code: code == "U"
        )
    return False


def _record(element: Any, names: tuple[str, ...]) -> Any:
    return next((parent for parent in element.iterancestors() if local(parent) in names), None)


def _legal_person(element: Any, record: str, code: str, accepts: Any) -> bool:
    holder = _record(element, (record,))
    if holder is None:
        return False
    codes = [child.get("V") for child in holder if local(child) == code]
    return bool(codes) and all(map(accepts, codes))


def holds_budget(data: bytes) -> bool:
    """Whether a file that is stored as it is holds budget lines or a listed field with a value."""
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return root is not None and any(
        local(e) == "LigneBudget" or (local(e) in ALWAYS and e.get("V")) for e in root.iter()
    )


def lines(root: Any) -> Iterator[Any]:
    """Data lines: every LigneBudget of the document's Budget, wherever it stands but in annexes, the calculated ones
    of a CFU apart."""
    parts = [root] if local(root) == "DocumentBudgetaire" else [e for e in root if local(e) == "DocumentBudgetaire"]
    for document in parts[:1]:
        for line in document.iter("{*}LigneBudget"):
            above = [local(parent) for parent in line.iterancestors()]
            if "Budget" in above and "Annexes" not in above and line.get("calculated") not in ("true", "1"):
                yield line


def source_sums(root: Any) -> tuple[int, Sums, bool]:
    """How many data lines, their sums by amount and sense, and whether a line says an amount or a sense twice."""
    count, sums, twice = 0, dict.fromkeys([(name, sense) for name in AMOUNTS for sense in "RD"], Decimal(0)), False
    for line in lines(root):
        count += 1
        fields: dict[str, str] = {}
        for child in line:
            name = local(child)
            twice = twice or (name in fields and name in (*AMOUNTS, "CodRD", "OpBudg"))
            fields[name] = (child.get("V") or "").strip()
        for name in AMOUNTS:
            if fields.get(name):
                sums[name, fields["CodRD"]] += Decimal(fields[name])
    return count, sums, twice


def csv_sums(data: bytes) -> tuple[int, Sums]:
    """Rows of a CSV and its sums; raises ``ValueError`` when it is not whole."""
    if not data.endswith(b"\r\n"):
        raise ValueError("the CSV does not end with an end of line")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    head, body = rows[0], rows[1:]
    if len(head) != 22 or any(len(row) != 22 for row in body):
        raise ValueError("a row of the CSV has not 22 cells")
    sums = dict.fromkeys([(name, sense) for name in AMOUNTS for sense in "RD"], Decimal(0))
    at = {name: head.index(f"BGT_{name.upper()}") for name in AMOUNTS}
    sense = head.index("BGT_CODRD")
    for row in body:
        for name, index in at.items():
            if row[index]:
                sums[name, {"recette": "R", "dépense": "D"}[row[sense]]] += Decimal(row[index])
    return len(body), sums
