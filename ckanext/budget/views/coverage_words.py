"""The places of a grid in words: a sign and a word for each state, names of étapes and kinds, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk

from ckanext.budget.territory.expected import ACCOUNT, slot_of
from ckanext.budget.views import wording

#: state → its sign (never told by colour alone)
SIGNS = {
    "published": "✔",
    "private": "◐",
    "refused": "⊘",
    "expected": "…",
    "late": "!",
    "missing": "✖",
    "none": "–",
}
#: states that lead to the desk
TO_FILL = ("late", "missing", "expected")


def state_name(state: str) -> str:
    """A state, in one or two words."""
    return {
        "published": tk._("published"),
        "private": tk._("not public yet"),
        "refused": tk._("refused"),
        "expected": tk._("expected"),
        "late": tk._("late"),
        "missing": tk._("missing"),
        "none": tk._("not required"),
    }[state]


def state_meaning(state: str) -> str:
    """A state, in a sentence."""
    return {
        "published": tk._("it can be read here: the link leads to it"),
        "private": tk._("it is here, in a dataset that is private: only your organisation sees it"),
        "refused": tk._("a file was deposited and refused: the link says why (only agents see this)"),
        "expected": tk._("its legal day has not come yet"),
        "late": tk._("its legal day came less than a year ago, and it is not here"),
        "missing": tk._("its legal day came more than a year ago, and it is not here"),
        "none": tk._("nobody has to make it, or nobody knows whether it exists"),
    }[state]


def slot_name(slot: str) -> str:
    """A place of an exercice, in words."""
    return tk._("Account (CA or CFU)") if slot == ACCOUNT else wording.stage_name(slot)


def short(slot: str, stage: str | None = None) -> str:
    """A place in two or three letters: the document that fills it, or the one that usually does."""
    return stage or ("CA" if slot == ACCOUNT else slot)


def kind_name(kind: str | None) -> str:
    """A kind of collectivité."""
    return {
        "commune": tk._("Commune"),
        "cc": tk._("Communauté de communes"),
        "ca": tk._("Communauté d’agglomération"),
        "cu": tk._("Communauté urbaine"),
        "metropole": tk._("Métropole"),
        "ept": tk._("Établissement public territorial"),
        "departement": tk._("Département"),
        "region": tk._("Région"),
        "collectivite_unique": tk._("Single territorial collectivité"),
    }.get(kind or "", tk._("Other body"))


def group_name(group: str) -> str:
    """A group of collectivités."""
    return {
        "concerned": tk._("Likely concerned"),
        "volunteers": tk._("Publish without being likely concerned"),
        "others": tk._("Below the threshold"),
        "outside": tk._("Outside the territory or the directory"),
    }[group]


def desk_url(siren: str, exercice: int, slot: str) -> str:
    """The desk, told which document is awaited."""
    return (
        f"{tk.h.url_for('budget_pages.deposit')}?{urlencode({'siren': siren, 'exercice': exercice, 'etape': slot})}"
    )


class Links:
    """Addresses of documents and refusals, made from one pattern each: CKAN takes long to make one."""

    def __init__(self) -> None:
        self._patterns: dict[str, str] = {}
        self._desk = tk.h.url_for("budget_pages.deposit")
        self._refusal = tk.h.url_for("budget_pages.refusal", row_id="ROW-ID")
        self._row = tk.h.url_for("budget_pages.collectivite", siren="0" * 9)

    def document(self, document: Mapping[str, Any]) -> str:
        """The page of a document."""
        kind = document["package_type"]
        if kind not in self._patterns:
            self._patterns[kind] = tk.h.url_for(f"{kind}_resource.read", id="PACKAGE-NAME", resource_id="RESOURCE-ID")
        pattern = self._patterns[kind].replace("PACKAGE-NAME", document["package_name"])
        return pattern.replace("RESOURCE-ID", document["resource_id"])

    def refusal(self, row_id: str) -> str:
        """Why a file was refused."""
        return self._refusal.replace("ROW-ID", row_id)

    def desk(self, siren: str, exercice: int, slot: str) -> str:
        """The desk, told which document is awaited."""
        return f"{self._desk}?siren={siren}&exercice={exercice}&etape={slot}"

    def collectivite(self, siren: str) -> str:
        """The grid of one collectivité."""
        return self._row.replace("0" * 9, siren)


class Cells:
    """Cells of a page: each word is looked up once."""

    def __init__(self) -> None:
        self.links = Links()
        self._states = {state: state_name(state) for state in SIGNS}
        self._slots = {slot: slot_name(slot) for slot in ("BP", "BS", "DM", ACCOUNT)}
        self._colon = tk._(": ")
        self._stages = {stage: wording.stage_name(stage) for stage in ("BP", "BS", "DM", "CA", "CFU")}

    def cell(self, cell: Mapping[str, Any], siren: str) -> list[dict[str, Any]]:
        """What is shown of a place, one thing a document: ``state``, ``sign``, ``word``, ``short``, ``name`` (whole,
        for those who do not see the table), ``url``."""
        documents = cell.get("documents") or []
        if not documents:
            return [self._shown(cell, cell.get("stage"), self._url(cell, siren))]
        return [self._shown(cell, d.get("stage") or cell.get("stage"), self.links.document(d), d) for d in documents]

    def _shown(
        self, cell: Mapping[str, Any], stage: str | None, url: str, document: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        slot, status = cell["etape"], cell["status"]
        number = document["dm_number"] if document and slot == "DM" else 0
        name = wording.stage_name("DM", number) if number else self._stages[stage] if stage else self._slots[slot]
        return {
            "state": status,
            "sign": SIGNS[status],
            "word": self._states[status],
            "short": f"DM {number}" if number else short(slot, stage),
            "name": f"{name} {cell['exercice']}{self._colon}",
            "url": url,
        }

    def _url(self, cell: Mapping[str, Any], siren: str) -> str:
        if cell["status"] == "refused" and cell.get("refusal_id"):
            return self.links.refusal(cell["refusal_id"])
        return self.links.desk(siren, cell["exercice"], cell["etape"]) if cell["status"] in TO_FILL else ""


def legend(*, inside: bool) -> list[dict[str, str]]:
    """Each state: ``state``, ``sign``, ``word``, ``meaning``; those of agents for agents alone."""
    states = [s for s in SIGNS if inside or s not in ("private", "refused")]
    return [{"state": s, "sign": SIGNS[s], "word": state_name(s), "meaning": state_meaning(s)} for s in states]


def awaited(siren: str, exercice: str, etape: str) -> dict[str, str] | None:
    """What a link to the desk says is awaited: ``who`` and ``what``; None when it says nothing that makes sense."""
    from ckanext.budget.territory.directory import directory  # noqa: PLC0415  (most visits do not ask)

    slot = slot_of(etape)
    if slot not in ("BP", "BS", "DM", ACCOUNT) or not (exercice.isdecimal() and len(exercice) == 4):
        return None
    found = directory().by_siret(siren) if siren.isdecimal() else None
    return {"who": found.name if found else "", "what": f"{slot_name(slot)} {exercice}", "siren": siren}
