"""Associations: lists and teams with campaigns, users with teams."""

from __future__ import annotations

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.fields import Kind
from reconciler.simulator.refusal import Refused
from reconciler.simulator.world import ENDS, Relation, World


def associate(world: World, behaviour: Behaviour, relation: Relation, subject: int, member: int) -> None:
    """Associate a member with its subject (PUT). Raises Refused, having changed nothing."""
    _check_ends(world, relation, subject, member)
    if (subject, member) in world.links[relation]:
        if behaviour.associate_twice == "refused":
            raise Refused(f"{_words(relation, member, subject)} is associated already")
    elif relation is Relation.CAMPAIGN_LISTS and behaviour.list_campaigns == "one":
        others = [other for other, each in world.links[relation] if each == member]
        if others:
            raise Refused(f"List {member} belongs to Campaign {others[0]}")
    world.link(relation, subject, member)
    if relation is Relation.TEAM_USERS:
        _join(world, behaviour, team=subject, user=member)


def disassociate(world: World, behaviour: Behaviour, relation: Relation, subject: int, member: int) -> None:
    """Disassociate a member from its subject (DELETE). Raises Refused, having changed nothing."""
    _check_ends(world, relation, subject, member)
    if (subject, member) not in world.links[relation]:
        if behaviour.disassociate_absent == "refused":
            raise Refused(f"{_words(relation, member, subject)} is not associated")
        return
    if relation is Relation.TEAM_USERS:
        _leave(world, behaviour, team=subject, user=member)
    world.unlink(relation, subject, member)


def place_user(world: World, behaviour: Behaviour, *, user: int, old: int, new: int) -> None:
    """Follow a TeamId that was written with the user itself: the primary team is one of the user's teams."""
    if behaviour.user_teams == "one":
        left = _teams(world, user) - {new}
    else:
        left = {old} - {new} if behaviour.primary_change == "moves" else set()
    for team in left:
        world.unlink(Relation.TEAM_USERS, team, user)
    if new:
        world.link(Relation.TEAM_USERS, new, user)


def _join(world: World, behaviour: Behaviour, *, team: int, user: int) -> None:
    row = world.objects[Kind.USERS][user]
    if behaviour.user_teams == "one":
        for other in _teams(world, user) - {team}:
            world.unlink(Relation.TEAM_USERS, other, user)
        becomes_primary = True
    else:
        rule = behaviour.associate_sets_primary
        becomes_primary = rule == "always" or (rule == "when-empty" and not row["TeamId"])
    if becomes_primary:
        world.edit(Kind.USERS, user, TeamId=team)


def _leave(world: World, behaviour: Behaviour, *, team: int, user: int) -> None:
    row = world.objects[Kind.USERS][user]
    if row["TeamId"] != team:
        return
    others = sorted(_teams(world, user) - {team})
    if behaviour.user_teams == "many" and behaviour.disassociate_primary == "refused":
        raise Refused(f"Team {team} is the primary team of User {user}")
    follows = others[0] if others and behaviour.disassociate_primary == "next" else 0
    world.edit(Kind.USERS, user, TeamId=follows)


def _teams(world: World, user: int) -> set[int]:
    return {team for team, each in world.links[Relation.TEAM_USERS] if each == user}


def _check_ends(world: World, relation: Relation, subject: int, member: int) -> None:
    first, second = ENDS[relation]
    if subject not in world.objects[first]:
        raise Refused(f"{first.entity} {subject} does not exist", missing=True)
    if member not in world.objects[second]:
        raise Refused(f"{second.entity} {member} does not exist")


def _words(relation: Relation, member: int, subject: int) -> str:
    first, second = ENDS[relation]
    return f"{second.entity} {member} with {first.entity} {subject}"
