"""Pipes that break, locales that know no umlaut, streams that are closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.ground import Cli

ROOT = str(Path(__file__).parents[2])


def call(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "reconciler", *words],
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": ROOT} | environment,
        check=False,
        timeout=30,
    )


ASCII = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}


def test_text_survives_a_locale_without_umlauts(floor: Path) -> None:
    """What the locale can't say is escaped; nothing fails."""
    done = call(floor, "plan", **ASCII)
    assert done.returncode == 0, done.stderr
    assert rb"Gr\xfc\xdfe" in done.stdout


def test_json_is_utf8_whatever_the_locale(floor: Path) -> None:
    """A program reads the same bytes everywhere."""
    done = call(floor, "plan", "--format", "json", **ASCII)
    plan = json.loads(done.stdout.decode("utf-8"))
    assert "Grüße → Frühling" in json.dumps(plan, ensure_ascii=False)


def test_a_reader_that_leaves_does_not_stop_an_apply(floor: Path, cli: Cli) -> None:
    """`reconciler apply -y | head -1` applies everything, and complains about nothing."""
    running = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "apply", "-y", "-q"],
        cwd=floor,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": ROOT},
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(timeout=30) == 0
    assert cli("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
def test_closed_streams_are_borne(closed: str, floor: Path) -> None:
    """A daemon that starts the tool without streams gets its exit code all the same."""
    command = f"exec {sys.executable} -m reconciler plan --detailed-exitcode {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=floor, env=os.environ | {"PYTHONPATH": ROOT}, check=False)
    assert done.returncode == 2


def test_a_full_disk_is_said(floor: Path) -> None:
    """Output that can't be written is an error with its reason, not a traceback."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reconciler", "plan"],
            cwd=floor,
            stdout=full,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": ROOT},
            check=False,
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_lost_progress_does_not_stop_an_apply(floor: Path, cli: Cli) -> None:
    """Standard error on a full disk: everything is applied all the same."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reconciler", "apply", "-y"],
            cwd=floor,
            stdout=subprocess.PIPE,
            stderr=full,
            env=os.environ | {"PYTHONPATH": ROOT},
            check=False,
        )
    assert done.returncode == 0
    assert b" 0 failed" in done.stdout
    assert cli("plan", "--detailed-exitcode").code == 0
