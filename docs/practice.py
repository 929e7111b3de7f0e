"""The tenant that the guides are played on: small, and as untidy as ten years leave one. Nobody in it exists."""

from __future__ import annotations

from reconciler.simulator.service import Service
from reconciler.simulator.world import Account, World, new_world

LOGIN = "svc-gitops"
PASSWORD = "Practice-only-1"

_NORTH, _SOUTH, _OLD = 1, 2, 3


def practice_tenant() -> Service:
    """Return the tenant: twins, leftovers, one of everything that can't be read back, and an account for the tool."""
    world = new_world()
    world.accounts = {LOGIN: Account(PASSWORD)}
    world.add("users", FirstName="API", LastName="Account", Login=LOGIN, RolePlanId=9)
    _people(world)
    _lists(world)
    _campaigns(world)
    return Service(world=world)


def _people(world: World) -> None:
    for name in ("Renewals North", "Renewals South", "zz old team - do not use"):
        world.add("teams", TeamName=name, HoursPerWorkingDay=7)
    for first, last, team in (
        ("Jane", "Doe", _NORTH),
        ("Sam", "Jones", _NORTH),
        ("Zoë", "Müller", _SOUTH),
        ("Left", "In 2019", _OLD),
    ):
        login = f"{first}.{last}".lower().replace(" ", "")
        world.add("users", FirstName=first, LastName=last, Login=login, RolePlanId=2, TeamId=team)
    world.edit("teams", _NORTH, PrimarySupervisorId=3)


def _lists(world: World) -> None:
    world.add("lists", ListName="Renewals 2026 Q2", FetchWeight=8, RecallPlanId=4, CallingTimePlanId=1)
    world.add("lists", ListName="Renewals 2026 Q1", FetchWeight=2, RecallPlanId=4, CallingTimePlanId=1)
    for _ in range(2):
        world.add("lists", ListName="Copy of Renewals 2026 Q1", FetchWeight=2, RecallPlanId=4)
    world.add("lists", ListName="test", Active=False)


def _campaigns(world: World) -> None:
    renewals = world.add(
        "campaigns",
        CampaignName="Renewals",
        Type=0,
        Status=1,
        DefaultListId=1,
        CallerId="01614960100",
        AutoRecord=True,
        SchedulePlanId=3,
    )
    world.add("campaigns", CampaignName="RENEWALS", Type=2, Active=False)
    world.add("campaigns", CampaignName="Customer service", Type=6, Status=1, CallerId="01614960199")
    world.link("campaignLists", renewals, 1)
    world.link("campaignLists", renewals, 2)
    world.link("campaignTeams", renewals, _NORTH)
