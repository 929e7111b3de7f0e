"""
Measure `reconciler export` on a generated tenant, from nothing to files, and with --verify from nothing to a plan.

    python -m benchmarks.bench_export [OBJECTS ...]      (default: 1000 10000)

Each figure is a whole process, start-up and the reading of the target included; the target is a simulator in a process
of its own, whose work is not counted.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench_plan import ENVIRONMENT, children, machine
from benchmarks.prepare import free_port, served
from reconciler import __version__
from reconciler.simulator.snapshot import keep_world
from reconciler.simulator.world import DEFAULT_LOGIN, DEFAULT_PASSWORD, World, new_world

SIZES = (1_000, 10_000)
CASES = (
    ("one file an object", ()),
    ("one file an object, verified", ("--verify",)),
    ("one file a kind", ("--layout", "by-kind")),
    ("a single file", ("--layout", "single-file")),
)


def main(sizes: Sequence[int]) -> None:
    """Measure and print."""
    print(f"reconciler {__version__}, {machine()}")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="reconciler-bench-") as folder:
            data, port = Path(folder) / "tenant.json", free_port()
            data.write_text(json.dumps(keep_world(tenant(size))), encoding="utf-8")
            print(f"\n{f'{size:,} objects':40}{'processor':>12}{'wall':>12}")
            with served(data, port=port):
                for name, words in CASES:
                    measure(name, words, folder=Path(folder), port=port)


def tenant(objects: int) -> World:
    """Return a tenant of so many objects: a campaign in twenty, a team in fifty, otherwise lists and users."""
    world = new_world()
    campaigns, teams = objects // 20, max(objects // 50, 1)
    lists = (objects - campaigns - teams) * 6 // 10
    for number in range(lists):
        world.add("lists", ListName=f"Leads of week {number} / März", FetchWeight=number % 11, RecallPlanId=3)
    for number in range(teams):
        world.add("teams", TeamName=f"Team {number}: North", HoursPerWorkingDay=7, ServiceTime=20)
    for number in range(objects - campaigns - teams - lists):
        names = {"FirstName": "Jane", "LastName": f"Doe {number}", "Login": f"jane.doe.{number}"}
        world.add("users", **names, RolePlanId=2, TeamId=number % teams + 1)
    for number in range(campaigns):
        name = {"CampaignName": f"Renewals {number}", "Description": "Cover that ends within sixty days"}
        world.add(
            "campaigns", **name, Type=number % 3, DefaultListId=number + 1, CallerId="01614960100", AutoRecord=True
        )
    return world


def measure(name: str, words: tuple[str, ...], *, folder: Path, port: int) -> None:
    """Print what one export takes: the best of three."""
    environment = {
        **ENVIRONMENT,
        "RECONCILER_URL": f"http://127.0.0.1:{port}",
        "RECONCILER_LOGIN": DEFAULT_LOGIN,
        "RECONCILER_PASSWORD": DEFAULT_PASSWORD,
    }
    command = [sys.executable, "-m", "reconciler", "export", str(folder / "out"), *words]
    taken = []
    for _ in range(3):
        shutil.rmtree(folder / "out", ignore_errors=True)
        before, start = children(), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment, cwd=os.getcwd())
        taken.append((children() - before, time.perf_counter() - start))
    processor, wall = min(taken)
    print(f"  {name:38}{processor:10.2f} s{wall:10.2f} s")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
