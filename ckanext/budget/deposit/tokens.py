"""API tokens that can only deposit, for the machines of a tiers de télétransmission.

CKAN's tokens act for their account in everything. These carry a claim, and every request that they make is refused but
for the deposit and the reading of one's own deposits. Their id is marked too, so that they are worth nothing to a CKAN
without this extension.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import api_token
from ckan.types import Schema
from flask import Response, g, has_request_context, jsonify

from ckanext.budget.embed.middleware import TAKEN_OFF

SCOPE = "deposit"
CLAIM = "budget_scope"
#: what such a token may call
ALLOWED = frozenset({"budget_deposit", "budget_batch_show", "budget_batch_list"})
_MARK = "budget-deposit:"
_EXTRA = "budget"


class DepositTokens:
    """The part of the plugin that makes these tokens, and stops them (CKAN's IApiToken and IAuthenticator)."""

    def create_api_token_schema(self, schema: Schema) -> Schema:
        """``budget_scope``: nothing, or «deposit»."""
        one_of: Any = tk.get_validator("one_of")  # makes a validator
        return {**schema, CLAIM: [tk.get_validator("ignore_empty"), one_of([SCOPE])]}

    def postprocess_api_token(self, data: dict[str, Any], jti: str, data_dict: dict[str, Any]) -> dict[str, Any]:
        """Mark a new token; its row says it to the list of tokens."""
        if data_dict.get(CLAIM) != SCOPE:
            return data
        token = model.ApiToken.get(jti)
        if token is not None:
            token.set_extra(_EXTRA, {"scope": SCOPE}, True)
        return {**data, CLAIM: SCOPE, "jti": f"{_MARK}{data['jti']}"}

    def preprocess_api_token(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Unmark the token of a request, and remember what it may do."""
        jti = str(data.get("jti", ""))
        if CLAIM not in data and not jti.startswith(_MARK):
            return data
        if has_request_context():
            g.budget_token_scope = SCOPE
        return {**data, "jti": jti.removeprefix(_MARK)}

    def identify(self) -> Response | None:
        """Refuse what a deposit token may not ask: CKAN calls this before anything of the request is done."""
        taken_off = tk.request.environ.get(TAKEN_OFF)
        known = api_token.get_user_from_token(taken_off) if taken_off else tk.current_user.is_authenticated
        if known and limited() and not _is_allowed():
            said = tk._("This token can only deposit budgets and read its own deposits")
            answer = jsonify({"success": False, "error": {"__type": "Authorization Error", "message": said}})
            answer.status_code = 403
            return answer
        return None


def limited() -> bool:
    """Whether the request under way comes with a deposit token."""
    return has_request_context() and g.get("budget_token_scope") == SCOPE


def _is_allowed() -> bool:
    name = (tk.request.view_args or {}).get("logic_function")
    return tk.request.endpoint == "api.action" and name in ALLOWED


def scope(token_id: str) -> str | None:
    """«deposit» for a token that can only deposit."""
    token = model.ApiToken.get(token_id)
    return ((token.plugin_extras or {}).get(_EXTRA) or {}).get("scope") if token is not None else None
