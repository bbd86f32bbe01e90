"""By which right a file of a batch is deposited: the depositor's own in CKAN, or a mandate."""

from __future__ import annotations

from typing import NamedTuple

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.budget import organizations
from ckanext.budget.config import DATASET_TYPE
from ckanext.budget.deposit.models import BudgetBatchFile
from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import owner
from ckanext.budget.ingest.identity import dataset_link
from ckanext.budget.mandates import access


class Right(NamedTuple):
    """``organization``: where the dataset is made when there is none; ``mandate_id``: by which mandate (None: the
    depositor's own right); ``waits``: the collectivité publishes, the depositor prepares."""

    organization: str
    mandate_id: str | None = None
    waits: bool = False


def of(row: BudgetBatchFile, user: str, organization: str | None, package_id: str | None) -> Right:
    """The right by which ``user`` deposits a file, in the dataset ``package_id`` or, without one, in ``organization``
    (None: the depositor has not chosen). Raises :class:`Refusal` when there is none.

    In order: one's own right in the organisation of the collectivité; a mandate; one's own right elsewhere.
    """
    package = model.Package.get(package_id) if package_id else None
    where = package.owner_org if package else organization
    group = model.Group.get(where) if where else None
    own = where is not None and _by_oneself(user, where, package_id)
    if own and where and group is not None and (not row.siren or organizations.is_its_own(group, row.siren)):
        return Right(where)
    account = model.User.get(user)
    found = access.find(account.id, row.siren, row.exercice or 0, row.stage or "") if account else access.Found()
    if found.mandate is not None:
        return _by_mandate(found, row, user, package_id)
    if own and where and group is not None:
        _check_organization(row, group, package_id)
        return Right(where)
    if found.why_not is not None:
        raise owner.refusal(found.why_not, _asked(row))
    raise _without_right(row, user, package_id, where)


def _check_organization(row: BudgetBatchFile, group: model.Group, package_id: str | None) -> None:
    """What the door will say, said before anything is published."""
    if row.siren and package_id:
        owner.mandate_of(group, _asked(row))
    elif row.siren:
        owner.judge(group, _asked(row), dataset_link)


def _by_oneself(user: str, organization: str, package_id: str | None) -> bool:
    action, asked = ("package_update", {"id": package_id}) if package_id else ("package_create", _new(organization))
    try:
        tk.check_access(action, Context(user=user), asked)
    except tk.NotAuthorized:
        return False
    return True


def _new(organization: str) -> dict[str, str]:
    return {"type": DATASET_TYPE, "owner_org": organization}


def _by_mandate(found: access.Found, row: BudgetBatchFile, user: str, package_id: str | None) -> Right:
    mandate = found.mandate
    assert mandate is not None  # noqa: S101  (the caller has seen to it)
    home = access.home(mandate)
    document = {"siren": row.siren, "exercice": row.exercice, "etape": row.stage}
    try:
        tk.check_access(
            "budget_document_deposit", Context(user=user), {**document, "package_id": package_id, "owner_org": home}
        )
    except tk.NotAuthorized as error:
        raise owner.refusal("mandate_elsewhere", _asked(row)) from error
    return Right(home or "", mandate.id, waits=mandate.kind == "subsidiarite")


def _without_right(row: BudgetBatchFile, user: str, package_id: str | None, organization: str | None) -> Refusal:
    if package_id:
        return Refusal("budget_elsewhere", theirs=row.name, their_siret=row.siret or "")
    if organization is None and organisations(user):
        return Refusal("deposit_organisation")
    return Refusal("deposit_not_allowed", theirs=row.name)


def organisations(user: str) -> list[dict[str, str]]:
    """Organisations in which the person may create datasets."""
    found = tk.get_action("organization_list_for_user")(Context(user=user), {"permission": "create_dataset"})
    return sorted(found, key=lambda organisation: organisation["display_name"].casefold())


def _asked(row: BudgetBatchFile) -> owner.Document:
    return owner.Document(row.siren or "", row.siret, row.name, row.exercice or 0, row.stage or "")
