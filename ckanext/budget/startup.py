"""What is put in place, and checked, when the portal starts."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.exceptions import CkanConfigurationException
from ckan.model.license import License

from ckanext.budget import config, rules
from ckanext.budget.ingest import originals
from ckanext.budget.logic.validators import LICENCE_OUVERTE

SCHEMA = "ckanext.budget:schemas/budget.yaml"


def check(plugin: p.SingletonPlugin) -> None:
    """Refuse to start where personal data could get through; add the Licence Ouverte to CKAN's licences."""
    _check_first_uploader(plugin)
    _check_dataset_type()
    originals.check_configuration()
    config.check_annexes()
    config.check_obligations()
    rules.check()
    config.check_deposit()
    config.check_coverage()
    config.check_embed()
    _add_licence()


def _check_first_uploader(plugin: p.SingletonPlugin) -> None:
    first = next(iter(p.PluginImplementations(p.IUploader)))
    if first is plugin:
        return
    order = tk.aslist(tk.config.get("ckan.plugins", ""))
    other = first.name  # pyright: ignore[reportAttributeAccessIssue]
    mended = ["budget", *(name for name in order if name != "budget")]
    raise CkanConfigurationException(
        f"The plugin “{other}” handles uploads before “budget”: budgets would be stored with their personal data. "
        f"In your configuration file, put “budget” before “{other}” in the line ckan.plugins:\n"
        f"ckan.plugins = {' '.join(mended)}"
    )


def _check_dataset_type() -> None:
    schemas = tk.config.get("scheming.dataset_schemas", "").split()
    if SCHEMA not in schemas:
        raise CkanConfigurationException(
            "The dataset type “budget” is missing. In your configuration file, complete the line:\n"
            f"scheming.dataset_schemas = {' '.join([*schemas, SCHEMA])}"
        )


def _add_licence() -> None:
    register = model.Package.get_license_register()
    if LICENCE_OUVERTE in register.keys():  # noqa: SIM118  (not a dict)
        return
    register.licenses.append(
        License(
            {
                "id": LICENCE_OUVERTE,
                "title": "Licence Ouverte 2.0",
                "url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
                "status": "active",
                "family": "",
                "maintainer": "Etalab",
                "domain_content": True,
                "domain_data": True,
                "domain_software": False,
                "is_generic": False,
                "od_conformance": "approved",
                "osd_conformance": "not reviewed",
            }
        )
    )
