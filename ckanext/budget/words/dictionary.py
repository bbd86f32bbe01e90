"""The data dictionary: the 22 columns of the standard CSV, from the vendored Table Schema and our own words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ckanext.budget.scdl.schema import fields

DICTIONARY = Path(__file__).parent / "dictionary.json"
SCHEMA = Path(__file__).parent / "dictionary.schema.json"


@dataclass(frozen=True)
class Column:
    """A column. ``title``, ``type``, ``required``, ``values`` and ``example`` are the standard's (French); ``meaning``
    and ``stages`` (at which stages it says something) are ours; ``unit`` is euros, year, code or text."""

    name: str
    title: str
    meaning: str
    stages: str
    unit: str
    type: str
    required: bool
    values: tuple[str, ...]
    example: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON gives it."""
        return {**asdict(self), "values": list(self.values)}


@lru_cache(maxsize=1)
def data() -> dict[str, Any]:
    """The whole file: ``version``, ``schema``, ``columns``."""
    return json.loads(DICTIONARY.read_text(encoding="utf-8"))


@lru_cache(maxsize=2)
def columns(lang: str) -> dict[str, Column]:
    """Every column by name, in the order of the CSV, in a language (``fr`` or ``en``)."""
    standard = {field["name"]: field for field in fields()}
    return {raw["name"]: _column(raw, standard[raw["name"]], lang) for raw in data()["columns"]}


def _column(raw: dict[str, Any], field: dict[str, Any], lang: str) -> Column:
    limits = field.get("constraints", {})
    title = field["title"].strip()
    return Column(
        name=raw["name"],
        title=title[:1].upper() + title[1:],
        meaning=raw[lang]["meaning"],
        stages=raw[lang]["stages"],
        unit=raw["unit"],
        type=field["type"],
        required=bool(limits.get("required")),
        values=tuple(limits.get("enum", ())),
        example=str(field.get("examples", "")),
    )
