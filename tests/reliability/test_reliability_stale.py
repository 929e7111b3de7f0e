"""What was reviewed is what is done, or nothing: stale plans, edits in between, failures that stay where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from reconciler.simulator.faults import parse_faults
from tests.reliability.grounds import Ground


def edit(ground: Ground, kind: str, name: str, **values: object) -> None:
    """Change an object in the portal."""
    with ground.tenant.edit() as world:
        (row,) = world.named(kind, name)
        assert isinstance(row["Id"], int)
        world.edit(kind, row["Id"], **values)  # type: ignore[arg-type]


def value(ground: Ground, kind: str, name: str, field: str) -> object:
    """Return what the tenant has."""
    (row,) = ground.tenant.world.named(kind, name)
    return row[field]


@pytest.fixture
def planned(ground: Ground) -> Ground:
    """Apply, change the weight of the list in Git, and save the plan of that."""
    assert ground.run("apply", "-y").code == 0
    ground.rewrite("fetchWeight: 5", "fetchWeight: 7")
    assert ground.run("plan", "--out", "saved.plan").code == 0
    ground.tenant.clear_log()
    return ground


def write_ledger(ground: Ground) -> None:
    """Let somebody else write the ledger."""
    assert ground.run("state", "rm", "List/spare").code == 0


def replace_ledger(ground: Ground) -> None:
    """Put a ledger of another lineage in its place."""
    ground.ledger_file.unlink()
    for left in ground.ledger_file.parent.glob("ledger.json*"):
        if left.is_file():
            left.unlink()
    assert ground.run("apply", "-y", "--only", "Team/south").code == 0


def apply_another(ground: Ground) -> None:
    """Let another apply, of a directory that asks for something else, come first."""
    text = (ground.folder / "ground.yaml").read_text(encoding="utf-8")
    ground.rewrite("description: first", "description: other")
    assert ground.run("apply", "-y", "--only", "List/spare").code == 0
    ground.write(text)


MOVES: dict[str, Callable[[Ground], None]] = {
    "a managed field of the object": lambda ground: edit(ground, "lists", "leads", FetchWeight=9),
    "an unmanaged field of the object": lambda ground: edit(ground, "lists", "leads", CallerId="0161"),
    "the object's name": lambda ground: edit(ground, "lists", "leads", ListName="gone"),
    "the ledger": write_ledger,
    "another ledger": replace_ledger,
    "the manifests": lambda ground: ground.rewrite("description: first", "description: second"),
    "another apply": apply_another,
    "it was applied before": lambda ground: applied(ground),
}


def applied(ground: Ground) -> None:
    """Apply the saved plan, as is right once."""
    assert ground.run("apply", "saved.plan", "-y").code == 0


@pytest.mark.parametrize("what", MOVES)
def test_a_stale_plan_sends_nothing(what: str, planned: Ground) -> None:
    """Whatever moved between review and apply, the plan is refused with 3 before its first write."""
    MOVES[what](planned)
    planned.tenant.clear_log()
    refused = planned.run("apply", "saved.plan", "-y")
    assert refused.code == 3, refused
    assert "nothing was sent" in refused.err
    assert planned.tenant.writes == ()


def test_a_plan_for_another_target_sends_nothing(planned: Ground) -> None:
    """A plan is for the url it was made for."""
    elsewhere = planned.variables() | {"RECONCILER_URL": planned.tenant.url.replace("127.0.0.1", "localhost")}
    refused = planned.nursery.run(planned.folder, "apply", "saved.plan", "-y", variables=elsewhere)
    assert refused.code == 3, refused
    assert planned.tenant.log == ()


def test_what_a_plan_does_not_touch_may_move(planned: Ground) -> None:
    """Others go on working: their edits of other objects neither stop the plan nor are undone by it."""
    edit(planned, "lists", "spare", CallerId="0161")
    edit(planned, "campaigns", "robot", CallerId="0162")
    assert planned.run("apply", "saved.plan", "-y").code == 0
    assert value(planned, "lists", "spare", "CallerId") == "0161"
    assert value(planned, "campaigns", "robot", "CallerId") == "0162"
    assert value(planned, "lists", "leads", "FetchWeight") == 7


def test_an_edit_right_before_its_put_is_not_overwritten(planned: Ground) -> None:
    """Between the check of the whole plan and an object's own PUT: that step fails as stale, and the edit stays."""

    def meddle(method: str, path: str) -> None:
        if method == "GET" and path.rpartition("/")[2].isdigit() and "/lists/" in path:
            planned.tenant.before = None
            edit(planned, "lists", "leads", FetchWeight=9)

    planned.tenant.before = meddle
    ended = planned.run("apply", "saved.plan", "-y", "--format", "json")
    assert ended.code == 1, ended
    (outcome,) = ended.json["outcomes"]
    assert "changed since the plan" in outcome["detail"]
    assert planned.tenant.writes == ()
    assert value(planned, "lists", "leads", "FetchWeight") == 9


def test_an_unmanaged_edit_right_before_its_put_is_carried_along(planned: Ground) -> None:
    """What the plan does not look at may still move: the PUT repeats it as it is then."""

    def meddle(method: str, path: str) -> None:
        if method == "GET" and path.rpartition("/")[2].isdigit() and "/lists/" in path:
            planned.tenant.before = None
            edit(planned, "lists", "leads", CallerId="0161")

    planned.tenant.before = meddle
    assert planned.run("apply", "saved.plan", "-y").code == 0
    assert value(planned, "lists", "leads", "CallerId") == "0161"
    assert value(planned, "lists", "leads", "FetchWeight") == 7


@pytest.mark.parametrize("parallelism", ["1", "4"])
def test_a_failure_stops_what_depends_on_it_and_nothing_else(parallelism: str, ground: Ground) -> None:
    """Dependents say whose failure skipped them, the rest is done, and the counts are those of the outcomes."""
    ground.tenant.faults = parse_faults("POST /management/lists:1=refuse:no more lists")
    ended = ground.run("apply", "-y", "--format", "json", "--parallelism", parallelism)
    assert ended.code == 1, ended
    outcomes = {outcome["step"]: outcome for outcome in ended.json["outcomes"]}
    (failed,) = [step for step, outcome in outcomes.items() if outcome["result"] == "failed"]
    assert failed in ("list/leads/create", "list/spare/create")
    assert "no more lists" in outcomes[failed]["detail"]
    skipped = [outcome for outcome in outcomes.values() if outcome["result"] == "skipped"]
    assert skipped
    assert all(f"depends on {failed}" in outcome["detail"] for outcome in skipped)
    assert outcomes["user/jane/create"]["result"] == "done"
    assert outcomes["campaign/robot/activate"]["result"] == "done"
    counted = Counter(outcome["result"] for outcome in outcomes.values())
    assert ended.json["summary"] == {"unknown": 0, **counted, "total": len(outcomes)}
    assert ground.converge() == []
