"""Associations, primary teams and skills: every rule that a server may have about them."""

from __future__ import annotations

import json

import pytest

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.fields import Kind
from reconciler.simulator.world import Relation
from tests.simulator.calling import Caller, caller, value_of

LINKS = [
    ("campaigns/1/lists", "ListId", Relation.CAMPAIGN_LISTS),
    ("campaigns/1/teams", "TeamId", Relation.CAMPAIGN_TEAMS),
    ("teams/1/users", "UserId", Relation.TEAM_USERS),
]
JANE = {"FirstName": "Jane", "LastName": "Doe", "Login": "jane.doe", "RolePlanId": 2, "Password": "pw"}


@pytest.mark.parametrize(("path", "member", "relation"), LINKS)
def test_associating_twice(path: str, member: str, relation: Relation) -> None:
    """What is associated can be associated again, or that is refused; it is associated either way."""
    for rule in ("succeeds", "refused"):
        who = caller(Behaviour(associate_twice="refused" if rule == "refused" else "succeeds"))
        who.done("PUT", path, {member: 2})
        if rule == "refused":
            assert "already" in who.refused("PUT", path, {member: 2})
        else:
            who.done("PUT", path, {member: 2})
        assert who.service.world.links[relation] == {(1, 2)}


@pytest.mark.parametrize(("path", "member", "relation"), LINKS)
def test_disassociating_what_is_not_associated(path: str, member: str, relation: Relation) -> None:
    """What isn't associated can be disassociated, or that is refused."""
    caller().done("DELETE", path, {member: 2})
    strict = caller(Behaviour(disassociate_absent="refused"))
    assert "not associated" in strict.refused("DELETE", path, {member: 2})


@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
@pytest.mark.parametrize(("path", "member", "relation"), LINKS)
def test_links_to_nothing(verb: str, path: str, member: str, relation: Relation) -> None:
    """Both ends must exist, and the body must name the member."""
    who = caller()
    assert "99 does not exist" in who.refused(verb, path, {member: 99})
    assert "99 does not exist" in who.refused(verb, path.replace("1", "99"), {member: 1})
    assert "required" in who.refused(verb, path, {}, code="Invalid Parameters")
    assert "type int" in who.refused(verb, path, {member: "1"}, code="Invalid Parameters")


def test_a_list_in_one_campaign_only() -> None:
    """A server may refuse a list that another campaign has."""
    who = caller(Behaviour(list_campaigns="one"))
    who.done("PUT", "campaigns/1/lists", {"ListId": 1})
    who.done("PUT", "campaigns/1/lists", {"ListId": 1})
    assert "belongs to Campaign 1" in who.refused("PUT", "campaigns/2/lists", {"ListId": 1})


def teams_of(who: Caller, user: int) -> tuple[int, list[int]]:
    """Tell a user's primary team and all their teams."""
    world = who.service.world
    primary = world.objects[Kind.USERS][user]["TeamId"]
    assert isinstance(primary, int)
    return primary, sorted(team for team, each in world.links[Relation.TEAM_USERS] if each == user)


@pytest.mark.parametrize(
    ("behaviour", "after_first", "after_second"),
    [
        (Behaviour(), (1, [1]), (1, [1, 2])),
        (Behaviour(associate_sets_primary="always"), (1, [1]), (2, [1, 2])),
        (Behaviour(associate_sets_primary="never"), (0, [1]), (0, [1, 2])),
        (Behaviour(user_teams="one"), (1, [1]), (2, [2])),
        (Behaviour(user_teams="one", associate_sets_primary="never"), (1, [1]), (2, [2])),
    ],
)
def test_joining_teams(
    behaviour: Behaviour, after_first: tuple[int, list[int]], after_second: tuple[int, list[int]]
) -> None:
    """Associating a user with one team and then another leads to what this server makes of it."""
    who = caller(behaviour)
    who.done("PUT", "teams/1/users", {"UserId": 2})
    assert teams_of(who, 2) == after_first
    who.done("PUT", "teams/2/users", {"UserId": 2})
    assert teams_of(who, 2) == after_second


@pytest.mark.parametrize(
    ("behaviour", "after"),
    [
        (Behaviour(), (0, [2])),
        (Behaviour(disassociate_primary="next"), (2, [2])),
        (Behaviour(user_teams="one"), (2, [2])),
    ],
)
def test_leaving_the_primary_team(behaviour: Behaviour, after: tuple[int, list[int]]) -> None:
    """A user in two teams (where that is possible) leaves the primary one."""
    who = caller(behaviour)
    who.done("PUT", "teams/1/users", {"UserId": 2})
    who.done("PUT", "teams/2/users", {"UserId": 2})
    who.done("DELETE", "teams/1/users", {"UserId": 2})
    assert teams_of(who, 2) == after


def test_the_primary_team_may_hold_its_user() -> None:
    """A server may refuse to take a user out of the primary team, and then nothing changes."""
    who = caller(Behaviour(disassociate_primary="refused"))
    who.done("PUT", "teams/1/users", {"UserId": 2})
    assert "primary team" in who.refused("DELETE", "teams/1/users", {"UserId": 2})
    assert teams_of(who, 2) == (1, [1])


@pytest.mark.parametrize(
    ("behaviour", "after", "cleared"),
    [
        (Behaviour(), (2, [1, 2]), (0, [1, 2])),
        (Behaviour(primary_change="moves"), (2, [2]), (0, [])),
        (Behaviour(user_teams="one"), (2, [2]), (0, [])),
    ],
)
def test_a_team_id_written_with_the_user(
    behaviour: Behaviour, after: tuple[int, list[int]], cleared: tuple[int, list[int]]
) -> None:
    """POST and PUT with a TeamId make that team one of the user's; PUT with another adds or moves."""
    who = caller(behaviour)
    user = who.done("POST", "users", {**JANE, "TeamId": 1})["Id"]
    assert teams_of(who, user) == (1, [1])
    who.done("PUT", f"users/{user}", {**JANE, "TeamId": 2})
    assert teams_of(who, user) == after
    who.done("PUT", f"users/{user}", {**JANE, "TeamId": 0})
    assert teams_of(who, user) == cleared


@pytest.mark.parametrize("again", ["updates", "refused"])
def test_another_proficiency(again: str) -> None:
    """A skill the user has gets the new proficiency, or the call is refused."""
    who = caller(Behaviour(skill_again="updates" if again == "updates" else "refused"))
    who.done("PUT", "users/skills", {"SkillId": 12, "Proficiency": 8, "UserIds": [2]})
    body = {"SkillId": 12, "Proficiency": 3, "UserIds": [2]}
    if again == "updates":
        who.done("PUT", "users/skills", body)
    else:
        assert "proficiency 8" in who.refused("PUT", "users/skills", body)
    assert who.service.world.skills == {(12, 2): 3 if again == "updates" else 8}


def test_a_skill_that_is_held_or_is_not() -> None:
    """The rules about associating twice and disassociating what is absent hold for skills too."""
    body = {"SkillId": 12, "Proficiency": 8, "UserIds": [2]}
    caller().done("DELETE", "users/skills", body)
    who = caller(Behaviour(associate_twice="refused", disassociate_absent="refused"))
    assert "does not have" in who.refused("DELETE", "users/skills", body)
    who.done("PUT", "users/skills", body)
    assert "already" in who.refused("PUT", "users/skills", body)


@pytest.mark.parametrize(("batch", "left"), [("all-or-nothing", {}), ("one-by-one", {(12, 2): 8, (12, 3): 8})])
def test_a_skills_call_with_one_bad_user(batch: str, left: dict[tuple[int, int], int]) -> None:
    """With one unknown user among three the call fails, and the others are done or not."""
    who = caller(Behaviour(skill_batch="one-by-one" if batch == "one-by-one" else "all-or-nothing"))
    answer = json.loads(who.send("PUT", "users/skills", {"SkillId": 12, "Proficiency": 8, "UserIds": [2, 9, 3]}).body)
    assert answer["Success"] is False
    assert answer["ResponseDetail"] == "User 9 does not exist"
    assert who.service.world.skills == left


@pytest.mark.parametrize(
    ("body", "told", "code"),
    [
        ({"SkillId": 12, "Proficiency": 0, "UserIds": [2]}, "from 1 to 10", "Invalid Parameters"),
        ({"SkillId": 12, "Proficiency": 11, "UserIds": [2]}, "from 1 to 10", "Invalid Parameters"),
        ({"SkillId": 12, "UserIds": [2]}, "Proficiency is required", "Invalid Parameters"),
        ({"SkillId": 12, "Proficiency": 5, "UserIds": []}, "UserIds is empty", "Invalid Parameters"),
        ({"SkillId": 12, "Proficiency": 5, "UserIds": 2}, "array of int", "Invalid Parameters"),
        ({"SkillId": 12, "Proficiency": 5, "UserIds": ["2"]}, "type int", "Invalid Parameters"),
        ({"SkillId": 99, "Proficiency": 5, "UserIds": [2]}, "Skill 99 does not exist", "Error"),
    ],
)
def test_a_skills_call_that_is_wrong(body: dict[str, object], told: str, code: str) -> None:
    """Proficiency goes from one to ten, users come as an array, and where skills are known others don't exist."""
    who = caller()
    who.service.world.known_skills = {12}
    assert told in who.refused("PUT", "users/skills", body, code=code)


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ("flat", {"Success", "ResponseCode", "ResponseDetail", "SkillId", "UserIds"}),
        ("envelope", {"Success", "ResponseCode", "ResponseDetail", "Data"}),
        ("per-user", {"Success", "Results"}),
    ],
)
def test_the_shapes_of_a_skill_user_result(shape: str, names: set[str]) -> None:
    """The document doesn't give the shape, so there are three; each says Success."""
    behaviour = {
        "flat": Behaviour(),
        "envelope": Behaviour(skill_answer="envelope"),
        "per-user": Behaviour(skill_answer="per-user"),
    }[shape]
    reply = caller(behaviour).send("PUT", "users/skills", {"SkillId": 12, "Proficiency": 8, "UserIds": [2, 3]})
    answer = json.loads(reply.body)
    assert set(answer) == names
    assert value_of(answer, "success") is True
