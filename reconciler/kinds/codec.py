"""Between the wire's words and canonical values, for any kind, from its field specifications alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from decimal import Decimal, InvalidOperation

from reconciler.kinds.moments import canonical_moment, wire_moment
from reconciler.kinds.spec import FieldSpec, Form, KindSpec
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.values import Plain, Scalar, plain

_USUAL = {
    Form.TEXT: str,
    Form.BOOLEAN: bool,
    Form.INTEGER: int,
    Form.CODE: int,
    Form.REFERENCE: int,
    Form.CATALOGUED: int,
}
_TRUE = ("true", "1")
_FALSE = ("false", "0")


def canonical(spec: FieldSpec, raw: object, zone: tzinfo) -> Scalar:
    """
    Return the one form in which values of a field are compared.

    `3`, `3.0` and `"3.00"` are one decimal, codes are integers whatever name or text the wire used, dates are instants,
    a missing string is `""`, a missing reference 0. Raises ValueError for a value that the field cannot hold.
    """
    # The usual case first: a plan of ten thousand objects comes through here several hundred thousand times.
    if type(raw) is _USUAL.get(spec.form):
        return raw  # type: ignore[return-value]
    match spec.form:
        case Form.TEXT:
            return "" if raw is None else _text(raw)
        case Form.BOOLEAN:
            return _boolean(raw)
        case Form.CODE:
            return _code(spec, raw)
        case Form.DECIMAL:
            return _decimal(raw)
        case Form.MOMENT:
            return "" if raw in (None, "") else canonical_moment(str(raw), zone)
        case Form.REFERENCE:
            return 0 if raw in (None, "") else _integer(raw)
        case _:
            return None if raw in (None, "") else _integer(raw)


def read_field(spec: FieldSpec, entity: Mapping[str, object], zone: tzinfo) -> Scalar:
    """Return a live entity's value of a field; what cannot be understood stays text, and so differs from any value."""
    raw = entity[spec.wire] if spec.wire in entity else read_property(entity, spec.wire)
    try:
        return canonical(spec, raw, zone)
    except ValueError:
        return str(raw)


def read_property(entity: Mapping[str, object], wire: str) -> object:
    """Return a property by name, whatever case the server writes it in; None when it is absent."""
    if wire in entity:
        return entity[wire]
    folded = wire.lower()
    for name, value in entity.items():
        if name.lower() == folded:
            return value
    return None


def property_name(entity: Mapping[str, object], wire: str) -> str:
    """Return how this entity spells a property, or the API document's spelling when it is absent."""
    if wire in entity:
        return wire
    folded = wire.lower()
    return next((name for name in entity if name.lower() == folded), wire)


def display(spec: FieldSpec, value: Scalar) -> Plain:
    """Return a value as people read it: a code by its name in the appendix, if the appendix has it."""
    if spec.form is Form.CODE and isinstance(value, int) and 0 <= value < len(spec.codes):
        return spec.codes[value]
    return plain(value)


def wire_value(spec: FieldSpec, value: Plain, zone: tzinfo, *, like: object = None) -> Plain:
    """Return what to send for a plain canonical value; `like` is what the server sent for this field, if anything."""
    if spec.form is Form.MOMENT:
        return wire_moment(value, zone, like=like) if isinstance(value, str) and value else None
    return value


def live_object(spec: KindSpec, entity: Mapping[str, object]) -> LiveObject:
    """Read an entity's Id and natural key; raises ValueError when it has no usable Id."""
    try:
        object_id = _integer(read_property(entity, "Id"))
    except ValueError as error:
        raise ValueError(f"a {spec.name.lower()} without a usable Id came back") from error
    key = read_property(entity, spec.field(spec.natural_key).wire)
    return LiveObject(kind=spec.name, id=object_id, natural_key="" if key is None else _text(key), entity=entity)


def live_inventory(objects: Iterable[LiveObject]) -> LiveInventory:
    """Index live objects by kind, Id and natural key, ordered by Id."""
    by_id: dict[str, dict[int, LiveObject]] = {}
    by_key: dict[str, dict[str, tuple[int, ...]]] = {}
    for live in sorted(objects, key=lambda item: (item.kind, item.id)):
        by_id.setdefault(live.kind, {})[live.id] = live
        named = by_key.setdefault(live.kind, {})
        named[live.natural_key] = (*named.get(live.natural_key, ()), live.id)
    return LiveInventory(objects=by_id, by_key=by_key)


def read_active(entity: Mapping[str, object]) -> bool | None:
    """Return an entity's activity if the server happens to send it, else None."""
    raw = read_property(entity, "Active")
    try:
        return None if raw is None else _boolean(raw)
    except ValueError:
        return None


def _text(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return raw if isinstance(raw, str) else str(raw)


def _boolean(raw: object) -> bool | None:
    if raw is None or isinstance(raw, bool):
        return raw
    folded = str(raw).strip().lower()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    if not folded:
        return None
    raise ValueError(f"{raw!r} is neither true nor false")


def _integer(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    number = _decimal(raw)
    if number is None or number != number.to_integral_value():
        raise ValueError(f"{raw!r} is not a whole number")
    return int(number)


def _decimal(raw: object) -> Decimal | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool):
        raise ValueError(f"{raw!r} is not a number")
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation as error:
        raise ValueError(f"{raw!r} is not a number") from error
    if not number.is_finite():
        raise ValueError(f"{raw!r} is not a number")
    return number


def _code(spec: FieldSpec, raw: object) -> Scalar:
    if raw is None or raw == "":
        return None
    if isinstance(raw, str):
        folded = _folded(raw)
        for code, name in enumerate(spec.codes):
            if _folded(name) == folded:
                return code
    return _integer(raw)


def _folded(name: str) -> str:
    return name.replace(" ", "").lower()
