"""
Repeating a call: the one place that decides how often and how long to wait.

Exponential backoff with full jitter; a server's Retry-After is obeyed by every call of the client, not only by the one
that met it, since the server means the caller and not the request.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_LONGEST_WAIT = 86_400.0  # seconds; keeps an absurd Retry-After within what a clock can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """
    How often a call may be sent, in all, and how long that may take.

    `base` is the longest first wait, doubled each time up to `cap`; `total` limits a call from its first attempt to the
    start of its last one. Seconds.
    """

    attempts: int = 4
    base: float = 0.5
    cap: float = 20.0
    total: float = 120.0


class Pace:
    """
    The waits of one client's calls. Thread-safe.

    `clock` gives seconds since 1970, `sleep` waits, `random` gives a number from 0 to 1; the defaults of `open_client`
    are the real ones.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.policy = policy
        self.clock = clock
        self._random = random
        self._stopped = threading.Event()
        self._sleep = sleep or self._sleep_until_stopped
        self._lock = threading.Lock()
        self._held_until = 0.0

    def stop(self) -> None:
        """Begin no more waits and cut the present ones short: each call ends with what is known by now."""
        self._stopped.set()

    def start(self, *, attempts: int | None = None) -> Attempts:
        """Return the account of a new call, after waiting if the server asked the client to hold."""
        account = Attempts(self, attempts or self.policy.attempts)
        hold = self._hold()
        if hold > 0 and hold <= self.policy.total and not self._stopped.is_set():
            self._sleep(hold)
        return account

    def wait(self, *, attempt: int, elapsed: float, retry_after: float | None) -> bool:
        """Wait before the next attempt; return False, without waiting, if the limits leave no room for one."""
        self.hold_for(retry_after)
        ceiling = min(self.policy.cap, self.policy.base * 2.0 ** (attempt - 1))
        delay = max(self._random() * ceiling, self._hold())
        if elapsed + delay > self.policy.total or self._stopped.is_set():
            return False
        self._sleep(delay)
        return not self._stopped.is_set()

    def hold_for(self, retry_after: float | None) -> None:
        """Note a Retry-After of an answer that isn't repeated: the next call of this client waits."""
        if retry_after is not None:
            with self._lock:
                self._held_until = max(self._held_until, self.clock() + retry_after)

    def _hold(self) -> float:
        with self._lock:
            return self._held_until - self.clock()

    def _sleep_until_stopped(self, seconds: float) -> None:
        self._stopped.wait(seconds)


class Attempts:
    """How often one call was sent and since when."""

    def __init__(self, pace: Pace, limit: int) -> None:
        self._pace = pace
        self._limit = limit
        self._began = pace.clock()
        self.made = 1

    def again(self, retry_after: float | None = None) -> bool:
        """Wait for the next attempt; return False if there is none."""
        if self.made >= self._limit:
            return False
        elapsed = self._pace.clock() - self._began
        if not self._pace.wait(attempt=self.made, elapsed=elapsed, retry_after=retry_after):
            return False
        self.made += 1
        return True


def read_retry_after(text: str, date: str, *, now: float) -> float | None:
    """
    Return the seconds that a Retry-After asks for, from a number or an HTTP date; None if it says nothing.

    A date is measured against the answer's own Date if it has one, so that a wrong clock here doesn't matter.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,17}(\.[0-9]{1,17})?", text):
        return min(float(text), _LONGEST_WAIT)
    until = _seconds_since_1970(text)
    if until is None:
        return None
    return min(max(0.0, until - (_seconds_since_1970(date) or now)), _LONGEST_WAIT)


def _seconds_since_1970(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
