"""The plugin: which CKAN interfaces are implemented, and by which room."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.plugins import DefaultTranslation


@tk.blanket.config_declarations
class BudgetPlugin(p.SingletonPlugin, DefaultTranslation):
    """Plugin ``budget``."""

    p.implements(p.IConfigurer)
    p.implements(p.ITranslation)

    def update_config(self, config: object) -> None:
        """Register templates, assets and static files."""
        tk.add_template_directory(config, "templates")  # pyright: ignore[reportArgumentType]
        tk.add_resource("assets", "budget")
