"""validate, plan, apply and drift, as a user meets them on the embedded simulator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.simulator.service import Service
from tests.cli.ground import PASSWORD, Cli, portal, rewrite


def test_the_whole_loop(floor: Path, cli: Cli) -> None:
    """From nothing to an empty plan, through drift by hand and its repair, with the exit codes of the contract."""
    assert cli("validate").code == 0
    assert cli("plan").code == 0
    assert cli("plan", "--detailed-exitcode").code == 2
    applied = cli("apply", "-y")
    assert applied.code == 0, applied.err
    assert "0 failed" in applied.out
    assert cli("plan", "--detailed-exitcode").code == 0
    assert cli("drift").code == 0
    portal(floor, TargetDropPercent=9)
    drifted = cli("drift")
    assert drifted.code == 2
    assert "targetDropPercent" in drifted.out
    assert cli("apply", "--auto-approve").code == 0
    assert cli("drift").code == 0


def test_a_plan_leaves_no_trace(floor: Path, cli: Cli) -> None:
    """Planning writes no ledger, takes no lock and makes no file but those asked for."""
    assert cli("plan", "--out", "saved.plan", "--report", "json=plan.json", "--report", "text=plan.txt").code == 0
    kept = {path.name for path in floor.rglob("*") if path.is_file() and ".simulator." not in path.name}
    assert kept == {"reconciler.yaml", "floor.yaml", "saved.plan", "plan.json", "plan.txt"}


def test_reports_and_output_come_from_the_same_values(floor: Path, cli: Cli) -> None:
    """Several formats from one run, written before the exit code is decided, equal to what is printed."""
    done = cli("plan", "--format", "json", "--report", "json=a.json", "--report", "text=a.txt", "--detailed-exitcode")
    assert done.code == 2
    assert json.loads((floor / "a.json").read_text(encoding="utf-8")) == done.json
    assert (floor / "a.txt").read_text(encoding="utf-8") == cli("plan").out


def test_a_report_that_cannot_be_written_is_an_error(floor: Path, cli: Cli) -> None:
    """A report's place is named, with what to do."""
    done = cli("plan", "--report", "json=nowhere/plan.json")
    assert done.code == 1
    assert "nowhere/plan.json" in done.err


@pytest.mark.parametrize("command", ["plan", "drift", "validate"])
def test_json_is_alone_on_standard_output(command: str, floor: Path, cli: Cli) -> None:
    """Progress and warnings go to standard error, so that a program can read the result."""
    done = cli(command, "--format", "json", "-v")
    assert done.json["formatVersion"] == "1.0"


def test_the_same_input_gives_the_same_bytes(floor: Path, cli: Cli) -> None:
    """A plan can be compared with the one from yesterday."""
    assert cli("plan", "--format", "json").out == cli("plan", "--format", "json").out


@pytest.mark.parametrize("words", [["plan", "{}"], ["--config", "{}", "plan"], ["plan", "--config", "{}"]])
def test_the_directory_can_be_named_in_three_places(
    words: list[str], floor: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DIR is an argument of the command, or --config before or after it."""
    monkeypatch.chdir(floor.parent)
    assert "Campaign/spring" in cli(*(word.format(floor) for word in words)).out


@pytest.mark.parametrize("words", [["--target", "nobody", "plan"], ["plan", "--target", "nobody"]])
def test_an_unknown_target_is_an_error(words: list[str], floor: Path, cli: Cli) -> None:
    """--target beats the default target, and a name that is none is said with those that are."""
    done = cli(*words)
    assert done.code == 1
    assert "nobody" in done.err
    assert "simulator" in done.err


def test_flags_beat_the_environment(floor: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """RECONCILER_TARGET chooses, --target chooses again."""
    monkeypatch.setenv("RECONCILER_TARGET", "tenant")
    assert cli("plan", "--target", "simulator").code == 0


@pytest.mark.parametrize("command", ["plan", "apply", "drift", "validate"])
def test_all_problems_of_manifests_at_once(command: str, floor: Path, cli: Cli) -> None:
    """Invalid manifests end with 1: each problem with its file, line and column, and what to do."""
    rewrite(floor, "targetDropPercent: 2.5", "targetDropPercent: 250")
    rewrite(floor, "lists: [prospects]", "lists: [prospcts]")
    done = cli(command)
    assert done.code == 1
    assert "floor.yaml:4:" in done.err
    assert "spec.targetDropPercent" in done.err
    assert "floor.yaml:24:" in done.err
    assert "prospcts" in done.err


def test_validate_counts_and_reports(floor: Path, cli: Cli) -> None:
    """The verdict is the result; the document holds every problem."""
    assert cli("validate").out == "Valid: 5 documents in 1 file.\n"
    rewrite(floor, "targetDropPercent: 2.5", "targetDropPercent: 250")
    done = cli("validate", "--format", "json")
    assert done.code == 1
    assert done.json["summary"] == {"errors": 1, "warnings": 0, "files": 1, "documents": 5}
    assert done.json["problems"][0]["file"] == "floor.yaml"


def test_a_warning_stops_nothing(floor: Path, cli: Cli) -> None:
    """A warning is shown on standard error, counted, and quiet leaves it out."""
    rewrite(floor, "targetDropPercent: 2.5", "targetDropPercent: 2.5, zipToneBeep: HiLo")
    done = cli("validate")
    assert done.code == 0
    assert "zipToneBeep" in done.err
    assert "1 warning" in done.out
    assert "zipToneBeep" not in cli("validate", "-q").err


@pytest.mark.parametrize("place", ["nowhere", "reconciler.yaml"])
def test_a_directory_that_is_none(place: str, floor: Path, cli: Cli) -> None:
    """A directory that isn't there is said, and what to name."""
    done = cli("plan", place)
    assert done.code == 1
    assert place in done.err


def test_an_empty_directory_is_an_error(floor: Path, cli: Cli, tmp_path: Path) -> None:
    """No documents never mean that everything is to go."""
    (tmp_path / "empty").mkdir()
    assert cli("plan", tmp_path / "empty").code == 1


def test_a_selection_narrows(floor: Path, cli: Cli) -> None:
    """--only takes globs, -l labels; a selection of nothing is an error."""
    only = cli("plan", "--only", "list/pros*", "--format", "json").json
    assert [step["kind"] for step in only["steps"]] == ["List"]
    labelled = cli("plan", "-l", "brand=acme", "--format", "json").json
    assert {step["name"] for step in labelled["steps"]} == {"spring"}
    assert cli("plan", "-l", "brand=nobody").code == 1


def test_apply_needs_approval(floor: Path, cli: Cli) -> None:
    """Without -y and without a terminal the plan is shown, and nothing is sent."""
    done = cli("apply")
    assert done.code == 5
    assert "Campaign/spring" in done.out
    assert "-y" in done.err
    assert Service(data=floor / ".reconciler" / "simulator.simulator.json").world.named("campaigns", "spring") == []
    assert not (floor / ".reconciler" / "simulator.json").exists()


def test_an_apply_of_nothing_asks_nothing(floor: Path, cli: Cli) -> None:
    """Where there is nothing to do there is nothing to approve, and the ledger is not written."""
    assert cli("apply", "-y").code == 0
    ledger = (floor / ".reconciler" / "simulator.json").read_bytes()
    done = cli("apply")
    assert done.code == 0
    assert done.out.startswith("No changes.")
    assert (floor / ".reconciler" / "simulator.json").read_bytes() == ledger


def test_an_apply_as_json(floor: Path, cli: Cli) -> None:
    """The outcomes are the result, one per step; the plan that was approved goes to standard error."""
    done = cli("apply", "-y", "--format", "json", "--report", "text=report.txt")
    assert done.code == 0
    assert done.json["succeeded"]
    assert done.json["summary"]["done"] == done.json["summary"]["total"] == len(done.json["outcomes"]) > 5
    assert done.json["serial"] == json.loads((floor / ".reconciler" / "simulator.json").read_text())["serial"]
    assert "Campaign/spring" in done.err
    assert "done" in (floor / "report.txt").read_text(encoding="utf-8")


def test_a_refused_apply_reports_that_nothing_was_done(floor: Path, cli: Cli) -> None:
    """The report of a refusal lists every step as skipped, with the reason."""
    done = cli("apply", "--format", "json", "--report", "json=report.json")
    assert done.code == 5
    assert json.loads((floor / "report.json").read_text(encoding="utf-8")) == done.json
    assert done.json["summary"]["skipped"] == done.json["summary"]["total"] > 5


def test_progress_is_a_line_a_step(floor: Path, cli: Cli) -> None:
    """Off a terminal, each step that ended is a line on standard error; quiet leaves them out."""
    done = cli("apply", "-y")
    assert "[1/" in done.err
    assert "create List/prospects" in done.err
    rewrite(floor, "fetchWeight: 5", "fetchWeight: 6")
    assert cli("apply", "-y", "-q").err == ""


def test_a_missing_password_stops_before_anything_is_sent(
    floor: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passwords are looked up before the first request, and what is missing is named."""
    monkeypatch.delenv("FLOOR_PASSWORD")
    assert cli("plan").code == 0
    done = cli("apply", "-y")
    assert done.code == 1
    assert "FLOOR_PASSWORD" in done.err
    assert Service(data=floor / ".reconciler" / "simulator.simulator.json").world.named("lists", "prospects") == []


def test_a_dry_run_prints_every_request_and_sends_none(floor: Path, cli: Cli) -> None:
    """The requests are shown with their bodies, never a password, and nobody has to approve."""
    done = cli("apply", "--dry-run")
    assert done.code == 0
    assert "POST /management/campaigns" in done.out
    assert '"CampaignName": "spring"' in done.out
    assert PASSWORD not in done.out
    assert Service(data=floor / ".reconciler" / "simulator.simulator.json").world.named("campaigns", "spring") == []


def test_drift_lists_everything_on_demand(floor: Path, cli: Cli) -> None:
    """--all lists what nobody declares; the vendor's own account is one of them."""
    assert cli("apply", "-y").code == 0
    assert "MaxSupport" in cli("drift", "--all").out
    assert "MaxSupport" not in cli("drift").out


def test_unknown_counts_only_when_strict(floor: Path, cli: Cli) -> None:
    """What nobody can tell is no drift, unless --strict-unknown says so."""
    assert cli("apply", "-y").code == 0
    assert cli("state", "rm", "List/prospects").code == 0
    rewrite(
        floor,
        "kind: List\nmetadata: {name: prospects}\nspec: {",
        "kind: List\nmetadata: {name: prospects}\nspec: {active: true, ",
    )
    report = cli("drift", "--format", "json").json
    assert report["summary"]["cannot-tell"] >= 1
    assert cli("drift").code == 0
    assert cli("drift", "--strict-unknown").code == 2


SHAPES = {"json": "{", "markdown": "<!-- reconciler:", "junit": "<?xml", "sarif": "{"}
FORMATS = {
    "validate": ("json", "markdown", "junit", "sarif"),
    "plan": ("json", "markdown"),
    "drift": ("json", "markdown", "junit", "sarif"),
    "apply": ("json", "markdown"),
}


@pytest.mark.parametrize("command", FORMATS)
def test_every_format_as_a_report(command: str, floor: Path, cli: Cli) -> None:
    """Each format can be written to a file, all of them from one run."""
    asked = [word for form in FORMATS[command] for word in ("--report", f"{form}=report.{form}")]
    approved = ["-y"] if command == "apply" else []
    assert cli(command, *asked, *approved).code in (0, 2)
    for form in FORMATS[command]:
        assert (floor / f"report.{form}").read_text(encoding="utf-8").startswith(SHAPES[form])


def test_places_in_a_report_are_those_of_the_repository(floor: Path, cli: Cli) -> None:
    """A SARIF file names manifests from the top of the repository, wherever the configuration directory is."""
    (floor.parent / ".git").mkdir()
    rewrite(floor, "targetDropPercent: 2.5", "targetDropPercent: 250")
    done = cli("validate", "--format", "sarif")
    assert done.code == 1
    place = done.json["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "floor/floor.yaml"
