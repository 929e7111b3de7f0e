"""A damaged ledger is refused with advice that works when followed to the letter; many who want it get it in turn."""

from __future__ import annotations

import re
import shlex
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reliability.crowds import crowd
from tests.reliability.grounds import Ground
from tests.reliability.processes import KILLED, Ended, Nursery, finish, start
from tests.reliability.tenants import Tenant

ADVISED = re.compile(r"`reconciler ([^`]+)`")


def flipped(content: bytes) -> bytes:
    """Return content with one digit in its middle changed."""
    place = next(i for i in range(len(content) // 2, len(content)) if content[i : i + 1].isdigit())
    return content[:place] + (b"1" if content[place : place + 1] != b"1" else b"2") + content[place + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "flipped": flipped,
    "cut off": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "zeros": lambda content: bytes(len(content)),
    "something else": lambda content: b'{"hello": "world"}',
    "conflict markers": lambda content: b"<<<<<<< HEAD\n" + content + b"=======\n",
}


def follow(ground: Ground, refused: Ended) -> None:
    """Do what the error advises, command by command, as it stands there."""
    advice = refused.err.partition("what to do: ")[2]
    commands = [shlex.split(command) for command in ADVISED.findall(advice)]
    assert commands, refused
    if "Move" in advice:
        moved = Path(re.findall(r"Move (\S+) away", advice)[0])
        moved.rename(moved.with_name("moved-away"))
    for words in commands:
        done = ground.run(*words)
        assert done.code == 0, done
    reasserted = ground.run("apply", "-y", "--reassert", "--allow-mass-change")
    assert reasserted.code == 0, reasserted


@pytest.mark.parametrize(
    ("damage", "backed_up"), [*((damage, True) for damage in DAMAGES), ("flipped", False), ("cut off", False)]
)
def test_a_damaged_ledger_is_refused_and_repaired(damage: str, backed_up: bool, ground: Ground) -> None:
    """Nothing is sent or overwritten on a ledger that is not whole; the advice brings everything back."""
    assert ground.run("apply", "-y").code == 0
    if backed_up:
        ground.rewrite("fetchWeight: 5", "fetchWeight: 7")
        assert ground.run("apply", "-y").code == 0
    broken = DAMAGES[damage](ground.ledger_file.read_bytes())
    ground.ledger_file.write_bytes(broken)
    ground.tenant.clear_log()
    for words in (("plan",), ("apply", "-y"), ("drift",), ("state", "list"), ("state", "rm", "List/leads")):
        refused = ground.run(*words)
        assert refused.code == 1, refused
        assert str(ground.ledger_file) in refused.err
        assert ground.ledger_file.read_bytes() == broken
    assert ground.tenant.writes == ()
    follow(ground, refused)
    assert ground.converge() == []
    kept = [path for path in ground.ledger_file.parent.rglob("*") if path.is_file() and path.read_bytes() == broken]
    assert kept, "what was damaged is gone"


def test_a_journal_damaged_in_its_middle_is_refused_and_repaired(ground: Ground) -> None:
    """A journal is trusted up to its torn end, and not at all where a line in its middle is not as it was written."""
    ground.tenant.strike(25, after=True)
    assert ground.run("apply", "-y", born=ground.tenant.kill).code == KILLED
    ground.tenant.spare()
    journal = ground.ledger_file.with_name("ledger.json.journal")
    journal.write_bytes(flipped(journal.read_bytes()))
    broken = journal.read_bytes()
    refused = ground.run("apply", "-y")
    assert refused.code == 1, refused
    assert journal.read_bytes() == broken
    follow(ground, refused)
    assert ground.converge() == []


def test_fifty_want_one_ledger(nursery: Nursery, tenant: Tenant, tmp_path: Path) -> None:
    """One at a time writes; the others leave with 4, or wait and find their plan stale (3); no state is torn."""
    outcome = crowd(50, tmp_path, nursery=nursery, tenant=tenant)
    assert outcome.problems == []
    assert outcome.codes.total() == 50


def test_unlocking_asks_and_stops_who_held_it(ground: Ground) -> None:
    """`state unlock` needs a yes, `--force` does not; the run whose lock it was sends nothing more."""
    arrived, go_on = threading.Event(), threading.Event()

    def hold(method: str, path: str) -> None:
        if method == "POST":
            arrived.set()
            go_on.wait(20)

    ground.tenant.before = hold
    running = start(ground.folder, "apply", "-y", "--parallelism", "1", variables=ground.variables())
    assert arrived.wait(20)
    try:
        locked = ground.run("apply", "-y")
        assert locked.code == 4, locked
        assert f"process {running.pid}" in locked.err
        assert "since" in locked.err
        asked = ground.run("state", "unlock")
        assert asked.code == 5, asked
        assert "--force" in asked.err
        forced = ground.run("state", "unlock", "--force")
        assert forced.code == 0, forced
        assert ground.run("state", "unlock").out.strip() == "nobody holds the ledger"
    finally:
        ground.tenant.before = None
        go_on.set()
    ended = finish(running)
    assert ended.code == 1, ended
    assert "taken away" in ended.out + ended.err
    assert len(ground.tenant.writes) == 1
    assert ground.converge() == []


def test_a_lock_whose_owner_was_killed_is_nobodys(ground: Ground) -> None:
    """On the machine where it ran a killed run's lock is taken over without asking, by whoever comes first."""
    ground.tenant.strike(12, after=False)
    assert ground.run("apply", "-y", born=ground.tenant.kill).code == KILLED
    ground.tenant.spare()
    assert ground.ledger_file.with_name("ledger.json.lock").exists()
    unlocked = ground.run("state", "unlock", "--force")
    assert unlocked.code == 0, unlocked
    assert "unlocked" in unlocked.out
    assert ground.converge() == []


def test_a_stopped_holder_keeps_its_lock(ground: Ground) -> None:
    """A run that only hangs is not gone: its lock holds, and it goes on from where it was."""
    arrived = threading.Event()

    def notice(method: str, path: str) -> None:
        if method == "POST":
            arrived.set()

    ground.tenant.before = notice
    running = start(ground.folder, "apply", "-y", "--parallelism", "1", variables=ground.variables())
    assert arrived.wait(20)
    running.send_signal(signal.SIGSTOP)
    try:
        assert ground.run("apply", "-y", "--lock-timeout", "0.2").code == 4
    finally:
        running.send_signal(signal.SIGCONT)
    assert finish(running).code == 0
    assert ground.falsehoods() == []
