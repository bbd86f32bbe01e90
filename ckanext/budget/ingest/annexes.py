"""Tables made from the annexes of a stored document, where the administrator asks for them."""

from __future__ import annotations

import tempfile
from typing import BinaryIO

from ckanext.budget import config
from ckanext.budget.annexes import findings, tables
from ckanext.budget.errors import Finding
from ckanext.budget.totem.model import Header


def make(source: BinaryIO, header: Header) -> tuple[dict[str, BinaryIO], list[Finding]]:
    """The tables that have rows, by name, from an occulted copy; and what they leave out."""
    made: dict[str, BinaryIO] = {}

    def out_of(name: str) -> BinaryIO:
        made[name] = tempfile.TemporaryFile()  # noqa: SIM115  (closed once it is published)
        return made[name]

    built = tables.build(source, config.annexes(), out_of, header, config.limits())
    return made, findings.findings(built.values())
