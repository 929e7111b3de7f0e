"""Which file a document goes to, and writing the files: all of them or, where one stands in the way, none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.config.directory import MAX_FILE_SIZE
from reconciler.config.source import Document
from reconciler.config.writer import manifest_text
from reconciler.errors import ReconcilerError
from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address
from reconciler.model.manifest import Manifest
from reconciler.model.plan import Action

BY_OBJECT, BY_KIND, SINGLE_FILE = "by-object", "by-kind", "single-file"
LAYOUTS = (BY_OBJECT, BY_KIND, SINGLE_FILE)

_DEFAULTS = "What stands at its default (0, false, empty) is left out, and so not managed: write it out to own it."
_STATUS = "The status is left to floor managers: `status: Running` would say what it is to be when Git changes it."
_STUBS = "What the API doesn't show is a comment: fill it in, or leave it."
_FOLDERS = {spec.name: spec.plural for spec in KINDS} | {"Catalog": "catalog"}
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What is to be written where: whole new texts by file name, and how many files are right as they are."""

    files: Mapping[str, str] = field(default_factory=dict)
    unchanged: int = 0


def file_of(manifest: Manifest, layout: str) -> str:
    """Return the file that a document belongs to, relative to the directory."""
    if layout == SINGLE_FILE:
        return "manifests.yaml"
    folder = _FOLDERS.get(manifest.beside.kind, "memberships")
    return f"{folder}/{folder if layout == BY_KIND else manifest.beside.name}.yaml"


def arrange(
    manifests: Iterable[Manifest],
    *,
    directory: Path,
    layout: str,
    existing: Sequence[Document],
    force: bool,
    update: bool,
) -> Writing:
    """
    Return what has to be written.

    `existing` are the documents of the directory. With `update` more are added at the end of files that exist. Raises
    ReconcilerError, and nothing is written, when a file that exists would change without `force`, or when another file
    declares the same object.
    """
    parts: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        parts.setdefault(file_of(manifest, layout), []).append(manifest)
    files, unchanged, in_the_way = {}, 0, []
    for name, documents in parts.items():
        before = _read(directory / name)
        if update and before is not None:
            if all(each.stub for each in documents):
                continue
            separator = "" if before.endswith("\n") or not before else "\n"
            text = before + separator + manifest_text(documents, continues=bool(before.strip()))
        else:
            text = manifest_text(documents, header=_header(documents))
            if text == before:
                unchanged += 1
                continue
            if before is not None and not force:
                in_the_way.append(name)
        _check_size(name, text)
        files[name] = text
    if in_the_way:
        raise ReconcilerError(
            f"{_listed(in_the_way)} in {directory} would be overwritten; nothing was written",
            hint="--update adds only what is not there yet; --force overwrites, and what was edited there is lost",
        )
    kept = [each for each in existing if update or each.source.name not in parts]
    _check_declared_once(parts, kept)
    return Writing(files=files, unchanged=unchanged)


def write(directory: Path, files: Mapping[str, str]) -> None:
    """Write the files; one that exists is replaced as a whole or not at all."""
    for folder in sorted({directory / name.rpartition("/")[0] for name in files}):
        folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = os.path.join(directory, name)
        data = text.encode("utf-8", "surrogateescape")
        try:
            with open(path, "xb") as file:
                file.write(data)
        except FileExistsError:
            with open(f"{path}.part", "wb") as file:
                file.write(data)
            os.replace(f"{path}.part", path)


def _header(manifests: Sequence[Manifest]) -> tuple[str, ...]:
    """Return what a reader of the file has to know about what is not in it."""
    kinds = {spec.name: spec for spec in KINDS}
    objects = [each for each in manifests if each.address.kind in kinds]
    if not objects:
        return (_STUBS,) if any(each.stub for each in manifests) else ()
    left_to_the_floor = any(
        field.endpoint == Action.SET_STATUS and field.name not in {entry.name for entry in each.spec}
        for each in objects
        for field in kinds[each.address.kind].fields
    )
    return (_DEFAULTS, _STATUS, _STUBS) if left_to_the_floor else (_DEFAULTS, _STUBS)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ReconcilerError(f"{path} can't be read: {error.strerror}", hint="move it away") from error


def _check_size(name: str, text: str) -> None:
    size = len(text.encode("utf-8", "surrogateescape"))
    if size > MAX_FILE_SIZE:
        raise ReconcilerError(
            f"{name} would have {size:,} bytes, more than a manifest file may have", hint=f"use --layout {BY_OBJECT}"
        )


def _check_declared_once(parts: Mapping[str, Sequence[Manifest]], documents: Iterable[Document]) -> None:
    """Refuse what would declare an object twice: here, and in a file that stays."""
    kept = {Address(each.kind, each.name): each for each in documents}
    twice = [
        f"{manifest.address} ({kept[manifest.address].start})"
        for documents in parts.values()
        for manifest in documents
        if not manifest.stub and manifest.address in kept
    ]
    if twice:
        raise ReconcilerError(
            f"declared already: {_listed(twice)}; nothing was written",
            hint="--update adds only what is not there yet; or export into an empty directory",
        )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown} and {len(names) - _MOST_NAMED:,} more"
