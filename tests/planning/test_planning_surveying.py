"""What a change means for people is counted from the floor as it is known just before the plan."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from reconciler import planfile
from reconciler.drift import read_drift
from reconciler.model.assessment import Status
from reconciler.model.floor import Floor, FloorCampaign
from reconciler.model.plan import Plan
from reconciler.render.json import drift_json, plan_json
from reconciler.render.people import people_statements
from tests.planning.worlds import (
    campaign,
    document,
    git,
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

RUNNING, PREVIEW = 1, 2


def stop_the_floor() -> Plan:
    """Plan to stop a running campaign with a list, a team of two agents and one who left, all of them recorded."""
    return plan(
        git(
            campaign("winback", key="Winback", type=PREVIEW, status=0),
            document("List", "lapsed", key="Lapsed"),
            document("Team", "north", key="North"),
            user("jane"),
            membership("dialling", "campaign-list", key("Campaign", "winback"), key("List", "lapsed")),
            membership("staffing", "campaign-team", key("Campaign", "winback"), key("Team", "north")),
        ),
        target(
            live_campaign(42, "Winback", Type=PREVIEW, Status=RUNNING),
            live_campaign(43, "Not ours"),
            live_list(17, "Lapsed", FetchWeight=3),
            live_team(4, "North"),
            live_user(53, "jane", TeamId=4),
            live_user(54, "sam", TeamId=4),
            live_user(55, "gone", TeamId=4),
        ),
        ledger(
            {
                "Campaign/winback": record(42, "Winback", campaignName="Winback", type=PREVIEW, status=RUNNING),
                "List/lapsed": record(17, "Lapsed", listName="Lapsed"),
                "Team/north": record(4, "North", teamName="North"),
                "User/jane": record(53, "jane", login="jane", firstName="Some", lastName="One", rolePlanId=2),
            },
            links={
                ("campaign-list", 42, 17): True,
                ("campaign-team", 42, 4): True,
                ("skill-user", 12, 53): 8,
                ("skill-user", 13, 53): False,
            },
            activity={("User", 55): False},
        ),
    )


def test_the_floor_goes_by_the_names_of_the_steps() -> None:
    """Managed objects go by their keys, others by their live names; who is out of use is nobody's agent."""
    assert stop_the_floor().floor == Floor(
        campaigns={
            "winback": FloorCampaign(
                running=True, type="Preview", lists=frozenset({"lapsed"}), teams=frozenset({"north"})
            ),
            "Not ours": FloorCampaign(running=False, type="Predictive"),
        },
        teams={"north": frozenset({"jane", "sam"})},
        skills={"12": frozenset({"jane"})},
        weights={"lapsed": 3},
    )


def test_people_are_told_with_numbers() -> None:
    """Stopping a campaign says for how many agents of how many teams, and which list is left without one."""
    told = people_statements(stop_the_floor())
    assert told[0] == "stops dialling for 2 agents of 1 team: 1 campaign (winback)"
    assert "leaves 2 agents without a running campaign (jane and sam)" in told
    assert "list lapsed has no running campaign left" in told


def test_a_new_floor_counts_the_people_that_come_with_it() -> None:
    """A user who is created into a team counts as its agent."""
    made = plan(
        git(
            campaign("spring", type=PREVIEW, status=RUNNING),
            document("Team", "north"),
            *(user(f"agent{number}", team=key("Team", "north")) for number in range(3)),
            user("left", team=key("Team", "north"), active=False),
            membership("staffing", "campaign-team", key("Campaign", "spring"), key("Team", "north")),
        )
    )
    told = people_statements(made)
    assert told[0] == "starts dialling for 3 agents of 1 team: 1 campaign (spring)"
    assert "3 new logins (agent0, agent1 and agent2)" in told
    assert not any("can no longer log in" in statement for statement in told)


def test_what_was_never_applied_is_no_drift() -> None:
    """A new configuration's objects and memberships are pending: nothing that does not exist can have been changed."""
    made = plan(
        git(
            campaign("spring"),
            document("List", "fresh"),
            membership("dialling", "campaign-list", key("Campaign", "spring"), key("List", "fresh")),
        )
    )
    report = read_drift(made)
    assert not report.has_drift
    assert {item.status for item in report.items if item.status is not Status.UNMANAGED} == {Status.PENDING}


def test_a_real_plan_is_kept_and_published_as_promised(tmp_path: Path) -> None:
    """A plan from the planner survives its file, and its documents hold to the published schemas."""
    made = stop_the_floor()
    planfile.save(made, tmp_path / "plan.json")
    assert planfile.load(tmp_path / "plan.json") == made
    for name, text in (("plan", plan_json(made)), ("drift", drift_json(read_drift(made)))):
        schema = json.loads((Path(__file__).parents[2] / "schemas" / f"{name}.schema.json").read_text())
        Draft202012Validator(schema).validate(json.loads(text))
