"""Every method of the API document, in its order: it exists in that spelling, and does what its section says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import pytest

from reconciler.simulator.fields import ENTITIES, Kind
from reconciler.simulator.routes import ROUTES
from reconciler.simulator.variants import HARSH, VARIANTS
from reconciler.simulator.world import Relation, World
from tests.simulator.calling import JSON, XML, Caller, caller, read_reply, value_of

SERVERS = {**VARIANTS, **HARSH}
Body = Mapping[str, object] | None


class Method(NamedTuple):
    """One method: how it is called on the small tenant, after which calls, what it answers and leaves behind."""

    title: str
    verb: str
    path: str
    body: Body = None
    given: tuple[tuple[str, str, Body], ...] = ()
    data: str = ""
    leaves: Callable[[World], bool] = lambda world: True


def has(kind: str, identity: int, **values: object) -> Callable[[World], bool]:
    """Expect fields of one object."""
    return lambda world: {name: world.objects[Kind(kind)][identity][name] for name in values} == values


def linked(relation: str, *pairs: tuple[int, int]) -> Callable[[World], bool]:
    """Expect exactly these links."""
    return lambda world: world.links[Relation(relation)] == set(pairs)


def skilled(**proficiency: int) -> Callable[[World], bool]:
    """Expect exactly these skills, as `skill_user=proficiency`."""
    return lambda world: {f"s{skill}_{user}": held for (skill, user), held in world.skills.items()} == proficiency


JANE = {"FirstName": "Jane", "LastName": "Doe", "Login": "jane.doe", "RolePlanId": 2, "Password": "pw"}
LISTED = ("PUT", "campaigns/1/lists", {"ListId": 2})
TEAMED = ("PUT", "campaigns/1/teams", {"TeamId": 2})
STAFFED = ("PUT", "teams/1/users", {"UserId": 3})
FRENCH = ("PUT", "users/skills", {"SkillId": 12, "Proficiency": 8, "UserIds": [2, 3]})
RUN = ("PATCH", "campaigns/1/status", {"CampaignStatus": "Running"})
ALARM = ("POST", "globalemergency/enable", None)

METHODS = (
    Method("Get Campaigns", "GET", "campaigns", data="array"),
    Method("Get Campaign", "GET", "campaigns/1", data="Campaign"),
    Method(
        "Create Campaign",
        "POST",
        "campaigns",
        {"CampaignName": "Spring", "Type": 1, "NotReadyWaitTime": 9, "TargetDropPercent": 2.5},
        data="Campaign",
        leaves=lambda world: [row["Type"] for row in world.named(Kind.CAMPAIGNS, "Spring")] == [1],
    ),
    Method(
        "Update Campaign",
        "PUT",
        "campaigns/1",
        {"CampaignName": "Renamed", "Active": True, "Status": 0, "Type": 0, "CallerId": "01612345670"},
        data="Campaign",
        leaves=has("campaigns", 1, CampaignName="Renamed", Active=True, Status=0, Type=0, CallerId="01612345670"),
    ),
    Method(
        "Update Activity Status",
        "PATCH",
        "campaigns/1/activityStatus",
        {"Active": False},
        data="Campaign",
        leaves=has("campaigns", 1, Active=False),
    ),
    Method("Update Campaign Status", *RUN, data="CampaignStatus", leaves=has("campaigns", 1, Status=1)),
    Method(
        "Update Campaign Type",
        "PATCH",
        "campaigns/1/type",
        {"CampaignType": "Interaction"},
        data="CampaignType",
        leaves=has("campaigns", 1, Type=8),
    ),
    Method("Associate List with Campaign", *LISTED, leaves=linked("campaignLists", (1, 2))),
    Method(
        "Disassociate List from Campaign",
        "DELETE",
        "campaigns/1/lists",
        {"ListId": 2},
        given=(LISTED,),
        leaves=linked("campaignLists"),
    ),
    Method("Associate Team with Campaign", *TEAMED, leaves=linked("campaignTeams", (1, 2))),
    Method(
        "Disassociate Team from Campaign",
        "DELETE",
        "campaigns/1/teams",
        {"TeamId": 2},
        given=(TEAMED,),
        leaves=linked("campaignTeams"),
    ),
    Method("Get Lists", "GET", "lists", data="array"),
    Method("Get List", "GET", "lists/2", data="List"),
    Method(
        "Create List",
        "POST",
        "lists",
        {"ListName": "Renewals", "FetchWeight": 7},
        data="List",
        leaves=lambda world: [row["FetchWeight"] for row in world.named(Kind.LISTS, "Renewals")] == [7],
    ),
    Method(
        "Update List",
        "PUT",
        "lists/2",
        {"ListName": "Lapsed", "UseMaxCallbackDays": True},
        data="List",
        leaves=has("lists", 2, ListName="Lapsed", UseMaxCallbackDays=True),
    ),
    Method(
        "Update List Activity Status",
        "PUT",
        "lists/2/activitystatus",
        {"Active": False},
        data="Active",
        leaves=has("lists", 2, Active=False),
    ),
    Method("Get Teams", "GET", "teams", data="array"),
    Method("Get Team", "GET", "teams/1", data="Team"),
    Method(
        "Create Team",
        "POST",
        "teams",
        {"TeamName": "North", "PrimarySupervisorId": 3},
        data="Team",
        leaves=lambda world: [row["PrimarySupervisorId"] for row in world.named(Kind.TEAMS, "North")] == [3],
    ),
    Method(
        "Update Team",
        "PUT",
        "teams/1",
        {"TeamName": "South", "ServiceTime": 20},
        data="Team",
        leaves=has("teams", 1, TeamName="South", ServiceTime=20, TenantId=1),
    ),
    Method(
        "Update Team Activity Status",
        "PUT",
        "teams/1/activitystatus",
        {"Active": False},
        data="Active",
        leaves=has("teams", 1, Active=False),
    ),
    Method("Associate User with Team", *STAFFED, leaves=linked("teamUsers", (1, 3))),
    Method(
        "Disassociate User from Team",
        "DELETE",
        "teams/2/users",
        {"UserId": 3},
        leaves=linked("teamUsers"),
    ),
    Method("Get Users", "GET", "users", data="array"),
    Method("Get User", "GET", "users/3", data="User"),
    Method(
        "Create User",
        "POST",
        "users",
        JANE,
        data="User",
        leaves=lambda world: (
            [world.passwords.get(cast(int, row["Id"])) for row in world.named(Kind.USERS, "jane.doe")] == ["pw"]
        ),
    ),
    Method(
        "Update User",
        "PUT",
        "users/3",
        {**JANE, "TeamId": 1},
        data="User",
        leaves=lambda world: has("users", 3, Login="jane.doe", TeamId=1)(world) and world.passwords[3] == "pw",
    ),
    Method(
        "Update User Activity Status",
        "PATCH",
        "users/3/activitystatus",
        {"Active": False},
        data="User",
        leaves=has("users", 3, Active=False),
    ),
    Method("Associate Skills with Users", *FRENCH, data="skills", leaves=skilled(s12_2=8, s12_3=8)),
    Method(
        "Disassociate Skills from Users",
        "DELETE",
        "users/skills",
        {"SkillId": 12, "UserIds": [2]},
        given=(FRENCH,),
        data="skills",
        leaves=skilled(s12_3=8),
    ),
    Method(
        "Enable",
        *ALARM,
        given=(RUN,),
        leaves=lambda world: world.emergency and has("campaigns", 1, Status=0)(world),
    ),
    Method(
        "Disable",
        "POST",
        "globalemergency/disable",
        given=(ALARM,),
        leaves=lambda world: not world.emergency,
    ),
)


def fitting(who: Caller, body: Body) -> Body:
    """Write a status or type as the number where this server takes no names."""
    if body and who.service.behaviour.patch_codes == "number":
        return {name: {"Running": "1", "Interaction": "8"}.get(str(value), value) for name, value in body.items()}
    return body


def prepared(method: Method, *, server: str, form: str) -> Caller:
    """Make the small tenant on which the method is to be called."""
    who = caller(SERVERS[server], form=form)
    if method.title == "Disassociate User from Team":
        # A link that is nobody's primary team: leaving the primary team is one of the document's silences.
        who.service.world.link(Relation.TEAM_USERS, 2, 3)
    for verb, path, body in method.given:
        assert who.send(verb, path, fitting(who, body)).status == 200
    return who


def test_the_document_has_these_methods_and_no_other() -> None:
    """The simulator offers exactly the methods of the document, in its titles, verbs and spelling."""
    written = {(m.title, m.verb, re.sub(r"/\d+", "/{id}", f"/management/{m.path}")) for m in METHODS}
    assert written == {(route.title, route.method, route.path) for route in ROUTES}
    assert len(METHODS) == len(ROUTES) == 32


@pytest.mark.parametrize("form", [JSON, XML])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.title.replace(" ", "-"))
@pytest.mark.parametrize("server", SERVERS)
def test_a_method_does_what_its_section_says(server: str, method: Method, form: str) -> None:
    """On every server, in both formats, each method succeeds, answers the Data of its section and has its effect."""
    who = prepared(method, server=server, form=form)
    reply = who.send(method.verb, method.path, fitting(who, method.body))
    answer = read_reply(reply)
    assert reply.status == 200
    assert form in reply.headers["Content-Type"]
    assert value_of(answer, "Success") is True, answer
    check_data(method, answer)
    assert method.leaves(who.service.world)


def check_data(method: Method, answer: dict[str, Any]) -> None:
    """Compare the shape of an answer with what its section promises."""
    data = value_of(answer, "Data")
    if method.data == "skills":
        return
    assert value_of(answer, "ResponseCode") == "Success"
    if method.data == "array":
        assert len(data) == (3 if method.path == "users" else 2)
    elif method.data in {kind.entity for kind in Kind}:
        assert isinstance(value_of(data, "Id"), int | str)
        assert value_of(data, "Password") is None
    elif method.data:
        shown = value_of(data, method.data) if isinstance(data, dict) else data
        assert shown in (False, "Running", "Interaction", 1, 8, "1", "8")
    else:
        assert data is None


DOCUMENTED = {
    "campaigns": "Id CampaignName Active Description CallerId Type MaxLines DegradeToProgressive ProgressiveThreshold "
    "TargetDropPercent IsBlended AutoRecord DefaultListId HoursPerWorkingDay DefaultPhoneType TeleParamPlanId "
    "SchedulePlanId ZipTone ZipToneBeep ZipToneWav NotReadyWaitTime Status",
    "lists": "Id ListName Description ListType CallerIdEnabled CallerId MaxCallbackDays UseMaxCallbackDays "
    "MaxCallbackDate FetchWeight AlertsEnabled ScriptingEnabled ScriptProvider ScriptId Script RecallPlanId "
    "CallingTimePlanId ResultCodePlanId IvrPlanId AnswerMachinePlanId DoNotCallPlanId SchedulePlanId",
    "teams": "Id TenantId TeamName PrimarySupervisorId MaxCallbacksPerDay ServiceTime HoursPerWorkingDay "
    "WellBeingDeckId",
    "users": "Id FirstName LastName Login RolePlanId UseRTC Extension AutoLogon TeamId AgentCapacityPlanId SSOActive",
}


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_an_entity_has_exactly_the_documented_fields(kind: str) -> None:
    """A plain server shows the fields of the document in its order, and no password."""
    shown = caller().done("GET", f"{kind}/1")
    assert list(shown) == DOCUMENTED[kind].split()
    assert [field.name for field in ENTITIES[Kind(kind)] if not field.beyond] == DOCUMENTED[kind].split()


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("PATCH", "campaigns/1/activitystatus"),
        ("PUT", "lists/1/activityStatus"),
        ("PUT", "Campaigns/1"),
        ("GET", "campaigns/"),
        ("GET", "campaigns/1/"),
        ("GET", "campaigns/1/lists/2"),
        ("GET", "skills"),
    ],
)
def test_another_spelling_is_no_endpoint(verb: str, path: str) -> None:
    """Paths are taken in exactly the documented spelling; all else is a 404 page."""
    reply = caller().send(verb, path, {"Active": True})
    assert reply.status == 404
    assert "text/html" in reply.headers["Content-Type"]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("PUT", "campaigns/1/activityStatus"),
        ("PATCH", "lists/1/activitystatus"),
        ("PATCH", "teams/1/activitystatus"),
        ("PUT", "users/1/activitystatus"),
        ("DELETE", "campaigns/1"),
        ("GET", "campaigns/1/lists"),
        ("GET", "users/skills"),
        ("PUT", "campaigns"),
    ],
)
def test_another_verb_is_not_allowed(verb: str, path: str) -> None:
    """The four activity endpoints have two verbs between them, and nothing can be deleted or read back."""
    assert caller().send(verb, path, {"Active": True}).status == 405
