"""Who may write, read, use and end mandates and requests. Sysadmins, whom CKAN does not ask, may do all of it."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context, DataDict

from ckanext.budget import organizations
from ckanext.budget.config import DATASET_TYPE
from ckanext.budget.mandates import access, store
from ckanext.budget.mandates.models import BudgetMandate, BudgetRequest

__all__ = [
    "budget_document_deposit",
    "budget_mandate_create",
    "budget_mandate_end",
    "budget_mandate_list",
    "budget_mandate_show",
    "budget_mandate_take_over",
    "budget_mandate_update",
    "budget_request_accept",
    "budget_request_create",
    "budget_request_list",
    "budget_request_refuse",
    "budget_request_show",
]

_YES: AuthResult = {"success": True}


def _no(words: str) -> AuthResult:
    return {"success": False, "msg": words}


def _answer(allowed: bool, words: str) -> AuthResult:
    return _YES if allowed else _no(words)


# -- one file


def budget_document_deposit(context: Context, data_dict: DataDict) -> AuthResult:
    """Deposit one document (``siren``, ``exercice``, ``etape``) in a dataset (``package_id``) or an organisation
    (``owner_org``): whoever may edit the dataset or create budgets there; else, by a mandate in force that covers the
    document, in the organisations that the mandate reaches."""
    package_id, owner_org = data_dict.get("package_id"), data_dict.get("owner_org")
    asked = (
        authz.is_authorized("package_update", tk.fresh_context(context), {"id": package_id})
        if package_id
        else authz.is_authorized(
            "package_create", tk.fresh_context(context), {"type": DATASET_TYPE, "owner_org": owner_org}
        )
    )
    if asked["success"]:
        return _YES
    user = access.account(context)
    if user is None:
        return _no(tk._("Log in first"))
    found = access.find(user.id, data_dict.get("siren"), int(data_dict["exercice"]), str(data_dict["etape"]))
    package = model.Package.get(package_id) if package_id else None
    where = package.owner_org if package else owner_org
    allowed = found.mandate is not None and access.reaches(found.mandate, where)
    return _answer(allowed, tk._("Your account may not publish this budget"))


# -- mandates


def budget_mandate_create(context: Context, data_dict: DataDict) -> AuthResult:
    """The administrators of the collectivité's organisation. When it has none on the portal, regional agents; and
    whoever could do so for some collectivité may open the form (no ``siren``)."""
    siren = "".join(str(data_dict.get("siren") or "").split())[:9]
    user = access.account(context)
    if user is None:
        return _no(tk._("Log in first"))
    if not siren:
        allowed = bool(access.organizations_of(user.id, access.ADMINS)) or access.is_regional(user.id)
    else:
        allowed = _decides_for(user.id, siren)
    return _answer(allowed, tk._("Only the administrators of this local government’s organisation give a mandate"))


def _decides_for(user_id: str, siren: str) -> bool:
    theirs = organizations.in_charge_of(siren)
    if theirs is not None:
        return access.is_in(user_id, theirs, access.ADMINS)
    return access.is_regional(user_id)


def budget_mandate_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may give it."""
    return budget_mandate_create(context, {"siren": _mandate(data_dict).siren})


def budget_mandate_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Every account lists those that it may read."""
    return access.logged_in(context)


def budget_mandate_show(context: Context, data_dict: DataDict) -> AuthResult:
    """The parties (the holder; editors and administrators of both organisations) and regional agents: its act, too."""
    mandate, user = _mandate(data_dict), access.account(context)
    allowed = user is not None and (access.is_party(user.id, mandate) or access.is_regional(user.id))
    return _answer(allowed, tk._("This mandate is between others"))


def budget_mandate_end(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may give it; and its holder, who renounces it (an administrator, for an organisation)."""
    mandate, user = _mandate(data_dict), access.account(context)
    allowed = user is not None and (
        _decides_for(user.id, mandate.siren)
        or mandate.user_id == user.id
        or mandate.by_org in access.organizations_of(user.id, access.ADMINS)
    )
    return _answer(allowed, tk._("Only its two parties end a mandate"))


def budget_mandate_take_over(context: Context, data_dict: DataDict) -> AuthResult:
    """The administrators of the collectivité's organisation."""
    mandate, user = _mandate(data_dict), access.account(context)
    theirs = organizations.in_charge_of(mandate.siren)
    allowed = user is not None and access.is_in(user.id, theirs, access.ADMINS)
    return _answer(allowed, tk._("Only the administrators of this local government’s organisation take over"))


def _mandate(data_dict: DataDict) -> BudgetMandate:
    mandate = store.get(data_dict.get("id"))
    if mandate is None:
        raise tk.ObjectNotFound(tk._("This mandate does not exist"))
    return mandate


# -- requests


def budget_request_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Every account may ask."""
    return access.logged_in(context)


def budget_request_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Every account lists those that it may read."""
    return access.logged_in(context)


def budget_request_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who asked, and who may answer."""
    request, user = _request(data_dict), access.account(context)
    allowed = user is not None and (request.user_id == user.id or _answers(user.id, request))
    return _answer(allowed, tk._("This request is someone else’s"))


def budget_request_accept(context: Context, data_dict: DataDict) -> AuthResult:
    """The administrators of the collectivité's organisation; regional agents when it has none on the portal. Nobody
    answers their own request."""
    request, user = _request(data_dict), access.account(context)
    allowed = user is not None and request.user_id != user.id and _decides_for(user.id, request.siren)
    return _answer(allowed, tk._("This request is for others to answer"))


def budget_request_refuse(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may accept it, and regional agents."""
    request, user = _request(data_dict), access.account(context)
    allowed = user is not None and request.user_id != user.id and _answers(user.id, request)
    return _answer(allowed, tk._("This request is for others to answer"))


def _answers(user_id: str, request: BudgetRequest) -> bool:
    return _decides_for(user_id, request.siren) or access.is_regional(user_id)


def _request(data_dict: DataDict) -> BudgetRequest:
    request = store.request(data_dict.get("id"))
    if request is None:
        raise tk.ObjectNotFound(tk._("This request does not exist"))
    return request
