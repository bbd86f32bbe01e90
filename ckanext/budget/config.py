"""Typed access to the configuration declared in ``config_declaration.yaml``."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from pathlib import Path

import ckan.plugins.toolkit as tk
from ckan.exceptions import CkanConfigurationException
from flask import has_request_context

from ckanext.budget.annexes.specs import SPECS
from ckanext.budget.coverage import scope
from ckanext.budget.nomenclature import plans, table
from ckanext.budget.territory.obligations import Obligations, ObligationsError, load, shipped
from ckanext.budget.totem.feed import Limits

DATASET_TYPE = "budget"
QUEUE = "budget"
#: most exercices between the first and the last one of the coverage
MOST_EXERCICES = 30
#: a site that may embed our pages
_ANCESTOR = re.compile(r"\*|self|none|https?://(?:\*\.)?[a-z0-9.-]+(?::(?:[0-9]{1,5}|\*))?", re.IGNORECASE | re.ASCII)


def inline_max_bytes() -> int:
    """Size up to which a file is converted within the request that uploads it."""
    return tk.config["ckanext.budget.inline_max_size"] << 20


def convert_other_types() -> bool:
    """Whether budgets in datasets of other types are converted too (they are always occulted)."""
    return tk.config["ckanext.budget.convert_other_types"]


def limits() -> Limits:
    """Limits on what is read from one file."""
    return Limits(
        bytes=tk.config["ckanext.budget.max_size"] << 20,
        depth=tk.config["ckanext.budget.max_depth"],
        text=tk.config["ckanext.budget.max_text"],
        attributes=tk.config["ckanext.budget.max_attributes"],
        attribute=tk.config["ckanext.budget.max_attribute"],
        elements=tk.config["ckanext.budget.max_elements"],
        seconds=tk.config["ckanext.budget.max_seconds"],
    )


def annexes() -> list[str]:
    """Tables made from the annexes of each document (names of :data:`ckanext.budget.annexes.specs.SPECS`)."""
    return tk.aslist(tk.config["ckanext.budget.annexes"])


def check_annexes() -> None:
    """Refuse to start with a table that does not exist."""
    unknown = [name for name in annexes() if name not in SPECS]
    if unknown:
        raise CkanConfigurationException(
            f"ckanext.budget.annexes names unknown tables: {' '.join(unknown)}. The tables are: {' '.join(SPECS)}"
        )


def organizations_for_others() -> list[str]:
    """Names (or ids) of the organisations that deposit the budgets of other collectivités than their own."""
    return tk.aslist(tk.config["ckanext.budget.organizations_for_others"])


def obligations() -> Obligations:
    """What the law expects of collectivités: the rules of the configured file, else those that ship."""
    path = tk.config["ckanext.budget.obligations_path"]
    return _obligations(Path(path)) if path else shipped()


@lru_cache(maxsize=4)
def _obligations(path: Path) -> Obligations:
    return load(path)


def check_obligations() -> None:
    """Refuse to start with a file of obligations that can't be used."""
    try:
        obligations()
    except ObligationsError as error:
        raise CkanConfigurationException(f"ckanext.budget.obligations_path can't be used: {error}") from error


def coverage_codes() -> scope.Codes | None:
    """The territory that the portal covers; None when it is that of the collectivités that publish."""
    codes = tk.aslist(tk.config["ckanext.budget.coverage_territory"])
    return scope.configured(codes) if codes else None


def coverage_exercices(today: dt.date) -> tuple[int, int]:
    """First and last exercice of the coverage: by default 2015 and last year."""
    last = tk.config["ckanext.budget.coverage_last"] or today.year - 1
    return min(tk.config["ckanext.budget.coverage_first"], last), last


def language() -> str:
    """The language of the request; the portal's own without one (a job, a command)."""
    return tk.h.lang() if has_request_context() else tk.config["ckan.locale_default"]


def coverage_seconds() -> int:
    """For how long the dashboard shows somebody again what it has read."""
    return tk.config["ckanext.budget.coverage_seconds"]


def check_coverage() -> None:
    """Refuse to start with a territory that does not exist, or exercices that can't be."""
    try:
        coverage_codes()
    except scope.UnknownCodeError as error:
        raise CkanConfigurationException(
            f"ckanext.budget.coverage_territory: {error} is no département (34, D34, 2A), région (R76) nor EPCI (nine "
            "digits) of the directory"
        ) from error
    first, last = tk.config["ckanext.budget.coverage_first"], tk.config["ckanext.budget.coverage_last"]
    if not 2000 <= first <= 2100 or (last and not first <= last <= first + MOST_EXERCICES):
        raise CkanConfigurationException(
            "ckanext.budget.coverage_first and coverage_last must be years from 2000 on, the last one after the first "
            f"and at most {MOST_EXERCICES} years later"
        )


def accessibility_contact() -> dict[str, str] | None:
    """Whom to tell that a page can't be read or used: ``url`` and ``text``; None when nobody is named."""
    value = tk.config["ckanext.budget.accessibility_contact"].strip()
    if not value:
        return None
    address = value if value.startswith(("https://", "http://")) else f"mailto:{value}"
    return {"url": address, "text": value}


def embed_ancestors() -> str:
    """Which sites may embed the pages made for them: the value of ``frame-ancestors``."""
    words = tk.aslist(tk.config["ckanext.budget.embed_ancestors"])
    return " ".join(f"'{word}'" if word in ("self", "none") else word for word in words) or "'none'"


def check_embed() -> None:
    """Refuse to start with what is no source of a Content-Security-Policy: a browser would leave it out."""
    words = tk.aslist(tk.config["ckanext.budget.embed_ancestors"])
    wrong = [word for word in words if not _ANCESTOR.fullmatch(word)]
    if wrong or ("none" in words and len(words) > 1):
        raise CkanConfigurationException(
            "ckanext.budget.embed_ancestors: write *, none, or sites separated by spaces "
            f"(self, https://www.exemple.fr, https://*.exemple.fr); found: {' '.join(wrong or words)}"
        )


def late_after() -> dt.timedelta:
    """How long a conversion may be waited for: beyond, its job was lost (no worker, or one that stopped)."""
    return dt.timedelta(seconds=2 * (limits().seconds + 300))


def max_resource_bytes() -> int:
    """``ckan.max_resource_size``, in bytes."""
    return tk.config["ckan.max_resource_size"] << 20


def originals_path() -> Path | None:
    """Private folder for sealed originals; None (the default) keeps none."""
    value = tk.config["ckanext.budget.keep_originals_path"]
    return Path(value) if value else None


def plans_folder() -> Path | None:
    """Folder of the charts of accounts that an administrator imports; by default ``budget_plans`` under
    ``ckan.storage_path``, of which CKAN serves ``storage``, ``resources``, ``webassets`` and ``i18n`` only. None when
    neither is set."""
    value = tk.config["ckanext.budget.plans_path"]
    if value:
        return Path(value)
    storage = tk.config.get("ckan.storage_path")
    return Path(storage).absolute() / "budget_plans" if storage else None


def deposit_path() -> Path:
    """Folder of the occulted copies that wait for their publication (by default ``budget_deposit`` under
    ``ckan.storage_path``, not served)."""
    value = tk.config["ckanext.budget.deposit_path"]
    if value:
        return Path(value)
    storage = tk.config.get("ckan.storage_path")
    if not storage:
        raise CkanConfigurationException("The deposit desk needs ckan.storage_path or ckanext.budget.deposit_path")
    return Path(storage).absolute() / "budget_deposit"


def deposit_max_bytes() -> int:
    """Largest file or archive given to the deposit desk, in bytes."""
    return tk.config["ckanext.budget.deposit_max_size"] << 20


def deposit_keep() -> dt.timedelta:
    """How long a batch waits for its publication."""
    return dt.timedelta(days=tk.config["ckanext.budget.deposit_keep_days"])


def check_deposit() -> None:
    """Refuse to start with a folder that is relative or served: what waits there is not public yet."""
    if tk.config["ckanext.budget.deposit_path"] and is_served(deposit_path()):
        raise CkanConfigurationException(
            "ckanext.budget.deposit_path must be an absolute path outside the files that CKAN serves "
            "(storage and resources, under ckan.storage_path)"
        )


def is_served(folder: Path) -> bool:
    """Whether a folder is relative, or within those of which CKAN serves the files."""
    storage = tk.config.get("ckan.storage_path")
    served = [Path(storage).resolve() / name for name in ("storage", "resources")] if storage else []
    return not folder.is_absolute() or bool({folder.resolve(), *folder.resolve().parents} & set(served))


def configure_plans() -> None:
    """Charts imported by an administrator are read beside those that ship (each process sees an import at once)."""
    folder = plans_folder()
    if folder is None:
        plans.use_tables()
        return
    if is_served(folder):
        raise CkanConfigurationException(
            "ckanext.budget.plans_path must be an absolute path outside the files that CKAN serves "
            "(storage and resources, under ckan.storage_path)"
        )
    plans.use_tables(folder / table.NAME)
