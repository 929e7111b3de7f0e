"""
Values to JSON and back, driven by their type annotations.

A converter is compiled once per type. Both directions are strict: what could not be read back is refused when it is
written, and a document with an unknown field, a missing one or a value of another type is refused when it is read.
Fields that hold their default are left out; names become camelCase. Mappings with other keys than text spell them as
text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from reconciler.model.address import Address

SCALARS: tuple[type, ...] = (str, int, float, bool, NoneType)


class MismatchError(ValueError):
    """A value is not of the type that its annotation promises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """Both directions for one type; each raises MismatchError."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]
    exact: frozenset[type] = frozenset()
    """For scalars, the types that are the same on both sides: whole mappings of them are checked at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One field of a dataclass."""

    name: str
    key: str
    converter: Converter
    default: object


_MISSING = object()


def camel(name: str) -> str:
    """Return `natural_key` as `naturalKey`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@cache
def converter(annotation: Any) -> Converter:
    """Return the converter of a type; raises TypeError for one that has no JSON form here."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _union(arguments)
    if origin is tuple:
        return _variadic(arguments[0]) if arguments[-1] is Ellipsis else _fixed(tuple, arguments)
    if origin in (Mapping, dict):
        return _mapping(*arguments)
    if annotation in SCALARS:
        return _scalar((annotation,))
    if annotation is Address:
        return Converter(encode=_encode_address, decode=_decode_address)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _enumeration(annotation)
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return _record(annotation)
    if isinstance(annotation, type) and issubclass(annotation, tuple):
        return _fixed(annotation._make, tuple(get_type_hints(annotation).values()))  # type: ignore[attr-defined]
    raise TypeError(f"{annotation!r} has no JSON form")


def _refuse(value: object, expected: str) -> MismatchError:
    """Name types, not values: a ledger holds no secret, but a damaged one may hold anything."""
    return MismatchError(f"expected {expected}, found {type(value).__name__}")


def _scalar(types: tuple[type, ...]) -> Converter:
    exact = frozenset(types)
    expected = " or ".join("null" if kind is NoneType else kind.__name__ for kind in types)

    def decode(value: object) -> object:
        if type(value) not in exact:
            raise _refuse(value, expected)
        return value

    def encode(value: object) -> object:
        if type(value) in exact:
            return value
        # Enumerations of text or numbers are what they derive from; a truth value is not a number here.
        if not isinstance(value, types) or isinstance(value, bool):
            raise _refuse(value, expected)
        return next(base(value) for base in (str, int, float) if isinstance(value, base))

    return Converter(encode=encode, decode=decode, exact=exact)


def _union(arguments: tuple[Any, ...]) -> Converter:
    if all(argument in SCALARS for argument in arguments):
        return _scalar(arguments)
    others = [argument for argument in arguments if argument is not NoneType]
    if len(others) != 1 or len(others) == len(arguments):
        raise TypeError(f"a union of {arguments!r} has no JSON form")
    inner = converter(others[0])
    return Converter(
        encode=lambda value: None if value is None else inner.encode(value),
        decode=lambda value: None if value is None else inner.decode(value),
    )


def _variadic(annotation: Any) -> Converter:
    inner = converter(annotation)

    def encode(values: object) -> list[Any]:
        if not isinstance(values, tuple):
            raise _refuse(values, "a tuple")
        return [inner.encode(value) for value in values]

    def decode(values: object) -> tuple[Any, ...]:
        if type(values) is not list:
            raise _refuse(values, "an array")
        return tuple([inner.decode(value) for value in values])

    return Converter(encode=encode, decode=decode)


def _fixed(make: Callable[[Iterable[Any]], Any], annotations: tuple[Any, ...]) -> Converter:
    inner = tuple(converter(annotation) for annotation in annotations)

    def encode(values: object) -> list[Any]:
        if not isinstance(values, tuple) or len(values) != len(inner):
            raise _refuse(values, f"{len(inner)} values")
        return [part.encode(value) for part, value in zip(inner, values, strict=True)]

    def decode(values: object) -> Any:
        if type(values) is not list or len(values) != len(inner):
            raise _refuse(values, f"an array of {len(inner)}")
        return make([part.decode(value) for part, value in zip(inner, values, strict=True)])

    return Converter(encode=encode, decode=decode)


def _mapping(key: type, annotation: Any) -> Converter:
    inner = converter(annotation)
    if key not in (str, int):
        raise TypeError(f"a mapping from {key!r} has no JSON form")
    keys = converter(key)

    def encode(values: object) -> dict[str, Any]:
        if not isinstance(values, Mapping):
            raise _refuse(values, "a mapping")
        if key is str and inner.exact.issuperset(map(type, values.values())) and set(map(type, values)) <= {str}:
            return dict(sorted(values.items()))
        return {str(keys.encode(name)): inner.encode(values[name]) for name in sorted(values)}

    def decode(values: object) -> dict[Any, Any]:
        if type(values) is not dict:
            raise _refuse(values, "an object")
        if key is str and inner.exact.issuperset(map(type, values.values())):
            return values
        return {(name if key is str else _number(name)): inner.decode(value) for name, value in values.items()}

    return Converter(encode=encode, decode=decode)


def _number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise MismatchError(f"expected a number as name, found {text[:40]!r}") from None
    if str(number) != text:
        raise MismatchError(f"expected a number as name, found {text[:40]!r}")
    return number


def _enumeration(kind: type[Enum]) -> Converter:
    members = {member.value: member for member in kind}

    def encode(value: object) -> object:
        if not isinstance(value, kind):
            raise _refuse(value, kind.__name__)
        return value.value

    def decode(value: object) -> object:
        try:
            return members[value]
        except (KeyError, TypeError):
            raise MismatchError(f"expected one of {', '.join(map(str, members))}") from None

    return Converter(encode=encode, decode=decode)


def _encode_address(address: object) -> str:
    if not isinstance(address, Address):
        raise _refuse(address, "an address")
    if not address.kind or "/" in address.kind or not address.name:
        raise MismatchError(f"{address} is not KIND/NAME")
    return f"{address.kind}/{address.name}"


def _decode_address(text: object) -> Address:
    if type(text) is not str:
        raise _refuse(text, "KIND/NAME")
    try:
        return Address.parse(text)
    except ValueError as error:
        raise MismatchError(str(error)) from None


def _parts(kind: type) -> tuple[_Part, ...]:
    hints = get_type_hints(kind)
    return tuple(
        _Part(name=field.name, key=camel(field.name), converter=converter(hints[field.name]), default=_default(field))
        for field in dataclasses.fields(kind)
    )


def _default(field: dataclasses.Field[Any]) -> object:
    if field.default is not dataclasses.MISSING:
        return field.default
    return _MISSING if field.default_factory is dataclasses.MISSING else field.default_factory()


def _record(kind: type) -> Converter:
    parts = _parts(kind)
    by_key = {part.key: (part.name, part.converter.decode) for part in parts}
    required = frozenset(part.name for part in parts if part.default is _MISSING)

    def encode(value: object) -> dict[str, Any]:
        if type(value) is not kind:
            raise _refuse(value, kind.__name__)
        found = ((part, getattr(value, part.name)) for part in parts)
        return {part.key: part.converter.encode(item) for part, item in found if item != part.default}

    def decode(value: object) -> Any:
        if type(value) is not dict:
            raise _refuse(value, "an object")
        arguments: dict[str, Any] = {}
        for key, item in value.items():
            try:
                name, decode_part = by_key[key]
                arguments[name] = decode_part(item)
            except KeyError:
                raise MismatchError(f"unknown field {key[:40]!r}") from None
            except MismatchError as error:
                raise MismatchError(f"{key}: {error}") from None
        if missing := required - arguments.keys():
            raise MismatchError(f"missing {', '.join(sorted(camel(name) for name in missing))}")
        return kind(**arguments)

    return Converter(encode=encode, decode=decode)
