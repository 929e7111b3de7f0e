"""Where each key and value of a document stands: asked only where there is a problem, as it costs a second parse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yaml import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from reconciler.config.events import open_events

PathPart = str | int
Spot = tuple[int, int]


class Positions:
    """The line and column, from 1, of each key and value of one document."""

    __slots__ = ("keys", "values")

    def __init__(self) -> None:
        self.keys: dict[tuple[PathPart, ...], Spot] = {}
        self.values: dict[tuple[PathPart, ...], Spot] = {}

    def find(self, path: tuple[PathPart, ...], *, of_key: bool = False) -> Spot | None:
        """
        Return the spot of the value at a path, or None if the document does not write it.

        A value that starts on a later line than its key (a block, or nothing at all) is shown at the key.
        """
        value = self.values.get(path)
        if value is None:
            return None
        key = self.keys.get(path, value)
        return key if of_key or key[0] != value[0] else value


def locate_documents(data: bytes, count: int) -> list[Positions]:
    """Return the positions of the first `count` documents of a stream: those that the reader could read."""
    documents: list[Positions] = []
    get_event = open_events(data)
    while len(documents) < count:
        if isinstance(get_event(), DocumentStartEvent):
            documents.append(Positions())
            _Walk(documents[-1]).run(get_event)
    return documents


class _Walk:
    """One pass over a document's events; `frames` holds the open containers, each knowing its next entry's name."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.frames: list[_Frame] = []

    def run(self, get_event: Callable[[], Any]) -> None:
        while not isinstance(event := get_event(), DocumentEndEvent):
            if isinstance(event, (ScalarEvent, AliasEvent)):
                self._enter(event)
            elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                path = self._enter(event)
                self.frames.append(_Frame(path, in_mapping=isinstance(event, MappingStartEvent)))
            else:
                self.frames.pop()

    def _enter(self, event: Any) -> tuple[PathPart, ...]:
        spot = (event.start_mark.line + 1, event.start_mark.column + 1)
        if not self.frames:
            self.positions.values[()] = spot
            return ()
        frame = self.frames[-1]
        if frame.in_mapping and frame.key is None:
            frame.key = event.value if isinstance(event, ScalarEvent) else ""
            self.positions.keys.setdefault((*frame.path, frame.key), spot)
            return frame.path
        path = (*frame.path, frame.next_part())
        self.positions.values.setdefault(path, spot)
        return path


class _Frame:
    __slots__ = ("count", "in_mapping", "key", "path")

    def __init__(self, path: tuple[PathPart, ...], *, in_mapping: bool) -> None:
        self.path = path
        self.in_mapping = in_mapping
        self.key: str | None = None
        self.count = 0

    def next_part(self) -> PathPart:
        if self.in_mapping:
            key, self.key = self.key, None
            return key or ""
        self.count += 1
        return self.count - 1
