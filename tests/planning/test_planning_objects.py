"""What a plan does with one object: match it, compare it three ways, and leave alone what is others'."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.errors import ConfigurationError
from reconciler.model.assessment import Mover, Status
from reconciler.model.desired import Lifecycle, PasswordMethod, PasswordSource
from reconciler.model.ledger import Bound, Emergency, EmergencySwitched
from reconciler.model.plan import Risk
from reconciler.model.policy import Policy
from tests.planning.worlds import (
    campaign,
    document,
    git,
    ids,
    key,
    ledger,
    live_campaign,
    live_list,
    live_user,
    plan,
    record,
    target,
    user,
)

EQUAL = [
    ({"targetDropPercent": Decimal("3.00")}, {"TargetDropPercent": 3}),
    ({"targetDropPercent": Decimal("3")}, {"TargetDropPercent": "3.00"}),
    ({"description": ""}, {"Description": None}),
    ({"description": ""}, {}),
    ({"type": 1}, {"Type": "Progressive"}),
    ({"type": 1}, {"Type": "1"}),
    ({"isBlended": True}, {"IsBlended": "True"}),
    ({"isBlended": False}, {"isblended": 0}),
    ({"zipTone": 1}, {"ZipTone": "wav file"}),
]


@pytest.mark.parametrize(("wanted", "sent"), EQUAL, ids=str)
def test_values_that_mean_the_same_are_no_change(wanted: dict[str, Any], sent: dict[str, Any]) -> None:
    """Whatever form the wire used, an equal value plans nothing."""
    made = plan(
        git(campaign("spring", **wanted)),
        target(live_campaign(5, "spring", **sent)),
        ledger({"Campaign/spring": record(5, "spring")}),
    )
    assert ids(made) == []


@pytest.mark.parametrize(
    "sent", ["2026-05-05T17:30:00", "/Date(1777998600000)/", "/Date(1777998600000+0100)/", "05/05/2026 17:30:00"]
)
def test_dates_compare_as_instants_in_the_targets_zone(sent: str) -> None:
    """One instant in four forms is one instant; a date without an offset is local to the target."""
    made = plan(
        git(document("List", "old", maxCallbackDate="2026-05-05T16:30:00Z")),
        target(live_list(5, "old", MaxCallbackDate=sent)),
        ledger({"List/old": record(5, "old")}),
        Policy(timezone="Europe/London"),
    )
    assert ids(made) == []


def test_a_new_object_is_created_then_activated_then_set_going() -> None:
    """Creating sends neither activity nor status: those are steps of their own, in that order."""
    made = plan(git(campaign("spring", status=1, active=True)))
    assert ids(made) == ["campaign/spring/create", "campaign/spring/activate", "campaign/spring/set-status"]
    body = made.steps[0].requests[0].body
    assert body == {"CampaignName": "spring", "Type": 0}


def test_an_absent_field_is_not_managed() -> None:
    """What the manifest leaves out is never changed, and travels back in the PUT as it was."""
    made = plan(
        git(campaign("spring", description="new")),
        target(live_campaign(5, "spring", Description="old", CallerId="0161", Surprise=[1])),
    )
    update = made.steps[-1]
    assert [change.field for change in update.changes] == ["description"]
    assert update.requests[0].body == {
        "Id": 5,
        "CampaignName": "spring",
        "Active": True,
        "Type": 0,
        "Status": 0,
        "Description": "new",
        "CallerId": "0161",
        "Surprise": [1],
    }


@pytest.mark.parametrize(
    ("applied", "live", "wanted", "mover"),
    [("a", "b", "a", Mover.LIVE), ("a", "a", "b", Mover.GIT), ("a", "b", "c", Mover.BOTH)],
)
def test_three_ways_tell_who_moved(applied: str, live: str, wanted: str, mover: Mover) -> None:
    """Last applied against live and against the manifest says whether the floor or Git moved, or both."""
    made = plan(
        git(document("List", "old", description=wanted)),
        target(live_list(5, "old", Description=live)),
        ledger({"List/old": record(5, "old", listName="old", description=applied)}),
    )
    assert ids(made) == ["list/old/update"]
    (field,) = made.assessments[0].fields
    assert field.mover is mover


def test_agreement_reached_elsewhere_is_only_written_down() -> None:
    """Git and the target moved to the same value: no step, and the record says so from now on."""
    made = plan(
        git(document("List", "old", description="b")),
        target(live_list(5, "old", Description="b")),
        ledger({"List/old": record(5, "old", listName="old", description="a")}),
    )
    assert not made.has_changes
    (event,) = made.bookkeeping
    assert isinstance(event, Bound)
    assert event.fields == {"description": "b"}


STATUS_CASES = [
    ("the floor paused it", 1, 2, 1, False),
    ("Git changed it", 1, 1, 2, True),
    ("both changed it", 1, 2, 0, True),
]


@pytest.mark.parametrize(("name", "applied", "live", "wanted", "planned"), STATUS_CASES, ids=lambda case: str(case))
def test_status_is_operational(name: str, applied: int, live: int, wanted: int, *, planned: bool) -> None:
    """A floor manager's pause is respected; a change in Git is applied."""
    made = plan(
        git(campaign("spring", status=wanted)),
        target(live_campaign(5, "spring", Status=live)),
        ledger({"Campaign/spring": record(5, "spring", campaignName="spring", type=0, status=applied)}),
    )
    assert ids(made) == (["campaign/spring/set-status"] if planned else []), name
    if not planned:
        assert made.assessments[0].status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("lifecycle", "policy"),
    [(Lifecycle(operational=frozenset()), Policy()), (Lifecycle(), Policy(reassert=True))],
    ids=["operational: []", "--reassert"],
)
def test_operational_fields_can_be_enforced(lifecycle: Lifecycle, policy: Policy) -> None:
    """An empty `operational` or --reassert brings the status back."""
    made = plan(
        git(campaign("spring", status=1, lifecycle=lifecycle)),
        target(live_campaign(5, "spring", Status=2)),
        ledger({"Campaign/spring": record(5, "spring", campaignName="spring", type=0, status=1)}),
        policy,
    )
    assert ids(made) == ["campaign/spring/set-status"]


def test_adopting_takes_an_operational_field_as_it_is_and_says_so() -> None:
    """The first plan over a live floor never restarts or stops anything by itself."""
    made = plan(git(campaign("spring", status=1)), target(live_campaign(5, "spring", Status=0)))
    assert ids(made) == ["campaign/spring/adopt"]
    assert [warning.rule for warning in made.warnings] == ["operational-adopted"]


def test_ignored_fields_are_set_at_creation_and_never_again() -> None:
    """ignoreChanges keeps a field out of the diff and out of what the PUT changes."""
    wanted = campaign(
        "spring", callerId="1", description="x", lifecycle=Lifecycle(ignore_changes=frozenset({"callerId"}))
    )
    created = plan(git(wanted))
    later = plan(git(wanted), target(live_campaign(5, "spring", CallerId="2", Description="y")))
    assert created.steps[0].requests[0].body == {
        "CampaignName": "spring",
        "Type": 0,
        "CallerId": "1",
        "Description": "x",
    }
    assert [change.field for change in later.steps[-1].changes] == ["description"]
    body = later.steps[-1].requests[0].body
    assert body is not None
    assert body["CallerId"] == "2"


def test_fields_that_the_campaigns_type_drops_are_never_compared() -> None:
    """A floor manager switched the type: what the API drops for that type cannot drift."""
    made = plan(
        git(campaign("spring", type=0, notReadyWaitTime=30, lifecycle=Lifecycle(operational=frozenset({"type"})))),
        target(live_campaign(5, "spring", Type=2, NotReadyWaitTime=0)),
        ledger({"Campaign/spring": record(5, "spring", campaignName="spring", type=0, notReadyWaitTime=30)}),
    )
    assert ids(made) == []


def test_a_type_change_comes_before_the_fields_that_need_it() -> None:
    """maxLines holds for IVR only, so the type is set first."""
    made = plan(
        git(campaign("lines", type=3, maxLines=20)),
        target(live_campaign(5, "lines", Type=0, MaxLines=0)),
        ledger({"Campaign/lines": record(5, "lines", campaignName="lines", type=0)}),
    )
    assert ids(made) == ["campaign/lines/set-type", "campaign/lines/update"]


def test_omitted_use_max_callback_days_is_left_out_of_the_put() -> None:
    """The API document says that leaving it out keeps it."""
    made = plan(git(document("List", "old", description="x")), target(live_list(5, "old", UseMaxCallbackDays=True)))
    assert made.steps[-1].requests[0].body == {"Id": 5, "ListName": "old", "Description": "x"}


def test_a_users_update_says_that_the_password_is_set_again() -> None:
    """A user's PUT needs the password, so the plan shows its source and calls it disruptive."""
    made = plan(
        git(user("jane", firstName="Janet")),
        target(live_user(7, "jane")),
        ledger({"User/jane": record(7, "jane", firstName="Some")}),
    )
    (step,) = made.steps
    assert step.risk is Risk.DISRUPTIVE
    assert "SOME_PASSWORD" in step.explanation
    assert step.requests[0].body is not None
    assert step.requests[0].body["Password"] == "<environment variable SOME_PASSWORD>"


def test_a_users_update_without_a_password_source_is_refused_with_the_way_out() -> None:
    """No source, no update: the objection says what to do."""
    made = plan(git(user("jane", firstName="Janet", password=None)), target(live_user(7, "jane")))
    assert [objection.rule for objection in made.objections] == ["no-password-source"]


@pytest.mark.parametrize(("sent", "asked", "planned"), [(1, 2, True), (2, 2, False), (3, 2, False), (None, 1, True)])
def test_a_higher_rotation_is_itself_a_change(sent: int | None, asked: int, *, planned: bool) -> None:
    """Only a growing number sends the password again."""
    source = PasswordSource(method=PasswordMethod.ENVIRONMENT, argument=("X",), rotation=asked)
    known = ledger({"User/jane": replace(record(7, "jane"), rotation=sent)})
    made = plan(git(user("jane", password=source)), target(live_user(7, "jane")), known)
    assert bool(made.steps) is planned


def test_adopting_a_user_sends_no_password() -> None:
    """A rotation number on a user that was there before is the starting point, not a reset."""
    source = PasswordSource(method=PasswordMethod.ENVIRONMENT, argument=("X",), rotation=4)
    made = plan(git(user("jane", password=source)), target(live_user(7, "jane")))
    assert ids(made) == ["user/jane/adopt"]
    assert made.steps[0].password is None
    assert made.steps[0].rotation == 4


IDENTITY = {"firstName": "Janet", "lastName": "Doe", "rolePlanId": 3, "ssoActive": True}


@pytest.mark.parametrize(("manage", "planned"), [(False, False), (True, True)])
def test_an_identity_provider_owns_a_single_sign_on_users_identity(*, manage: bool, planned: bool) -> None:
    """Names, role, activity and the flag are not compared unless the manifest says manageIdentity."""
    made = plan(
        git(user("jane", **IDENTITY, active=True, lifecycle=Lifecycle(manage_identity=manage))),
        target(live_user(7, "jane", SSOActive=True)),
        ledger({"User/jane": record(7, "jane")}),
    )
    assert bool(made.steps) is planned


def test_required_fields_are_asked_for_before_anything_is_created() -> None:
    """A user without names, role or password source cannot be created, and the problem says all of it."""
    with pytest.raises(ConfigurationError) as raised:
        plan(git(document("User", "jane"), document("Campaign", "spring")))
    messages = [problem.message for problem in raised.value.problems]
    assert any("firstName, lastName, rolePlanId, password" in message for message in messages)
    assert any("without type" in message for message in messages)


def test_activity_that_cannot_be_read_is_sent_once_and_then_remembered() -> None:
    """Whether a list is active is the ledger's to know; --reassert sends it again."""
    documents = git(document("List", "old", active=True))
    live = target(live_list(5, "old"))
    known = {"List/old": record(5, "old", listName="old")}
    assert ids(plan(documents, live, ledger(known))) == ["list/old/activate"]
    remembered = ledger(known, activity={("List", 5): True})
    assert ids(plan(documents, live, remembered)) == []
    assert ids(plan(documents, live, remembered, Policy(reassert=True))) == ["list/old/activate"]


def test_an_activity_that_a_server_happens_to_send_is_believed() -> None:
    """`Active` in a list's answer beats the ledger."""
    made = plan(
        git(document("List", "old", active=True)),
        target(live_list(5, "old", Active=False)),
        ledger({"List/old": record(5, "old", listName="old")}, activity={("List", 5): True}),
    )
    assert ids(made) == ["list/old/activate"]
    assert made.steps[0].unverifiable is False


def test_deactivating_a_running_campaign_needs_its_manifest_to_stop_it() -> None:
    """Without `status: Not Running` the plan is refused; with it the stop comes first."""
    live = target(live_campaign(5, "spring", Status=1))
    known = ledger({"Campaign/spring": record(5, "spring", campaignName="spring", type=0, status=0)})
    refused = plan(git(campaign("spring", active=False)), live, known)
    assert [objection.rule for objection in refused.objections] == ["running-campaign"]
    allowed = plan(git(campaign("spring", active=False, status=0)), live, known)
    assert allowed.objections == ()
    assert ids(allowed) == ["campaign/spring/set-status", "campaign/spring/deactivate"]


def test_a_lifted_emergency_is_restored_to_what_git_declares() -> None:
    """Statuses that the emergency changed come back, although status is operational; then nothing is left to do."""
    emergency = Emergency(enabled=False, at="", by="", reason="", statuses={5: 1, 6: 2})
    documents = git(campaign("spring", status=1), campaign("autumn", status=1))
    records = {
        "Campaign/spring": record(5, "spring", campaignName="spring", type=0, status=1),
        "Campaign/autumn": record(6, "autumn", campaignName="autumn", type=0, status=1),
    }
    stopped = target(live_campaign(5, "spring", Status=0), live_campaign(6, "autumn", Status=0))
    made = plan(documents, stopped, ledger(records, emergency=emergency))
    assert ids(made) == ["campaign/spring/set-status"], "autumn was paused by the floor before, and stays theirs"
    running = target(live_campaign(5, "spring", Status=1), live_campaign(6, "autumn", Status=0))
    after = plan(documents, running, ledger(records, emergency=emergency))
    assert ids(after) == []
    assert after.bookkeeping == (EmergencySwitched(emergency=None),)


def test_a_team_and_its_supervisor_are_created_in_a_circle() -> None:
    """The team comes without its supervisor, then the user, then the supervisor is set."""
    made = plan(
        git(document("Team", "north", primarySupervisor=key("User", "sam")), user("sam", team=key("Team", "north")))
    )
    assert ids(made) == ["team/north/create", "user/sam/create", "team/north/update"]
    assert made.steps[2].reason == "deferred-reference"


def test_a_catalogued_id_reads_by_its_name() -> None:
    """What a catalog names is shown by that name; an Id that no catalog knows stays a number."""
    desired = git(campaign("spring", schedulePlanId=4))
    made = plan(
        replace(desired, names={"schedulePlans": {4: "Weekdays 8 to 8"}}),
        target(live_campaign(7, "spring", SchedulePlanId=2)),
        ledger({"Campaign/spring": record(7, "spring", schedulePlanId=2)}),
    )
    (step,) = made.steps
    assert [(change.before, change.after) for change in step.changes] == [(2, "Weekdays 8 to 8")]
