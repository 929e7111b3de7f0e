"""
Lay a target's overlay documents over the base, by kind and name.

The parts of a document (`metadata`, `labels`, `lifecycle`, `spec`, a catalog's groups) are merged field by field; a
field's value is replaced whole, so that a reference or a password source never becomes a mixture. `null` takes a field
away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reconciler.config.rules import Rule
from reconciler.config.source import Document
from reconciler.model.problem import Problem

_MERGED = ("metadata", "metadata.labels", "lifecycle", "spec")


def lay_over(base: Sequence[Document], overlay: Sequence[Document]) -> tuple[list[Document], list[Problem]]:
    """Return the base with one overlay folder's documents merged in; those that are only there are added."""
    documents = list(base)
    by_name = {(each.kind, each.name): position for position, each in enumerate(documents) if each.name}
    seen: dict[tuple[str, str], Document] = {}
    problems = []
    for document in overlay:
        key = (document.kind, document.name)
        first = seen.setdefault(key, document) if document.name else document
        if first is not document:
            problems.append(
                Problem(
                    rule=Rule.DUPLICATE_NAME,
                    message=f"{document.kind}/{document.name} is also in this overlay in {first.start}",
                    place=document.place("metadata", "name"),
                    path="metadata.name",
                    advice="bring them together in one document",
                )
            )
        elif key in by_name:
            below = documents[by_name[key]]
            content = _merge(below.content, document.content, "", groups=document.kind == "Catalog")
            documents[by_name[key]] = replace(below, content=content, over=(*below.over, document))
        else:
            documents.append(document)
    return documents, problems


def _merge(base: dict[str, Any], over: dict[str, Any], path: str, *, groups: bool) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        inner = f"{path}.{key}" if path else key
        below = merged.get(key)
        is_part = inner in _MERGED or (groups and path == "spec")
        if value is None:
            merged.pop(key, None)
        elif is_part and isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _merge(below, value, inner, groups=groups)
        else:
            merged[key] = value
    return merged
