"""
What a step costs in the ledger, on every store, from 100 objects to 50,000: `python -m benchmarks.bench_ledger`.

A step is two durable lines in the journal, its intent and its outcome. They must cost the same however large the ledger
is. The stores are real servers on loopback, so what a network adds is not in the numbers; a round trip to S3 is some
20 ms, and a step makes four on an object store, two in PostgreSQL. Steps that run side by side share them.
"""

from __future__ import annotations

import argparse
import statistics
import time

from reconciler.model.address import Address
from reconciler.model.ledger import Bound, Concluded, Intended, Ledger
from reconciler.state.codec import Document, encode_document
from reconciler.state.operations import push
from reconciler.state.store import Store
from tests.stores.servers import KINDS, NotHere, Place, fresh, running

SIZES = (100, 1_000, 10_000, 50_000)
STEPS = 50
WORST = 2.0
"""Times the cost at the smallest size that a step may cost at the largest."""

AT = "2026-03-02T09:00:00Z"
FIELDS = {f"field{number}": f"value {number}" for number in range(12)}


def ledger_of(size: int) -> Ledger:
    """Return a ledger of so many campaigns."""
    ledger = Ledger(lineage="bench", serial=1)
    for number in range(size):
        address = Address("Campaign", f"campaign-{number}")
        ledger.record(Bound(address=address, id=number, natural_key=f"Campaign {number}", fields=FIELDS, at=AT))
    return ledger


def measure(store: Store, *, size: int, steps: int) -> tuple[float, float]:
    """
    Return what a step costs, and what it costs to begin and to end a run, in milliseconds.

    Of all steps the fastest tenth: what else the machine does meanwhile makes the others slower, not this.
    """
    push(store, encode_document(Document(ledger=ledger_of(size)), sealed=False).decode())
    times = []
    began = time.perf_counter()
    with store.lock(command="bench") as journal:
        for number in range(steps):
            address = Address("Campaign", f"campaign-{number}")
            start = time.perf_counter()
            journal.append(Intended(step=f"s{number}", action="update", address=address, at=AT))
            journal.append(Concluded(step=f"s{number}", status="done", at=AT))
            times.append(time.perf_counter() - start)
    whole = time.perf_counter() - began
    return statistics.quantiles(times, n=10)[0] * 1000, (whole - sum(times)) * 1000


def bench(place: Place, *, sizes: tuple[int, ...], steps: int) -> bool:
    """Print a line a size; return whether a step's cost stays flat."""
    costs = []
    for size in sizes:
        step, run = measure(place.open(fresh()), size=size, steps=steps)
        costs.append(step)
        print(f"{place.kind:<11} {size:>7} objects   step {step:8.2f} ms   begin and end of a run {run:9.1f} ms")
    return costs[-1] <= costs[0] * WORST


def main() -> int:
    """Measure every store that can be had here; return 1 when a step's cost grows with the ledger."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stores", nargs="*", metavar="STORE", help=f"out of {KINDS}; all when none is named")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    given = parser.parse_args()
    flat = True
    for kind in given.stores or KINDS:
        try:
            with running(kind) as place:
                flat = bench(place, sizes=tuple(given.sizes), steps=given.steps) and flat
        except NotHere as error:
            print(f"{kind:<11} skipped: {error}")
    print("a step costs the same whatever the ledger's size" if flat else "a step's cost GROWS with the ledger")
    return 0 if flat else 1


if __name__ == "__main__":
    raise SystemExit(main())
