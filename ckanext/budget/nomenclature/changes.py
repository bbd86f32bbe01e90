"""What differs between two plans: codes added and removed, labels and chapters changed."""

from __future__ import annotations

from typing import Any, NamedTuple

from ckanext.budget.nomenclature.compile import CHAPTER_ATTRIBUTES
from ckanext.budget.nomenclature.table import Fact, Facts

#: a fact before and after
Pair = tuple[Fact, Fact]


class Changes(NamedTuple):
    """Sorted by kind and code. ``chapters``: the six chapters of an account, or the section of a chapter; ``others``:
    parent or equipment flags. A code may be in several of the last three."""

    added: list[Fact]
    removed: list[Fact]
    labels: list[Pair]
    chapters: list[Pair]
    others: list[Pair]

    def to_dict(self) -> dict[str, list[dict[str, Any]]]:
        """Plain data for JSON."""
        return {
            "added": [describe(fact) for fact in self.added],
            "removed": [describe(fact) for fact in self.removed],
            "labels": [
                {"kind": new.kind, "code": new.code, "before": old.label, "after": new.label}
                for old, new in self.labels
            ],
            "chapters": [
                {"kind": new.kind, "code": new.code, "before": places(old), "after": places(new)}
                for old, new in self.chapters
            ],
            "others": [
                {"kind": new.kind, "code": new.code, "before": _others(old), "after": _others(new)}
                for old, new in self.others
            ],
        }


def compare(before: Facts, after: Facts) -> Changes:
    """From one plan to another."""
    both = [(before[key], after[key]) for key in sorted(before.keys() & after.keys())]
    return Changes(
        [after[key] for key in sorted(after.keys() - before.keys())],
        [before[key] for key in sorted(before.keys() - after.keys())],
        [(old, new) for old, new in both if old.label != new.label],
        [(old, new) for old, new in both if old.places != new.places],
        [(old, new) for old, new in both if (old.parent, old.flags) != (new.parent, new.flags)],
    )


def describe(fact: Fact) -> dict[str, Any]:
    """A fact as data: kind, code, label, section or chapters, parent, equipment flags."""
    return {"kind": fact.kind, "code": fact.code, "label": fact.label, **places(fact), **_others(fact)}


def places(fact: Fact) -> dict[str, Any]:
    """``section`` of a chapter, or ``chapters`` of an account by attribute (DR, DOES…), those it has."""
    if fact.kind in "CF":
        return {"section": fact.places}
    if fact.kind == "R":
        return {}
    stated = fact.places.split(",") if fact.places else []
    return {"chapters": {name: code for name, code in zip(CHAPTER_ATTRIBUTES, stated, strict=False) if code}}


def _others(fact: Fact) -> dict[str, str]:
    return {"parent": fact.parent, "equipment": fact.flags}
