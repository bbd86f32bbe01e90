"""``budget-scdl inspect``: whose budget it is, and what an archive holds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from ckanext.budget.errors import Refusal
from ckanext.budget.messages import french, render
from ckanext.budget.quality.report import identity
from ckanext.budget.standalone.files import as_json
from ckanext.budget.standalone.opening import opened
from ckanext.budget.totem.archives import Member, members
from ckanext.budget.totem.reader import Reader


def identity_of(source: BinaryIO) -> dict[str, Any]:
    """Identity of a budget, and how many lines it has."""
    reader = Reader(source)
    lines = sum(1 for line in reader if "calculated" not in line)
    return {**identity(reader.header), "lines": lines, "calculated_lines": reader.calculated}


def say_members(source: BinaryIO, *, as_data: bool) -> bool:
    """List what an archive holds on standard output; whether something was refused."""
    data = list(_members(source))
    if as_data:
        sys.stdout.write(as_json(data).decode())
    else:
        for member in data:
            sys.stdout.write(f"{member['file']} : {_words(member)}\n")
    return any(member["outcome"] == "refused" for member in data)


def _members(source: BinaryIO) -> Iterator[dict[str, Any]]:
    """``outcome``: budget, other or refused (then ``reason``)."""
    listed = False
    try:
        for member in members(source):
            listed = True
            yield _member(member)
    except Refusal as refusal:
        if not listed:
            raise
        yield _refused("…", refusal)


def _member(member: Member) -> dict[str, Any]:
    try:
        if member.stream is None:
            raise member.refusal or Refusal("member_damaged")
        with opened(member.stream) as found:
            if not found.is_budget:
                return {"file": member.name, "outcome": "other", "kind": found.kind}
            return {"file": member.name, "outcome": "budget", **identity_of(found.stream)}
    except Refusal as refusal:
        return _refused(member.name, refusal)


def _refused(name: str, refusal: Refusal) -> dict[str, Any]:
    return {"file": name, "outcome": "refused", "reason": render(refusal.finding, french()).sentence}


def _words(member: dict[str, Any]) -> str:
    if member["outcome"] == "refused":
        return f"refusé. {member['reason']}"
    if member["outcome"] == "other":
        return "pas un budget"
    number = f" n° {member['dm_number']}" if member["dm_number"] else ""
    whose = f"{member['name']}, SIRET {member['siret'] or 'absent ou invalide'}"
    return f"{member['stage']}{number} {member['exercice']}, {whose}, {member['lines']} lignes"
