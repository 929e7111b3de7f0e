"""The floor as it is before a plan, so that a reviewer can be told what the plan means for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.kinds.campaign import CAMPAIGN, RUNNING
from reconciler.kinds.codec import display
from reconciler.kinds.list import LIST
from reconciler.kinds.relations import CAMPAIGN_LIST, CAMPAIGN_TEAM, SKILL, SKILL_USER, TEAM_USER
from reconciler.kinds.spec import RelationSpec
from reconciler.kinds.team import TEAM
from reconciler.kinds.user import USER
from reconciler.model.floor import Floor, FloorCampaign
from reconciler.model.live import LiveObject
from reconciler.planning.links import Evidence
from reconciler.planning.situation import Situation


def survey(situation: Situation, evidence: Evidence) -> Floor:
    """
    Return what dials, with which lists and teams, and who is in them, as far as anyone knows.

    Everything goes by the name that steps use. Users who are known to be out of use are nobody's agents.
    """
    return Floor(
        campaigns=dict(sorted(_campaigns(situation, evidence))),
        teams={
            situation.end_of(TEAM.name, live.id).name: _agents(situation, evidence, TEAM_USER, live.id)
            for live in _live(situation, TEAM.name)
        },
        skills={
            name: agents
            for skill, name in sorted(_skills(situation).items())
            if (agents := _agents(situation, evidence, SKILL_USER, skill))
        },
        weights={
            situation.end_of(LIST.name, live.id).name: weight
            for live in _live(situation, LIST.name)
            if isinstance(weight := situation.value_of(live, "fetchWeight"), int)
        },
    )


def _live(situation: Situation, kind: str) -> list[LiveObject]:
    objects = situation.live.objects.get(kind, {})
    return [objects[object_id] for object_id in sorted(objects)]


def _campaigns(situation: Situation, evidence: Evidence) -> Iterator[tuple[str, FloorCampaign]]:
    for live in _live(situation, CAMPAIGN.name):
        active = situation.activity(CAMPAIGN, live).value is not False
        yield (
            situation.end_of(CAMPAIGN.name, live.id).name,
            FloorCampaign(
                running=active and situation.value_of(live, "status") == RUNNING,
                type=str(display(CAMPAIGN.field("type"), situation.value_of(live, "type"))),
                lists=_members(situation, evidence, CAMPAIGN_LIST, live.id),
                teams=_members(situation, evidence, CAMPAIGN_TEAM, live.id),
            ),
        )


def _members(situation: Situation, evidence: Evidence, relation: RelationSpec, subject: int) -> frozenset[str]:
    held = evidence.members(relation, subject)
    return frozenset(
        situation.end_of(relation.member, member).name
        for member, fact in held.items()
        if fact.value and situation.live.get(relation.member, member) is not None
    )


def _agents(situation: Situation, evidence: Evidence, relation: RelationSpec, subject: int) -> frozenset[str]:
    idle = {
        situation.end_of(USER.name, member).name
        for member in evidence.members(relation, subject)
        if (live := situation.live.get(USER.name, member)) is not None and situation.activity(USER, live).value is False
    }
    return _members(situation, evidence, relation, subject) - idle


def _skills(situation: Situation) -> Mapping[int, str]:
    """Return the skills that anything is known of, by Id; a catalog's name is known from the documents that use it."""
    names = {link.subject: str(link.subject) for link in situation.ledger.links if link.relation == SKILL_USER.name}
    for document in situation.desired.memberships:
        end = situation.end(document.subject) if document.subject.kind == SKILL else None
        if end is not None and end.id is not None:
            names[end.id] = end.name
    return names
