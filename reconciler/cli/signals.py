"""Ctrl-C and SIGTERM during an apply: the first finishes what is in flight, the second stops at once."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from reconciler.cli.failures import INTERRUPTED
from reconciler.cli.screen import event_line

_SHOW_CURSOR = b"\x1b[?25h"
_FIRST = "interrupted: finishing what is in flight and recording it; interrupt again to stop at once"
_SECOND = "stopped at once; the ledger knows what was about to be sent"


@contextlib.contextmanager
def stopping(on_stop: Callable[[], None] | None = None, *, machine: bool = False) -> Iterator[threading.Event]:
    """
    Give an event that the first SIGINT or SIGTERM sets; the second one ends the process with exit code 130.

    `on_stop` is called once, in a thread of its own; `machine` tells of it as an event for programs. Outside the main
    thread, where Python delivers no signals, the event is simply never set.
    """
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return

    struck = False

    def stop() -> None:
        event.set()
        if on_stop is not None:
            on_stop()

    def handle(_: int, __: FrameType | None) -> None:
        nonlocal struck
        # Written past Python's streams: the signal may have struck in the middle of one of their writes.
        if struck:
            _write((_SHOW_CURSOR if os.isatty(2) else b"") + _told(_SECOND, machine=machine))
            os._exit(INTERRUPTED)
        struck = True
        _write(_told(_FIRST, machine=machine))
        # In a thread of its own: the main thread may hold the very lock that setting the event needs.
        threading.Thread(target=stop, name="stop").start()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(text: str, *, machine: bool) -> bytes:
    return (event_line("interrupted", level="warning", message=text) if machine else f"\n{text}\n").encode()


def _write(text: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ is not None else 2, text)
