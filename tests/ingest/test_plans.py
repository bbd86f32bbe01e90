"""A chart of accounts that an administrator imports serves the next conversion, without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.cli.cli import ckan
from ckan.exceptions import CkanConfigurationException

from ckanext.budget import config
from ckanext.budget.nomenclature import importing
from tests.ingest.conftest import Portal
from tests.ingest.made import ca
from tests.nomenclature.conftest import write, xml
from tests.tables.made import rows_of

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

#: an account of the fictitious CA of 2021, and its chart
ACCOUNT, CHAPTER = "60611", "011"
CHART = ("M14", "M14_COM_500_3500", 2021)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with monkeypatch.context() as patched:
        patched.setitem(tk.config, "ckanext.budget.plans_path", str(tmp_path / "plans"))
        config.configure_plans()
        yield tmp_path / "plans"
    config.configure_plans()


def labels(portal: Portal, seal: str) -> set[str]:
    """Labels of the account in the CSV of a new version."""
    dataset = portal.dataset(title=seal)
    source = portal.deposit(dataset, ca(seal))
    found = rows_of(portal.stored(portal.resources(dataset, "csv")[0]))
    code, label = found[0].index("BGT_NATURE"), found[0].index("BGT_NATURE_LABEL")
    portal.act("resource_delete", id=source["id"])
    return {row[label] for row in found if row[code] == ACCOUNT}


def test_an_import_by_another_process_is_seen_by_the_next_conversion(
    portal: Portal, folder: Path, tmp_path: Path
) -> None:
    before = labels(portal, "2022-05-03T10:00:00")
    assert len(before) == 1
    norm, name, year = CHART
    new = xml(year, ((ACCOUNT, "Eau des lampes", CHAPTER),), norm, name)
    importing.import_plans([write(tmp_path, new)], folder)  # as «ckan budget plans import» does, and no more
    assert labels(portal, "2022-05-04T10:00:00") == {"Eau des lampes"}
    next(folder.iterdir()).unlink()
    assert labels(portal, "2022-05-05T10:00:00") == before


def test_the_command_writes_where_the_portal_reads(portal: Portal, folder: Path, tmp_path: Path, cli: Any) -> None:
    norm, name, year = CHART
    given = write(tmp_path, xml(year, ((ACCOUNT, "Eau des lampes", CHAPTER),), norm, name))
    result = cli.invoke(ckan, ["budget", "plans", "import", str(given)])
    assert result.exit_code == 0, result.output
    assert labels(portal, "2022-05-03T10:00:00") == {"Eau des lampes"}


@pytest.mark.parametrize("place", ["plans", "{storage}/resources/plans", "{storage}/storage"])
def test_a_folder_that_is_served_or_relative_stops_the_portal(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    storage = tk.config["ckan.storage_path"]
    with monkeypatch.context() as patched:
        patched.setitem(tk.config, "ckanext.budget.plans_path", place.format(storage=storage))
        with pytest.raises(CkanConfigurationException, match=r"ckanext\.budget\.plans_path"):
            config.configure_plans()
    config.configure_plans()
