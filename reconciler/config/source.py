"""A manifest file's bytes, the documents in it, and where things stand: worked out only when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reconciler.config.positions import PathPart, Positions, locate_documents
from reconciler.model.problem import Place


@dataclass(slots=True, kw_only=True)
class Source:
    """
    One file: `name` is its path relative to the configuration directory, `data` its bytes.

    `document_count` is how many of its documents could be read, those without content included.
    """

    name: str
    data: bytes
    document_count: int = 0
    _positions: list[Positions] | None = field(default=None, repr=False)

    def positions(self, index: int) -> Positions:
        """Return where everything in the document of that index stands; the file is parsed again for it, once."""
        if self._positions is None:
            self._positions = locate_documents(self.data, self.document_count)
        return self._positions[index]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """
    One YAML document: a mapping, and where it came from.

    `index` counts the documents of its file from 0, `line` is where its mapping starts, from 1. `content` may share
    parts with itself (aliases) and is never changed. `over` are the overlay documents merged into it, in order.
    """

    source: Source
    index: int
    line: int
    content: dict[str, Any]
    over: tuple[Document, ...] = ()

    @property
    def kind(self) -> str:
        """The document's kind, empty when it has none."""
        kind = self.content.get("kind")
        return kind if isinstance(kind, str) else ""

    @property
    def name(self) -> str:
        """The document's `metadata.name`, empty when it has none."""
        metadata = self.content.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        return name if isinstance(name, str) else ""

    @property
    def start(self) -> Place:
        """The document's first line."""
        return Place(self.source.name, self.line)

    def place(self, *path: PathPart, of_key: bool = False) -> Place:
        """
        Return the place of the value at a path (of its key: `of_key`), or of the nearest thing around it.

        What an overlay wrote last is shown there.
        """
        while True:
            for layer in (*reversed(self.over), self):
                spot = layer.source.positions(layer.index).find(path, of_key=of_key)
                if spot is not None:
                    return Place(layer.source.name, *spot)
            if not path:
                return self.start
            path, of_key = path[:-1], False
