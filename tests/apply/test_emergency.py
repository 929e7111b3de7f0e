"""Global emergency: the freeze comes first and outlives every doubt; what it stopped is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.emergency import attest_lifted, disable, enable, status
from reconciler.errors import AmbiguousError, RefusalError, RefusedError, TargetError
from reconciler.model.ledger import Emergency
from reconciler.simulator.answers import Reply
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.faults import parse_faults
from reconciler.simulator.fields import Kind
from tests.apply.floors import Floor
from tests.planning.worlds import campaign, git

DESIRED = git(campaign("spring", status=1, active=True), campaign("autumn", status=2, active=True))


def noon() -> datetime:
    """Return a fixed time."""
    return datetime(2026, 5, 5, 12, 0, tzinfo=UTC)


def switch_on(floor: Floor) -> Emergency:
    """Enable the emergency under the ledger's lock."""
    with floor.store.lock(command="emergency") as journal:
        return enable(floor.client, journal, reason="fire alarm", who="sue@desk", clock=noon)


def switch_off(floor: Floor) -> Emergency | None:
    """Disable the emergency under the ledger's lock."""
    with floor.store.lock(command="emergency") as journal:
        return disable(floor.client, journal, who="tom@desk", clock=noon)


def frozen(floor: Floor) -> bool:
    """Return whether an apply would refuse."""
    emergency = status(floor.store.load())
    return emergency is not None and emergency.enabled


def statuses(floor: Floor) -> list[object]:
    """Return the campaigns' statuses."""
    return [row["Status"] for row in floor.world.objects[Kind.CAMPAIGNS].values()]


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    """Return a floor with a running and a paused campaign."""
    made = Floor(tmp_path)
    made.bring(DESIRED)
    return made


def test_enabling_stops_and_freezes_and_disabling_restores(floor: Floor) -> None:
    """From alarm to normal: stopped, frozen, lifted, and the next apply brings the declared statuses back."""
    before = statuses(floor)
    emergency = switch_on(floor)
    assert (emergency.by, emergency.reason, emergency.at) == ("sue@desk", "fire alarm", "2026-05-05T12:00:00Z")
    assert (statuses(floor), frozen(floor), floor.world.emergency) == ([0, 0], True, True)
    with pytest.raises(RefusalError, match="fire alarm"):
        floor.apply(floor.plan(DESIRED))
    lifted = switch_off(floor)
    assert lifted is not None
    assert (lifted.by, lifted.reason, sorted(lifted.statuses.values())) == ("tom@desk", "fire alarm", [1, 2])
    assert not frozen(floor)
    assert floor.bring(DESIRED).succeeded
    assert statuses(floor) == before
    assert status(floor.store.load()) is None
    assert floor.plan(DESIRED).steps == ()


def test_the_freeze_is_there_before_the_call(floor: Floor) -> None:
    """Killed in the middle of the call, the target is frozen."""
    seen: list[bool] = []

    def look(method: str, path: str, go: Callable[[], Reply]) -> Reply:
        if method == "POST":
            seen.append(frozen(floor))
        return go()

    floor.tamper = look
    switch_on(floor)
    assert seen == [True]


@pytest.mark.parametrize("fault", ["refuse:not allowed", "429"])
def test_a_refused_emergency_does_not_freeze(fault: str, floor: Floor) -> None:
    """What certainly was not enabled leaves no freeze behind, and the error says so."""
    floor.service.faults = parse_faults(f"POST *={fault}")
    with pytest.raises(RefusedError, match="not frozen"):
        switch_on(floor)
    assert not frozen(floor)


def test_a_lost_answer_is_settled_by_the_campaigns(floor: Floor) -> None:
    """Every running campaign stopped at that moment: the call was processed."""
    floor.service.faults = parse_faults("POST *=drop-after")
    assert switch_on(floor).enabled
    assert frozen(floor)


def test_a_doubt_that_stays_keeps_the_freeze(floor: Floor) -> None:
    """Nobody knows whether it is on: frozen all the same, and the error says what to do."""
    floor.service.faults = parse_faults("POST *=drop-before")
    with pytest.raises(AmbiguousError, match="stays frozen") as caught:
        switch_on(floor)
    assert "again" in caught.value.hint
    assert frozen(floor)


def test_a_second_emergency_keeps_the_first_statuses(floor: Floor) -> None:
    """Enabling again while all is stopped must not remember 'stopped' as the state to go back to."""
    switch_on(floor)
    assert sorted(switch_on(floor).statuses.values()) == [1, 2]


def test_a_refused_second_emergency_stays_frozen(tmp_path: Path) -> None:
    """A server that refuses to enable what is enabled does not unfreeze the target."""
    floor = Floor(tmp_path, Behaviour(emergency_again="refused"))
    floor.bring(DESIRED)
    switch_on(floor)
    with pytest.raises(RefusedError, match="stays frozen"):
        switch_on(floor)
    assert frozen(floor)


@pytest.mark.parametrize("fault", ["refuse", "drop-before", "500-before"])
def test_a_failed_lifting_keeps_the_freeze(fault: str, floor: Floor) -> None:
    """As long as nothing shows that the emergency is over, nothing is started again."""
    switch_on(floor)
    floor.service.faults = parse_faults(f"POST *={fault}")
    with pytest.raises(TargetError, match="stays frozen"):
        switch_off(floor)
    assert frozen(floor)


def test_campaigns_that_run_again_show_that_it_is_over(floor: Floor) -> None:
    """Lifted in the portal and refused here: when all that ran runs again, the freeze goes too."""
    switch_on(floor)
    for identity in floor.world.objects[Kind.CAMPAIGNS]:
        floor.world.edit("campaigns", identity, Status=1)
    floor.service.faults = parse_faults("POST *=refuse:not enabled")
    switch_off(floor)
    assert not frozen(floor)


def test_a_person_may_attest_that_it_is_over(floor: Floor) -> None:
    """Where no call and no status can tell, somebody's word lifts the freeze, and is recorded as theirs."""
    switch_on(floor)
    floor.service.clear_log()
    with floor.store.lock(command="emergency") as journal:
        lifted = attest_lifted(floor.client, journal, who="tom@desk", clock=noon)
        assert lifted is not None
        assert lifted.by == "tom@desk"
        assert floor.service.writes == ()
        with pytest.raises(RefusalError):
            attest_lifted(floor.client, journal, who="tom@desk", clock=noon)
    assert not frozen(floor)


def test_an_emergency_of_somebody_else_can_be_lifted(floor: Floor) -> None:
    """One that the ledger knows nothing of is lifted too, and leaves nothing to restore."""
    floor.world.emergency = True
    assert switch_off(floor) is None
    assert not floor.world.emergency
