"""When a token expires, from the many ways in which a .NET service may say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

# Neither the name nor the form of the expiry is documented.
_NAMES = frozenset(
    {"expiry", "expirydate", "expirytime", "expirydatetime", "expiryin", "expiryinseconds"}
    | {"expires", "expiresat", "expireson", "expiresin", "expiresinseconds"}
    | {"expiration", "expirationdate", "expirationtime", "validuntil", "validto"}
    | {"tokenexpiry", "tokenexpires", "tokenexpirydate", "tokenexpirytime", "tokenexpiration"}
)
_MICROSOFT = re.compile(r"\\?/Date\((-?\d{1,17})([+-]\d{4})?\)\\?/")
_DURATION = re.compile(r"(?:(\d{1,4})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?")
_DAY_FIRST = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y")
_SHORTEST_EPOCH = 10**8  # a smaller number is a duration in seconds
_SHORTEST_EPOCH_MILLISECONDS = 10**11


def find_expiry(fields: Mapping[str, object], *, now: float) -> float | None:
    """
    Return the expiry that a token answer gives, as seconds since 1970; None if it gives none that lies ahead.

    One that is past when the token is new comes from a clock or time zone that differs from ours, so it says nothing.
    """
    for name, value in fields.items():
        if name.replace("_", "").casefold() in _NAMES:
            moment = read_expiry(value, now=now)
            if moment is not None and moment > now:
                return moment
    return None


def read_expiry(value: object, *, now: float) -> float | None:
    """
    Return a moment in seconds since 1970, or None for what is none.

    Understood: ISO 8601, /Date(ms)/, dd/MM/yyyy [HH:mm[:ss]], RFC 1123, a .NET TimeSpan, and numbers: milliseconds or
    seconds since 1970, or seconds from now. Without an offset it is taken as UTC.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, Decimal)):
        return _from_number(float(value), now=now)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if re.fullmatch(r"\d{1,17}(\.\d+)?", text):
        return _from_number(float(text), now=now)
    if microsoft := _MICROSOFT.fullmatch(text):
        return int(microsoft[1]) / 1000
    if duration := _DURATION.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in duration.groups())
        return now + ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    moment = _from_text(text)
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _from_number(number: float, *, now: float) -> float:
    if number >= _SHORTEST_EPOCH_MILLISECONDS:
        return number / 1000
    return number if number >= _SHORTEST_EPOCH else now + number


def _from_text(text: str) -> datetime | None:
    # .NET writes seven digits of a second, one more than Python reads.
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        pass
    for form in _DAY_FIRST:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
