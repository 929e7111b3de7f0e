"""Ctrl-C and SIGTERM at chosen requests of real processes: what is in flight is finished and recorded, or left."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.reliability.grounds import Ground, second_manifests

AT_ONCE = 2


class Signaller:
    """Sends a signal, or the same one twice, when a request arrives."""

    def __init__(self, ground: Ground, number: signal.Signals, *, at: int, times: int = 1) -> None:
        self._tenant, self._number, self._at, self._times = ground.tenant, number, at, times
        self._pid = 0
        self.struck = 0.0
        ground.tenant.spare()
        ground.tenant.before = self.consider

    def born(self, pid: int) -> None:
        """Learn whom to signal."""
        self._pid = pid

    def consider(self, method: str, path: str) -> None:
        """Strike when it is time; the request takes a while after that."""
        if self._tenant.seen <= self._at or self.struck:
            return
        self.struck = time.monotonic()
        for _ in range(self._times):
            os.kill(self._pid, self._number)
            time.sleep(0.15)


@pytest.mark.parametrize(
    ("at", "number", "parallelism", "later"),
    [
        (11, signal.SIGINT, "4", False),
        (15, signal.SIGTERM, "1", False),
        (22, signal.SIGINT, "1", False),
        (15, signal.SIGINT, "4", True),
        (22, signal.SIGTERM, "1", True),
    ],
)
def test_the_first_signal_finishes_and_records(
    at: int, number: signal.Signals, parallelism: str, later: bool, ground: Ground
) -> None:
    """What was sent is answered and recorded, nothing new is begun, 130; the next run does the rest."""
    if later:
        assert ground.run("apply", "-y").code == 0
        ground.write(second_manifests())
    signaller = Signaller(ground, number, at=at)
    words = ("apply", "-y", "--format", "json", "--allow-mass-change", "--parallelism", parallelism)
    ended = ground.run(*words, born=signaller.born)
    assert ended.code == 130, ended
    assert ended.json["interrupted"]
    summary = ended.json["summary"]
    assert summary["unknown"] == summary["failed"] == 0
    assert summary["done"]
    assert summary["skipped"]
    ground.tenant.before = None
    assert ground.ledger().intents == {}
    assert not ground.ledger_file.with_name("ledger.json.lock").exists()
    assert ground.converge() == []


@pytest.mark.parametrize("at", [1, 3, 7])
def test_a_signal_before_the_first_write(at: int, ground: Ground) -> None:
    """While the target is being read nothing is at stake: 130, nothing sent, nothing left behind."""
    signaller = Signaller(ground, signal.SIGTERM, at=at)
    ended = ground.run("apply", "-y", born=signaller.born)
    assert ended.code == 130, ended
    assert "Traceback" not in ended.err
    ground.tenant.before = None
    assert ground.tenant.writes == ()
    assert ground.converge() == []


@pytest.mark.parametrize(("at", "parallelism"), [(11, "1"), (16, "4"), (21, "1")])
def test_the_second_signal_stops_at_once(at: int, parallelism: str, ground: Ground) -> None:
    """Whoever can't wait need not: the ledger knows what was about to be sent, and the next run looks."""
    signaller = Signaller(ground, signal.SIGINT, at=at, times=2)
    ended = ground.run("apply", "-y", "--parallelism", parallelism, born=signaller.born)
    assert ended.code == 130, ended
    assert time.monotonic() - signaller.struck < AT_ONCE
    ground.tenant.settle()
    ground.tenant.before = None
    assert ground.converge() == []
