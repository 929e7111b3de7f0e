"""Campaign status, type and activity, and global emergency: what depends on what."""

from __future__ import annotations

from typing import Literal

import pytest

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.fields import Kind
from tests.simulator.calling import Caller, caller

Codes = Literal["name", "number", "either", "enum"]


def status_of(who: Caller, campaign: int = 1) -> int:
    """Read a campaign's status."""
    status = who.done("GET", f"campaigns/{campaign}")["Status"]
    assert isinstance(status, int)
    return status


@pytest.mark.parametrize(
    ("codes", "taken", "not_taken"),
    [
        ("name", ["Running", "not running", "Flushed"], ["1", "Stopped", ""]),
        ("number", ["1", "0", "3"], ["Running", "-1", "1.0"]),
        ("either", ["Running", "0", "Not Running", "2"], ["Stopped"]),
        ("enum", ["Running", "0", "NotRunning", "2"], ["Not Running", "Stopped"]),
    ],
)
def test_how_a_status_is_written(codes: Codes, taken: list[str], not_taken: list[str]) -> None:
    """A status goes as a name or a number, whichever this server takes, and always as a string."""
    who = caller(Behaviour(patch_codes=codes))
    for text in taken:
        who.done("PATCH", "campaigns/1/status", {"CampaignStatus": text})
        names = {"running": 1, "notrunning": 0, "flushed": 3}
        assert status_of(who) == names.get(text.replace(" ", "").lower(), int(text) if text.isdigit() else None)
    for text in not_taken:
        who.refused("PATCH", "campaigns/1/status", {"CampaignStatus": text}, code="Invalid Parameters")
    assert "string" in who.refused("PATCH", "campaigns/1/status", {"CampaignStatus": 1}, code="Invalid Parameters")


@pytest.mark.parametrize(
    ("behaviour", "answered"),
    [
        (Behaviour(), "Paused"),
        (Behaviour(code_answers="number"), 2),
        (Behaviour(narrow_answers="object"), {"CampaignStatus": "Paused"}),
        (Behaviour(narrow_answers="object", code_answers="number"), {"CampaignStatus": 2}),
    ],
)
def test_how_a_status_is_answered(behaviour: Behaviour, answered: object) -> None:
    """Data of the answer is the new status, as a name or a number, bare or in an object."""
    assert caller(behaviour).done("PATCH", "campaigns/1/status", {"CampaignStatus": "Paused"}) == answered


def test_the_same_status_and_type_again() -> None:
    """Setting what already is succeeds, or is refused."""
    caller().done("PATCH", "campaigns/1/status", {"CampaignStatus": "Not Running"})
    who = caller(Behaviour(set_same_status="refused"))
    assert "already" in who.refused("PATCH", "campaigns/1/status", {"CampaignStatus": "Not Running"})
    assert "already" in who.refused("PATCH", "campaigns/1/type", {"CampaignType": "Predictive"})


def test_the_same_activity_again() -> None:
    """Activating what is active succeeds, or is refused."""
    caller().done("PUT", "lists/1/activitystatus", {"Active": True})
    who = caller(Behaviour(set_same_activity="refused"))
    assert "active already" in who.refused("PUT", "lists/1/activitystatus", {"Active": True})


@pytest.mark.parametrize("body", [{}, {"Active": "true"}, {"Active": 1}, {"Active": None}, {"active": True}])
@pytest.mark.parametrize(("verb", "path"), [("PATCH", "users/1/activitystatus"), ("PUT", "teams/1/activitystatus")])
def test_an_activity_that_is_no_boolean(verb: str, path: str, body: dict[str, object]) -> None:
    """Active must be there, in that spelling, and a boolean."""
    caller().refused(verb, path, body, code="Invalid Parameters")


def test_an_inactive_campaign_runs_or_not() -> None:
    """Starting an inactive campaign is refused, except where inactive campaigns run."""
    for runs in (False, True):
        who = caller(Behaviour(inactive_campaigns_run=runs))
        who.done("PATCH", "campaigns/1/activityStatus", {"Active": False})
        if runs:
            who.done("PATCH", "campaigns/1/status", {"CampaignStatus": "Running"})
        else:
            assert "inactive" in who.refused("PATCH", "campaigns/1/status", {"CampaignStatus": "Running"})


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (Behaviour(), 0),
        (Behaviour(inactive_campaigns_run=True), 0),
        (Behaviour(inactive_campaigns_run=True, deactivate_running="keeps"), 1),
        (Behaviour(deactivate_running="keeps"), 0),
    ],
)
def test_deactivating_a_running_campaign(behaviour: Behaviour, status: int) -> None:
    """It stops, or goes on where inactive campaigns run."""
    who = caller(behaviour)
    who.done("PATCH", "campaigns/1/status", {"CampaignStatus": "Running"})
    shown = who.done("PATCH", "campaigns/1/activityStatus", {"Active": False})
    assert (shown["Active"], shown["Status"]) == (False, status)


def test_a_running_campaign_may_refuse_changes() -> None:
    """A server may refuse to deactivate a running campaign, to change its type, or to pause one that never ran."""
    who = caller(Behaviour(deactivate_running="refused", type_while_running="refused", status_transitions="stepwise"))
    assert "only be set to Running" in who.refused("PATCH", "campaigns/1/status", {"CampaignStatus": "Paused"})
    who.done("PATCH", "campaigns/1/status", {"CampaignStatus": "Running"})
    assert "deactivated" in who.refused("PATCH", "campaigns/1/activityStatus", {"Active": False})
    assert "type" in who.refused("PATCH", "campaigns/1/type", {"CampaignType": "Preview"})
    body = {"CampaignName": "X", "Type": 2}
    assert "type" in who.refused("PUT", "campaigns/1", body)
    who.done("PATCH", "campaigns/1/status", {"CampaignStatus": "Paused"})


def test_a_type_change_drops_fields() -> None:
    """Where dropped fields become zero, a change of type zeroes them too."""
    who = caller(Behaviour(dropped_fields="zero"))
    who.service.world.edit(Kind.CAMPAIGNS, 1, NotReadyWaitTime=9)
    who.done("PATCH", "campaigns/1/type", {"CampaignType": "Inbound"})
    assert who.done("GET", "campaigns/1")["NotReadyWaitTime"] == 0


@pytest.mark.parametrize(("restores", "after"), [(False, [0, 0]), (True, [1, 2])])
def test_an_emergency_stops_everything(restores: bool, after: list[int]) -> None:
    """Enabling stops all campaigns; disabling restores what ran, or doesn't."""
    who = caller(Behaviour(emergency_restores=restores))
    who.done("PATCH", "campaigns/1/status", {"CampaignStatus": "Running"})
    who.done("PATCH", "campaigns/2/status", {"CampaignStatus": "Paused"})
    who.done("POST", "globalemergency/enable")
    assert [status_of(who, 1), status_of(who, 2)] == [0, 0]
    assert "emergency" in who.refused("PATCH", "campaigns/1/status", {"CampaignStatus": "Running"})
    who.done("POST", "globalemergency/disable")
    assert [status_of(who, 1), status_of(who, 2)] == after


def test_an_emergency_that_lets_campaigns_run() -> None:
    """A server may let a campaign be started during an emergency."""
    who = caller(Behaviour(emergency_blocks_running=False))
    who.done("POST", "globalemergency/enable")
    who.done("PATCH", "campaigns/1/status", {"CampaignStatus": "Running"})
    assert status_of(who) == 1


def test_an_emergency_twice() -> None:
    """Enabling what is enabled succeeds, or is refused; so does disabling."""
    caller().done("POST", "globalemergency/disable")
    who = caller(Behaviour(emergency_again="refused"))
    assert "already" in who.refused("POST", "globalemergency/disable")
    who.done("POST", "globalemergency/enable")
    assert "already" in who.refused("POST", "globalemergency/enable")
