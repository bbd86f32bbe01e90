"""The section «what was opened, what was done»: the files of its tables, which the page holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.budget.views import view_export
from ckanext.budget.views.view_export import Export

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown


class Chapters(NamedTuple):
    """What the section shows beside ``page.tables``."""

    export: Export


def build(shown: Shown) -> Chapters:
    """The files of the four blocks by chapter."""
    title = tk._("What was opened, what was done") if shown.said.account else tk._("Chapter by chapter")
    return Chapters(view_export.of_document(shown, "chapitres", [title], {}, "b-chapters"))
