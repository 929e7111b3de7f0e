"""Where the JSON Schemas are, in a wheel, an editable install and a plain checkout alike."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import reconciler

SHARED = "common"
MANIFEST = "manifest"
KIND_SCHEMAS = ("campaign", "list", "team", "user", "membership", "catalog", "project")


def schema_folder() -> Traversable:
    """Return the folder of `*.schema.json` files: packaged in a wheel, beside the package in a checkout."""
    packaged = files("reconciler") / "schemas"
    if packaged.is_dir():
        return packaged
    return Path(reconciler.__file__).resolve().parent.parent / "schemas"


def schema_names() -> tuple[str, ...]:
    """Return the names that `load_schema` knows, sorted."""
    found = (entry.name.removesuffix(".schema.json") for entry in schema_folder().iterdir() if entry.is_file())
    return tuple(sorted(name for name in found if "." not in name and name != SHARED))


@cache
def read_schema(name: str) -> dict[str, Any]:
    """Return one schema file as it is; it may refer to others. Raises KeyError for a name that has no schema."""
    file = schema_folder() / f"{name}.schema.json"
    if not file.is_file():
        raise KeyError(name)
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Return a schema that stands alone: the files it refers to are embedded under `$defs`, each with its `$id`."""
    schema = dict(read_schema(name))
    needed = (SHARED, *KIND_SCHEMAS) if name == MANIFEST else (SHARED,) if name in KIND_SCHEMAS else ()
    if needed:
        embedded = {f"{each}.schema.json": read_schema(each) for each in needed}
        schema["$defs"] = {**schema.get("$defs", {}), **embedded}
    return schema
