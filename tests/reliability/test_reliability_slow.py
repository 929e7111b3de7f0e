"""A server that answers too late may still be at work: nothing is sent twice that could be there twice."""

from __future__ import annotations

import os
import signal

import pytest

from reconciler.simulator.faults import parse_faults
from tests.reliability.grounds import Ground, duplicates, second_manifests
from tests.reliability.processes import KILLED


class Killer:
    """Kills whoever creates a campaign, soon after the request arrived."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        ground.tenant.before = self.consider

    def born(self, pid: int) -> None:
        """Learn whom to kill."""
        self._pid = pid

    def consider(self, method: str, path: str) -> None:
        """Kill; the request goes on."""
        if method == "POST" and path.endswith("/campaigns"):
            self._ground.tenant.before = None
            os.kill(self._pid, signal.SIGKILL)


def test_a_create_that_is_processed_late_is_not_doubled(ground: Ground) -> None:
    """Neither the answer nor the object comes in time: it is not sent again, and the next run finds it."""
    ground.tenant.faults = parse_faults("POST /management/campaigns:1=slow:5")
    ended = ground.run("apply", "-y", "--timeout", "0.5", "--format", "json")
    assert ended.code == 1, ended
    (unknown,) = [each for each in ended.json["outcomes"] if each["result"] == "unknown"]
    assert unknown["step"].endswith("/create")
    assert "not sent again" in unknown["detail"]
    assert len(ground.ledger().intents) == 1
    ground.tenant.settle()
    ground.tenant.faults = parse_faults("")
    assert ground.converge() == []


def test_a_create_that_is_processed_a_little_late_is_found(ground: Ground) -> None:
    """The object comes while the tool is looking for it: it is taken as ours, and everything goes on."""
    ground.tenant.faults = parse_faults("POST *:2=slow:1.2")
    ended = ground.run("apply", "-y", "--timeout", "0.5", "--format", "json")
    assert ended.code == 0, ended
    assert "found by its name" in ended.out
    assert ground.falsehoods() == []


def test_a_create_that_is_processed_after_its_run_was_killed(ground: Ground) -> None:
    """The next run starts at once, while the server is still at work for the one that was killed: it looks first."""
    ground.tenant.faults = parse_faults("POST /management/campaigns:1=slow:1.5")
    killer = Killer(ground)
    assert ground.run("apply", "-y", "--parallelism", "1", born=killer.born).code == KILLED
    ground.tenant.before = None
    assert ground.converge() == []
    ground.tenant.settle()
    assert ground.falsehoods() == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_writes_that_are_processed_late(method: str, ground: Ground) -> None:
    """What may be repeated is; whichever of the two is processed last, the outcome is the same."""
    assert ground.run("apply", "-y").code == 0
    ground.write(second_manifests())
    ground.tenant.faults = parse_faults(f"{method} /management/*:1-2=slow:1")
    ended = ground.run("apply", "-y", "--timeout", "0.4", "--allow-mass-change")
    assert ended.code in (0, 1), ended
    ground.tenant.settle()
    assert list(duplicates(ground.tenant.world)) == []
    ground.tenant.faults = parse_faults("")
    assert ground.converge() == []
