"""Killed at any moment: the ledger can be read, and holds everything that anyone was told it holds."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reconciler.state.store import FileStore

WRITER = """
import sys
from threading import Thread
from reconciler.model.ledger import Learned
from reconciler.state.store import FileStore
path, run = sys.argv[1:]
with FileStore(path).lock(command="apply") as journal:
    def work(thread):
        for number in range(10_000):
            name = f"{run}-{thread}-{number}"
            journal.append(Learned(name=name, value=name))
            sys.stdout.write(name + "\\n")
            sys.stdout.flush()
            if number % 7 == 6:
                journal.fold()
    threads = [Thread(target=work, args=(thread,), daemon=True) for thread in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


@pytest.mark.parametrize("seed", range(3))
def test_a_writer_killed_at_random_loses_nothing(tmp_path: Path, seed: int) -> None:
    """
    SIGKILL between, before and inside of appends and folds, run after run on the same files.

    Whatever `append` returned from is there. What it had not returned from may be there as well: one a thread at most.
    """
    dice = random.Random(seed)
    path = tmp_path / "ledger.json"
    promised: set[str] = set()
    serial = 0
    for run in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(run)], stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout is not None
            promised.add(process.stdout.readline().strip())
            time.sleep(dice.uniform(0, 0.08))
            process.kill()
            told = process.stdout.read()
        promised.update(line.strip() for line in told.splitlines(keepends=True) if line.endswith("\n"))
        ledger = FileStore(path).load()
        assert promised <= set(ledger.learned)
        assert len(set(ledger.learned) - promised) <= 2 * (run + 1)
        assert ledger.serial > serial
        serial = ledger.serial
    with FileStore(path).lock(command="apply") as journal:
        assert promised <= set(journal.ledger.learned)
