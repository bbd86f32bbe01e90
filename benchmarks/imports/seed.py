"""An organisation and its editor in an empty portal: ``python -m benchmarks.imports.seed INI ACCOUNT ORGANISATION``."""

from __future__ import annotations

import sys

import ckan.plugins.toolkit as tk
from ckan.cli import load_config
from ckan.config.middleware import make_app


def main(ini: str, account: str, organisation: str) -> None:
    """Make them, if they are not there."""
    with make_app(load_config(ini))._wsgi_app.test_request_context():
        root = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        context = {"user": root, "ignore_auth": True}
        values = {"name": account, "email": f"{account}@example.org", "password": "mot-de-passe-du-banc"}
        tk.get_action("user_create")(dict(context), values)
        users = [{"name": account, "capacity": "editor"}]
        values = {"name": organisation, "title": "Région fictive", "users": users}
        tk.get_action("organization_create")(dict(context), values)


if __name__ == "__main__":
    main(*sys.argv[1:])
