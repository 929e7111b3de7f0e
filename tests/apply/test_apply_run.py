"""The run as a whole: what it refuses, which passwords it gets, how it stops, and what it reports."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.applying.progress import Progress, StepFinished, StepStarted
from reconciler.errors import LedgerError, RefusalError, SecretError
from reconciler.model.address import Address
from reconciler.model.desired import DesiredInventory, PasswordMethod, PasswordSource
from reconciler.model.ledger import (
    Activated,
    Bound,
    Concluded,
    Emergency,
    EmergencySwitched,
    Event,
    Intended,
    Linked,
    Released,
)
from reconciler.model.outcome import Result
from reconciler.model.plan import Objection, Release
from reconciler.model.secret import Secret
from reconciler.simulator.faults import parse_faults
from reconciler.simulator.fields import Kind
from tests.apply.floor_plans import floor_plan
from tests.apply.floors import Floor
from tests.planning.worlds import campaign, document, git, key, membership, user

EMERGENCY = Emergency(enabled=True, at="2026-05-05T09:00:00Z", by="sue@desk", reason="fire alarm")


def lists(count: int) -> DesiredInventory:
    """Return so many lists."""
    return git(*(document("List", f"list-{number:02}") for number in range(count)))


def source(method: PasswordMethod, *argument: str, rotation: int | None = None) -> PasswordSource:
    """Return a password source."""
    return PasswordSource(method=method, argument=argument, rotation=rotation)


def test_a_plan_with_objections_sends_nothing(tmp_path: Path) -> None:
    """An objection stops the whole plan, with its advice."""
    floor = Floor(tmp_path)
    objection = Objection(rule="protected", message="List/x is protected", advice="take `protect` out first")
    with pytest.raises(RefusalError, match="List/x is protected") as caught:
        floor.apply(replace(floor.plan(lists(1)), objections=(objection,)))
    assert caught.value.hint == "take `protect` out first"
    assert floor.service.writes == ()


def test_a_frozen_target_is_not_written_to(tmp_path: Path) -> None:
    """While an emergency is on, apply refuses and says who froze the target, when and why."""
    floor = Floor(tmp_path)
    with floor.store.lock(command="test") as journal:
        journal.append(EmergencySwitched(emergency=EMERGENCY))
    with pytest.raises(RefusalError, match=r"sue@desk at 2026-05-05T09:00:00Z \(fire alarm\)"):
        floor.bring(lists(1))
    assert floor.service.writes == ()


def test_all_missing_passwords_are_named_before_anything_is_sent(tmp_path: Path) -> None:
    """A source that gives nothing costs no half-done run: all are listed, with their users."""
    floor = Floor(tmp_path)
    desired = git(
        document("List", "leads"),
        user("ann", password=source(PasswordMethod.ENVIRONMENT, "ANN_PASSWORD")),
        user("bob", password=source(PasswordMethod.ENVIRONMENT, "BOB_PASSWORD")),
        user("cat", password=source(PasswordMethod.GENERATE)),
    )

    def give(asked: PasswordSource) -> Secret:
        if asked.method is PasswordMethod.GENERATE:
            return Secret("generated")
        raise SecretError(f"{asked} is not set", hint="set it")

    with pytest.raises(SecretError) as caught:
        floor.apply(floor.plan(desired), passwords=give)
    assert "User/ann: environment variable ANN_PASSWORD is not set" in caught.value.message
    assert "User/bob: environment variable BOB_PASSWORD is not set" in caught.value.message
    assert (caught.value.hint, floor.service.writes) == ("set it", ())


def test_a_source_is_asked_once_and_generation_for_each(tmp_path: Path) -> None:
    """A command runs once however many users name it; every generated password is another."""
    floor = Floor(tmp_path)
    command = source(PasswordMethod.COMMAND, "op", "read", rotation=3)
    desired = git(
        *(user(name, password=command) for name in ("ann", "bob")),
        *(user(name, password=source(PasswordMethod.GENERATE)) for name in ("cat", "dan")),
    )
    asked: list[PasswordSource] = []

    def give(one: PasswordSource) -> Secret:
        asked.append(one)
        return Secret(f"marked-secret-{len(asked)}")

    report = floor.apply(floor.plan(desired), passwords=give)
    assert sorted(one.method for one in asked) == ["command", "generate", "generate"]
    passwords = floor.world.passwords
    assert passwords[2] == passwords[3]
    assert len({passwords[2], passwords[4], passwords[5]}) == 3
    assert floor.store.load().objects[Address("User", "ann")].rotation == 3
    assert "marked-secret" not in repr(report) + repr(floor.events)
    assert not any(b"marked-secret" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_each_write_is_announced_and_concluded(tmp_path: Path) -> None:
    """In the ledger an intent stands before each step's outcome, and its conclusion after."""
    floor = Floor(tmp_path)
    report = floor.bring(floor_plan())
    for outcome in (each for each in report.outcomes if each.requests):
        positions = [
            position
            for position, event in enumerate(floor.events)
            if isinstance(event, Intended | Concluded) and event.step == outcome.step
        ]
        first, *_, last = positions
        assert isinstance(floor.events[first], Intended)
        assert isinstance(floor.events[last], Concluded)
        between = floor.events[first + 1 : last]
        assert any(isinstance(event, Bound | Linked | Activated) for event in between)
    assert floor.unforeseen == []


def test_a_failed_step_stops_only_what_depends_on_it(tmp_path: Path) -> None:
    """Dependents are skipped with the cause by name, the rest is done, and the next run finishes."""
    floor = Floor(tmp_path, faults="POST /management/lists:1=refuse:Quota is used up")
    desired = git(
        document("List", "bad"),
        document("List", "good"),
        campaign("spring", defaultList=key("List", "bad"), status=1, active=True),
        membership("dial", "campaign-list", key("Campaign", "spring"), key("List", "good")),
    )
    report = floor.bring(desired, parallelism=3)
    told = {each.step: (each.result, each.detail) for each in report.outcomes}
    assert told["list/bad/create"][0] is Result.FAILED
    assert "Quota is used up" in told["list/bad/create"][1]
    assert told["list/good/create"][0] is Result.DONE
    skipped = "it depends on list/bad/create, which failed"
    assert told["campaign/spring/create"] == (Result.SKIPPED, skipped)
    assert told["campaign/spring/set-status"] == (Result.SKIPPED, skipped)
    assert (report.count(Result.FAILED), report.count(Result.DONE)) == (1, 1)
    assert not report.succeeded
    floor.service.faults = parse_faults("")
    assert floor.bring(desired).succeeded
    assert floor.plan(desired).steps == ()


def test_a_stop_lets_what_is_in_flight_finish(tmp_path: Path) -> None:
    """Once stopped no step starts; what was done is recorded, the rest says why it was not."""
    floor = Floor(tmp_path)
    stop = threading.Event()

    def stop_at_third(event: Progress) -> None:
        if isinstance(event, StepFinished) and event.finished == 3:
            stop.set()

    report = floor.apply(floor.plan(lists(10)), stop=stop, observer=stop_at_third, parallelism=2)
    assert report.interrupted
    assert report.count(Result.DONE) in (3, 4)
    assert report.count(Result.DONE) + report.count(Result.SKIPPED) == 10
    assert {each.detail for each in report.outcomes if each.result is Result.SKIPPED} == {
        "stopped: the run was interrupted before this step began"
    }
    assert len(floor.store.load().objects) == report.count(Result.DONE)
    assert floor.bring(lists(10)).succeeded
    assert floor.duplicates() == []


def test_a_refused_login_ends_the_run(tmp_path: Path) -> None:
    """Accounts can be locked, so a refused token is not tried step after step."""
    floor = Floor(tmp_path)
    plan = floor.plan(lists(6))
    floor.service.faults = parse_faults("* /management/*=401; GET /apitoken/*:2+=403")
    floor.service.clear_log()
    report = floor.apply(plan)
    assert report.outcomes[0].result is Result.FAILED
    assert report.count(Result.SKIPPED) == 5
    assert "login" in report.outcomes[-1].detail
    assert sum(each.path.startswith("/apitoken") for each in floor.service.log) <= 2


@pytest.mark.parametrize("refused", [Intended, Bound, Concluded])
def test_a_ledger_that_cannot_be_written_ends_the_run(refused: type[Event], tmp_path: Path) -> None:
    """Without a durable ledger nothing more is sent, and the next run doubles nothing."""
    floor = Floor(tmp_path)
    plan = floor.plan(lists(5))
    seen: list[Event] = []

    def full(event: Event) -> bool:
        seen.append(event)
        return isinstance(event, refused) and sum(isinstance(each, refused) for each in seen) == 2

    report = floor.apply(plan, refuse_to_record=full)
    assert report.outcomes[0].result is Result.DONE
    assert report.outcomes[1].result is (Result.FAILED if refused is Intended else Result.UNKNOWN)
    assert {each.result for each in report.outcomes[2:]} == {Result.SKIPPED}
    assert "ledger" in report.outcomes[1].detail
    assert len(floor.service.writes) == (1 if refused is Intended else 2)
    assert floor.bring(lists(5)).succeeded
    assert floor.duplicates() == []


def test_a_release_waits_for_its_steps(tmp_path: Path) -> None:
    """A record is dropped when all steps it waits for are done, at once when there are none, never after a failure."""
    floor = Floor(tmp_path)
    plan = floor.plan(lists(2))
    releases = (
        Release(address=Address("List", "gone"), id=7, reason="", after=()),
        Release(address=Address("List", "down"), id=8, reason="", after=("list/list-00/create",)),
        Release(address=Address("List", "kept"), id=9, reason="", after=("list/list-01/create",)),
    )
    floor.service.faults = parse_faults("POST *:2=refuse")
    floor.apply(replace(plan, releases=releases))
    released = [event.address.name for event in floor.events if isinstance(event, Released)]
    assert released == ["gone", "down"]
    assert isinstance(floor.events[0], Released)


def test_a_release_that_cannot_be_recorded_is_an_error(tmp_path: Path) -> None:
    """When every step is done, the ledger's trouble with what follows is still told."""
    floor = Floor(tmp_path)
    release = Release(address=Address("List", "gone"), id=7, reason="", after=("list/list-00/create",))
    plan = replace(floor.plan(lists(1)), releases=(release,))
    with pytest.raises(LedgerError):
        floor.apply(plan, refuse_to_record=lambda event: isinstance(event, Released))


def test_an_observer_hears_of_every_step(tmp_path: Path) -> None:
    """Each step that starts is told before it finishes, the skipped ones finish only, and the count adds up."""
    floor = Floor(tmp_path, faults="POST *:1=refuse")
    heard: list[Progress] = []
    desired = git(document("List", "leads"), campaign("spring", defaultList=key("List", "leads")))
    floor.apply(floor.plan(desired), observer=heard.append)
    assert [type(event) for event in heard] == [StepStarted, StepFinished, StepFinished]
    assert [(e.finished, e.total) for e in heard if isinstance(e, StepFinished)] == [(1, 2), (2, 2)]


def test_an_adoption_sends_nothing(tmp_path: Path) -> None:
    """Taking a live object into the ledger is no request."""
    floor = Floor(tmp_path)
    floor.world.add("lists", ListName="leads")
    report = floor.bring(git(document("List", "leads")))
    assert [each.requests for each in report.outcomes] == [0]
    assert floor.service.writes == ()
    assert floor.store.load().objects[Address("List", "leads")].id == 1


def test_campaigns_come_back_after_an_emergency(tmp_path: Path) -> None:
    """What an emergency stopped is restored by the next apply, and then nothing of it is left in the ledger."""
    floor = Floor(tmp_path)
    desired = git(campaign("spring", status=1, active=True))
    floor.bring(desired)
    floor.world.edit("campaigns", 1, Status=0)
    with floor.store.lock(command="test") as journal:
        journal.append(EmergencySwitched(emergency=replace(EMERGENCY, enabled=False, statuses={1: 1})))
    assert floor.bring(desired).succeeded
    assert floor.world.objects[Kind.CAMPAIGNS][1]["Status"] == 1
    assert floor.store.load().emergency is None
