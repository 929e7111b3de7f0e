"""What a plan does with one object: match it, compare it three ways, and leave alone what is others'."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.errors import ConfigurationError, ReconcilerError
from reconciler.model.assessment import Mover, Status
from reconciler.model.desired import Lifecycle, PasswordMethod, PasswordSource
from reconciler.model.ledger import Bound, Emergency, EmergencySwitched, Moved
from reconciler.model.live import LiveObject
from reconciler.model.plan import Action, Plan, Risk
from reconciler.model.policy import Policy, Scope
from tests.planning.worlds import (
    PASSWORD,
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


def test_matching_by_name_adopts() -> None:
    """A live object of that name that the ledger does not know is adopted, without a request, then updated."""
    made = plan(git(campaign("spring", description="x")), target(live_campaign(5, "spring")))
    assert ids(made) == ["campaign/spring/adopt", "campaign/spring/update"]
    assert made.steps[0].requests == ()
    assert made.steps[0].object_id == 5


def test_a_changed_name_of_a_recorded_object_is_a_rename() -> None:
    """The ledger knows the Id, so a new name is an update and never a second campaign."""
    made = plan(
        git(campaign("spring", key="Spring 2027")),
        target(live_campaign(5, "Spring 2026")),
        ledger({"Campaign/spring": record(5, "Spring 2026", campaignName="Spring 2026", type=0)}),
    )
    assert ids(made) == ["campaign/spring/update"]
    assert made.steps[0].reason == "renamed"


def test_two_live_objects_of_one_name_are_an_error_that_lists_their_ids() -> None:
    """Ambiguity stops the plan and names the way out."""
    with pytest.raises(ConfigurationError) as raised:
        plan(git(campaign("spring")), target(live_campaign(5, "spring"), live_campaign(9, "spring")))
    assert "5, 9" in raised.value.problems[0].message
    assert "metadata.id" in raised.value.problems[0].advice


def test_an_id_in_the_manifest_wins_over_names() -> None:
    """metadata.id binds to that object, whatever others are called."""
    made = plan(git(campaign("spring", remote_id=9)), target(live_campaign(5, "spring"), live_campaign(9, "spring")))
    assert [(step.action, step.object_id) for step in made.steps] == [(Action.ADOPT, 9)]


def test_a_recorded_id_that_is_gone_is_said_and_created_only_if_nothing_matches() -> None:
    """A vanished object is created anew unless a live one has its name."""
    known = ledger({"Campaign/spring": record(5, "spring")})
    others = live_campaign(6, "other")
    created = plan(git(campaign("spring")), target(others), known)
    adopted = plan(git(campaign("spring")), target(others, live_campaign(7, "spring")), known)
    assert ids(created) == ["campaign/spring/create"]
    assert ids(adopted) == ["campaign/spring/adopt"]
    assert {warning.rule for warning in (*created.warnings, *adopted.warnings)} == {"recorded-id-gone"}
    assert created.assessments[0].status is Status.MISSING


def test_a_document_renamed_in_git_keeps_its_object() -> None:
    """A new metadata.name for the same live object moves the record; nothing is released or deactivated."""
    made = plan(
        git(campaign("spring-sale", key="Spring")),
        target(live_campaign(5, "Spring")),
        ledger({"Campaign/spring": record(5, "Spring", campaignName="Spring", type=0)}),
        Policy(prune=True),
    )
    assert ids(made) == []
    assert made.releases == ()
    assert any(isinstance(event, Moved) for event in made.bookkeeping)


def test_names_that_move_between_objects_follow_the_ledger() -> None:
    """A new document may take the old name of a recorded object; the rename comes first."""
    made = plan(
        git(campaign("first", key="B"), campaign("second", key="A")),
        target(live_campaign(5, "A")),
        ledger({"Campaign/first": record(5, "A", campaignName="A", type=0)}),
    )
    assert ids(made) == ["campaign/first/update", "campaign/second/create"]
    assert made.steps[1].depends_on == ("campaign/first/update",)


def test_a_name_that_differs_only_in_case_is_warned_of() -> None:
    """Nothing can be deleted, so a probable duplicate is pointed out before it is made."""
    made = plan(git(campaign("spring")), target(live_campaign(5, "Spring")))
    assert [warning.rule for warning in made.warnings] == ["name-differs-in-case"]


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
    assert "SOME_PASSWORD" in step.risk_reason
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


@pytest.mark.parametrize(
    ("live", "scope"),
    [(target(), Scope()), (target(live_campaign(5, "spring")), Scope(only=("Campaign/none*",)))],
    ids=["silent target", "empty selection"],
)
def test_missing_input_never_plans_a_removal(live: Any, scope: Scope) -> None:
    """A silent target or a selection of nothing is an error, not a wish to remove everything."""
    with pytest.raises(ReconcilerError):
        plan(
            git(campaign("spring")),
            live,
            ledger({"Campaign/spring": record(5, "spring")}),
            Policy(scope=scope, prune=True),
        )


def test_no_documents_are_an_error() -> None:
    """An empty directory never means an empty contact centre."""
    with pytest.raises(ReconcilerError, match="no documents"):
        plan(git(), target(live_campaign(5, "spring")))


def test_narrowing_plans_only_what_was_chosen() -> None:
    """--only and -l leave everything else alone, removals included."""
    documents = git(campaign("spring", labels={"brand": "acme"}), campaign("autumn"))
    known = ledger({"Campaign/gone": record(9, "gone")})
    live = target(live_campaign(9, "gone"))
    for scope in (Scope(only=("campaign/spr*",)), Scope(labels=(("brand", "acme"),))):
        made = plan(documents, live, known, Policy(scope=scope, prune=True))
        assert ids(made) == ["campaign/spring/create"]


def test_references_that_lead_nowhere_are_all_said_at_once() -> None:
    """Gone Ids and ambiguous names come with their place and the way out."""
    from reconciler.model.address import Reference

    documents = git(
        campaign("spring", defaultList=Reference(kind="List", id=99)),
        campaign("autumn", defaultList=Reference(kind="List", name="Legacy")),
    )
    with pytest.raises(ConfigurationError) as raised:
        plan(documents, target(live_list(5, "Legacy"), live_list(6, "Legacy")))
    assert [problem.rule for problem in raised.value.problems] == ["reference-ambiguous", "reference-gone"]


def test_a_live_object_can_be_referred_to_without_managing_it() -> None:
    """`{name}` resolves to the one live object of that name."""
    from reconciler.model.address import Reference

    made = plan(
        git(campaign("spring", defaultList=Reference(kind="List", name="Legacy"))), target(live_list(5, "Legacy"))
    )
    assert made.steps[0].requests[0].body == {"CampaignName": "spring", "Type": 0, "DefaultListId": 5}


def _plan_of(live: list[LiveObject]) -> Plan:
    return plan(git(campaign("spring", description="x"), user("jane", password=PASSWORD)), target(*live))


def test_the_order_of_the_answers_does_not_matter() -> None:
    """The same input gives the same plan, however the target sorts its collections."""
    live = [live_campaign(5, "spring"), live_campaign(6, "b"), live_list(1, "l"), live_team(2, "t")]
    assert _plan_of(live) == _plan_of(live[::-1])
