"""Creating and updating entities: what is taken, kept, reset, dropped and refused."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.fields import Kind
from reconciler.simulator.world import Relation
from tests.simulator.calling import caller

JANE = {"FirstName": "Jane", "LastName": "Doe", "Login": "jane.doe", "RolePlanId": 2, "Password": "pw"}


def test_a_tenant_starts_with_the_vendors_user_alone() -> None:
    """Before anybody does anything there is MaxSupport, with the first Id."""
    from reconciler.simulator.service import Service
    from tests.simulator.calling import Caller

    who = Caller(Service())
    assert [(user["Id"], user["Login"]) for user in who.done("GET", "users")] == [(1, "MaxSupport")]
    assert [who.done("GET", kind) for kind in ("campaigns", "lists", "teams")] == [[], [], []]


def test_ids_go_up_and_are_never_given_twice() -> None:
    """A new object gets the next Id of its kind, even after one was taken out by hand."""
    who = caller()
    assert who.done("POST", "lists", {"ListName": "Third", "Id": 77})["Id"] == 3
    who.service.world.remove(Kind.LISTS, 3)
    assert who.done("POST", "lists", {"ListName": "Fourth"})["Id"] == 4


def test_ids_can_be_shared_by_all_kinds() -> None:
    """With shared Ids no number stands for two objects."""
    who = caller(Behaviour(ids="shared", first_id=100))
    assert who.done("POST", "lists", {"ListName": "A"})["Id"] == 100
    assert who.done("POST", "teams", {"TeamName": "B"})["Id"] == 101


@pytest.mark.parametrize(
    ("behaviour", "active", "status"),
    [
        (Behaviour(), True, 0),
        (Behaviour(new_active=False), False, 0),
        (Behaviour(post_honours_active=True), False, 0),
        (Behaviour(post_honours_active=True, inactive_campaigns_run=True, post_honours_status=True), False, 1),
        (Behaviour(post_honours_status=True), True, 1),
    ],
)
def test_what_a_create_takes_of_activity_and_status(behaviour: Behaviour, active: bool, status: int) -> None:
    """POST with Active false and Status 1 leads to what the server honours."""
    made = caller(behaviour).done("POST", "campaigns", {"CampaignName": "X", "Type": 4, "Active": False, "Status": 1})
    assert (made["Active"], made["Status"], made["Type"]) == (active, status, 4)


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (Behaviour(), {"Active": True, "Status": 0, "Type": 2}),
        (Behaviour(put_honours_type=False), {"Active": True, "Status": 0, "Type": 0}),
        (Behaviour(put_honours_status=True), {"Active": True, "Status": 2, "Type": 2}),
        (
            Behaviour(
                put_honours_active=True,
                put_honours_status=True,
                inactive_campaigns_run=True,
                deactivate_running="keeps",
            ),
            {"Active": False, "Status": 2, "Type": 2},
        ),
        (Behaviour(put_honours_active=True), {"Active": False, "Status": 0, "Type": 2}),
    ],
)
def test_what_an_update_takes_of_activity_status_and_type(behaviour: Behaviour, expected: dict[str, Any]) -> None:
    """PUT sets Active, Status and Type only on a server that honours them there."""
    body = {"CampaignName": "X", "Active": False, "Status": 2, "Type": 2}
    made = caller(behaviour).done("PUT", "campaigns/1", body)
    assert {name: made[name] for name in expected} == expected


@pytest.mark.parametrize(("resets", "kept"), [(True, None), (False, "by night")])
def test_omitted_fields_of_an_update(resets: bool, kept: str | None) -> None:
    """A field that PUT omits is reset or kept; UseMaxCallbackDays is always kept, as documented."""
    who = caller(Behaviour(put_resets_omitted=resets))
    who.service.world.edit(Kind.LISTS, 1, Description="by night", UseMaxCallbackDays=True)
    made = who.done("PUT", "lists/1", {"ListName": "List 1"})
    assert (made["Description"], made["UseMaxCallbackDays"]) == (kept, True)
    assert (
        who.done("PUT", "lists/1", {"ListName": "List 1", "UseMaxCallbackDays": False})["UseMaxCallbackDays"] is False
    )


def test_an_update_with_everything_honoured_and_omitted_resets_everything() -> None:
    """The worst server: a PUT without Active, Status and Type deactivates, stops and makes it predictive."""
    who = caller(Behaviour(put_honours_active=True, put_honours_status=True))
    who.service.world.edit(Kind.CAMPAIGNS, 1, Type=4, Status=1)
    made = who.done("PUT", "campaigns/1", {"CampaignName": "X"})
    assert (made["Active"], made["Status"], made["Type"]) == (False, 0, 0)


def test_id_and_tenant_are_never_taken_from_a_body() -> None:
    """Id and TenantId of a request are ignored."""
    made = caller().done("PUT", "teams/1", {"TeamName": "X", "Id": 9, "TenantId": 9})
    assert (made["Id"], made["TenantId"]) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "degrade", "applied"),
    [
        (0, True, {"ProgressiveThreshold", "NotReadyWaitTime"}),
        (1, False, {"NotReadyWaitTime"}),
        (2, True, set()),
        (3, False, {"MaxLines"}),
        (4, True, {"MaxLines"}),
        (6, False, set()),
    ],
)
@pytest.mark.parametrize("dropped", ["keep", "zero"])
def test_fields_that_depend_on_the_type(kind: int, degrade: bool, applied: set[str], dropped: str) -> None:
    """MaxLines, ProgressiveThreshold and NotReadyWaitTime count only for the types that the document names."""
    who = caller(Behaviour(dropped_fields="keep" if dropped == "keep" else "zero"))
    who.service.world.edit(Kind.CAMPAIGNS, 1, MaxLines=3, ProgressiveThreshold=3, NotReadyWaitTime=3)
    sent = {"MaxLines": 7, "ProgressiveThreshold": 7, "NotReadyWaitTime": 7}
    body = {"CampaignName": "X", "Type": kind, "DegradeToProgressive": degrade, **sent}
    otherwise = {"keep": 3, "zero": 0}[dropped]
    made = who.done("PUT", "campaigns/1", body)
    assert {name: made[name] for name in sent} == {name: 7 if name in applied else otherwise for name in sent}
    made = who.done("POST", "campaigns", body)
    assert {name: made[name] for name in sent} == {name: 7 if name in applied else 0 for name in sent}


def test_a_default_list_may_become_an_association() -> None:
    """Where DefaultListId associates, creating and updating do so; elsewhere neither does."""
    body = {"CampaignName": "X", "Type": 0, "DefaultListId": 2}
    who = caller(Behaviour(default_list_associates=True))
    who.done("POST", "campaigns", body)
    who.done("PUT", "campaigns/1", body)
    assert who.service.world.links[Relation.CAMPAIGN_LISTS] == {(3, 2), (1, 2)}
    who = caller()
    who.done("POST", "campaigns", body)
    assert who.service.world.links[Relation.CAMPAIGN_LISTS] == set()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("campaigns", {"CampaignName": "CAMPAIGN 1", "Type": 0}),
        ("lists", {"ListName": "List 1"}),
        ("teams", {"TeamName": "team 1"}),
        ("users", {**JANE, "Login": "User1"}),
    ],
)
def test_duplicate_names(path: str, body: dict[str, object]) -> None:
    """A name in use, case ignored, is allowed or refused for a new object and for a rename."""
    names = Behaviour(duplicate_names="refused", duplicate_logins="refused")
    who = caller(names)
    assert "in use by" in who.refused("POST", path, body)
    second = 3 if path == "users" else 2
    assert "in use by" in who.refused("PUT", f"{path}/{second}", body)
    first = 2 if path == "users" else 1
    who.done("PUT", f"{path}/{first}", body)
    allowing = caller(Behaviour(duplicate_names="allowed", duplicate_logins="allowed"))
    allowing.done("POST", path, body)


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("campaigns", {"Type": 0}, "CampaignName is required"),
        ("campaigns", {"CampaignName": " ", "Type": 0}, "CampaignName is required"),
        ("campaigns", {"CampaignName": "X", "Type": "Predictive"}, "Type must be of type int"),
        ("campaigns", {"CampaignName": "X", "Type": True}, "Type must be of type int"),
        ("campaigns", {"CampaignName": "X", "TargetDropPercent": 100.5}, "from 0 to 100"),
        ("campaigns", {"CampaignName": "X", "TargetDropPercent": "2"}, "must be of type decimal"),
        ("campaigns", {"CampaignName": "X", "MaxLines": 2**31}, "32 bits"),
        ("campaigns", {"CampaignName": "X", "IsBlended": 1}, "must be of type boolean"),
        ("campaigns", {"CampaignName": "X", "CallerId": 161}, "must be of type string"),
        ("campaigns", {"CampaignName": "X", "MaxLines": None}, "must be of type int"),
        ("lists", {"ListName": "x" * 101}, "the most is 100"),
        ("lists", {"ListName": "X", "FetchWeight": 11}, "from 0 to 10"),
        ("lists", {"ListName": "X", "MaxCallbackDate": "soon"}, "must be of type datetime"),
        ("users", {**JANE, "Password": ""}, "Password is required"),
        ("users", {**JANE, "LastName": None}, "LastName is required"),
    ],
)
def test_a_body_that_is_wrong_in_itself(path: str, body: dict[str, object], told: str) -> None:
    """A typed server refuses missing names, wrong types and values out of range, and creates nothing."""
    assert told in caller().refused("POST", path, body, code="Invalid Parameters")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("campaigns", {"CampaignName": "X", "Type": 0, "DefaultListId": 9}),
        ("teams", {"TeamName": "X", "PrimarySupervisorId": 9}),
        ("users", {**JANE, "TeamId": 9}),
    ],
)
def test_references_to_nothing(path: str, body: dict[str, object]) -> None:
    """A reference to an Id that isn't there is refused, on a server that checks."""
    assert "9 does not exist" in caller().refused("POST", path, body)
    caller(Behaviour(references_checked=False)).done("POST", path, body)


@pytest.mark.parametrize("rule", ["accepted", "refused"])
def test_codes_beyond_the_appendix(rule: str) -> None:
    """A code that the document doesn't list is stored or refused."""
    who = caller(Behaviour(undocumented_codes="accepted" if rule == "accepted" else "refused"))
    body = {"CampaignName": "X", "Type": 12}
    if rule == "accepted":
        assert who.done("POST", "campaigns", body)["Type"] == 12
    else:
        assert "no code 12" in who.refused("POST", "campaigns", body, code="Invalid Parameters")


@pytest.mark.parametrize("unknown", ["ignored", "refused"])
def test_properties_nobody_documented(unknown: str) -> None:
    """A property the entity doesn't have, a misspelt one too, is ignored or refused."""
    who = caller(Behaviour(unknown_fields="ignored" if unknown == "ignored" else "refused"))
    body = {**JANE, "UseRtc": True}
    if unknown == "ignored":
        assert who.done("POST", "users", body)["UseRTC"] is False
    else:
        assert "UseRtc" in who.refused("POST", "users", body, code="Invalid Parameters")


def test_passwords_are_kept_apart() -> None:
    """A user's password is stored, counted and never shown; a PUT needs one, and sets it again."""
    who = caller()
    assert "Password" not in who.done("GET", "users/2")
    assert "Password is required" in who.refused(
        "PUT", "users/2", {**JANE, "Password": None}, code="Invalid Parameters"
    )
    who.done("PUT", "users/2", {**JANE, "Password": "second"})
    assert (who.service.world.passwords[2], who.service.world.password_writes[2]) == ("second", 2)


def test_a_server_may_not_need_the_password_again() -> None:
    """Where PUT needs no password, one that is omitted is kept and one that is sent is set."""
    who = caller(Behaviour(user_put_needs_password=False))
    bare = {name: value for name, value in JANE.items() if name != "Password"}
    who.done("PUT", "users/2", bare)
    assert who.service.world.passwords[2] == "first"
    who.done("PUT", "users/2", JANE)
    assert who.service.world.passwords[2] == "pw"


@pytest.mark.parametrize("kind", ["campaigns", "lists", "teams", "users"])
@pytest.mark.parametrize(("missing", "status"), [("as-refusal", 200), ("404", 404)])
def test_an_id_that_is_not_there(kind: str, missing: str, status: int) -> None:
    """GET and PUT of an unknown Id are refused, with the status that this server uses."""
    who = caller(Behaviour(missing_status="404" if missing == "404" else "as-refusal"))
    assert who.send("GET", f"{kind}/99").status == status
    assert "99 does not exist" in who.refused("GET", f"{kind}/99")
    assert "99 does not exist" in who.refused("PUT", f"{kind}/99", JANE)


def test_fields_beyond_the_document() -> None:
    """A server with fields of its own shows them, keeps what is sent back and resets what is left out."""
    who = caller(Behaviour(extra_fields=True))
    who.service.world.edit(Kind.CAMPAIGNS, 1, Undroppable=True)
    live = who.done("GET", "campaigns/1")
    assert live["Undroppable"] is True
    assert who.done("PUT", "campaigns/1", live)["Undroppable"] is True
    del live["Undroppable"]
    assert who.done("PUT", "campaigns/1", live)["Undroppable"] is False


def test_inactive_objects_are_listed_or_not() -> None:
    """'All existing' means the inactive ones too, on all servers but the odd one."""
    for listed, expected in ((True, [1, 2]), (False, [2])):
        who = caller(Behaviour(inactive_listed=listed))
        who.done("PUT", "lists/1/activitystatus", {"Active": False})
        assert [each["Id"] for each in who.done("GET", "lists")] == expected
        assert who.done("GET", "lists/1")["Id"] == 1


def test_activity_that_nobody_documented() -> None:
    """A server may show Active for lists, teams and users, and then honours it in PUT where it honours it at all."""
    who = caller(Behaviour(activity_in_entities=True, put_honours_active=True))
    live = who.done("GET", "lists/1")
    assert live["Active"] is True
    assert who.done("PUT", "lists/1", {**live, "Active": False})["Active"] is False
    del live["Active"]
    assert who.done("PUT", "lists/1", live)["Active"] is False
