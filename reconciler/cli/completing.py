"""What a shell may complete besides commands and options: kinds, fields, documents and targets."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import click
from click.shell_completion import CompletionItem

PROJECT = "Project"
MOST_FILES = 500
"""A directory of more is not read on the press of a key."""


def complete_fields(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer kinds, and after a dot their fields."""
    # For start-up time: only a shell that completes this word needs the schemas.
    from reconciler.config.meaning import paths  # noqa: PLC0415
    from reconciler.config.schema_files import KIND_SCHEMAS  # noqa: PLC0415

    kinds = [name.capitalize() for name in KIND_SCHEMAS]
    kind, dot, _rest = incomplete.partition(".")
    words = list(dict.fromkeys(paths(kind))) if dot and kind in kinds else kinds
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def complete_documents(context: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer KIND/NAME of the documents in the configuration directory."""
    words = {f"{kind}/{name}" for kind, name in _documents(context) if kind != PROJECT}
    return [CompletionItem(word) for word in sorted(words) if word.startswith(incomplete)]


def complete_targets(context: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the project's targets."""
    # For start-up time: only a shell that completes this word needs the YAML libraries.
    from reconciler.config.load import load_settings  # noqa: PLC0415
    from reconciler.errors import ReconcilerError  # noqa: PLC0415

    try:
        names = load_settings(_directory(context), environment={}).targets
    except ReconcilerError:
        return []
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def _documents(context: click.Context) -> list[tuple[str, str]]:
    # For start-up time: only a shell that completes this word needs the YAML libraries.
    from reconciler.config.directory import list_files, read_source  # noqa: PLC0415
    from reconciler.config.source import Source  # noqa: PLC0415
    from reconciler.config.yaml_reader import read_documents  # noqa: PLC0415

    root = Path(_directory(context))
    found: list[tuple[str, str]] = []
    for name in list_files(root).files[:MOST_FILES]:
        source = read_source(root, name)
        if isinstance(source, Source):
            found += [(each.kind, each.name) for each in read_documents(source)[0] if each.kind and each.name]
    return found


def _directory(context: click.Context) -> str:
    """Return the directory that the line names so far: its argument, or what stands behind --config."""
    named = context.params.get("directory")
    if isinstance(named, str) and named:
        return named
    words = os.environ.get("COMP_WORDS", "").split()
    given = [after for before, after in itertools.pairwise(words) if before == "--config"]
    given += [word.partition("=")[2] for word in words if word.startswith("--config=")]
    return given[-1] if given else "."
