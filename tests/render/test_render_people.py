"""What a plan means for people is told in their words, and with numbers where they are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.floor import Floor, FloorCampaign
from reconciler.model.plan import Action, Plan, Risk, Step
from reconciler.render.floor_after import floor_after
from reconciler.render.people import COUNTED_FROM, people_statements
from tests.render.builders import (
    change,
    create_list,
    disassociate_list,
    end,
    plan_of,
    switch,
    update_user,
)
from tests.render.showcase import every_action

NORTH = frozenset({f"north{number}" for number in range(5)})
SOUTH = frozenset({"south1", "south2"})
FLOOR = Floor(
    campaigns={
        "winback": FloorCampaign(
            running=True,
            type="Predictive",
            lists=frozenset({"lapsed-2025", "renewals"}),
            teams=frozenset({"north", "south"}),
        ),
        "chase": FloorCampaign(running=True, type="Preview", lists=frozenset({"renewals"}), teams=frozenset({"south"})),
        "asleep": FloorCampaign(running=False, lists=frozenset({"old"}), teams=frozenset({"north"})),
    },
    teams={"north": NORTH, "south": SOUTH},
    skills={"French": frozenset({"south1"}), "German": SOUTH},
    weights={"lapsed-2025": 3, "renewals": 7},
)


def on_the_floor(*steps: Step) -> Plan:
    """Return a plan of these steps on the known floor."""
    return replace(plan_of(*steps), floor=FLOOR)


def stop(name: str) -> Step:
    """Stop a running campaign."""
    return switch(Action.SET_STATUS, name, before="Running", after="Not Running", risk=Risk.DISRUPTIVE)


def start(name: str) -> Step:
    """Start a campaign."""
    return switch(Action.SET_STATUS, name, before="Not Running", after="Running", risk=Risk.NONE)


def move(action: Action, relation: str, subject: tuple[str, str], member: tuple[str, str]) -> Step:
    """Associate or disassociate a member."""
    return replace(
        disassociate_list(),
        id=f"{action}/{subject[1]}/{member[1]}",
        action=action,
        relation=relation,
        subject=end(*subject, 1),
        members=(end(*member, 2),),
    )


def weigh(before: int, after: int) -> Step:
    """Change a list's fetch weight."""
    return replace(
        create_list(), action=Action.UPDATE, name="lapsed-2025", changes=(change("fetchWeight", before, after),)
    )


@pytest.mark.parametrize(
    ("steps", "statement"),
    [
        ((stop("winback"),), "stops dialling for 7 agents of 2 teams: 1 campaign (winback)"),
        ((stop("winback"), stop("chase")), "stops dialling for 7 agents of 2 teams: 2 campaigns (winback and chase)"),
        ((stop("winback"),), "leaves 5 agents without a running campaign (north0, north1, north2, north3 and north4)"),
        ((stop("winback"),), "list lapsed-2025 has no running campaign left"),
        ((start("asleep"),), "starts dialling for 5 agents of 1 team: 1 campaign (asleep)"),
        ((weigh(3, 1),), "fetch weight of lapsed-2025 within winback from 30 % to 12 %"),
        (
            (move(Action.DISASSOCIATE, "campaign-team", ("Campaign", "winback"), ("Team", "south")),),
            "predictive campaign winback falls under 6 agents: 5 agents",
        ),
        (
            (move(Action.DISASSOCIATE, "team-user", ("Team", "south"), ("User", "south1")),),
            "1 user leaves team south (south1)",
        ),
        (
            (move(Action.DISASSOCIATE, "skill-user", ("Skill", "French"), ("User", "south1")),),
            "nobody is left with the skill French",
        ),
        (
            (switch(Action.SET_TYPE, "chase", before="Preview", after="Predictive", risk=Risk.NONE),),
            "predictive campaign chase falls under 6 agents: 2 agents",
        ),
        (
            (switch(Action.DEACTIVATE, "chase", before=True, after=False, risk=Risk.DISRUPTIVE),),
            "stops dialling for 2 agents of 1 team: 1 campaign (chase)",
        ),
        ((update_user(),), "sends 1 password again (jane.doe)"),
        ((replace(update_user(), action=Action.CREATE),), "1 new login (jane.doe)"),
        ((replace(update_user(), action=Action.DEACTIVATE),), "1 user can no longer log in (jane.doe)"),
    ],
)
def test_what_is_said(steps: tuple[Step, ...], statement: str) -> None:
    """A change that people feel is told with who and how many."""
    assert statement in people_statements(on_the_floor(*steps))


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (create_list(),),
        (stop("winback"), start("winback")),
        (move(Action.ASSOCIATE, "campaign-list", ("Campaign", "asleep"), ("List", "renewals")),),
        (switch(Action.DEACTIVATE, "asleep", before=True, after=False, risk=Risk.NONE),),
    ],
    ids=["nothing", "a list", "stop and start", "a list for a stopped campaign", "a stopped campaign"],
)
def test_what_nobody_feels_is_not_said(steps: tuple[Step, ...]) -> None:
    """A change that nobody on the floor feels makes no noise."""
    assert people_statements(on_the_floor(*steps)) == ()


def test_numbers_say_where_they_come_from() -> None:
    """Counts rest on what is recorded, and say so; without a known floor there are no counts."""
    assert people_statements(on_the_floor(stop("winback")))[-1] == COUNTED_FROM
    assert people_statements(plan_of(stop("winback"))) == ("stops dialling: 1 campaign (winback)",)


def test_the_floor_after_is_the_floor_with_the_steps_done() -> None:
    """Associations, switches, types and weights all show in the floor that a plan leaves."""
    steps = (
        *every_action().steps,
        move(Action.ASSOCIATE, "team-user", ("Team", "south"), ("User", "south3")),
        move(Action.ASSOCIATE, "campaign-team", ("Campaign", "spring-renewals"), ("Team", "south")),
    )
    after = floor_after(FLOOR, steps)
    assert not after.campaigns["winback"].running
    assert after.campaigns["winback"].lists == {"renewals"}
    assert after.campaigns["chase"].type == "Preview"
    assert after.campaigns["spring-renewals"] == FloorCampaign(
        running=False, type="Predictive", lists=frozenset({"renewals-2026q2"}), teams=frozenset({"south"})
    )
    assert after.agents("spring-renewals") == SOUTH | {"south3"}
    assert after.skills["French"] == {"south1", "jane.doe", "sam.jones"}
    assert after.weights["renewals-2026q2"] == 7


def test_many_lists_share_a_sentence() -> None:
    """A few lists that are left without a campaign are named one by one, many of them together."""
    names = frozenset(f"list{number}" for number in range(9))
    floor = Floor(campaigns={"winback": FloorCampaign(running=True, lists=names)})
    told = people_statements(replace(plan_of(stop("winback")), floor=floor))
    assert "9 lists have no running campaign left (list0, list1, list2, list3, list4 and 4 more)" in told
