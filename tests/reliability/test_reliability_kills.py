"""Killed by SIGKILL, in a process of its own with real files: the next apply converges, and nothing is there twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.simulator.variants import VARIANTS
from tests.reliability.grounds import Ground, second_manifests, small_ground
from tests.reliability.killing import Scene
from tests.reliability.mortal import Moment
from tests.reliability.processes import KILLED, Nursery, finish, start
from tests.reliability.tenants import Tenant

AT_REQUESTS = [
    (9, False, 1, "plain", False),
    (9, True, 1, "plain", False),
    (14, True, 4, "strict", False),
    (21, True, 1, "surprising", False),
    (23, False, 4, "plain", False),
    (30, False, 1, "strict", False),
    (33, True, 4, "web-api", False),
    (12, True, 1, "plain", True),
    (17, True, 4, "strict", True),
    (22, False, 1, "surprising", True),
    (27, True, 1, "plain", True),
    (31, True, 4, "lenient", True),
]

AT_LEDGER_CALLS = [(0, "before"), (3, "after"), (38, "half"), (77, "after"), (110, "half")]


def scene(nursery: Nursery, tenant: Tenant, *, server: str, parallelism: int, later: bool) -> Scene:
    """Return an apply of the small ground, to be killed."""
    return Scene(
        make=lambda folder: small_ground(folder, nursery=nursery, tenant=tenant),
        behaviour=VARIANTS[server],
        parallelism=parallelism,
        later=later,
    )


@pytest.mark.parametrize(("number", "after", "parallelism", "server", "later"), AT_REQUESTS)
def test_killed_at_a_request(
    number: int,
    after: bool,
    parallelism: int,
    server: str,
    later: bool,
    nursery: Nursery,
    tenant: Tenant,
    tmp_path: Path,
) -> None:
    """Before the request is processed or right after, first apply or change: one more apply makes it whole."""
    killed = scene(nursery, tenant, server=server, parallelism=parallelism, later=later)
    assert killed.killed_at_request(number, after=after, folder=tmp_path / "ground") == []


@pytest.mark.parametrize("later", [False, True], ids=["first", "change"])
@pytest.mark.parametrize(("number", "when"), AT_LEDGER_CALLS)
def test_killed_at_a_call_on_the_ledger(
    number: int, when: str, later: bool, nursery: Nursery, tenant: Tenant, tmp_path: Path
) -> None:
    """Between any two writes, renames and removals of the ledger's files, and in the middle of a write."""
    killed = scene(nursery, tenant, server="plain", parallelism=1, later=later)
    assert killed.killed_at_ledger_call(number, when=when, folder=tmp_path / "ground") == []


def test_the_kill_is_real(ground: Ground) -> None:
    """It is the process itself that dies, at that request: its lock and its journal are left behind."""
    ground.tenant.strike(15, after=True)
    assert ground.run("apply", "-y", "--parallelism", "1", born=ground.tenant.kill).code == KILLED
    assert len(ground.tenant.log) == 16
    left = sorted(path.name for path in ground.ledger_file.parent.iterdir())
    assert left == ["ledger.json.journal", "ledger.json.lock"]


def test_killed_while_half_a_line_was_written(ground: Ground) -> None:
    """A journal whose last line is torn is read up to there, and says so."""
    moment = Moment(folder=str(ground.ledger_file.parent), number=40, when="half")
    for number in range(40, 46):
        moment = Moment(folder=str(ground.ledger_file.parent), number=number, when="half")
        assert ground.run("apply", "-y", moment=moment).code == KILLED
        journal = ground.ledger_file.with_name("ledger.json.journal")
        if journal.exists() and not journal.read_bytes().endswith(b"\n"):
            break
    else:
        pytest.fail("no line was torn")
    planned = ground.run("plan")
    assert planned.code == 0, planned
    assert "was cut off" in planned.err
    assert ground.converge() == []


def test_killed_as_people_start_it(ground: Ground) -> None:
    """The same with `python -m reconciler`, started from nothing."""
    ground.tenant.strike(20, after=True)
    process = start(ground.folder, "apply", "-y", variables=ground.variables())
    ground.tenant.kill(process.pid)
    assert finish(process).code == KILLED
    ground.tenant.spare()
    assert finish(start(ground.folder, "apply", "-y", variables=ground.variables())).code == 0
    assert ground.falsehoods() == []


def test_killed_again_and_again(ground: Ground) -> None:
    """A run that dies two requests further each time gets through in the end."""
    for number in range(5, 60, 4):
        ground.tenant.strike(number, after=True)
        if ground.run("apply", "-y", "-q", born=ground.tenant.kill).code == 0:
            break
    ground.tenant.spare()
    assert ground.converge() == []
    ground.write(second_manifests())
    assert ground.converge() == []


def test_killed_when_all_is_sent(ground: Ground, nursery: Nursery, tenant: Tenant, tmp_path: Path) -> None:
    """Where only the ledger's last write is missing, the next apply sends nothing, and takes the journal into it."""
    total = scene(nursery, tenant, server="plain", parallelism=1, later=False).ledger_calls(tmp_path / "counted")
    journal = ground.ledger_file.with_name("ledger.json.journal")
    tenant.renew()
    moment = Moment(folder=str(ground.ledger_file.parent), number=total - 8)
    assert ground.run("apply", "-y", "--parallelism", "1", moment=moment).code == KILLED
    assert journal.exists()
    tenant.clear_log()
    applied = ground.run("apply", "-y")
    assert applied.code == 0
    assert "run that did not end" in applied.err
    assert tenant.writes == ()
    assert not journal.exists()
    assert "run that did not end" not in ground.run("plan").err
    assert ground.falsehoods() == []
