"""What each sort of write does, and what it never does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.address import Address
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.simulator.answers import Reply
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.faults import parse_faults
from reconciler.simulator.fields import Kind
from tests.apply.floors import Floor
from tests.planning.worlds import campaign, document, git, key, membership, user


def outcome(report: ApplyReport, step: str) -> Outcome:
    """Return one step's outcome."""
    return next(each for each in report.outcomes if each.step == step)


def bodies(floor: Floor, method: str, path: str) -> list[dict[str, object]]:
    """Return the bodies of the requests of that method whose path ends so."""
    return [each.body for each in floor.service.log if each.method == method and each.path.endswith(path)]


def test_an_object_changed_since_the_plan_stops_its_step_only(tmp_path: Path) -> None:
    """The PUT of a stale object is not sent, the reason names both values, and independent steps go on."""
    floor = Floor(tmp_path)
    floor.bring(git(document("List", "one", fetchWeight=1), document("List", "two", fetchWeight=1)))
    plan = floor.plan(git(document("List", "one", fetchWeight=2), document("List", "two", fetchWeight=2)))
    floor.world.edit("lists", 1, FetchWeight=9)
    floor.service.clear_log()
    report = floor.apply(plan)
    stale = outcome(report, "list/one/update")
    assert stale.result is Result.FAILED
    assert "field fetchWeight was 1, is 9" in stale.detail
    assert "plan again" in stale.advice
    assert outcome(report, "list/two/update").result is Result.DONE
    assert [each.path for each in floor.service.writes] == ["/management/lists/2"]
    assert floor.world.objects[Kind.LISTS][1]["FetchWeight"] == 9


def test_a_put_carries_everything_that_nobody_manages(tmp_path: Path) -> None:
    """Unmanaged and undocumented fields survive an update on a server that resets what is left out."""
    floor = Floor(tmp_path, Behaviour(put_resets_omitted=True, extra_fields=True))
    floor.bring(git(document("List", "leads")))
    with floor.service.edit() as world:
        world.edit("lists", 1, CallerId="0161 4960000", MaxCallbackDays=14, UseMaxCallbackDays=True)
    before = dict(floor.world.objects[Kind.LISTS][1])
    floor.bring(git(document("List", "leads", fetchWeight=3)))
    assert floor.world.objects[Kind.LISTS][1] == before | {"FetchWeight": 3}
    assert "UseMaxCallbackDays" not in bodies(floor, "PUT", "/lists/1")[-1]


def test_a_create_sends_neither_activity_nor_status(tmp_path: Path) -> None:
    """Those are steps of their own, whatever a server would make of them in a POST."""
    floor = Floor(tmp_path)
    floor.bring(git(campaign("spring", status=1, active=True)))
    (body,) = bodies(floor, "POST", "/campaigns")
    assert sorted(body) == ["CampaignName", "Type"]
    assert floor.world.objects[Kind.CAMPAIGNS][1]["Status"] == 1


def test_a_users_put_carries_the_team_of_its_move(tmp_path: Path) -> None:
    """A move and an update of one user in one run do not undo each other."""
    teams = [document("Team", "north"), document("Team", "south")]
    floor = Floor(tmp_path)
    floor.bring(git(*teams, user("tom", team=key("Team", "south"))))
    floor.bring(git(*teams, user("tom", team=key("Team", "north"), extension="7")), parallelism=4)
    row = next(row for row in floor.world.objects[Kind.USERS].values() if row["Login"] == "tom")
    assert (row["TeamId"], row["Extension"]) == (1, "7")


def test_a_server_that_says_yes_and_does_nothing_is_found_out(tmp_path: Path) -> None:
    """Success of a readable field is that it reads back; what did is recorded, what did not is named."""
    floor = Floor(tmp_path)
    floor.bring(git(document("List", "leads", fetchWeight=1)))

    def swallow(method: str, path: str, go: Callable[[], Reply]) -> Reply:
        if method != "PUT":
            return go()
        return Reply(status=200, headers={"Content-Type": "application/json"}, body=b'{"Success": true, "Data": null}')

    floor.tamper = swallow
    report = floor.bring(git(document("List", "leads", fetchWeight=2)))
    assert outcome(report, "list/leads/update").result is Result.FAILED
    assert "fetchWeight is 1, not 2" in outcome(report, "list/leads/update").detail
    assert floor.store.load().objects[Address("List", "leads")].fields["fetchWeight"] == 1


def test_a_create_whose_answer_names_no_id_is_found_by_name(tmp_path: Path) -> None:
    """Without an Id in the answer the collection is read, and nothing is created twice."""
    floor = Floor(tmp_path)

    def forget(method: str, path: str, go: Callable[[], Reply]) -> Reply:
        reply = go()
        return reply._replace(headers={}, body=b'{"Success": true}') if method == "POST" else reply

    floor.tamper = forget
    report = floor.bring(git(document("List", "leads")))
    assert outcome(report, "list/leads/create").result is Result.DONE
    assert outcome(report, "list/leads/create").object_id == 1
    assert floor.duplicates() == []


def test_a_lost_create_among_namesakes_asks_for_an_id(tmp_path: Path) -> None:
    """Where somebody made one of that name at the same time, nobody can say which is ours."""
    floor = Floor(tmp_path, faults="POST *=drop-after")

    def meet(method: str, path: str, go: Callable[[], Reply]) -> Reply:
        if method == "POST":
            floor.world.add("lists", ListName="leads")
        return go()

    floor.tamper = meet
    (ended,) = floor.bring(git(document("List", "leads"))).outcomes
    assert ended.result is Result.FAILED
    assert "metadata.id" in ended.advice
    assert len(floor.world.objects[Kind.LISTS]) == 2


def test_a_lost_create_takes_nothing_that_was_there_before(tmp_path: Path) -> None:
    """An object of that name that another document is bound to is not ours: the create is sent once more."""
    floor = Floor(tmp_path)
    floor.world.add("lists", ListName="leads")
    floor.bring(git(document("List", "old", key="leads", remote_id=1)))
    plan = floor.plan(git(document("List", "old", key="leads", remote_id=1), document("List", "new", key="fresh")))
    create = next(step for step in plan.steps if step.id == "list/new/create")
    values = tuple(replace(value, value="leads") for value in create.values)
    floor.service.faults = parse_faults("POST *:1=500-before")
    (ended,) = floor.apply(replace(plan, steps=(replace(create, values=values, natural_key="leads"),))).outcomes
    assert (ended.result, ended.object_id, ended.requests) == (Result.DONE, 2, 2)
    assert floor.waits, "a server may be slow: it is given time before the create is repeated"


def test_what_is_only_hidden_is_not_created_again(tmp_path: Path) -> None:
    """On a server that does not list inactive objects, a deactivated one is not doubled but explained."""
    floor = Floor(tmp_path, Behaviour(inactive_listed=False))
    floor.bring(git(document("List", "leads", active=False), document("List", "other")))
    report = floor.bring(git(document("List", "leads", active=False), document("List", "other")))
    assert "still there as Id 1" in outcome(report, "list/leads/create").detail
    assert floor.duplicates() == []
    assert outcome(report, "list/leads/deactivate").result is Result.SKIPPED


def test_what_holds_already_is_not_sent(tmp_path: Path) -> None:
    """Where activity and status can be read, a step that finds its end reached says so and sends nothing."""
    floor = Floor(tmp_path, Behaviour(set_same_status="refused", set_same_activity="refused"))
    floor.bring(git(campaign("spring", status=0, active=False)))
    plan = floor.plan(git(campaign("spring", status=1, active=True)))
    floor.world.edit("campaigns", 1, Active=True, Status=1)
    report = floor.apply(plan)
    assert all(each.result is Result.DONE for each in report.outcomes)
    assert [each.requests for each in report.outcomes] == [0, 0]
    assert all("already" in note for each in report.outcomes for note in each.notes)


def test_the_form_of_a_code_is_learned(tmp_path: Path) -> None:
    """A server that wants numbers refuses one name, once: from then on it gets the number first."""
    floor = Floor(tmp_path, Behaviour(patch_codes="number"))
    floor.bring(git(campaign("spring", status=1, active=True)))
    assert floor.store.load().learned["patch-codes"] == "number"
    floor.service.clear_log()
    floor.bring(git(campaign("spring", status=2, active=True)))
    assert bodies(floor, "PATCH", "/status") == [{"CampaignStatus": "2"}]


def test_a_status_that_reads_back_late_is_waited_for(tmp_path: Path) -> None:
    """A status may lag behind its call; one that never comes is a failure that says what it reads."""
    floor = Floor(tmp_path)
    floor.bring(git(campaign("spring", status=0, active=True)))
    reads: list[str] = []

    def lag(method: str, path: str, go: Callable[[], Reply]) -> Reply:
        if method == "PATCH" and path.endswith("/status"):
            return Reply(status=200, headers={"Content-Type": "application/json"}, body=b'{"Success": true, "Data": 1}')
        if method == "GET" and path.endswith("/campaigns/1"):
            reads.append(path)
            if len(reads) == 4:
                floor.world.edit("campaigns", 1, Status=1)
        return go()

    floor.tamper = lag
    (ended,) = floor.bring(git(campaign("spring", status=1, active=True))).outcomes
    assert (ended.result, ended.requests) == (Result.DONE, 1)
    floor.world.edit("campaigns", 1, Status=0)
    (ended,) = floor.bring(git(campaign("spring", status=2, active=True))).outcomes
    assert ended.result is Result.FAILED
    assert "reads Not Running" in ended.detail


@pytest.mark.parametrize("shown", [False, True], ids=["silent", "shown"])
def test_activity_is_true_in_the_ledger(shown: bool, tmp_path: Path) -> None:
    """Where a server refuses what holds already, the unreadable is settled by there and back; the readable is read."""
    floor = Floor(tmp_path, Behaviour(set_same_activity="refused", activity_in_entities=shown))
    wanted = git(document("List", "leads", active=True), document("Team", "north", active=False))
    report = floor.bring(wanted)
    assert all(each.result is Result.DONE for each in report.outcomes)
    assert floor.false_records() == []
    assert floor.plan(wanted).steps == ()
    notes = outcome(report, "list/leads/activate").notes
    assert ("already" in notes[0]) if shown else ("deactivated and activated to be certain" in notes[0])


def test_members_are_listed_by_a_document(tmp_path: Path) -> None:
    """A membership's list is authoritative: who is off it is taken off, and the ledger says so."""
    floor = Floor(tmp_path)
    lists = [document("List", "a"), document("List", "b")]
    dial = key("Campaign", "spring")
    floor.bring(git(*lists, campaign("spring"), membership("m", "campaign-list", dial, key("List", "a"))))
    floor.bring(git(*lists, campaign("spring"), membership("m", "campaign-list", dial, key("List", "b"))))
    assert {str(name): pairs for name, pairs in floor.world.links.items()}["campaignLists"] == {(1, 2)}
    assert floor.false_records() == []


def test_ids_that_come_again_are_no_hindrance(tmp_path: Path) -> None:
    """A tenant restored from a backup gives Ids again that the ledger remembers; lost creates are found still."""
    floor = Floor(tmp_path)
    wanted = git(*(document("List", name) for name in ("one", "three", "two")))
    floor.bring(wanted)
    for identity in (2, 3):
        floor.world.remove("lists", identity)
    floor.world.last_ids[Kind.LISTS] = 1
    plan = floor.plan(wanted)
    plan = replace(plan, steps=tuple(reversed(plan.steps)))
    floor.service.faults = parse_faults("POST *=drop-after")
    report = floor.apply(plan)
    assert [(each.step, each.object_id) for each in report.outcomes] == [
        ("list/two/create", 2),
        ("list/three/create", 3),
    ]
    assert report.succeeded
    assert floor.duplicates() == []
