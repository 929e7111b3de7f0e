"""
A lock that ends by itself: held for a time, and for another as long as its holder renews it.

Two clocks are enough, and neither is anybody's time of day. The store's own clock tells others that nothing was renewed
for a whole lease; a clock of this machine that only goes forward, and goes on while the machine sleeps, tells the
holder. The holder gives up well before the others may begin, counting from before it asked for the renewal. So a time
of day that jumps, here or there, neither frees a lock nor keeps one.

A holder that was wrong all the same (stopped in the middle of a step for longer than its lease, and then went on) is
fenced: every holder has an epoch of its own, and the store refuses whatever comes from an epoch that is over.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from reconciler.errors import LedgerError, LockedError
from reconciler.state.lock import LockOwner

LEASE = 60.0
"""Seconds after which a lock that nobody renews is free."""

_RENEWALS = 4
_CAUTION = 0.8
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """
    How long a lease is, in seconds, and the clock that its holder goes by.

    `beats` is False only to try what happens when a holder stops renewing.
    """

    seconds: float = LEASE
    elapsed: Callable[[], float] = lambda: forward()
    beats: bool = True


def forward() -> float:
    """Return seconds of a clock that only goes forward, also while the machine sleeps where the system can tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class LeaseHold:
    """
    A held lease, renewed by a thread until it is released.

    `renew` asks the store for another term and raises LockedError when it is somebody else's by now, LedgerError when
    the store could not be asked. `end` gives it up. `began` is when the lease was asked for, on the term's clock.
    """

    def __init__(
        self,
        owner: LockOwner,
        *,
        name: str,
        term: Term,
        began: float,
        renew: Callable[[], None],
        end: Callable[[], None],
    ) -> None:
        self.owner = owner
        self._name = name
        self._term = term
        self._renewed = began
        self._renew = renew
        self._end = end
        self._lost = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="ledger-lease", daemon=True)
        if term.beats:
            self._thread.start()

    def check(self) -> None:
        """Raise LockedError when the lease was taken away, or could not be renewed in time."""
        if self._ended.is_set():
            raise LockedError(f"the lock of {self._name} was given up; nothing more is sent")
        if self._lost:
            raise LockedError(
                f"the lock of {self._name} was taken away from this run; nothing more is sent: {self._lost}",
                hint="What was done is recorded: plan again.",
            )
        silent = self._term.elapsed() - self._renewed
        if silent > self._term.seconds * _CAUTION:
            raise LockedError(
                f"the lock of {self._name} could not be renewed for {silent:.0f} s; nothing more is sent",
                hint="The store could not be reached, or this machine slept. What was done is recorded: plan again.",
            )

    def release(self) -> None:
        """Stop renewing and give the lease up; where the store cannot be reached, it ends by itself."""
        if self._ended.is_set():
            return
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        # One that is somebody else's by now is left alone by the store.
        with contextlib.suppress(LedgerError):
            self._end()

    def _beat(self) -> None:
        pause = self._term.seconds / _RENEWALS
        while not self._ended.wait(pause):
            began = self._term.elapsed()
            try:
                self._renew()
            except LockedError as error:
                self._lost = error.message
                return
            except LedgerError as error:
                # The lease still runs: what counts is whether it can be renewed before it ends.
                _LOGGER.info("the lock of %s could not be renewed: %s", self._name, error.message)
                pause = self._term.seconds / _RENEWALS / _RENEWALS
            else:
                self._renewed = began
                pause = self._term.seconds / _RENEWALS
