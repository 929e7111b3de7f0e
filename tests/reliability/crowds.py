"""Many applies that want one ledger at the same time, each asking for something else."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.simulator.fields import Kind
from tests.reliability.grounds import FIRST, Ground, small_ground
from tests.reliability.processes import Nursery, Order
from tests.reliability.tenants import Tenant

PATIENT = ("--lock-timeout", "50")


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How many ended with which exit code, and what is wrong."""

    codes: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def crowd(size: int, folder: Path, *, nursery: Nursery, tenant: Tenant) -> Outcome:
    """
    Apply one directory, then start `size` applies at once on its ledger, every other one of which waits for the lock.

    Each has its own directory, which asks for another description of the same lists, and its own login.
    """
    tenant.renew()
    first = small_ground(folder / "first", nursery=nursery, tenant=tenant)
    assert first.run("apply", "-y", "-q").code == 0
    serial = first.ledger().serial
    tenant.spare()
    orders = []
    for number in range(size):
        ground = small_ground(folder / str(number), nursery=nursery, tenant=tenant)
        ground.write(FIRST.replace("description: first", f"description: number {number}"))
        variables = ground.variables() | {"RECONCILER_STATE": str(first.ledger_file)}
        words = ("apply", "-y", "-q", *(PATIENT if number % 2 else ()))
        orders.append(Order(folder=ground.folder, words=words, variables=variables))
    ends = nursery.run_at_once(orders)
    outcome = Outcome(codes=Counter(ended.code for ended in ends))
    writers = [key for key, _ in itertools.groupby(tenant.writers)]
    if len(writers) != len(set(writers)):
        outcome.problems.append(f"applies wrote in turns: {writers}")
    winners = [number for number, ended in enumerate(ends) if ended.code == 0]
    if not winners or len(winners) != len(writers):
        outcome.problems.append(f"{len(winners)} applies succeeded, {len(writers)} wrote")
    for number, ended in enumerate(ends):
        if ended.code not in (0, 3, 4) or (ended.code == 4 and "is locked by" not in ended.err):
            outcome.problems.append(f"number {number}: {ended}")
    outcome.problems += _state_of(first, tenant, winners, serial)
    return outcome


def _state_of(first: Ground, tenant: Tenant, winners: list[int], serial: int) -> list[str]:
    problems = []
    described = {row["Description"] for row in tenant.world.objects[Kind.LISTS].values() if row["Description"]}
    if described not in [{f"number {number}"} for number in winners]:
        problems.append(f"the list is described as {described}, and {winners} succeeded")
    ledger = first.ledger()
    if ledger.serial != serial + len(winners):
        problems.append(f"the serial went from {serial} to {ledger.serial} in {len(winners)} applies")
    return problems + first.converge()
