"""From the codes of a line to labels, chapter and section (domain rules of the plans de comptes).

The chapter of an account depends on its sense (D/R) and kind (réel, ordre between sections, ordre inside one); codes
that a plan lacks are taken from a neighbour year or a parent, and each such step is told through ``note``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ckanext.budget.nomenclature.plans import Entry, Found, Kind, Place, Plan

Note = Callable[..., None]

_INVESTMENT = ("001", "010", "018", "020", "021", "024")
_OPERATING = ("002", "022", "023")


class Labelled(NamedTuple):
    """A code and its label."""

    code: str
    label: str


class Chapter(NamedTuple):
    """Chapter of the plan: code, label, section (F or I; empty when the plan does not say)."""

    code: str
    label: str
    section: str


def section_by_digit(nature: str) -> str:
    """Section told by an account's first digit (used only when no plan tells); empty for 0xx and 8, 9."""
    if nature in _INVESTMENT or nature[:1] in tuple("12345"):
        return "I"
    if nature in _OPERATING or nature[:1] in ("6", "7"):
        return "F"
    return ""


def strip_third_party(code: str, number: str) -> str:
    """``458101`` with third-party operation ``01`` → ``4581``; the code itself when it does not end so."""
    return code[: -len(number)] if number and code.endswith(number) and len(code) > len(number) else code


@dataclass(frozen=True)
class Lookup:
    """Resolves codes in one plan (None: unknown norm); ``title`` names it («M52 2019»)."""

    plan: Plan | None
    title: str

    def account(self, code: str, third_party: str, note: Note) -> Found | None:
        """Account of a Nature: exact, then without its third-party number, then a parent."""
        if self.plan is None:
            return None
        bare = strip_third_party(code, third_party)
        found = self.plan.find("A", code) or (self.plan.find("A", bare) if bare != code else None)
        found = found or self.plan.find_or_parent("A", bare)
        self._tell(found, code, bare, note)
        return found

    def label(self, kind: str, code: str, found: Found | None, note: Note) -> str:
        """Label of what was found; else a sentence that says the code is absent, never a blank."""
        if found is not None and found.entry.label:
            return found.entry.label
        note("label_absent", code=code, plan=self.title)
        return f"{kind} {code}, absent du plan {self.title}"

    def chapter(self, account: Found | None, place: Place, note: Note) -> Chapter | None:
        """Chapter of an account for a sense and kind of operation, with the recorded fallbacks."""
        if self.plan is None or account is None:
            return None
        for entry in self._with_parents(account.entry):
            for candidate in _candidates(place):
                code = entry.chapter(candidate)
                if code:
                    if entry is not account.entry or candidate != place:
                        note("chapter_inferred", code=account.asked, chapter=code)
                    return self._chapter(code)
        below = self.plan.chapter_below(account.entry.code, place)
        if below:
            note("account_is_heading", code=account.asked, chapter=below)
        return self._chapter(below) if below else None

    def _chapter(self, code: str) -> Chapter:
        found = self.plan.find("C", code) if self.plan else None
        return Chapter(code, found.entry.label if found else "", found.entry.places if found else "")

    def chapter_by_prefix(self, nature: str) -> Chapter | None:
        """Chapter whose code is the longest prefix of an account (when the plan gives the account none)."""
        found = self.plan.find_or_parent("C", nature) if self.plan else None
        return Chapter(found.entry.code, found.entry.label, found.entry.places) if found else None

    def _with_parents(self, entry: Entry) -> list[Entry]:
        chain, seen = [entry], {entry.code}
        while self.plan and chain[-1].parent and chain[-1].parent not in seen:
            found = self.plan.find("A", chain[-1].parent)
            if found is None:
                break
            seen.add(found.entry.code)
            chain.append(found.entry)
        return chain

    def level_of_vote(self, contnat: str, third_party: str, note: Note) -> Labelled:
        """ContNat of the file and its label: exact chapter, exact account, then without the third-party number."""
        if self.plan is not None:
            for code in dict.fromkeys((contnat, strip_third_party(contnat, third_party))):
                for kind in ("C", "A"):
                    found = self.plan.find(kind, code)
                    if found is not None:
                        self._tell(found, code, code, note)
                        return Labelled(contnat, self.label("Chapitre", contnat, found, note))
            parent = self.plan.find_or_parent("C", contnat) or self.plan.find_or_parent("A", contnat)
            self._tell(parent, contnat, contnat, note)
            return Labelled(contnat, self.label("Chapitre", contnat, parent, note))
        return Labelled(contnat, self.label("Chapitre", contnat, None, note))

    def functional_chapter(self, contfon: str, note: Note) -> Labelled | None:
        """ContFon when it is a functional chapter (by nature only for 001 and 002); None otherwise."""
        if self.plan is None or not contfon:
            return None
        found = self.plan.find("F", contfon)
        if found is None and contfon in ("001", "002"):
            found = self.plan.find("C", contfon)
        if found is None:
            return None
        self._tell(found, contfon, contfon, note)
        return Labelled(contfon, found.entry.label)

    def section(self, chapter: str) -> str:
        """Section of a chapter, functional or by nature; empty when the plan has no such chapter."""
        found = (self.plan.find("F", chapter) or self.plan.find("C", chapter)) if self.plan else None
        return found.entry.places if found else ""

    def function(self, code: str, by_function: bool, note: Note) -> Labelled:
        """Function and its label: functional article in a vote by function, reference otherwise."""
        kinds: tuple[Kind, ...] = ("G", "R") if by_function else ("R", "G")
        found: Found | None = None
        if self.plan is not None:
            for kind in kinds:
                found = found or self.plan.find(kind, code)
            found = found or self.plan.find_here_or_parent(kinds[0], code)
        self._tell(found, code, code, note)
        return Labelled(code, self.label("Fonction", code, found, note))

    def _tell(self, found: Found | None, code: str, bare: str, note: Note) -> None:
        if found is None or self.plan is None:
            return
        if found.entry.code not in (code, bare):
            note("label_from_parent", code=code, parent=found.entry.code, plan=self.title)
        elif self.plan.year_known and found.year != self.plan.year:
            note("label_other_year", code=code, year=str(found.year), plan=self.title)


def _candidates(place: Place) -> tuple[Place, ...]:
    """The attribute asked for, the same sense's real one, then the other sense's."""
    sense, kind = place[0], place[1:]
    other = "R" if sense == "D" else "D"
    names = (place, f"{sense}R", f"{other}{kind}", f"{other}R")
    return tuple(dict.fromkeys(names))  # pyright: ignore[reportReturnType]
