"""What the target says of itself, as received."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveObject:
    """
    One object as the target sent it.

    `entity` is the untouched answer, by the names the server used; `natural_key` and `id` are read from it.
    """

    kind: str
    id: int
    natural_key: str
    entity: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveInventory:
    """All objects of a target, by kind and Id, and the Ids that each natural key has (more than one: ambiguous)."""

    objects: Mapping[str, Mapping[int, LiveObject]]
    by_key: Mapping[str, Mapping[str, tuple[int, ...]]]

    def get(self, kind: str, object_id: int) -> LiveObject | None:
        """Return the object with that Id, or None."""
        return self.objects.get(kind, {}).get(object_id)

    def ids_named(self, kind: str, natural_key: str) -> tuple[int, ...]:
        """Return the Ids of all live objects with exactly that natural key, ascending."""
        return self.by_key.get(kind, {}).get(natural_key, ())

    def __iter__(self) -> Iterator[LiveObject]:
        for kind in sorted(self.objects):
            yield from self.objects[kind].values()
