"""Killing an apply at a moment of its life, and what the next one makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reconciler.simulator.behaviour import Behaviour
from tests.reliability.grounds import Ground, second_manifests
from tests.reliability.mortal import Moment
from tests.reliability.processes import KILLED

Maker = Callable[[Path], Ground]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    An apply to be killed: whose, on which server, how parallel.

    `later` kills the apply of a change to what a first one made, not the first.
    """

    make: Maker
    behaviour: Behaviour
    parallelism: int = 1
    later: bool = False

    def set_up(self, folder: Path) -> Ground:
        """Return the ground just before the apply."""
        ground = self.make(folder)
        ground.tenant.renew(self.behaviour)
        if self.later:
            first = ground.run("apply", "-y", "-q")
            assert first.code == 0, first
            ground.write(second_manifests())
        ground.tenant.spare()
        return ground

    def words(self) -> tuple[str, ...]:
        """Return the apply's command line."""
        return ("apply", "-y", "-q", "--allow-mass-change", "--parallelism", str(self.parallelism))

    def requests(self, folder: Path) -> int:
        """Return how many requests the apply makes when nobody kills it."""
        ground = self.set_up(folder)
        ended = ground.run(*self.words())
        assert ended.code == 0, ended
        return ground.tenant.seen

    def ledger_calls(self, folder: Path) -> int:
        """Return how many system calls it makes on its ledger's files."""
        ground = self.set_up(folder)
        count = folder / ".count"
        ended = ground.run(*self.words(), moment=Moment(folder=str(ground.ledger_file.parent), count=str(count)))
        assert ended.code == 0, ended
        return count.stat().st_size

    def killed_at_request(self, number: int, *, after: bool, folder: Path) -> list[str]:
        """Kill at a request, before it is processed or right after; return what is wrong in the end."""
        ground = self.set_up(folder)
        ground.tenant.strike(number, after=after)
        ended = ground.run(*self.words(), born=ground.tenant.kill)
        if ended.code != KILLED and number < ground.tenant.seen:
            return [f"it was not killed: {ended}"]
        ground.tenant.settle()
        ground.tenant.spare()
        return ground.converge()

    def killed_at_ledger_call(self, number: int, *, when: str, folder: Path) -> list[str]:
        """Kill at a system call on the ledger's files; return what is wrong in the end."""
        ground = self.set_up(folder)
        moment = Moment(folder=str(ground.ledger_file.parent), number=number, when=when)
        ended = ground.run(*self.words(), moment=moment)
        if ended.code not in (KILLED, 0):
            return [f"it was not killed: {ended}"]
        ground.tenant.settle()
        return ground.converge()
