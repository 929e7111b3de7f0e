"""`reconciler state` and `reconciler emergency`, as an operator meets them."""

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
from tests.cli.ground import Cli, rewrite

ROOT = str(Path(__file__).parents[2])


@pytest.fixture
def applied(floor: Path, cli: Cli) -> Path:
    """Apply the floor once."""
    assert cli("apply", "-y", "-q").code == 0
    return floor


def test_listing(applied: Path, cli: Cli) -> None:
    """Every object with its Id, in text and as JSON."""
    assert "Campaign/spring" in cli("state", "list").out
    listed = cli("state", "list", "--format", "json").json
    assert {f"{each['kind']}/{each['name']}": each["id"] for each in listed["objects"]}["Campaign/spring"] == 1
    assert listed["memberships"] == ["Membership/spring-dialling"]


def test_listing_nothing(floor: Path, cli: Cli) -> None:
    """Before the first apply there is a list, and it is empty."""
    done = cli("state", "list")
    assert done.code == 0
    assert "0 objects" in done.out


def test_showing(applied: Path, cli: Cli) -> None:
    """One object, with what was last applied; the kind's case is forgiven."""
    assert "targetDropPercent" in cli("state", "show", "campaign/spring").out
    assert cli("state", "show", "Campaign/spring", "--format", "json").json["object"]["id"] == 1
    assert "campaign-list" in cli("state", "show", "Membership/spring-dialling").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["state", "show", "Campaign/nobody"], 1),
        (["state", "show", "Widget/spring"], 64),
        (["state", "show", "spring"], 64),
        (["state", "rm", "Campaign/nobody"], 1),
        (["state", "mv", "Campaign/spring", "List/spring"], 1),
        (["state", "push", "nowhere.json"], 1),
    ],
)
def test_mistakes(words: list[str], code: int, applied: Path, cli: Cli) -> None:
    """What isn't there is an error, what makes no sense is wrong usage."""
    done = cli(*words)
    assert done.code == code
    assert "what to do" in done.err


def test_forgetting_makes_the_next_plan_adopt(applied: Path, cli: Cli) -> None:
    """`state rm` forgets the record, and nothing in the target."""
    assert cli("state", "rm", "Campaign/spring").code == 0
    summary = cli("plan", "--format", "json").json["summary"]
    assert (summary["adopt"], summary["create"]) == (1, 0)


def test_moving_follows_a_rename_in_git(applied: Path, cli: Cli) -> None:
    """`state mv` keeps the object when its document gets another name."""
    rewrite(applied, "name: spring,", "name: summer,")
    rewrite(applied, "campaign: spring,", "campaign: summer,")
    rewrite(applied, "spec: {type: Predictive,", "spec: {type: Predictive, campaignName: spring,")
    assert cli("state", "mv", "Campaign/spring", "Campaign/summer").code == 0
    assert cli("plan", "--detailed-exitcode").code == 0


def test_pulling_and_pushing(applied: Path, cli: Cli) -> None:
    """What was pulled can be pushed back; an older or another ledger can't, without --force."""
    pulled = cli("state", "pull")
    assert pulled.json["target"] == "simulator"
    (applied / "kept.json").write_text(pulled.out, encoding="utf-8")
    assert cli("state", "rm", "Campaign/spring").code == 0
    refused = cli("state", "push", "kept.json")
    assert refused.code == 1
    assert "--force" in refused.err
    assert cli("state", "push", "kept.json", "--force").code == 0
    assert "Campaign/spring" in cli("state", "list").out


def test_a_damaged_ledger_is_refused_and_repaired(applied: Path, cli: Cli) -> None:
    """A torn ledger is never replaced silently: the error says how to repair it, and that works."""
    ledger = applied / ".reconciler" / "simulator.json"
    good = cli("state", "pull").out
    ledger.write_bytes(ledger.read_bytes()[:200])
    for words in (["plan"], ["apply", "-y"], ["state", "list"]):
        done = cli(*words)
        assert done.code == 1
        assert "is damaged" in done.err
        assert "what to do: " in done.err
    (applied / "kept.json").write_text(good, encoding="utf-8")
    assert cli("state", "push", "--force", "kept.json").code == 0
    assert cli("plan", "--detailed-exitcode").code == 0


def test_changing_a_held_ledger_waits_or_leaves(applied: Path, cli: Cli) -> None:
    """A repair doesn't go behind the back of a run."""
    with open_store(applied / ".reconciler" / "simulator.json").lock(command="apply"):
        assert cli("state", "rm", "Campaign/spring").code == 4
        assert cli("state", "list").code == 0
        unasked = cli("state", "unlock")
        assert unasked.code == 5
        assert "--force" in unasked.err


def test_a_killed_apply_is_picked_up(tenant: Service, floor: Path, cli: Cli) -> None:
    """SIGKILL in the middle: the lock that is left behind stops nobody, and the next run goes on."""
    tenant.faults = parse_faults("POST *=slow:0.3")
    running = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "apply", "-y", "-q", "--parallelism", "1"],
        cwd=floor,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": ROOT},
    )
    deadline = time.monotonic() + 15
    while not tenant.writes:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=10)
    time.sleep(0.5)
    tenant.faults = parse_faults("")
    done = cli("apply", "-y")
    assert done.code == 0, done.err
    assert "did not end" in done.err
    assert cli("plan", "--detailed-exitcode").code == 0
    assert [len(tenant.world.objects[kind]) for kind in (Kind.CAMPAIGNS, Kind.LISTS, Kind.TEAMS)] == [1, 1, 1]


def test_an_emergency_freezes_and_thaws(applied: Path, cli: Cli) -> None:
    """Enabled, apply refuses and says who and why; disabled, the next apply goes on."""
    enabled = cli("emergency", "enable", "--reason", "fire drill", "-y")
    assert enabled.code == 0
    rewrite(applied, "fetchWeight: 5", "fetchWeight: 6")
    refused = cli("apply", "-y")
    assert refused.code == 5
    assert "fire drill" in refused.err
    assert cli("plan").code == 0
    assert "frozen" in cli("emergency", "status").out
    frozen = cli("emergency", "status", "--format", "json").json
    assert frozen["frozen"] is True
    assert frozen["emergency"]["reason"] == "fire drill"
    assert cli("emergency", "disable", "-y").code == 0
    assert cli("emergency", "status", "--format", "json").json["frozen"] is False
    assert cli("apply", "-y").code == 0


def test_an_emergency_needs_approval_and_a_reason(applied: Path, cli: Cli) -> None:
    """No floor is stopped by accident."""
    assert cli("emergency", "enable", "--reason", "drill").code == 5
    assert cli("emergency", "disable").code == 5
    assert cli("emergency", "enable", "-y").code == 64
    assert cli("emergency", "enable", "-y", "--reason", " ").code == 64
    assert json.loads((applied / ".reconciler" / "simulator.simulator.json").read_text())["emergency"] is False


def test_lifting_on_somebodys_word_sends_nothing(tenant: Service, cli: Cli) -> None:
    """--already-lifted takes the freeze away where the portal has lifted the emergency."""
    assert cli("apply", "-y", "-q").code == 0
    assert cli("emergency", "enable", "--reason", "drill", "-y").code == 0
    tenant.clear_log()
    assert cli("emergency", "disable", "--already-lifted", "-y").code == 0
    assert tenant.writes == ()
    assert cli("emergency", "status", "--format", "json").json["frozen"] is False
    again = cli("emergency", "disable", "--already-lifted", "-y")
    assert again.code == 5
