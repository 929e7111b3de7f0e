"""The outer face: help, version, wrong usage."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reconciler import __version__
from reconciler.cli.commands import SUMMARIES
from reconciler.cli.main import run

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_command_and_exit_code(option: str, capsys: Capture) -> None:
    """The main help lists every command with its purpose, and what the exit codes mean."""
    assert run([option]) == 0
    shown = capsys.readouterr().out
    for name, summary in SUMMARIES.items():
        assert f"  {name} " in shown
        assert summary.split()[0] in shown
    for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "64 ", "130 "):
        assert f"\n    {code}" in shown


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("command", SUMMARIES)
def test_each_command_has_help(command: str, option: str, capsys: Capture) -> None:
    """Each command explains itself in sentences, on standard output."""
    assert run([command, option]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"Usage: reconciler {command}")
    assert "." in shown.out.partition("\n\n")[2].partition("Options:")[0]
    assert shown.err == ""


def test_version(capsys: Capture) -> None:
    """--version prints the program's name and version."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"reconciler, version {__version__}\n"


WRONG = {
    "unknown-command": (["plam"], "no such command 'plam'"),
    "shortened-command": (["val"], "no such command 'val'"),
    "unknown-option": (["plan", "--nonsense"], "no such option '--nonsense'"),
    "shortened-option": (["plan", "--detailed"], "no such option '--detailed'"),
    "shortened-option-with-value": (["plan", "--par", "3"], "no such option '--par'"),
    "shortened-global-option": (["--conf", "x", "plan"], "no such option '--conf'"),
    "no-number": (["plan", "--parallelism", "many"], "--parallelism"),
    "number-out-of-range": (["plan", "--parallelism", "0"], "--parallelism"),
    "no-time-at-all": (["plan", "--timeout", "0"], "--timeout"),
    "unknown-format": (["plan", "--format", "rtf"], "'rtf' is not one of"),
    "report-without-file": (["plan", "--report", "json"], "--report json: not FORMAT=FILE"),
    "report-of-unknown-format": (["plan", "--report", "rtf=x"], "no format 'rtf' here"),
    "label-without-value": (["plan", "-l", "brand"], "-l brand: not KEY=VALUE"),
    "only-without-kind": (["plan", "--only", "spring"], "--only spring: not KIND/NAME"),
    "two-directories": (["--config", "a", "plan", "b"], "two configuration directories"),
    "too-many-arguments": (["plan", "a", "b"], "unexpected extra argument"),
    "loud-and-quiet": (["plan", "-v", "-q"], "-v and -q exclude each other"),
    "missing-argument": (["state", "show"], "missing argument"),
    "enabling-without-a-reason": (["emergency", "enable"], "--reason"),
    "unknown-kind-of-schema": (["schema", "Widget"], "Widget"),
    "unknown-behaviour": (["simulator", "--behaviour", "weather=fine"], "weather"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_usage_ends_with_64(arguments: list[str], message: str, capsys: Capture) -> None:
    """Wrong usage is 64, never 2 (which means changes); it says what is wrong and what to do, on standard error."""
    assert run(arguments) == 64
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert message in shown.err
    assert "what to do: " in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("arguments", [[], ["state"], ["emergency"]])
def test_no_command_shows_help_and_ends_with_64(arguments: list[str], capsys: Capture) -> None:
    """A missing command is wrong usage; the help comes on standard error."""
    assert run(arguments) == 64
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("Usage: reconciler")


def test_a_reader_that_leaves_is_no_error() -> None:
    """`reconciler --help | head -1` ends without a traceback or complaint."""
    producer = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "schema", "Campaign"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert producer.stdout is not None
    assert producer.stderr is not None
    producer.stdout.close()
    assert producer.stderr.read() == b""
    producer.stderr.close()
    assert producer.wait(timeout=30) == 0
