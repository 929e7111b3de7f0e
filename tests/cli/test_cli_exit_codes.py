"""The table of exit codes, each proven: stale, locked, refused, failed, interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reconciler.simulator.faults import parse_faults
from reconciler.simulator.fields import Kind
from reconciler.simulator.service import Service
from reconciler.state.store import open_store
from tests.cli.ground import Cli, portal, rewrite


def test_a_saved_plan_is_applied_once(floor: Path, cli: Cli) -> None:
    """A saved plan does what was reviewed; a second time it is stale, and nothing is sent."""
    assert cli("plan", "--out", "saved.plan").code == 0
    assert cli("apply", "saved.plan", "-y").code == 0
    assert cli("plan", "--detailed-exitcode").code == 0
    again = cli("apply", "saved.plan", "-y")
    assert again.code == 3
    assert "nothing was sent" in again.err


def test_a_saved_plan_needs_approval_too(floor: Path, cli: Cli) -> None:
    """Saved or not, nobody's plan is applied unasked."""
    cli("plan", "--out", "saved.plan")
    assert cli("apply", "saved.plan").code == 5


@pytest.mark.parametrize("words", [["-y"], ["--dry-run"]])
@pytest.mark.parametrize("moved", ["target", "manifests", "ledger"])
def test_a_stale_plan_is_refused(moved: str, words: list[str], floor: Path, cli: Cli) -> None:
    """Whatever moved since the review, the target, the manifests or the ledger: exit code 3 and nothing sent."""
    assert cli("apply", "-y").code == 0
    rewrite(floor, "targetDropPercent: 2.5", "targetDropPercent: 4")
    assert cli("plan", "--out", "saved.plan").code == 0
    match moved:
        case "target":
            portal(floor, TargetDropPercent=9)
        case "manifests":
            rewrite(floor, "fetchWeight: 5", "fetchWeight: 6")
        case "ledger":
            assert cli("state", "rm", "List/prospects").code == 0
    before = (floor / ".reconciler" / "simulator.json").read_bytes()
    done = cli("apply", "saved.plan", *words)
    assert done.code == 3
    assert "nothing was sent" in done.err
    assert (floor / ".reconciler" / "simulator.json").read_bytes() == before


def test_a_saved_plan_is_for_its_target_only(floor: Path, cli: Cli) -> None:
    """A plan for one tenant never goes to another."""
    cli("plan", "--out", "saved.plan")
    done = cli("apply", "saved.plan", "-y", "--target", "tenant")
    assert done.code == 3
    assert "simulator" in done.err
    assert "tenant" in done.err


def test_a_saved_plan_knows_its_own_target(
    floor: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The plan's target is worked on, whichever is the project's default; its configuration may be named."""
    cli("plan", "--out", "saved.plan")
    text = (floor / "reconciler.yaml").read_text(encoding="utf-8")
    (floor / "reconciler.yaml").write_text(text.replace("defaultTarget: simulator", "defaultTarget: tenant"))
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    done = cli("--config", floor, "apply", floor / "saved.plan", "--dry-run")
    assert done.code == 3
    assert "the manifests were changed" in done.err
    lost = cli("apply", floor / "saved.plan", "-y")
    assert lost.code == 1
    assert "--config" in lost.err


def test_a_plan_that_was_edited_is_refused(floor: Path, cli: Cli) -> None:
    """A saved plan that isn't whole is an error, not an adventure."""
    cli("plan", "--out", "saved.plan")
    text = (floor / "saved.plan").read_text(encoding="utf-8")
    (floor / "saved.plan").write_text(text.replace("prospects", "suspects"), encoding="utf-8")
    assert cli("apply", "saved.plan", "-y").code == 1


@pytest.mark.parametrize(
    "option", [["--prune"], ["--reassert"], ["--allow-mass-change"], ["--only", "List/*"], ["-l", "a=b"]]
)
def test_a_saved_plan_takes_no_planning_options(option: list[str], floor: Path, cli: Cli) -> None:
    """An option that can't take effect is wrong usage, never ignored."""
    cli("plan", "--out", "saved.plan")
    done = cli("apply", "saved.plan", "-y", *option)
    assert done.code == 64
    assert option[0] in done.err


def test_a_held_ledger_ends_with_4(floor: Path, cli: Cli) -> None:
    """Somebody else's lock: who holds it and since when is said, nothing is sent, and --lock-timeout waits."""
    with open_store(floor / ".reconciler" / "simulator.json").lock(command="apply"):
        began = time.monotonic()
        done = cli("apply", "-y", "--lock-timeout", "0.3")
        assert time.monotonic() - began >= 0.3
        assert done.code == 4
        assert "locked by" in done.err
        assert "since" in done.err
        assert cli("plan").code == 0
    assert cli("apply", "-y").code == 0


def test_objections_end_with_5(floor: Path, cli: Cli) -> None:
    """A plan against something protected is shown with what stands against it, by plan and by apply."""
    rewrite(floor, "labels: {brand: acme}}", "labels: {brand: acme}}\nlifecycle: {protect: true}")
    assert cli("apply", "-y").code == 0
    rewrite(floor, "lists: [prospects]", "lists: []")
    planned = cli("plan", "--detailed-exitcode", "--out", "saved.plan", "--format", "json")
    assert planned.code == 5
    assert planned.json["objections"]
    assert json.loads((floor / "saved.plan").read_text(encoding="utf-8"))["objections"]
    for words in (["apply", "-y"], ["apply", "saved.plan", "-y"], ["apply", "--dry-run"]):
        refused = cli(*words)
        assert refused.code == 5
        assert "protected" in refused.out
        assert "nothing was sent" in refused.err


def test_a_failed_step_ends_with_1(tenant: Service, cli: Cli) -> None:
    """What failed is told with the API's own words, what depends on it is skipped, the rest is done."""
    tenant.faults = parse_faults("POST /management/campaigns=refuse:No more campaigns for you")
    done = cli("apply", "-y", "--format", "json")
    assert done.code == 1
    summary = done.json["summary"]
    assert summary["failed"] == 1
    assert summary["skipped"] >= 1
    assert summary["done"] >= 3
    assert "No more campaigns for you" in done.out
    tenant.faults = parse_faults("")
    assert cli("apply", "-y").code == 0
    assert cli("plan", "--detailed-exitcode").code == 0


def test_an_apply_again_sends_no_write(tenant: Service, cli: Cli) -> None:
    """A plan sends one login and four GETs whatever there is, and a second apply writes nothing."""
    assert cli("apply", "-y").code == 0
    tenant.clear_log()
    assert cli("apply", "-y").code == 0
    assert cli("plan").code == 0
    assert tenant.writes == ()
    assert len(tenant.log) == 8  # two times four: the token outlives a run


def test_a_failed_login_ends_with_1(tenant: Service, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password is said, and tried once only."""
    monkeypatch.setenv("TENANT_PASSWORD", "not-this-one")
    done = cli("plan")
    assert done.code == 1
    assert "login" in done.err
    assert "not-this-one" not in done.err
    assert len(tenant.log) == 1


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start a command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_with_130(number: signal.Signals, tenant: Service, floor: Path, cli: Cli) -> None:
    """The first signal lets what is in flight finish and be recorded; running again goes on from there."""
    tenant.faults = parse_faults("POST *=slow:0.4")
    running = start(floor, "apply", "-y", "--parallelism", "1", "--format", "json")
    wait_for_a_write(tenant)
    running.send_signal(number)
    out, err = running.communicate(timeout=20)
    assert running.returncode == 130, err
    report = json.loads(out)
    assert report["interrupted"]
    assert report["summary"]["done"] >= 1
    assert report["summary"]["skipped"] >= 1
    assert report["summary"]["unknown"] == 0
    assert "interrupted" in err
    tenant.faults = parse_faults("")
    assert cli("apply", "-y").code == 0
    assert cli("plan", "--detailed-exitcode").code == 0
    assert len(tenant.world.objects[Kind.CAMPAIGNS]) == 1


def test_a_second_interruption_stops_at_once(tenant: Service, floor: Path, cli: Cli) -> None:
    """Whoever can't wait need not, and still nothing is doubled."""
    tenant.faults = parse_faults("POST *=slow:1.6")
    running = start(floor, "apply", "-y", "--only", "Campaign/*", "--only", "List/*")
    assert running.stderr is not None
    while "read 0 campaigns" not in running.stderr.readline():
        pass
    time.sleep(0.5)  # by now the creates are on their way, and not answered yet
    running.send_signal(signal.SIGINT)
    while "finishing what is in flight" not in running.stderr.readline():
        pass
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=10)
    assert running.returncode == 130
    assert time.monotonic() - began < 1
    time.sleep(1.5)
    tenant.faults = parse_faults("")
    assert cli("apply", "-y").code == 0
    assert cli("plan", "--detailed-exitcode").code == 0
    assert [len(tenant.world.objects[kind]) for kind in tenant.world.objects] == [1, 1, 1, 2]


def wait_for_a_write(tenant: Service) -> None:
    """Wait until the first write was processed."""
    deadline = time.monotonic() + 15
    while not tenant.writes:
        assert time.monotonic() < deadline, "no write came"
        time.sleep(0.02)


def test_no_project_file_is_needed(tenant: Service, floor: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """With url, login and password from the environment, manifests are enough: plan, save, apply, drift."""
    (floor / "reconciler.yaml").unlink()
    monkeypatch.delenv("RECONCILER_TARGET")
    monkeypatch.setenv("RECONCILER_LOGIN", "simulator")
    monkeypatch.setenv("RECONCILER_PASSWORD", "simulator")
    monkeypatch.setenv("RECONCILER_STATE", str(floor.parent / "elsewhere.json"))
    assert cli("plan", "--out", "saved.plan").code == 0
    assert cli("apply", "saved.plan", "-y").code == 0
    assert cli("drift").code == 0
    assert (floor.parent / "elsewhere.json").exists()
    monkeypatch.delenv("RECONCILER_PASSWORD")
    done = cli("plan")
    assert done.code == 1
    assert "RECONCILER_PASSWORD" in done.err


def test_a_plan_that_cannot_be_saved_is_an_error(floor: Path, cli: Cli) -> None:
    """The file is named, with what to do."""
    done = cli("plan", "--out", "nowhere/saved.plan")
    assert done.code == 1
    assert "nowhere/saved.plan" in done.err
