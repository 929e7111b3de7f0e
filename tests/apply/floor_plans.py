"""What the tests apply: a small floor with every kind, relation and odd corner, and the same floor a week later."""

from __future__ import annotations

from decimal import Decimal

from reconciler.model.address import Reference
from reconciler.model.desired import DesiredInventory
from tests.planning.worlds import campaign, document, git, key, membership, user

SKILL = Reference(kind="Skill", id=12)


def floor_plan() -> DesiredInventory:
    """Return a small floor with every kind, relation and odd corner that an apply goes through."""
    return git(
        document("List", "leads", fetchWeight=5, maxCallbackDate="2026-07-01T17:30:00Z", active=True),
        document("List", "spare", listType=1, active=False),
        document("Team", "north", primarySupervisor=key("User", "sue"), hoursPerWorkingDay=Decimal("7.5"), active=True),
        document("Team", "south"),
        user("sue", team=key("Team", "north"), useRTC=True),
        user("tom", team=key("Team", "south"), active=True),
        campaign(
            "spring",
            type=0,
            status=1,
            active=True,
            targetDropPercent=Decimal("2.50"),
            notReadyWaitTime=20,
            defaultList=key("List", "leads"),
        ),
        campaign("robot", type=3, maxLines=12, status=2, active=True),
        campaign("quiet", type=6, active=False),
        membership("dial", "campaign-list", key("Campaign", "spring"), key("List", "leads"), key("List", "spare")),
        membership("staff", "campaign-team", key("Campaign", "spring"), key("Team", "north")),
        membership("crew", "team-user", key("Team", "south"), key("User", "tom")),
        membership("talk", "skill-user", SKILL, (key("User", "sue"), 8), (key("User", "tom"), 5)),
    )


def changed_floor() -> DesiredInventory:
    """Return the same floor after a week of changes in Git: moves, renames, removals, other values."""
    return git(
        document("List", "leads", key="Leads 2026", fetchWeight=7, callerId="0161 4960000", active=True),
        document("List", "spare", listType=1, active=True),
        document("Team", "north", primarySupervisor=key("User", "tom"), hoursPerWorkingDay=Decimal(8), active=True),
        document("Team", "south", active=False),
        user("sue", team=key("Team", "north"), useRTC=False),
        user("tom", team=key("Team", "north"), extension="201", active=False),
        campaign("spring", type=3, maxLines=4, status=0, active=True, defaultList=key("List", "spare")),
        campaign("robot", type=3, maxLines=12, status=1, active=True),
        campaign("quiet", type=6, active=True, status=1),
        membership("dial", "campaign-list", key("Campaign", "spring"), key("List", "spare")),
        membership("staff", "campaign-team", key("Campaign", "spring"), key("Team", "south")),
        membership("crew", "team-user", key("Team", "north"), key("User", "tom"), key("User", "sue")),
        membership("talk", "skill-user", SKILL, (key("User", "sue"), 3)),
    )
