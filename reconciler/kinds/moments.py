"""Dates in every form that the field notes name, as one instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

_MILLISECONDS = re.compile(r"^/Date\((-?\d+)(?:([+-])(\d{2})(\d{2}))?\)/$")
_BRITISH = re.compile(r"^(\d{2})/(\d{2})/(\d{4})(?: (\d{2}):(\d{2})(?::(\d{2}))?)?$")
_FRACTION = re.compile(r"\.\d+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_moment(text: str, zone: tzinfo) -> datetime:
    """
    Read a date as an instant, to the second.

    Understood: `/Date(ms)/` and `/Date(ms+hhmm)/` (the offset there is for display only), ISO 8601 with or without an
    offset or a time, and `dd/MM/yyyy[ HH:mm[:ss]]`. Without an offset the date is read in `zone`.
    Raises ValueError for anything else.
    """
    text = text.strip()
    if match := _MILLISECONDS.match(text):
        return _EPOCH + timedelta(seconds=int(match.group(1)) // 1000)
    if match := _BRITISH.match(text):
        day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    moment = datetime.fromisoformat(_FRACTION.sub("", text))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def canonical_moment(text: str, zone: tzinfo) -> str:
    """Return the instant as UTC text, `2026-05-05T17:30:00Z`; raises ValueError when it is no date."""
    try:
        moment = parse_moment(text, zone).astimezone(UTC)
    except OverflowError:
        # The first day of year 1, which .NET services send for "none", has no UTC form east of Greenwich.
        raise ValueError(f"{text!r} is outside of the calendar") from None
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def wire_moment(canonical: str, zone: tzinfo, *, like: object = None) -> str:
    """
    Return what to send for a canonical moment.

    A server that sent `/Date(ms)/` or `dd/MM/yyyy` (`like`) is answered in kind; any other gets wall-clock time in
    `zone` without an offset, which is how the system itself writes dates (field notes, section 2).
    """
    moment = datetime.fromisoformat(canonical)
    if isinstance(like, str) and _MILLISECONDS.match(like.strip()):
        return f"/Date({int((moment - _EPOCH) / timedelta(milliseconds=1))}+0000)/"
    british = isinstance(like, str) and _BRITISH.match(like.strip())
    return moment.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S" if british else "%Y-%m-%dT%H:%M:%S")


def utc(moment: datetime) -> str:
    """Return a clock reading as the ledger writes it: UTC, ISO 8601, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
