"""Associations: made certain where nobody can read them, and a user's primary team where servers differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.address import Address, Reference
from reconciler.model.desired import DesiredInventory
from reconciler.model.knowledge import Knowledge
from reconciler.model.ledger import Learned, Link, Linked
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.model.plan import Action, End
from reconciler.model.policy import Policy
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.faults import parse_faults
from reconciler.simulator.fields import Kind
from reconciler.simulator.world import Relation
from tests.apply.floors import Floor
from tests.planning.worlds import PASSWORD, campaign, document, git, key, membership, user

STRICT = Behaviour(associate_twice="refused", disassociate_absent="refused")
SKILL = Reference(kind="Skill", id=12)
LINK = Link("campaign-list", 1, 1)


def dialling(*, listed: bool = True, status: int | None = None) -> DesiredInventory:
    """Return a campaign with a list, or with none."""
    members = [key("List", "leads")] if listed else []
    fields = {} if status is None else {"status": status, "active": True}
    return git(
        document("List", "leads"),
        campaign("spring", **fields),
        membership("dial", "campaign-list", key("Campaign", "spring"), *members),
    )


def tom(*teams: str, team: str | None = None, password: bool = True) -> DesiredInventory:
    """Return two teams and a user in some of them."""
    fields = {} if team is None else {"team": key("Team", team)}
    return git(
        document("Team", "north"),
        document("Team", "south"),
        user("tom", password=PASSWORD if password else None, **fields),
        *(membership(each, "team-user", key("Team", each), key("User", "tom")) for each in teams),
    )


def forget(floor: Floor, *events: Learned | Linked) -> None:
    """Change the ledger by hand."""
    with floor.store.lock(command="test") as journal:
        for event in events:
            journal.append(event)


def ended(report: ApplyReport, action: str) -> Outcome:
    """Return the only outcome of a step of that action."""
    return next(each for each in report.outcomes if f"/{action}/" in each.step)


def toms_team(floor: Floor) -> object:
    """Return the primary team of tom, and which teams tom is in."""
    row = next(row for row in floor.world.objects[Kind.USERS].values() if row["Login"] == "tom")
    return row["TeamId"], sorted(team for team, each in floor.world.links[Relation.TEAM_USERS] if each == row["Id"])


@pytest.mark.parametrize("held", [True, False], ids=["held", "not-held"])
@pytest.mark.parametrize("listed", [True, False], ids=["associate", "disassociate"])
def test_an_unknown_starting_point_is_made_certain(listed: bool, held: bool, tmp_path: Path) -> None:
    """On a server that refuses repeats, whatever was so before, it is as declared after and the ledger is right."""
    floor = Floor(tmp_path, STRICT)
    floor.bring(dialling(listed=held))
    forget(floor, Linked(links=(LINK,), value=None, mark=Knowledge.UNKNOWN, at="2026-05-01T00:00:00Z"))
    report = floor.bring(dialling(listed=listed))
    outcome = ended(report, "associate" if listed else "disassociate")
    assert outcome.result is Result.DONE
    assert floor.world.links[Relation.CAMPAIGN_LISTS] == ({(1, 1)} if listed else set())
    assert floor.store.load().link(LINK).value is listed
    assert (outcome.requests, bool(outcome.notes)) == ((3, True) if held is listed else (1, False))


def test_a_running_campaign_is_named_when_its_list_was_off_for_a_moment(tmp_path: Path) -> None:
    """Taking a list off and putting it back is felt on a running campaign, so the outcome says so."""
    floor = Floor(tmp_path, STRICT)
    floor.bring(dialling(status=1))
    forget(floor, Linked(links=(LINK,), value=None, mark=Knowledge.UNKNOWN, at="2026-05-01T00:00:00Z"))
    assert "on a running campaign" in ended(floor.bring(dialling(status=1)), "associate").notes[0]


def test_a_certain_refusal_is_a_refusal(tmp_path: Path) -> None:
    """Where the starting point is known nothing is turned there and back, and what was known stays known."""
    floor = Floor(tmp_path)
    floor.bring(dialling())
    floor.service.faults = parse_faults("DELETE *=refuse:not today")
    outcome = ended(floor.bring(dialling(listed=False)), "disassociate")
    assert (outcome.result, outcome.requests) == (Result.FAILED, 1)
    assert "not today" in outcome.detail
    assert floor.store.load().link(LINK).value is True
    assert floor.store.load().intents == {}


def test_an_answer_that_never_comes_is_unknown(tmp_path: Path) -> None:
    """An association nobody can read stays unknown with its intent, and the next run asks again."""
    floor = Floor(tmp_path, STRICT)
    floor.bring(dialling(listed=False))
    floor.service.faults = parse_faults("PUT *=drop-after")
    outcome = ended(floor.bring(dialling()), "associate")
    assert outcome.result is Result.UNKNOWN
    ledger = floor.store.load()
    assert (ledger.link(LINK).value, sorted(ledger.intents)) == (None, [outcome.step])
    floor.service.faults = parse_faults("")
    assert ended(floor.bring(dialling()), "associate").result is Result.DONE
    assert floor.store.load().intents == {}
    assert floor.plan(dialling()).steps == ()


@pytest.mark.parametrize("batch", ["all-or-nothing", "one-by-one"])
def test_one_refused_user_does_not_cost_the_others_their_skill(batch: str, tmp_path: Path) -> None:
    """A refused group is settled member by member: the others get the skill, and the ledger knows who has it."""
    floor = Floor(tmp_path, Behaviour(skill_batch="one-by-one" if batch == "one-by-one" else "all-or-nothing"))
    users = [user(name) for name in ("ann", "bob", "cat")]
    floor.bring(git(*users))
    listed = [(key("User", name), 4) for name in ("ann", "bob", "cat")]
    plan = floor.plan(git(*users, membership("talk", "skill-user", SKILL, *listed)))
    floor.world.remove("users", 3)
    (outcome,) = floor.apply(plan).outcomes
    assert outcome.result is Result.FAILED
    assert "refused for 1 of 3" in outcome.detail
    assert floor.world.skills == {(12, 2): 4, (12, 4): 4}
    assert floor.false_records() == []


def test_a_proficiency_is_changed_even_where_that_is_refused(tmp_path: Path) -> None:
    """A server that refuses a second proficiency gets the skill taken away and given anew."""
    floor = Floor(tmp_path, Behaviour(skill_again="refused", associate_twice="refused", disassociate_absent="refused"))

    def skilled(level: int) -> DesiredInventory:
        return git(user("ann"), membership("talk", "skill-user", SKILL, (key("User", "ann"), level)))

    floor.bring(skilled(4))
    (outcome,) = floor.bring(skilled(9)).outcomes
    assert (outcome.result, outcome.requests) == (Result.DONE, 3)
    assert floor.world.skills == {(12, 2): 9}
    assert floor.false_records() == []


def test_a_skill_that_cannot_be_given_anew_is_put_back(tmp_path: Path) -> None:
    """Losing a skill starves leads in silence, so a failed change leaves the former proficiency."""
    floor = Floor(tmp_path, Behaviour(skill_again="refused"))
    floor.bring(git(user("ann"), membership("talk", "skill-user", SKILL, (key("User", "ann"), 4))))
    floor.service.faults = parse_faults("PUT */skills:2=refuse:no")
    (outcome,) = floor.bring(
        git(user("ann"), membership("talk", "skill-user", SKILL, (key("User", "ann"), 9)))
    ).outcomes
    assert outcome.result is Result.FAILED
    assert floor.world.skills == {(12, 2): 4}
    assert floor.store.load().link(Link("skill-user", 12, 2)).value == 4


def test_a_primary_team_is_set_by_an_update_where_associating_does_not(tmp_path: Path) -> None:
    """On a server that never moves TeamId by itself, the update that does is a fallback, and is learned."""
    floor = Floor(tmp_path, Behaviour(associate_sets_primary="never"))
    floor.bring(tom(team="south"))
    sent = floor.world.password_writes[2]
    outcome = ended(floor.bring(tom(team="north")), "associate")
    assert outcome.result is Result.DONE
    assert toms_team(floor) == (1, [1])
    assert floor.world.password_writes[2] == sent + 1
    assert floor.store.load().learned["associate-sets-primary"] == "no"
    assert floor.store.load().objects[Address("User", "tom")].fields["team"] == 1
    assert floor.plan(tom(team="north")).steps == ()


def test_without_a_password_the_way_out_is_named(tmp_path: Path) -> None:
    """A primary team that only an update could set needs a password source; the failure says so."""
    floor = Floor(tmp_path, Behaviour(associate_sets_primary="never"))
    floor.bring(tom(team="south"))
    outcome = ended(floor.bring(tom(team="north", password=False)), "associate")
    assert outcome.result is Result.FAILED
    assert "password source" in outcome.advice


def test_a_team_that_an_update_leaves_is_joined_again(tmp_path: Path) -> None:
    """Where a changed TeamId takes the user out of the former team, a membership that stays is restored."""
    floor = Floor(tmp_path, Behaviour(primary_change="moves", associate_sets_primary="never"))
    floor.bring(tom("south", team="south"))
    forget(
        floor, Linked(links=(Link("team-user", 2, 2),), value=True, mark=Knowledge.RECORDED, at="2026-05-01T00:00:00Z")
    )
    floor.bring(tom("south", "north", team="north"))
    assert toms_team(floor) == (1, [1, 2])
    assert floor.false_records() == []
    assert floor.plan(tom("south", "north", team="north")).steps == ()


def test_a_server_of_one_team_per_user_is_recognised(tmp_path: Path) -> None:
    """Joining a second team moved the user: the step fails with the way out, and the primary team is put back."""
    floor = Floor(tmp_path, Behaviour(user_teams="one"))
    floor.bring(tom(team="south"))
    outcome = ended(floor.bring(tom("north", team="south")), "associate")
    assert outcome.result is Result.FAILED
    assert "one team per user" in outcome.detail
    assert "userTeams: many" in outcome.advice
    assert toms_team(floor) == (2, [2])
    assert floor.store.load().learned["userTeams"] == "one"
    assert floor.false_records() == []


def test_a_second_team_shows_that_there_may_be_many(tmp_path: Path) -> None:
    """Joining a second team that leaves the primary one in place is how a server shows that it keeps several."""
    floor = Floor(tmp_path)
    floor.bring(tom(team="south"))
    assert ended(floor.bring(tom("north", team="south")), "associate").result is Result.DONE
    assert toms_team(floor) == (2, [1, 2])
    assert floor.store.load().learned["userTeams"] == "many"


@pytest.mark.parametrize("twice", ["succeeds", "refused"])
def test_a_primary_team_that_moves_along_is_put_back(twice: str, tmp_path: Path) -> None:
    """On a server of many teams where each association moves TeamId, the primary team is made so again."""
    floor = Floor(
        tmp_path,
        Behaviour(associate_sets_primary="always", associate_twice="refused" if twice == "refused" else "succeeds"),
    )
    floor.bring(tom(team="south"))
    forget(floor, Learned(name="userTeams", value="many"))
    assert ended(floor.bring(tom("north", team="south")), "associate").result is Result.DONE
    assert toms_team(floor) == (2, [1, 2])
    assert floor.false_records() == []
    assert floor.plan(tom("north", team="south")).steps == ()


def test_a_primary_team_that_a_server_does_not_let_go_is_named(tmp_path: Path) -> None:
    """The refusal of leaving a primary team says what it is, and the steps after it are not tried."""
    floor = Floor(tmp_path, Behaviour(disassociate_primary="refused"))
    floor.bring(tom(team="south"))
    report = floor.bring(tom(team="north"))
    assert "primary team" in ended(report, "disassociate").detail
    assert ended(report, "associate").result is Result.SKIPPED


def test_a_membership_that_the_primary_team_proves_is_not_turned(tmp_path: Path) -> None:
    """On a strict server leaving the primary team and joining it again could lose it, so the refusal is believed."""
    floor = Floor(tmp_path, Behaviour(associate_twice="refused", associate_sets_primary="never"))
    floor.bring(tom(team="south"))
    (step,) = (each for each in floor.plan(tom("north", team="south")).steps if each.action is Action.ASSOCIATE)
    again = replace(step, subject=End(kind="Team", name="south", id=2, managed=True), certain=False, keeps_primary=None)
    plan = replace(floor.plan(tom(team="south")), steps=(again,))
    (outcome,) = floor.apply(plan).outcomes
    assert (outcome.result, outcome.requests) == (Result.DONE, 1)
    assert "proves" in outcome.notes[0]
    assert toms_team(floor) == (2, [2])


def test_one_loss_is_enough(tmp_path: Path) -> None:
    """Where what was taken off cannot be put back, nothing else is taken off to find out."""
    floor = Floor(tmp_path, STRICT)
    names = [f"list-{number}" for number in range(5)]
    desired = git(
        *(document("List", name) for name in names),
        campaign("spring"),
        membership("dial", "campaign-list", key("Campaign", "spring"), *(key("List", name) for name in names)),
    )
    floor.bring(desired)
    floor.service.faults = parse_faults("PUT *=refuse:no permission")
    plan = floor.plan(desired, Policy(reassert=True))
    report = floor.apply(plan)
    assert report.count(Result.FAILED) == 5
    assert len(floor.world.links[Relation.CAMPAIGN_LISTS]) == 4
    assert "went wrong for" in report.outcomes[-1].detail
    assert floor.false_records() == []
    floor.service.faults = parse_faults("")
    floor.bring(desired)
    assert len(floor.world.links[Relation.CAMPAIGN_LISTS]) == 5
    assert floor.plan(desired).steps == ()
