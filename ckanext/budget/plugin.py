"""The plugin: which CKAN interfaces are implemented, and by which room."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.lib.plugins import DefaultTranslation
from ckan.types import DataDict

from ckanext.budget import startup
from ckanext.budget.config import configure_plans
from ckanext.budget.deposit.tokens import DepositTokens
from ckanext.budget.embed.middleware import Anonymous
from ckanext.budget.ingest import door
from ckanext.budget.views import facets, resource_view


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
@tk.blanket.validators
class BudgetPlugin(
    resource_view.BudgetView, facets.BudgetFacets, DepositTokens, p.SingletonPlugin, DefaultTranslation
):
    """Plugin ``budget``."""

    p.implements(p.IConfigurer)
    p.implements(p.IConfigurable)
    p.implements(p.ITranslation)
    p.implements(p.IUploader, inherit=True)
    p.implements(p.IResourceView, inherit=True)
    p.implements(p.IFacets, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.IApiToken, inherit=True)
    p.implements(p.IAuthenticator, inherit=True)
    p.implements(p.IMiddleware, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        """Templates, assets and static files."""
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "budget")

    def configure(self, config: CKANConfig) -> None:
        """Checks that must hold before the portal serves anyone."""
        startup.check(self)
        configure_plans()

    def make_middleware(self, app: Any, config: CKANConfig) -> Any:
        """Pages for other sites answer without cookie nor account."""
        app.wsgi_app = Anonymous(app.wsgi_app, config["apitoken_header_name"])
        return app

    def get_resource_uploader(self, data_dict: DataDict) -> Any:
        """The door: budgets are replaced by their occulted copy; another uploader stores it."""
        door.admit(data_dict)
        return None  # noqa: RET501  (None is the answer: «not me»)

    def get_uploader(self, upload_to: str, old_filename: str | None = None) -> Any:
        """Images and other files are none of our business."""
        return None  # noqa: RET501
