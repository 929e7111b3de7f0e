"""Logging: ours on standard error with -v, that of the HTTP libraries never, since urls and headers hold secrets."""

from __future__ import annotations

import logging

from reconciler.cli.screen import Screen, harmless

_MUTED = ("httpx", "httpcore")


class _ScreenHandler(logging.Handler):
    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        # A traceback in a log record would be shown without --debug: the message has to be enough.
        if self._screen.machine:
            level = record.levelname.lower()
            self._screen.event("log", level=level, message=record.getMessage(), logger=record.name)
            return
        self._screen.log(f"{record.levelname.lower()}: {record.name}: {harmless(record.getMessage())}")


def configure(screen: Screen, *, verbose: bool, quiet: bool) -> None:
    """Send the package's log records to the screen: from DEBUG when verbose, from ERROR when quiet, else warnings."""
    for name in _MUTED:
        # A level, since their child loggers inherit it; they would not heed a parent that is disabled.
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    ours = logging.getLogger("reconciler")
    for handler in [handler for handler in ours.handlers if isinstance(handler, _ScreenHandler)]:
        ours.removeHandler(handler)
    ours.addHandler(_ScreenHandler(screen))
    ours.setLevel(logging.DEBUG if verbose else logging.ERROR if quiet else logging.WARNING)
    ours.propagate = False
