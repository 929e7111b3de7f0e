"""Which live object a document means, and what is refused before anything is planned."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.errors import ConfigurationError, ReconcilerError
from reconciler.model.assessment import Status
from reconciler.model.ledger import Moved
from reconciler.model.live import LiveObject
from reconciler.model.plan import Action, Plan
from reconciler.model.policy import Policy, Scope
from tests.planning.worlds import (
    PASSWORD,
    campaign,
    git,
    ids,
    ledger,
    live_campaign,
    live_list,
    live_team,
    plan,
    record,
    target,
    user,
)


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


def test_a_rename_to_a_name_that_another_has_is_refused() -> None:
    """Two objects of one name could never be told apart again; an Id in the manifest says that it is meant."""
    live = target(live_campaign(5, "A"), live_campaign(6, "B"))
    known = ledger({"Campaign/first": record(5, "A", campaignName="A", type=0)})
    with pytest.raises(ConfigurationError) as raised:
        plan(git(campaign("first", key="B")), live, known)
    assert [problem.rule for problem in raised.value.problems] == ["name-taken"]
    assert ids(plan(git(campaign("first", key="B", remote_id=5)), live, known)) == ["campaign/first/update"]


def test_a_name_that_differs_only_in_case_is_warned_of() -> None:
    """Nothing can be deleted, so a probable duplicate is pointed out before it is made."""
    made = plan(git(campaign("spring")), target(live_campaign(5, "Spring")))
    assert [warning.rule for warning in made.warnings] == ["name-differs-in-case"]


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
