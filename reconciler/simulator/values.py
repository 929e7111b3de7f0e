"""Single values between the wire and the world: numbers, flags, text, dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.fields import LARGEST_INT, Field, Sort, Value
from reconciler.simulator.refusal import invalid

_MILLISECONDS = re.compile(r"/Date\((-?\d+)([+-]\d{4})?\)/")
_UK = re.compile(r"\d{2}/\d{2}/\d{4}(?: \d{2}:\d{2}(?::\d{2})?)?")
_EPOCH = datetime(1970, 1, 1)


class XmlText(str):
    """Text out of an XML element, which stands for a number or a flag as well."""

    __slots__ = ()


def read_value(field: Field, raw: object, behaviour: Behaviour) -> Value:
    """
    Read what a request carries for a field.

    Strict about JSON types, as a typed server is: "5" is no int and 1 no boolean. Raises Refused (Invalid Parameters).
    """
    value = _READERS[field.sort](field, raw, behaviour)
    if isinstance(value, str) and field.longest is not None and len(value) > field.longest:
        raise invalid(f"{field.name} has {len(value)} characters, the most is {field.longest}")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if field.most is not None and not 0 <= value <= field.most:
            raise invalid(f"{field.name} must be from 0 to {field.most}, got {value}")
        if field.codes and behaviour.undocumented_codes == "refused" and not 0 <= value < len(field.codes):
            raise invalid(f"{field.name} has no code {value}")
    return value


def _wrong(field: Field, raw: object) -> Exception:
    return invalid(f"{field.name} must be of type {field.sort.value}, got {type(raw).__name__}")


def _read_int(field: Field, raw: object, behaviour: Behaviour) -> Value:
    if isinstance(raw, XmlText) and re.fullmatch(r"\s*-?[0-9]{1,19}\s*", raw):
        raw = int(raw)
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise _wrong(field, raw)
    if abs(raw) > LARGEST_INT:
        raise invalid(f"{field.name} does not fit into 32 bits")
    return raw


def _read_decimal(field: Field, raw: object, behaviour: Behaviour) -> Value:
    textual = isinstance(raw, XmlText) or (behaviour.decimals == "text" and isinstance(raw, str))
    if isinstance(raw, bool) or not (textual or isinstance(raw, int | Decimal)):
        raise _wrong(field, raw)
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        raise _wrong(field, raw) from None
    if not number.is_finite():
        raise _wrong(field, raw)
    return number


def _read_boolean(field: Field, raw: object, behaviour: Behaviour) -> Value:
    if isinstance(raw, XmlText):
        raw = {"true": True, "1": True, "false": False, "0": False}.get(raw.strip(), raw)
    if not isinstance(raw, bool):
        raise _wrong(field, raw)
    return raw


def _read_string(field: Field, raw: object, behaviour: Behaviour) -> Value:
    if raw is None or isinstance(raw, str):
        return None if raw is None else str(raw)
    raise _wrong(field, raw)


def _read_datetime(field: Field, raw: object, behaviour: Behaviour) -> Value:
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str):
        raise _wrong(field, raw)
    forms = set(_DATE_READERS) if behaviour.dates_accepted == "any" else {behaviour.dates}
    if isinstance(raw, XmlText):
        forms.add("iso")
    for form in forms:
        try:
            moment = _DATE_READERS[form](raw.strip())
        except (ValueError, OverflowError):
            continue
        if moment is not None:
            return moment.replace(microsecond=0)
    raise _wrong(field, raw)


def _local(moment: datetime) -> datetime:
    """Drop an offset after moving to the server's own time, which is UTC here."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _read_iso(text: str) -> datetime | None:
    return _local(datetime.fromisoformat(text))


def _read_milliseconds(text: str) -> datetime | None:
    match = _MILLISECONDS.fullmatch(text)
    return _EPOCH + timedelta(milliseconds=int(match[1])) if match else None


def _read_uk(text: str) -> datetime | None:
    if not _UK.fullmatch(text):
        return None
    return datetime.strptime(text, "%d/%m/%Y %H:%M:%S"[: {10: 8, 16: 14, 19: 17}[len(text)]])


_READERS: dict[Sort, Callable[[Field, object, Behaviour], Value]] = {
    Sort.INT: _read_int,
    Sort.DECIMAL: _read_decimal,
    Sort.BOOLEAN: _read_boolean,
    Sort.STRING: _read_string,
    Sort.DATETIME: _read_datetime,
}
_DATE_READERS: dict[str, Callable[[str], datetime | None]] = {
    "iso": _read_iso,
    "ms": _read_milliseconds,
    "uk": _read_uk,
}


def show_date(moment: datetime, form: str) -> str:
    """Write a date in one of the forms of `Behaviour.dates`; the server's own time zone is UTC."""
    if form == "ms":
        return f"/Date({milliseconds(moment)}+0000)/"
    return moment.strftime("%d/%m/%Y %H:%M:%S") if form == "uk" else moment.isoformat(timespec="seconds")


def milliseconds(moment: datetime) -> int:
    """Count the milliseconds since 1970 of an instant given in the server's own time."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def show_decimal(number: Decimal, form: str) -> int | float | str:
    """Write a decimal as a JSON number, or as text with at least two places."""
    if form == "number":
        whole = int(number)
        return whole if whole == number else float(number)
    exponent = number.as_tuple().exponent
    short = isinstance(exponent, int) and exponent > -2
    return f"{number.quantize(Decimal('0.01')) if short else number:f}"
