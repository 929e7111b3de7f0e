"""In which order the keys of a document stand: as its schema lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from reconciler.config.schema_files import KIND_SCHEMAS, read_schema

Schema = Mapping[str, Any]

ANY = "*"
"""Stands for a key that the user names, and for an item of a list."""


def kind_schema(kind: str) -> Schema | None:
    """Return the schema of a kind, or None where there is none."""
    name = kind.lower()
    return read_schema(name) if name in KIND_SCHEMAS else None


def resolved(part: Schema) -> Schema:
    """Return what a reference into another schema stands for, with the words of the place that refers."""
    if "$ref" not in part:
        return part
    file, _, pointer = part["$ref"].partition("#/")
    found: Any = read_schema(file.removesuffix(".schema.json"))
    for step in pointer.split("/"):
        found = found[step]
    return {**resolved(found), **{key: each for key, each in part.items() if key != "$ref"}}


def alternatives(part: Schema) -> Iterator[Schema]:
    """Yield a part of a schema and every alternative in it."""
    part = resolved(part)
    yield part
    for word in ("oneOf", "anyOf", "allOf"):
        for each in part.get(word, ()):
            yield from alternatives(each)


def below(part: Schema, key: str) -> Iterator[Schema]:
    """Yield what a part of a schema says of a key; an item of a list goes by `*`."""
    for each in alternatives(part):
        properties = each.get("properties", {})
        if key in properties:
            yield resolved(properties[key])
        elif isinstance(each.get("additionalProperties"), Mapping):
            yield resolved(each["additionalProperties"])
        if key == ANY and isinstance(each.get("items"), Mapping):
            yield resolved(each["items"])


@lru_cache(maxsize=1024)
def key_order(kind: str, path: tuple[str, ...], present: frozenset[str]) -> tuple[str, ...]:
    """
    Return the keys that a mapping at a path of a document may have, in the order of the schema.

    Of alternatives the first that knows all the keys that are `present` tells the order, else all of them together.
    """
    schema = kind_schema(kind)
    found: list[Schema] = [] if schema is None else [schema]
    for key in path:
        found = [inner for part in found for inner in below(part, key)]
    orders = [tuple(each.get("properties", {})) for part in found for each in alternatives(part)]
    for order in orders:
        if present <= set(order):
            return order
    return tuple(dict.fromkeys(name for order in orders for name in order))
