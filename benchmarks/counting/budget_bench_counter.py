"""A CKAN plugin that writes down each revision of a dataset and each update of the search index."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk


def count(what: str) -> None:
    """One more line in the file that BUDGET_BENCH_COUNTS names."""
    with Path(os.environ["BUDGET_BENCH_COUNTS"]).open("a", encoding="ascii") as out:
        out.write(what + "\n")


@tk.chained_action
def package_revise(original: Any, context: Any, data_dict: Any) -> Any:
    """Counted, then as it was."""
    count("package_revise")
    return original(context, data_dict)


class CounterPlugin(p.SingletonPlugin):
    """Counts, changes nothing."""

    p.implements(p.IActions)
    p.implements(p.IPackageController, inherit=True)

    def get_actions(self) -> dict[str, Any]:
        """The counted action."""
        return {"package_revise": package_revise}

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Called for each dataset that is written into the index."""
        count("index")
        return pkg_dict
