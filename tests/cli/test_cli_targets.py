"""Several targets in one directory: each is checked, and none knows of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.simulator.service import Service
from tests.cli.ground import Cli

PROJECT = """\
apiVersion: maxcontact/v1
kind: Project
metadata: {name: two}
spec:
  targets:
    staging: {url: "simulator://", overlays: [overlays/staging]}
    production: {url: "simulator://", overlays: [overlays/production]}
  defaultTarget: staging
"""

BASE = """\
apiVersion: maxcontact/v1
kind: Campaign
metadata: {name: spring}
spec: {type: Predictive, targetDropPercent: 3, schedulePlanId: Weekdays, description: base}
---
apiVersion: maxcontact/v1
kind: Catalog
metadata: {name: staging-ids}
spec: {target: staging, schedulePlans: {Weekdays: 4}}
---
apiVersion: maxcontact/v1
kind: Catalog
metadata: {name: production-ids}
spec: {target: production, schedulePlans: {Weekdays: 14}}
"""

PRODUCTION = """\
apiVersion: maxcontact/v1
kind: Campaign
metadata: {name: spring}
spec: {targetDropPercent: 2, description: null}
---
apiVersion: maxcontact/v1
kind: Team
metadata: {name: only-here}
spec: {}
"""


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory with two targets."""
    for name, text in (
        ("reconciler.yaml", PROJECT),
        ("base.yaml", BASE),
        ("overlays/production/spring.yaml", PRODUCTION),
        ("overlays/staging/spring.yaml", "apiVersion: maxcontact/v1\nkind: List\nmetadata: {name: trial}\nspec: {}\n"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bodies(cli: Cli, target: str) -> dict[str, dict[str, object]]:
    """Return what a plan would send to create each object."""
    steps = cli("plan", "--target", target, "--format", "json").json["steps"]
    return {step["name"]: step["requests"][0]["body"] for step in steps if step["action"] == "create"}


def test_overlays_and_catalogs_belong_to_a_target(two: Path, cli: Cli) -> None:
    """Maps merge, values replace, null unmanages; an Id's name means each target's own Id."""
    assert cli("validate").code == 0
    staging, production = bodies(cli, "staging"), bodies(cli, "production")
    assert set(staging) == {"spring", "trial"}
    assert set(production) == {"spring", "only-here"}
    assert staging["spring"] | {"TargetDropPercent": 3, "SchedulePlanId": 4, "Description": "base"} == staging["spring"]
    assert (production["spring"]["TargetDropPercent"], production["spring"]["SchedulePlanId"]) == (2, 14)
    assert "Description" not in production["spring"]


def test_every_target_is_validated(two: Path, cli: Cli) -> None:
    """A mistake in an overlay of any target is found, and says for which; with --target only that one is looked at."""
    (two / "overlays" / "production" / "spring.yaml").write_text(
        PRODUCTION.replace("targetDropPercent: 2", "targetDropPercent: 200, schedulePlanId: Weekends"), encoding="utf-8"
    )
    done = cli("validate")
    assert done.code == 1
    assert "overlays/production/spring.yaml:4" in done.err
    assert done.err.count("(for production)") >= 1
    assert "staging)" not in done.err
    assert cli("validate", "--target", "staging").code == 0
    assert cli("validate", "--target", "production").code == 1


def test_a_mistake_in_the_base_is_told_once(two: Path, cli: Cli) -> None:
    """What is wrong for all targets is one problem."""
    (two / "base.yaml").write_text(BASE.replace("type: Predictive", "typ: Predictive"), encoding="utf-8")
    problems = cli("validate", "--format", "json").json["problems"]
    assert [each["rule"] for each in problems] == ["unknown-field"]
    assert "(for" not in problems[0]["message"]


def test_a_name_that_one_catalog_lacks(two: Path, cli: Cli) -> None:
    """The other target's catalog does not help, and the advice says where the name is known."""
    (two / "base.yaml").write_text(BASE.replace("{Weekdays: 14}", "{Evenings: 14}"), encoding="utf-8")
    done = cli("validate")
    assert done.code == 1
    assert "(for production)" in done.err
    assert "only the catalog of the target staging has it" in done.err


@pytest.mark.parametrize("command", [["plan"], ["apply", "-y"], ["drift"]])
def test_a_target_leaves_the_other_alone(command: list[str], two: Path, cli: Cli) -> None:
    """Neither ledger nor lock nor data of another target is made, read or changed."""
    assert cli("apply", "-y", "--target", "production").code == 0
    files = [path for path in (two / ".reconciler").glob("production*") if path.is_file()]
    kept = {path: path.read_bytes() for path in files}
    assert kept
    for path in kept:
        path.write_bytes(b"whoever reads this stumbles")
    assert cli(*command, "--target", "staging").code == 0
    assert {path.read_bytes() for path in kept} == {b"whoever reads this stumbles"}
    for path, data in kept.items():
        path.write_bytes(data)
    assert cli("plan", "--target", "production", "--detailed-exitcode").code == 0


REFERENCES = """\
apiVersion: maxcontact/v1
kind: Campaign
metadata: {name: spring}
spec: {type: Preview, defaultList: {name: Legacy}}
---
apiVersion: maxcontact/v1
kind: Team
metadata: {name: north}
spec: {primarySupervisor: {id: 77}}
"""


def test_references_to_what_nobody_manages(floor: Path, cli: Cli) -> None:
    """Resolved once a plan; gone or ambiguous ones are told all at once, with their place and the way out."""
    (floor / "floor.yaml").write_text(REFERENCES, encoding="utf-8")
    gone = cli("plan")
    assert gone.code == 1
    assert "floor.yaml:1" in gone.err
    assert "'Legacy' does not lead to one list (no live lists)" in gone.err
    assert "floor.yaml:6" in gone.err
    assert "no user with Id 77 exists in the target" in gone.err
    service = Service(data=floor / ".reconciler" / "simulator.simulator.json")
    (floor / "floor.yaml").write_text(REFERENCES.replace("id: 77", "name: boss"), encoding="utf-8")
    with service.edit() as world:
        first = world.add("lists", ListName="Legacy")
        boss = world.add("users", Login="boss", FirstName="B", LastName="O", RolePlanId=1)
        second = world.add("lists", ListName="Legacy")
    ambiguous = cli("plan")
    assert ambiguous.code == 1
    assert f"Ids {first}, {second}" in ambiguous.err
    with service.edit() as world:
        world.remove("lists", second)
    created = {step["kind"]: step["requests"][0]["body"] for step in cli("plan", "--format", "json").json["steps"]}
    assert created["Campaign"]["DefaultListId"] == first
    assert created["Team"]["PrimarySupervisorId"] == boss
