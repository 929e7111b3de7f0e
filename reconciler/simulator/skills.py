"""Skills of users: one skill, one proficiency, many users a call."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.fields import Kind
from reconciler.simulator.refusal import Refused, invalid
from reconciler.simulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillOutcome:
    """What a skills call did: why each user was refused ('' for done), in the order of the request."""

    skill: int
    proficiency: int | None
    users: tuple[tuple[int, str], ...]

    @property
    def success(self) -> bool:
        """Tell whether every user was done."""
        return not any(reason for _, reason in self.users)

    @property
    def detail(self) -> str:
        """Join the reasons of the users that were refused."""
        return "; ".join(reason for _, reason in self.users if reason)


def associate_skill(
    world: World, behaviour: Behaviour, *, skill: int, proficiency: int, users: tuple[int, ...]
) -> SkillOutcome:
    """Give users a skill (PUT). Raises Refused for a call that is wrong in itself."""
    _check(world, skill, users)
    if not 1 <= proficiency <= 10:
        raise invalid(f"Proficiency must be from 1 to 10, got {proficiency}")
    reasons = tuple((user, _why_not_associated(world, behaviour, (skill, user), proficiency)) for user in users)
    return _carry_out(world, behaviour, SkillOutcome(skill=skill, proficiency=proficiency, users=reasons))


def disassociate_skill(world: World, behaviour: Behaviour, *, skill: int, users: tuple[int, ...]) -> SkillOutcome:
    """Take a skill from users (DELETE). Raises Refused for a call that is wrong in itself."""
    _check(world, skill, users)
    reasons = tuple((user, _why_not_disassociated(world, behaviour, (skill, user))) for user in users)
    return _carry_out(world, behaviour, SkillOutcome(skill=skill, proficiency=None, users=reasons))


def _carry_out(world: World, behaviour: Behaviour, outcome: SkillOutcome) -> SkillOutcome:
    if outcome.success or behaviour.skill_batch == "one-by-one":
        for user, reason in outcome.users:
            if not reason:
                world.set_skill(outcome.skill, user, outcome.proficiency)
    return outcome


def _check(world: World, skill: int, users: tuple[int, ...]) -> None:
    if skill < 1 or (world.known_skills and skill not in world.known_skills):
        raise Refused(f"Skill {skill} does not exist")
    if not users:
        raise invalid("UserIds is empty")


def _why_not_associated(world: World, behaviour: Behaviour, key: tuple[int, int], proficiency: int) -> str:
    skill, user = key
    if user not in world.objects[Kind.USERS]:
        return f"User {user} does not exist"
    held = world.skills.get(key)
    if held == proficiency and behaviour.associate_twice == "refused":
        return f"User {user} has Skill {skill} already"
    if held not in (None, proficiency) and behaviour.skill_again == "refused":
        return f"User {user} has Skill {skill} with proficiency {held}"
    return ""


def _why_not_disassociated(world: World, behaviour: Behaviour, key: tuple[int, int]) -> str:
    skill, user = key
    if user not in world.objects[Kind.USERS]:
        return f"User {user} does not exist"
    if key not in world.skills and behaviour.disassociate_absent == "refused":
        return f"User {user} does not have Skill {skill}"
    return ""
