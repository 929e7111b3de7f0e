"""
How a manifest is laid out: each key, value and comment with its place in the text.

Values come from the strict reader; this tells where they stand, for the two commands that write into files people
wrote. ruamel.yaml's events carry the marks, the style and the anchors that it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reconciler.config.positions import PathPart

_COMMENT = re.compile(r"(?:^|(?<=[\s,\[\]{}]))#[^\r\n]*", re.MULTILINE)
_MARKER = re.compile(r"^(?:---|\.\.\.)(?=\s|$)", re.MULTILINE)

QUOTES = ("'", '"')
BLOCKS = ("|", ">")


class LayoutError(Exception):
    """The text is laid out in a way that no manifest is."""


@dataclass(slots=True, kw_only=True)
class Node:
    """
    A value in a text, from `start` up to `end`, counted in characters.

    `style` is a scalar's quote or block sign, empty for a plain one. A mapping has `entries`, a sequence `items`;
    `flow` says that it stands in brackets.
    """

    start: int
    end: int
    value: str = ""
    style: str = ""
    anchor: str = ""
    tag: str = ""
    column: int = 0
    is_alias: bool = False
    is_mapping: bool = False
    is_sequence: bool = False
    flow: bool = False
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    @property
    def is_scalar(self) -> bool:
        """Return whether this is a text, number or word of its own."""
        return not (self.is_alias or self.is_mapping or self.is_sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment: from its sign to the end of the line; `alone` when nothing else stands on that line."""

    start: int
    column: int
    text: str
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One document of a text; `root` is None for an empty one. `version` says that a %YAML line asks for something."""

    root: Node | None
    start: int
    end: int
    marked: bool = False
    directives: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A text, its documents, and the comments between their values, in order."""

    text: str
    trees: tuple[Tree, ...]
    comments: tuple[Comment, ...]


def read_layout(text: str) -> Layout:
    """Return how a YAML text is laid out; raises LayoutError for what is no YAML or has keys that are no text."""
    try:
        trees = tuple(_trees(YAML(pure=True).parse(text)))
    except YAMLError as error:
        raise LayoutError(str(error)) from error
    return Layout(text=text, trees=trees, comments=tuple(_comments(text, trees)))


def find(tree: Tree, path: tuple[PathPart, ...]) -> Node | None:
    """Return the value at a path of a document, or None where the text does not write it there itself."""
    node = tree.root
    for part in path:
        if node is None:
            return None
        if isinstance(part, int):
            node = node.items[part] if part < len(node.items) else None
        else:
            node = next((value for key, value in node.entries if key.value == part), None)
    return node


def _trees(events: Iterator[Any]) -> Iterator[Tree]:
    started: Any = None
    root: Node | None = None
    for event in events:
        if isinstance(event, DocumentStartEvent):
            started, root = event, None
        elif isinstance(event, DocumentEndEvent):
            yield Tree(
                root=root if root is not None and not _is_nothing(root) else None,
                start=started.start_mark.index,
                end=event.end_mark.index,
                marked=bool(started.explicit),
                directives=started.version is not None or bool(started.tags),
            )
        elif started is not None and root is None:
            root = _node(event, events)


def _is_nothing(node: Node) -> bool:
    return node.is_scalar and node.start == node.end


def _node(event: Any, events: Iterator[Any]) -> Node:
    """Read one value, which starts with `event`; as deep as the strict reader let it be."""
    node = Node(start=event.start_mark.index, end=event.end_mark.index, column=event.start_mark.column)
    if isinstance(event, AliasEvent):
        node.is_alias, node.anchor = True, event.anchor
        return node
    node.anchor = event.anchor or ""
    if isinstance(event, ScalarEvent):
        node.value, node.style, node.tag = event.value, event.style or "", str(event.tag or "")
    elif isinstance(event, MappingStartEvent):
        node.is_mapping, node.flow, node.tag = True, bool(event.flow_style), str(event.tag or "")
        while not isinstance(event := next(events), MappingEndEvent):
            key = _node(event, events)
            if not key.is_scalar:
                raise LayoutError("a key is no text")
            node.entries.append((key, _node(next(events), events)))
        node.end = event.end_mark.index
    elif isinstance(event, SequenceStartEvent):
        node.is_sequence, node.flow, node.tag = True, bool(event.flow_style), str(event.tag or "")
        while not isinstance(event := next(events), SequenceEndEvent):
            node.items.append(_node(event, events))
        node.end = event.end_mark.index
    return node


def _comments(text: str, trees: tuple[Tree, ...]) -> Iterator[Comment]:
    """Yield what stands behind a `#` between values: nothing else can begin with one there."""
    position = 0
    for start, end in [*_scalars(trees), (len(text), len(text))]:
        for found in _COMMENT.finditer(text, position, start):
            line = text.rfind("\n", 0, found.start()) + 1
            before = text[line : found.start()]
            yield Comment(
                start=found.start(), column=len(before), text=found[0].rstrip(), alone=not before.strip(" \t\ufeff")
            )
        position = max(position, end)


def _scalars(trees: tuple[Tree, ...]) -> Iterator[tuple[int, int]]:
    stack = [tree.root for tree in reversed(trees) if tree.root is not None]
    while stack:
        node = stack.pop()
        if node.is_scalar or node.is_alias:
            yield node.start, node.end
        else:
            inner = [part for entry in node.entries for part in entry] + node.items
            stack += reversed(inner)
