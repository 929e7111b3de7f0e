"""What every store promises, tried on real servers: one writer at a time, nothing lost, nothing torn, no stuck lock."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from reconciler.errors import LedgerError, LockedError
from reconciler.model.ledger import Learned, Ledger
from reconciler.state.history import verify_record
from reconciler.state.lease import Term, forward
from reconciler.state.lock import Clock
from reconciler.state.operations import lock_owner, pull, push, unlock
from reconciler.state.store import Store
from tests.state.ledgers import STORY, URL
from tests.stores.servers import ROOT, Place, fresh
from tests.stores.wire import wire_to

SHORT = Term(seconds=2.0)

WRITER = """
import sys
from reconciler.model.ledger import Learned
from reconciler.state.history import verify_record
from reconciler.state.lease import Term
from reconciler.state.store import open_store
url, run = sys.argv[1:]
with open_store(url, term=Term(seconds=1.0)).lock(command="apply", timeout=20) as journal:
    for number in range(10_000):
        name = f"{run}-{number}"
        journal.append(Learned(name=name, value=name))
        print(name, flush=True)
        if number % 7 == 6:
            journal.fold()
"""


def learn(store: Store, name: str, *, timeout: float = 0.0) -> None:
    """Let a run record one thing."""
    with store.lock(command=f"learn {name}", timeout=timeout) as journal:
        journal.append(Learned(name=name, value="yes"))


def refused(store: Store) -> LockedError:
    """Return the error of locking."""
    with pytest.raises(LockedError) as caught, store.lock(command="apply"):
        pytest.fail("two hold the ledger")
    return caught.value


def test_what_one_run_records_the_next_one_reads(place: Place) -> None:
    """A ledger that is not there is empty; each run is one serial up, of one lineage."""
    name = fresh()
    assert place.open(name).load().serial == 0
    with place.open(name).lock(command="apply", target="production", url=URL) as journal:
        for event in STORY:
            journal.append(event)
            # Another machine that plans meanwhile sees what is recorded so far.
            assert place.open(name).load().intents.keys() == journal.ledger.intents.keys()
        told = journal.ledger
    read = place.open(name).load(target="production", url=URL)
    assert read == told
    learn(place.open(name), "later")
    again = place.open(name).load()
    assert (again.serial, again.lineage) == (2, read.lineage)
    assert place.open(name).load().learned == told.learned | {"later": "yes"}
    assert place.open(fresh()).load().objects == {}


def test_a_second_run_is_told_who_holds_the_ledger(place: Place) -> None:
    """It leaves with 4 and names the holder; when that one ends, the ledger is free at once."""
    name = fresh()
    with place.open(name).lock(command="apply config"):
        owner = lock_owner(place.open(name))
        error = refused(place.open(name))
    assert owner is not None
    assert error.exit_code == 4
    assert str(owner) in error.message
    assert lock_owner(place.open(name)) is None
    learn(place.open(name), "after")


def test_a_ledger_pulled_here_can_be_pushed_there(place: Place) -> None:
    """`state pull` and `state push` mean the same everywhere, and an older serial is refused."""
    name = fresh()
    store = place.open(name)
    learn(store, "one")
    document = pull(store.load())
    assert push(store, document).serial == 2
    with pytest.raises(LedgerError, match="has moved on to 2"):
        push(store, document)
    assert push(store, document, force=True).serial == 3
    assert place.open(name).load().learned == {"one": "yes"}


def test_a_damaged_ledger_is_refused_and_can_be_replaced(place: Place) -> None:
    """It is said to be damaged, nothing is changed, and a push by force keeps it under another name."""
    name = fresh()
    store = place.open(name)
    learn(store, "one")
    document = pull(store.load())
    with store.hold(command="damage"):
        store.storage.write(b"{}", expected=store.storage.read().version)
    with pytest.raises(LedgerError, match="damaged"):
        place.open(name).load()
    pushed = push(place.open(name), document, force=True)
    assert len(pushed.set_aside) == 1
    assert place.open(name).load().learned == {"one": "yes"}


def test_twenty_appliers_go_one_by_one(place: Place) -> None:
    """Each sees all that went before, none gets in between, and nothing of any is lost."""
    name = fresh()
    inside = threading.Lock()
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            store = place.open_in_parallel(name)
            with store.lock(command="apply", timeout=120) as journal:
                assert inside.acquire(blocking=False), "two are inside"
                seen = int(journal.ledger.learned.get("count", "0"))
                journal.append(Learned(name="count", value=str(seen + 1)))
                journal.append(Learned(name=f"worker {number}", value="was here"))
                inside.release()
        except BaseException as error:
            failures.append(error)

    with place.led():
        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    ledger = place.open(name).load()
    assert ledger.learned == {"count": "20"} | {f"worker {number}": "was here" for number in range(20)}
    assert ledger.serial == 20
    assert verify_record(place.open(name)).segments == 20


def test_a_writer_killed_at_random_loses_nothing(place: Place) -> None:
    """
    SIGKILL in the middle of appends and folds, run after run: what was promised is there.

    The next run gets the lock by itself once the lease of the killed one has ended, and not before.
    """
    name, dice = fresh(), random.Random(7)
    promised: set[str] = set()
    for run in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, place.url(name), str(run)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | place.environment(),
        )
        with process:
            assert process.stdout is not None
            promised.add(process.stdout.readline().strip())
            time.sleep(dice.uniform(0, 0.3))
            process.kill()
            told = process.stdout.read()
        promised.update(line.strip() for line in told.splitlines(keepends=True) if line.endswith("\n"))
        ledger = place.open(name).load()
        assert "" not in promised
        assert promised <= set(ledger.learned)
        assert len(set(ledger.learned) - promised) <= run + 1
    learn(place.open(name), "after", timeout=5.0)
    assert promised <= set(place.open(name).load().learned)
    verify_record(place.open(name))


def test_a_lock_is_renewed_as_long_as_it_is_held(leased: Place) -> None:
    """A run that takes longer than its lease keeps its lock; nobody gets in."""
    name = fresh()
    with leased.open(name, term=Term(seconds=1.0)).lock(command="apply") as journal:
        until = time.monotonic() + 3.0
        while time.monotonic() < until:
            refused(leased.open(name))
            journal.append(Learned(name=f"{time.monotonic()}", value="still here"))
            time.sleep(0.3)
    learn(leased.open(name), "after")


def test_a_stale_writer_is_fenced_out(leased: Place) -> None:
    """A holder that slept through its lease and does not know it can write nothing: no event, no ledger."""
    name = fresh()
    store = leased.open(name, term=Term(seconds=0.2, elapsed=lambda: 0.0, beats=False))
    with store.hold(command="slow") as hold:
        slow = store.settle(hold)
        slow.append(Learned(name="before", value="yes"))
        with leased.open(name).lock(command="quick", timeout=5.0) as quick:
            assert quick.ledger.learned == {"before": "yes"}
            quick.append(Learned(name="quick", value="yes"))
            with pytest.raises(LockedError, match="taken over by"):
                slow.append(Learned(name="slow", value="no"))
            quick.append(Learned(name="quick too", value="yes"))
            version = store.storage.read().version
            with pytest.raises(LedgerError, match=r"taken over by|changed by someone else"):
                store.storage.write(b"anything", expected=version)
            with pytest.raises(LockedError, match="taken over by"):
                store.storage.clear()
        with pytest.raises(LedgerError, match="nothing more can be recorded"):
            slow.append(Learned(name="slow", value="no"))
    assert leased.open(name).load().learned == {"before": "yes", "quick": "yes", "quick too": "yes"}
    verify_record(leased.open(name))


@pytest.mark.parametrize("year", [1990, 2090])
def test_a_time_of_day_that_jumps_frees_no_lock(leased: Place, year: int) -> None:
    """Neither the holder's nor another's time of day says whether a lock holds."""
    name = fresh()
    jumped = Clock(now=lambda: datetime(year, 1, 1, tzinfo=UTC))
    with leased.open(name, clock=jumped, term=SHORT).lock(command="apply") as journal:
        journal.append(STORY[0])
        refused(leased.open(name))
        refused(leased.open(name, clock=jumped))
        time.sleep(SHORT.seconds * 1.5)
        refused(leased.open(name, clock=jumped))
        journal.append(STORY[1])


def test_a_holder_whose_machine_slept_sends_nothing_more(leased: Place) -> None:
    """Its own clock goes on while it sleeps: it knows that its lease is over before it asks anyone."""
    name = fresh()
    slept = [0.0]
    term = Term(seconds=60.0, elapsed=lambda: forward() + slept[0])

    def run() -> None:
        with leased.open(name, term=term).lock(command="apply") as journal:
            journal.append(Learned(name="before", value="yes"))
            slept[0] = 3600.0
            journal.append(Learned(name="after", value="no"))

    with pytest.raises(LockedError, match="could not be renewed"):
        run()
    assert leased.open(name).load().learned == {"before": "yes"}


def test_a_network_that_is_cut_stops_the_run(leased: Place) -> None:
    """
    The run is told before its next request, and nothing that was promised is lost.

    Nobody has to clean up: when the lease has ended, the next run goes on from there.
    """
    name = fresh()
    with wire_to(leased.port) as wire:
        store = leased.open(name, term=SHORT, port=wire.port)
        with store.hold(command="apply") as hold:
            journal = store.settle(hold)
            journal.append(Learned(name="before", value="yes"))
            wire.cut()
            with pytest.raises(LedgerError):
                journal.append(Learned(name="during", value="perhaps"))
            with pytest.raises(LedgerError, match="nothing more can be recorded"):
                journal.append(Learned(name="next", value="no"))
    seen = leased.open(name).load()
    assert "before" in seen.learned
    learn(leased.open(name), "after", timeout=10.0)
    learned = leased.open(name).load().learned
    assert {"before", "after"} <= learned.keys() <= {"before", "during", "after"}


def test_a_short_cut_while_nothing_is_written_is_survived(leased: Place) -> None:
    """A renewal that fails is tried again as long as the lease lasts."""
    name = fresh()
    with wire_to(leased.port) as wire:
        store = leased.open(name, term=Term(seconds=6.0), port=wire.port)
        with store.lock(command="apply") as journal:
            journal.append(Learned(name="before", value="yes"))
            wire.cut()
            time.sleep(2.0)
            wire.mend()
            time.sleep(0.5)
            journal.append(Learned(name="after", value="yes"))
    assert leased.open(name).load().learned == {"before": "yes", "after": "yes"}


def test_unlocking_spares_a_holder_that_lives(leased: Place) -> None:
    """Only force takes a lock from a run that renews it, and that run then stops at its next step."""
    name = fresh()
    store = leased.open(name)
    with store.hold(command="apply") as hold:
        journal = store.settle(hold)
        owner = lock_owner(leased.open(name))
        assert owner is not None
        with pytest.raises(LockedError, match="still renews"):
            unlock(leased.open(name), owner)
        unlock(leased.open(name), owner, force=True)
        learn(leased.open(name), "other")
        with pytest.raises(LockedError):
            journal.append(Learned(name="late", value="no"))
    assert leased.open(name).load().learned == {"other": "yes"}


def test_a_ledger_is_read_whole_while_it_is_written(place: Place) -> None:
    """However often it is folded meanwhile, a reader sees one moment of it."""
    name = fresh()
    stop = threading.Event()
    seen: list[Ledger] = []
    failures: list[BaseException] = []

    def look() -> None:
        reader = place.open_in_parallel(name)
        while not stop.is_set():
            try:
                seen.append(reader.load())
            except BaseException as error:
                failures.append(error)

    with place.led(), place.open(name).lock(command="apply") as journal:
        thread = threading.Thread(target=look)
        thread.start()
        for number in range(30):
            journal.append(Learned(name="a", value=str(number)))
            journal.append(Learned(name="b", value=str(number)))
            if number % 10 == 9:
                journal.fold()
        stop.set()
        thread.join()
    assert failures == []
    assert seen
    for ledger in seen:
        a, b = (int(ledger.learned.get(name, "-1")) for name in ("a", "b"))
        assert a - 1 <= b <= a
