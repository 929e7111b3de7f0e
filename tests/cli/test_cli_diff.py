"""`reconciler diff --between`: two tenants that must not drift apart."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.simulator.service import Service
from tests.cli.ground import Cli

PROJECT = """\
apiVersion: maxcontact/v1
kind: Project
metadata: {name: twins}
spec:
  targets:
    a: {url: "simulator://", overlays: [overlays/a]}
    b: {url: "simulator://", timezone: Europe/London}
---
apiVersion: maxcontact/v1
kind: Catalog
metadata: {name: in-a}
spec: {target: a, schedulePlans: {Weekdays: 4, Weekends: 5}}
---
apiVersion: maxcontact/v1
kind: Catalog
metadata: {name: in-b}
spec: {target: b, schedulePlans: {Weekdays: 14, Weekends: 15}}
"""


def tenant(folder: Path, name: str) -> Service:
    """Open the embedded simulator of a target."""
    return Service(data=folder / ".reconciler" / f"{name}.simulator.json")


def furnish(folder: Path, name: str, *, shift: int, plan: int) -> None:
    """Set up a tenant whose Ids are shifted against the other's."""
    with tenant(folder, name).edit() as world:
        for number in range(shift):
            world.remove("lists", world.add("lists", ListName=f"gone {number}"))
        listed = world.add("lists", ListName="Prospects")
        world.add("campaigns", CampaignName="Spring", Type=0, DefaultListId=listed, SchedulePlanId=plan)


@pytest.fixture
def twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory with two targets that mean the same by other Ids."""
    (tmp_path / "reconciler.yaml").write_text(PROJECT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path, "a", shift=0, plan=4)
    furnish(tmp_path, "b", shift=3, plan=14)
    return tmp_path


def test_the_same_by_other_ids(twins: Path, cli: Cli) -> None:
    """References and plans are compared by name: Ids play no part."""
    done = cli("diff", "--between", "a", "b")
    assert done.code == 0, done.err
    assert done.out == "a | b: no difference in 2 objects.\n"


def test_what_differs(twins: Path, cli: Cli) -> None:
    """Fields by name, objects of one tenant only, and names that two objects have; exit code 2."""
    with tenant(twins, "b").edit() as world:
        (row,) = world.named("campaigns", "Spring")
        identity = row["Id"]
        assert isinstance(identity, int)
        world.edit("campaigns", identity, TargetDropPercent=Decimal("2.5"), SchedulePlanId=15, Type=1)
        world.add("teams", TeamName="North")
        world.add("lists", ListName="Prospects")
    with tenant(twins, "a").edit() as world:
        world.add("users", Login="jane", FirstName="J", LastName="D", RolePlanId=1)
    done = cli("diff", "--between", "a", "b")
    assert done.code == 2
    for line in (
        "      targetDropPercent  0 | 2.5",
        "      schedulePlanId     Weekdays | Weekends",
        "      type               Predictive | Progressive",
        "  ? Prospects: several objects of that name (Ids 1 in a; Ids 4, 5 in b)",
        "  + North: only in b",
        "  - jane: only in a",
        "a | b: 1 different, 1 only in a, 1 only in b, 1 ambiguous.",
    ):
        assert line in done.out.splitlines()
    told = cli("diff", "--between", "b", "a", "--format", "json").json
    assert told["differs"] is True
    assert {each["naturalKey"]: each["ids"] for each in told["objects"]}["jane"] == [[], [2]]


def test_narrowing(twins: Path, cli: Cli) -> None:
    """By kind, name and field."""
    with tenant(twins, "b").edit() as world:
        world.edit("campaigns", 1, Status=1, Description="other")
    assert cli("diff", "--between", "a", "b", "--kind", "list").code == 0
    assert cli("diff", "--between", "a", "b", "--name", "Autumn*").code == 0
    assert cli("diff", "--between", "a", "b", "--ignore", "Campaign.status").code == 2
    ignored = cli("diff", "--between", "a", "b", "--ignore", "Campaign.status", "--ignore", "*.description")
    assert ignored.code == 0


def test_ids_without_a_name_are_said(twins: Path, cli: Cli) -> None:
    """Equal numbers may mean different things: the report says how many it could only compare as such."""
    for name in ("a", "b"):
        with tenant(twins, name).edit() as world:
            world.edit("campaigns", 1, TeleParamPlanId=9)
    done = cli("diff", "--between", "a", "b")
    assert done.code == 0
    assert "2 values compared as bare Ids" in done.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--between", "a", "a"], 64),
        (["--between", "a"], 64),
        ([], 64),
        (["--between", "a", "b", "--target", "a"], 64),
        (["--between", "a", "c"], 1),
        (["--between", "a", "b", "--kind", "Membership"], 64),
    ],
)
def test_mistakes(words: list[str], code: int, twins: Path, cli: Cli) -> None:
    """Two targets that exist, and are two."""
    assert cli("diff", *words).code == code


def test_settings_for_one_target_are_refused(twins: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A url from the environment would make both targets the same one."""
    monkeypatch.setenv("RECONCILER_URL", "simulator://")
    assert cli("diff", "--between", "a", "b").code == 64


def test_neither_ledger_is_touched(twins: Path, cli: Cli) -> None:
    """It only reads."""
    assert cli("diff", "--between", "a", "b").code == 0
    kept = {path.name for path in (twins / ".reconciler").iterdir() if not path.name.endswith(".lock")}
    assert kept == {"a.simulator.json", "b.simulator.json"}
