"""Fetch the target's configuration: four collections at once, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from reconciler.errors import MalformedError
from reconciler.kinds.codec import live_inventory, live_object
from reconciler.kinds.registry import KINDS
from reconciler.kinds.spec import KindSpec
from reconciler.model.live import LiveInventory, LiveObject


class Reader(Protocol):
    """What planning may ask of a target: it cannot write."""

    def read_all(self, path: str) -> list[dict[str, object]]:
        """Return every entity of a collection, below `/webservices/services`."""
        ...

    def read_one(self, path: str) -> dict[str, object]:
        """Return one entity."""
        ...


def fetch(reader: Reader, *, progress: Callable[[str, int], None] | None = None) -> LiveInventory:
    """
    Read campaigns, lists, teams and users concurrently (the API document's four Get methods).

    `progress` is told each collection's kind and size as it arrives. Raises TargetError when one cannot be read, and
    MalformedError when an entity has no Id or one Id comes twice: half a picture is never planned on.
    """

    def collect(spec: KindSpec) -> list[LiveObject]:
        entities = reader.read_all(spec.path)
        try:
            found = [live_object(spec, entity) for entity in entities]
        except ValueError as error:
            raise MalformedError(f"GET {spec.path}: {error}", hint="check that the url points at the API") from error
        if len({live.id for live in found}) != len(found):
            raise MalformedError(f"GET {spec.path}: the same Id came back twice", hint="run again")
        if progress is not None:
            progress(spec.name, len(found))
        return found

    with ThreadPoolExecutor(max_workers=len(KINDS), thread_name_prefix="fetch") as pool:
        collections = list(pool.map(collect, KINDS))
    return live_inventory(live for found in collections for live in found)
