"""The figures of one document for its pages, each worked out once per process (:mod:`ckanext.budget.views.kept`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ckan import model

from ckanext.budget import rules
from ckanext.budget.figures import queries, statement
from ckanext.budget.figures import values as worked_out
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.groups import KEYS_BY_FUNCTION, Group, merged
from ckanext.budget.figures.statement import Statement
from ckanext.budget.figures.values import Inhabitants, Value
from ckanext.budget.views.kept import Kept


class Groups(NamedTuple):
    """The lines of a document: by function as well, and without."""

    by_function: Sequence[Group]
    without: Sequence[Group]


#: about 30 MB: some fifteen documents of 1,500 lines
_GROUPS = Kept[Groups](40_000, lambda found: len(found.by_function) + len(found.without))
_STATEMENTS = Kept[Statement](1024)
_VALUES = Kept[Mapping[str, Value]](1024)


def groups(document: Document) -> Groups:
    """Its lines, in groups."""

    def make() -> Groups:
        found = queries.of_document(model.Session(), document.id, KEYS_BY_FUNCTION)
        return Groups(found, merged(found))

    return _GROUPS.one(document, None, make)


def said(document: Document) -> Statement:
    """What it says."""
    formulas = rules.formulas()

    def make() -> Statement:
        found = groups(document).without
        draft, annexe = document.is_draft, document.is_annexe
        return statement.of_groups(found, document.stage, draft=draft, annexe=annexe, formulas=formulas)

    return _STATEMENTS.one(document, formulas, make)


def values(document: Document, people: Inhabitants | None) -> Mapping[str, Value]:
    """Every figure of it."""
    formulas = rules.formulas()

    def make() -> Mapping[str, Value]:
        found = groups(document).without
        return worked_out.of_document(document, found, formulas=formulas, inhabitants=people)

    return _VALUES.one(document, (formulas, people), make)
