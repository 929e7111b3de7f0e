"""What a plan does with memberships, removals and limits: mostly facts that nobody can read back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.address import Reference
from reconciler.model.assessment import Status
from reconciler.model.desired import DesiredMembership, DesiredObject, Lifecycle, Mode, OnRemoval
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.ledger import Custody, Ledger, LedgerMembership, LedgerObject, Link
from reconciler.model.live import LiveInventory
from reconciler.model.plan import Action, Risk
from reconciler.model.policy import Policy, UserTeams
from tests.planning.worlds import (
    WHEN,
    campaign,
    document,
    git,
    ids,
    key,
    ledger,
    live_campaign,
    live_list,
    live_team,
    live_user,
    membership,
    plan,
    record,
    target,
    user,
)

FRENCH = Reference(kind="Skill", id=12, name="French")
SPRING = key("Campaign", "spring")


def _lists(count: int) -> list[str]:
    return [f"list-{number}" for number in range(count)]


def _floor(count: int, *, status: int = 0) -> LiveInventory:
    """One campaign and so many lists."""
    lists = [live_list(10 + number, name) for number, name in enumerate(_lists(count))]
    return target(live_campaign(5, "spring", Status=status), *lists)


def _known(count: int, *, linked: int) -> Ledger:
    objects: dict[str, LedgerObject] = {"Campaign/spring": record(5, "spring", campaignName="spring", type=0)}
    for number, name in enumerate(_lists(count)):
        objects[f"List/{name}"] = record(10 + number, name, listName=name)
    return ledger(objects, links={("campaign-list", 5, 10 + number): True for number in range(linked)})


def _documents(count: int) -> list[DesiredObject]:
    return [campaign("spring"), *(document("List", name) for name in _lists(count))]


def _dialling(*names: str, mode: Mode = Mode.AUTHORITATIVE, lifecycle: Lifecycle | None = None) -> DesiredMembership:
    members = [key("List", name) for name in names]
    return membership("dialling", "campaign-list", SPRING, *members, mode=mode, lifecycle=lifecycle)


def test_a_listed_member_without_evidence_is_associated_from_an_unknown_start() -> None:
    """Nobody can read whether it is associated, so the step may meet a refusal and has to make it certain."""
    made = plan(git(*_documents(1), _dialling("list-0")), _floor(1), _known(1, linked=0))
    (step,) = made.steps
    assert (step.id, step.certain, step.unverifiable) == ("campaign/spring/associate/list/list-0", False, True)
    assert step.requests[0].method == "PUT"
    assert step.requests[0].path == "/management/campaigns/5/lists"
    assert step.requests[0].body == {"ListId": 10}


def test_a_recorded_association_is_left_alone_until_asked() -> None:
    """What the ledger recorded is not sent again, but --reassert does, from an unknown start."""
    documents = git(*_documents(1), _dialling("list-0"))
    assert ids(plan(documents, _floor(1), _known(1, linked=1))) == []
    again = plan(documents, _floor(1), _known(1, linked=1), Policy(reassert=True))
    assert [(step.reason, step.certain) for step in again.steps] == [("reassert", False)]


def test_an_unlisted_member_of_an_authoritative_list_is_taken_off() -> None:
    """The list is the whole truth as far as the ledger knows; an additive one takes nobody off."""
    known = _known(2, linked=2)
    made = plan(git(*_documents(2), _dialling("list-0")), _floor(2), known)
    assert ids(made) == ["campaign/spring/disassociate/list/list-1"]
    assert made.steps[0].requests[0].method == "DELETE"
    added = plan(git(*_documents(2), _dialling("list-0", mode=Mode.ADDITIVE)), _floor(2), known)
    assert ids(added) == []


def test_an_empty_list_means_none_and_is_not_silence() -> None:
    """`lists: []` takes every known member off."""
    made = plan(git(*_documents(2), _dialling()), _floor(2), _known(2, linked=2))
    assert len(made.steps) == 2


def test_a_request_that_was_cut_off_is_asked_again() -> None:
    """An association whose outcome is unknown is sent again if listed and taken off if not, never forgotten."""
    known = _known(1, linked=0)
    known.links[Link("campaign-list", 5, 10)] = Fact(value=None, mark=Knowledge.UNKNOWN, at=WHEN)
    wanted = plan(git(*_documents(1), _dialling("list-0")), _floor(1), known)
    unwanted = plan(git(*_documents(1), _dialling()), _floor(1), known)
    assert [(step.action, step.reason) for step in wanted.steps] == [(Action.ASSOCIATE, "interrupted")]
    assert [(step.action, step.certain) for step in unwanted.steps] == [(Action.DISASSOCIATE, False)]


def test_taking_the_last_list_of_a_running_campaign_is_disruptive() -> None:
    """A running campaign without a list stops dialling, so a reviewer is told."""
    documents = git(*_documents(1), _dialling())
    running = plan(documents, _floor(1, status=1), _known(1, linked=1))
    stopped = plan(documents, _floor(1, status=0), _known(1, linked=1))
    assert [step.risk for step in running.steps] == [Risk.DISRUPTIVE]
    assert [step.risk for step in stopped.steps] == [Risk.UNVERIFIABLE]


def test_the_plan_says_that_others_may_be_there_that_nobody_can_see() -> None:
    """An authoritative list over something unreadable is honest about it."""
    made = plan(git(*_documents(1), _dialling("list-0")), _floor(1), _known(1, linked=1))
    assert [notice.rule for notice in made.unverifiable] == ["members-unseen"]


TEAMS = (live_team(3, "north"), live_team(4, "south"))


def test_a_primary_team_proves_a_membership() -> None:
    """TeamId is the only thing that can be read; what it proves is live, not recorded."""
    documents = git(
        document("Team", "north"),
        user("user-0"),
        membership("m", "team-user", key("Team", "north"), key("User", "user-0")),
    )
    live = target(*TEAMS, live_user(20, "user-0", TeamId=3))
    known = ledger({"Team/north": record(3, "north", teamName="north"), "User/user-0": record(20, "user-0")})
    made = plan(documents, live, known)
    assert ids(made) == []
    assert made.knowledge.recorded == 0


@pytest.mark.parametrize(
    ("teams", "planned"), [(UserTeams.ONE, True), (UserTeams.MANY, False), (UserTeams.AUTO, False)]
)
def test_another_primary_team_disproves_only_where_a_user_has_one(teams: UserTeams, *, planned: bool) -> None:
    """The ledger is believed unless the target is known to keep one team per user."""
    documents = git(
        document("Team", "north"),
        user("user-0"),
        membership("m", "team-user", key("Team", "north"), key("User", "user-0")),
    )
    live = target(*TEAMS, live_user(20, "user-0", TeamId=4))
    known = ledger(
        {"Team/north": record(3, "north", teamName="north"), "User/user-0": record(20, "user-0")},
        links={("team-user", 3, 20): True},
    )
    made = plan(documents, live, known, Policy(user_teams=teams))
    assert bool(made.steps) is planned


def test_a_users_team_need_not_be_repeated_and_is_not_taken_away() -> None:
    """`team` implies membership: a list for that team that doesn't name the user leaves them there."""
    documents = git(
        document("Team", "north"),
        user("user-0", team=key("Team", "north")),
        membership("m", "team-user", key("Team", "north")),
    )
    live = target(*TEAMS, live_user(20, "user-0", TeamId=3))
    made = plan(documents, live, ledger({"User/user-0": record(20, "user-0"), "Team/north": record(3, "north")}))
    assert ids(made) == []


def test_a_move_between_teams_leaves_before_it_joins_and_updates_last() -> None:
    """The PUT comes after the move, so it never carries the old team back."""
    documents = git(
        document("Team", "north"),
        document("Team", "south"),
        user("user-0", team=key("Team", "south"), firstName="Janet"),
    )
    live = target(*TEAMS, live_user(20, "user-0", TeamId=3))
    known = ledger(
        {
            "Team/north": record(3, "north"),
            "Team/south": record(4, "south"),
            "User/user-0": record(20, "user-0", team=3, firstName="Some"),
        }
    )
    made = plan(documents, live, known)
    assert ids(made) == [
        "team/north/disassociate/user/user-0",
        "team/south/associate/user/user-0",
        "user/user-0/update",
    ]
    assert made.steps[1].primary
    body = made.steps[2].requests[0].body
    assert body is not None
    assert body["TeamId"] == 4


def test_a_user_is_activated_then_joins_then_is_updated() -> None:
    """All three at once are no circle."""
    documents = git(
        document("Team", "north"),
        user("user-0", firstName="Janet", active=True),
        membership("m", "team-user", key("Team", "north"), key("User", "user-0")),
    )
    made = plan(documents, target(*TEAMS, live_user(20, "user-0")), ledger({"User/user-0": record(20, "user-0")}))
    assert [step.action for step in made.steps if step.action is not Action.ADOPT] == [
        Action.ACTIVATE,
        Action.ASSOCIATE,
        Action.UPDATE,
    ]


def test_other_teams_are_joined_before_the_primary_one() -> None:
    """On a server where joining moves the primary team, the last one joined is the right one."""
    documents = git(
        document("Team", "north"),
        document("Team", "south"),
        user("user-0", team=key("Team", "south")),
        membership("m", "team-user", key("Team", "north"), key("User", "user-0")),
    )
    live = target(*TEAMS, live_user(20, "user-0", TeamId=0))
    made = plan(
        documents, live, ledger({"User/user-0": record(20, "user-0", team=0)}), Policy(user_teams=UserTeams.MANY)
    )
    associations = [step for step in made.steps if step.action is Action.ASSOCIATE]
    assert [(step.subject.name if step.subject else "", step.primary) for step in associations] == [
        ("north", False),
        ("south", True),
    ]
    assert associations[0].id in associations[1].depends_on
    assert associations[0].keeps_primary is not None


def test_a_protected_login_is_never_taken_off() -> None:
    """The vendor's account stays where it is, and the plan says so."""
    documents = git(document("Team", "north"), membership("m", "team-user", key("Team", "north")))
    live = target(*TEAMS[:1], live_user(1, "MaxSupport", TeamId=3), live_user(20, "user-0", TeamId=3))
    made = plan(documents, live, ledger({"Team/north": record(3, "north", teamName="north")}))
    assert ids(made) == ["team/north/disassociate/user/#20"]
    assert [warning.rule for warning in made.warnings] == ["protected-login"]


def test_writing_to_a_protected_login_is_refused() -> None:
    """A manifest for the vendor's account is an objection, whatever the case it is written in."""
    made = plan(git(user("maxsupport", key="maxsupport", firstName="X")))
    assert [objection.rule for objection in made.objections] == ["protected-login"]


def test_skills_are_grouped_by_proficiency() -> None:
    """One call for all the users of one skill and proficiency; those who lose it go in one call too."""
    documents = git(
        *(user(f"user-{number}") for number in range(4)),
        membership(
            "french",
            "skill-user",
            FRENCH,
            (key("User", "user-0"), 8),
            (key("User", "user-1"), 8),
            (key("User", "user-2"), 5),
        ),
    )
    live = target(*(live_user(20 + number, f"user-{number}") for number in range(4)))
    known = ledger(
        {f"User/user-{number}": record(20 + number, f"user-{number}") for number in range(4)},
        links={("skill-user", 12, 23): 9},
    )
    made = plan(documents, live, known)
    calls = [(step.requests[0].method, step.requests[0].body) for step in made.steps]
    assert calls == [
        ("PUT", {"SkillId": 12, "Proficiency": 5, "UserIds": [22]}),
        ("PUT", {"SkillId": 12, "Proficiency": 8, "UserIds": [20, 21]}),
        ("DELETE", {"SkillId": 12, "UserIds": [23]}),
    ]
    assert made.steps[2].risk is Risk.DISRUPTIVE


def test_a_campaign_goes_live_last() -> None:
    """Lists and teams are associated and activated before the campaign is, and its status comes after all of it."""
    documents = git(
        campaign("spring", status=1, active=True),
        document("List", "list-0", active=True),
        membership("m", "campaign-list", SPRING, key("List", "list-0")),
    )
    assert ids(plan(documents))[-3:] == [
        "campaign/spring/associate/list/list-0",
        "campaign/spring/activate",
        "campaign/spring/set-status",
    ]


def _custody(on_removal: OnRemoval, *, protect: bool = False) -> Custody:
    return Custody(on_removal=on_removal, protect=protect)


def _gone(custody: Custody) -> Ledger:
    known = _known(1, linked=1)
    known.objects.update(
        {address: replace(item, custody=custody) for address, item in known.objects.items() if address.name == "spring"}
    )
    return known


def test_a_removed_document_releases_its_object_by_default() -> None:
    """Nothing is sent: the object is said to be nobody's, and forgotten on apply."""
    made = plan(git(document("List", "list-0")), _floor(1), _known(1, linked=1))
    assert ids(made) == []
    assert [str(release.address) for release in made.releases] == ["Campaign/spring"]
    assert made.has_changes


@pytest.mark.parametrize("policy", [Policy(), Policy(prune=True)], ids=["onRemoval", "--prune"])
def test_a_removed_document_can_take_its_object_out_of_use(policy: Policy) -> None:
    """Status down, memberships off, inactive: in that order, and released after all of it."""
    known = _gone(_custody(OnRemoval.KEEP if policy.prune else OnRemoval.DEACTIVATE))
    made = plan(git(document("List", "list-0")), _floor(1, status=1), known, policy)
    assert ids(made) == [
        "campaign/spring/set-status",
        "campaign/spring/disassociate/list/list-0",
        "campaign/spring/deactivate",
    ]
    assert set(made.releases[0].after) == set(ids(made))


def test_protection_outlives_its_document() -> None:
    """Removing a protected document does not remove the protection with it."""
    known = _gone(_custody(OnRemoval.DEACTIVATE, protect=True))
    made = plan(git(document("List", "list-0")), _floor(1), known)
    assert [objection.rule for objection in made.objections] == ["protected"]


def test_a_protected_subject_loses_no_member() -> None:
    """A plan that would take a member off a protected campaign is refused."""
    spring = campaign("spring", lifecycle=Lifecycle(protect=True))
    made = plan(git(spring, document("List", "list-0"), _dialling()), _floor(1), _known(1, linked=1))
    assert [objection.rule for objection in made.objections] == ["protected"]


def test_a_removed_membership_document_follows_on_removal() -> None:
    """keep leaves the members alone, deactivate takes them off."""
    for on_removal, expected in ((OnRemoval.KEEP, 0), (OnRemoval.DEACTIVATE, 1)):
        known = _known(1, linked=1)
        known.memberships["Membership/dialling"] = LedgerMembership(
            owned=(("campaign-list", "Campaign/spring"),), custody=_custody(on_removal)
        )
        made = plan(git(*_documents(1)), _floor(1), known)
        assert len(made.steps) == expected
        assert [str(release.address) for release in made.releases] == ["Membership/dialling"]


@pytest.mark.parametrize(("removed", "refused"), [(3, False), (4, True)])
def test_limits_count_what_a_plan_takes_off(removed: int, *, refused: bool) -> None:
    """Three are always allowed; beyond the share of a subject's members, --allow-mass-change is needed."""
    names = _lists(10)
    documents = git(*_documents(10), _dialling(*names[removed:]))
    made = plan(documents, _floor(10), _known(10, linked=10))
    assert bool(made.objections) is refused
    if refused:
        assert all(objection.overridable for objection in made.objections)
        waived = plan(documents, _floor(10), _known(10, linked=10), Policy(allow_mass_change=True))
        assert waived.objections == ()


@pytest.mark.parametrize(("count", "refused"), [(3, False), (4, True)])
def test_limits_count_deactivations_by_kind(count: int, *, refused: bool) -> None:
    """Four of ten lists are more than 20 per cent."""
    names = _lists(10)
    documents = git(*(document("List", name, active=number >= count) for number, name in enumerate(names)))
    live = target(*(live_list(10 + number, name) for number, name in enumerate(names)))
    known = ledger(
        {f"List/{name}": record(10 + number, name, listName=name) for number, name in enumerate(names)},
        activity={("List", 10 + number): True for number in range(10)},
    )
    made = plan(documents, live, known)
    assert len(made.steps) == count
    assert [objection.rule for objection in made.objections] == (["limit-deactivations"] if refused else [])


@pytest.mark.parametrize(("count", "refused"), [(5, False), (6, True)])
def test_limits_count_passwords_sent_again(count: int, *, refused: bool) -> None:
    """More than five password resets in one plan are refused."""
    documents = git(*(user(f"user-{number}", firstName="New") for number in range(count)))
    live = target(*(live_user(20 + number, f"user-{number}") for number in range(count)))
    made = plan(documents, live)
    assert [objection.rule for objection in made.objections] == (["limit-password-sends"] if refused else [])


def test_unmanaged_objects_are_counted_and_never_touched() -> None:
    """What nobody declares is listed, and no step names it."""
    made = plan(git(campaign("spring")), target(live_campaign(6, "other"), live_list(7, "theirs")))
    assert made.unmanaged == {"Campaign": 1, "List": 1, "Team": 0, "User": 1}
    assert ids(made) == ["campaign/spring/create"]
    assert sum(1 for item in made.assessments if item.status is Status.UNMANAGED) == 3
