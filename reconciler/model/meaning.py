"""What a kind or a field means, as `explain` tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """
    One kind or field.

    `value` says what it may hold, with unit and range; `api` what the API does with it; `fields` what is inside.
    """

    path: str
    value: str
    description: str
    api: tuple[str, ...] = ()
    fields: tuple[Meaning, ...] = ()


def meaning_document(meaning: Meaning) -> dict[str, Any]:
    """Return the JSON document of a meaning."""
    return {
        "formatVersion": "1.0",
        "path": meaning.path,
        "value": meaning.value,
        "description": meaning.description,
        "api": list(meaning.api),
        "fields": [
            {"name": each.path, "value": each.value, "description": each.description} for each in meaning.fields
        ],
    }
