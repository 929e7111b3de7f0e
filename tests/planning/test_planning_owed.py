"""What Git asks for at creation stays owed until it was applied, wherever the run that created the object ended."""

from __future__ import annotations

import pytest

from reconciler.model.address import Address
from reconciler.model.ledger import Concluded, Intent, Ledger
from tests.planning.worlds import campaign, git, ids, ledger, live_campaign, plan, record, target

SPRING = Address("Campaign", "spring")


def interrupted(action: str) -> Ledger:
    """Return a ledger that only knows that something was about to be sent for the campaign."""
    found = ledger({})
    step = f"campaign/spring/{action}"
    found.intents[step] = Intent(step=step, action=action, address=SPRING, at="2026-01-05T09:00:00Z")
    return found


def test_a_status_that_was_never_applied_is_owed() -> None:
    """A run that ended between a create and its status leaves a campaign that is started by the next one."""
    made = plan(
        git(campaign("spring", status=1)),
        target(live_campaign(5, "spring", Status=0)),
        ledger({"Campaign/spring": record(5, "spring", campaignName="spring", type=0)}),
    )
    assert ids(made) == ["campaign/spring/set-status"]
    assert made.steps[0].reason == "declared"


def test_a_create_of_which_only_the_intent_is_known_is_ours() -> None:
    """Where the answer to the create was never seen, the object found by its name gets all that it was to get."""
    made = plan(git(campaign("spring", status=1)), target(live_campaign(5, "spring", Status=0)), interrupted("create"))
    assert ids(made) == ["campaign/spring/adopt", "campaign/spring/set-status"]
    assert not [event for event in made.bookkeeping if isinstance(event, Concluded)]


@pytest.mark.parametrize("action", ["update", "set-status"])
def test_another_intent_makes_no_object_ours(action: str) -> None:
    """An object that was forgotten is adopted as it is, whatever else was going on, and that intent is settled."""
    made = plan(git(campaign("spring", status=1)), target(live_campaign(5, "spring", Status=0)), interrupted(action))
    assert ids(made) == ["campaign/spring/adopt"]
    assert [event.step for event in made.bookkeeping if isinstance(event, Concluded)] == [f"campaign/spring/{action}"]
