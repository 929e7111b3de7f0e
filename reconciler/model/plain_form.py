"""
The plain JSON form of the model's values, and the way back.

One codec for everything that is kept in a file: it walks the annotations of dataclasses and named tuples, so that a
field added to a value is saved and read without anyone having to remember it. A dataclass is an object with camelCase
names, a named tuple an array, an `Address` the text `Kind/name`, an `Event` an object whose `event` says which one.
Unknown names are ignored (a newer minor version may add some); a missing name takes the field's default.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from reconciler.model.address import Address
from reconciler.model.ledger import EVENTS, Event
from reconciler.model.values import plain

T = TypeVar("T")
Encoder = Callable[[Any], Any]
Decoder = Callable[[Any, str], Any]

EVENT_TAG = "event"


def camel(name: str) -> str:
    """Return the camelCase form of a Python name: `depends_on` is `dependsOn`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def to_plain(value: object) -> Any:
    """Return the JSON form of a value of the model; raises TypeError for what has none (a secret, say)."""
    return _encoder(type(value))(value)


def from_plain(kind: type[T], data: object, where: str = "") -> T:
    """
    Return the value of that type that `to_plain` gave `data` for.

    Raises ValueError, naming the place inside the document, when the data is not of that shape.
    """
    return cast(T, _decoder(cast(Any, kind))(data, where))


def _choose_encoder(kind: type) -> Encoder:
    """Choose once per type how its values are written: there are many values and few types."""
    if issubclass(kind, Enum):
        return lambda value: value.value
    if kind is type(None) or issubclass(kind, str | int | float):
        return lambda value: value
    if kind is Address:
        return str
    if kind is Decimal:
        # What a request echoes of a live object is as exact as it was read.
        return plain
    if issubclass(kind, Mapping):
        return lambda value: {_key(key): _encoder(type(item))(item) for key, item in value.items()}
    if issubclass(kind, frozenset | set):
        return lambda value: sorted(map(to_plain, value))
    if issubclass(kind, tuple | list):
        return lambda value: [_encoder(type(item))(item) for item in value]
    if is_dataclass(kind):
        return _record_encoder(kind)
    raise TypeError(f"a {kind.__name__} has no plain form")


_encoder: Callable[[Any], Encoder] = cache(_choose_encoder)


def _record_encoder(kind: type) -> Encoder:
    names = tuple((item.name, camel(item.name)) for item in fields(cast(Any, kind)))
    tag = {EVENT_TAG: kind.__name__} if issubclass(kind, Event) else {}

    def encode(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = dict(tag)
        for name, json_name in names:
            item = getattr(value, name)
            found[json_name] = _encoder(type(item))(item)
        return found

    return encode


def _key(key: object) -> str:
    return str(key.value if isinstance(key, Enum) else key)


@cache
def _decoder(kind: Any) -> Decoder:
    if isinstance(kind, NewType):
        return _decoder(kind.__supertype__)
    origin = get_origin(kind)
    if origin in (types.UnionType, Union):
        return _union(get_args(kind))
    if origin is not None:
        return _container(origin, get_args(kind))
    if kind is object or kind is Any:
        return _anything
    if kind is Address:
        return _address
    if kind is Event:
        return _event
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enumeration(kind)
    if is_dataclass(kind):
        return _record(cast(type, kind))
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _named_tuple(kind)
    return _scalar((kind,))


def _anything(data: Any, where: str) -> Any:
    return data


def _wrong(where: str, expected: str, data: object) -> ValueError:
    return ValueError(f"{where or 'the document'}: expected {expected}, found {type(data).__name__}")


def _scalar(kinds: tuple[Any, ...]) -> Decoder:
    """Accept exactly these JSON types: true is no number, and a whole number is a float's too."""
    expected = " or ".join("null" if kind is type(None) else kind.__name__ for kind in kinds)
    exact = frozenset(kinds)

    def decode(data: Any, where: str) -> Any:
        if type(data) in exact:
            return data
        if float in exact and type(data) is int:
            return float(data)
        raise _wrong(where, expected, data)

    return decode


def _union(members: tuple[Any, ...]) -> Decoder:
    if all(member in (str, int, float, bool, type(None)) for member in members):
        return _scalar(members)
    others = [member for member in members if member is not type(None)]
    if len(others) != 1 or len(others) == len(members):
        raise TypeError(f"no plain form for a choice of {members}")
    inner = _decoder(others[0])
    return lambda data, where: None if data is None else inner(data, where)


def _container(origin: Any, arguments: tuple[Any, ...]) -> Decoder:
    if issubclass(origin, Mapping):
        return _mapping(_from_key(arguments[0]), _decoder(arguments[1]))
    if issubclass(origin, tuple) and arguments[-1] is not Ellipsis:
        return _fixed(tuple, tuple(_decoder(argument) for argument in arguments))
    inner = _decoder(arguments[0])

    def decode(data: Any, where: str) -> Any:
        if not isinstance(data, list):
            raise _wrong(where, "an array", data)
        return origin(inner(item, f"{where}[{index}]") for index, item in enumerate(data))

    return decode


def _from_key(kind: Any) -> Callable[[str], Any]:
    if kind is int:
        return int
    if kind is Address:
        return Address.parse
    return cast(Callable[[str], Any], kind)


def _mapping(read_key: Callable[[str], Any], inner: Decoder) -> Decoder:
    def decode(data: Any, where: str) -> Any:
        if not isinstance(data, dict):
            raise _wrong(where, "an object", data)
        return {read_key(key): inner(item, f"{where}.{key}") for key, item in data.items()}

    return decode


def _fixed(make: Callable[[list[Any]], Any], decoders: tuple[Decoder, ...]) -> Decoder:
    def decode(data: Any, where: str) -> Any:
        if not isinstance(data, list) or len(data) != len(decoders):
            raise _wrong(where, f"an array of {len(decoders)}", data)
        pairs = zip(decoders, data, strict=True)
        return make([inner(item, f"{where}[{index}]") for index, (inner, item) in enumerate(pairs)])

    return decode


def _named_tuple(kind: Any) -> Decoder:
    hints = get_type_hints(kind)
    return _fixed(kind._make, tuple(_decoder(hints[name]) for name in kind._fields))


def _enumeration(kind: type[Enum]) -> Decoder:
    def decode(data: Any, where: str) -> Any:
        try:
            return kind(data)
        except ValueError as error:
            raise ValueError(f"{where}: {data!r} is not one of {', '.join(str(m.value) for m in kind)}") from error

    return decode


def _address(data: Any, where: str) -> Address:
    if not isinstance(data, str):
        raise _wrong(where, "KIND/NAME", data)
    return Address.parse(data)


def _record(kind: type) -> Decoder:
    hints = get_type_hints(kind)
    parts = tuple((item.name, camel(item.name), _decoder(hints[item.name]), _required(item)) for item in fields(kind))

    def decode(data: Any, where: str) -> Any:
        if not isinstance(data, dict):
            raise _wrong(where, "an object", data)
        found: dict[str, Any] = {}
        for name, json_name, inner, required in parts:
            if json_name in data:
                found[name] = inner(data[json_name], f"{where}.{json_name}" if where else json_name)
            elif required:
                raise ValueError(f"{where or 'the document'}: {json_name} is missing")
        return kind(**found)

    return decode


def _required(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


@cache
def _events() -> Mapping[str, Decoder]:
    return {kind.__name__: _record(kind) for kind in EVENTS}


def _event(data: Any, where: str) -> Event:
    if not isinstance(data, dict):
        raise _wrong(where, "an object", data)
    tag = data.get(EVENT_TAG)
    decode = _events().get(str(tag))
    if decode is None:
        raise ValueError(f"{where}: {tag!r} is not an event that this version knows")
    return cast(Event, decode(data, where))
