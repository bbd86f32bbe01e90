"""Who sees what of the coverage."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import AuthResult, Context, DataDict

from ckanext.budget.coverage import access
from ckanext.budget.deposit import batches

__all__ = ["budget_coverage", "budget_refusal_show"]


@tk.auth_allow_anonymous_access
def budget_coverage(context: Context, data_dict: DataDict) -> AuthResult:
    """Who has published what is public; the rest of the answer is what each person may know
    (:func:`ckanext.budget.coverage.access.viewer`)."""
    return {"success": True}


def budget_refusal_show(context: Context, data_dict: DataDict) -> AuthResult:
    """The depositor, the members of the organisation for which the file was deposited, and those who see everything."""
    row = batches.row(str(data_dict.get("id") or ""))
    batch = batches.get(row.batch_id) if row is not None and row.state == "refused" else None
    if row is None or batch is None:
        raise tk.ObjectNotFound(tk._("This refusal does not exist"))
    viewer = access.viewer(context)
    user = model.User.get(context.get("user")) if context.get("user") else None
    own = user is not None and batch.user_id == user.id
    if own or viewer.everything or batch.owner_org in viewer.organisations:
        return {"success": True}
    return {"success": False, "msg": tk._("This refusal concerns another organisation")}
