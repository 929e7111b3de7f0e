"""All kinds and relations; adding one touches its page and these tuples."""

from __future__ import annotations

from reconciler.kinds.campaign import CAMPAIGN
from reconciler.kinds.list import LIST
from reconciler.kinds.relations import CAMPAIGN_LIST, CAMPAIGN_TEAM, SKILL_USER, TEAM_USER
from reconciler.kinds.spec import KindSpec, RelationSpec
from reconciler.kinds.team import TEAM
from reconciler.kinds.user import USER

KINDS: tuple[KindSpec, ...] = (CAMPAIGN, LIST, TEAM, USER)
RELATIONS: tuple[RelationSpec, ...] = (CAMPAIGN_LIST, CAMPAIGN_TEAM, TEAM_USER, SKILL_USER)
MEMBERSHIP = "Membership"

_KINDS = {spec.name: spec for spec in KINDS}
_RELATIONS = {spec.name: spec for spec in RELATIONS}


def kind_named(name: str) -> KindSpec:
    """Return the kind of that name; raises KeyError for any other."""
    return _KINDS[name]


def relation_named(name: str) -> RelationSpec:
    """Return the relation of that name; raises KeyError for any other."""
    return _RELATIONS[name]
