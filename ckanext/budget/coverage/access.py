"""How much of the coverage a person sees: what is public, and for agents refusals, failures and what waits."""

from __future__ import annotations

from dataclasses import dataclass

from ckan import authz, model
from ckan.types import Context

from ckanext.budget import config, organizations
from ckanext.budget.territory.directory import directory

#: capacities with which a person works for an organisation that deposits for others
_AGENTS = ("admin", "editor")


@dataclass(frozen=True)
class Viewer:
    """``everything``: a sysadmin, or an agent of a région or of another organisation that deposits for others.
    ``organisations``: ids of those the person is a member of, in any capacity."""

    user_id: str | None = None
    everything: bool = False
    organisations: frozenset[str] = frozenset()

    @property
    def inside(self) -> bool:
        """Whether there is anything to see besides what is public."""
        return self.everything or bool(self.organisations)


def viewer(context: Context) -> Viewer:
    """Who is asking."""
    user = model.User.get(context.get("user")) if context.get("user") else None
    if user is None or user.state != "active":
        return Viewer()
    if user.sysadmin or authz.is_sysadmin(user.name):
        return Viewer(user.id, everything=True)
    ours = frozenset(user.get_group_ids(group_type="organization"))
    return Viewer(user.id, everything=_is_regional(user), organisations=ours)


def _is_regional(user: model.User) -> bool:
    groups = [g for capacity in _AGENTS for g in user.get_groups("organization", capacity)]
    return any(g.state == "active" and publishes_for_others(g) for g in groups)


def publishes_for_others(organisation: model.Group) -> bool:
    """Whether an organisation is a région's, or one that the configuration lets deposit for others."""
    if {organisation.name, organisation.id} & set(config.organizations_for_others()):
        return True
    siren = organizations.siren_of(organizations.extras_of(organisation))
    known = directory().by_siren(siren) if siren else None
    return known is not None and known.kind in organizations.REGIONS
