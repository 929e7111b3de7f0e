"""
Write single values into manifests that people wrote.

A value is replaced where it stands, in the layer (base or overlay) that writes it, and in the style it has; not one
other character of the file changes. What was written is read again by the strict reader before the file is replaced:
it must say exactly the new values, and nothing else may have changed.
"""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from reconciler.config.layout import Layout, LayoutError, Node, find, read_layout
from reconciler.config.replacing import Context, Refusal, Replacement, replace_value
from reconciler.config.source import Document, Source
from reconciler.config.yaml_reader import read_documents
from reconciler.errors import ReconcilerError
from reconciler.kinds.registry import kind_named
from reconciler.model.acceptance import Acceptance, Accepted, Declined, Proposal
from reconciler.model.address import Address
from reconciler.model.problem import Place

_BOM = "\ufeff"
_SPEC = "spec"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """A proposal, the document that writes its field, and the pieces of text to replace."""

    proposal: Proposal
    document: Document
    replacement: Replacement


def write_values(
    proposals: Sequence[Proposal],
    documents: Sequence[Document],
    *,
    directory: Path,
    catalogs: Mapping[str, Mapping[int, str]],
    zone: tzinfo,
) -> Acceptance:
    """
    Write the proposed values into the files of a configuration directory.

    `catalogs` names Ids by group, `zone` is what a date without an offset means. Each file is written whole or not at
    all. Raises ReconcilerError for a file that changed meanwhile or can't be written.
    """
    known = {Address(document.kind, document.name): document for document in documents}
    layouts: dict[str, Layout | None] = {}
    declined: list[Declined] = []
    edits: dict[str, list[_Edit]] = {}
    for proposal in proposals:
        found = _edit(proposal, known[proposal.address], layouts, catalogs, zone)
        if isinstance(found, Declined):
            declined.append(found)
        else:
            edits.setdefault(found.document.source.name, []).append(found)
    accepted = [each for name in sorted(edits) for each in _rewrite(directory / name, edits[name], layouts[name])]
    accepted.sort(key=lambda each: (each.address, each.field))
    return Acceptance(accepted=tuple(accepted), declined=tuple(declined))


def _edit(
    proposal: Proposal,
    document: Document,
    layouts: dict[str, Layout | None],
    catalogs: Mapping[str, Mapping[int, str]],
    zone: tzinfo,
) -> _Edit | Declined:
    layer = _layer(document, proposal.field)
    if layer is None:
        advice = f"add `{proposal.field}` to the spec in {document.start} to manage it"
        return _declined(proposal, "the manifest leaves it out, or takes it from its own name", advice)
    name = layer.source.name
    if name not in layouts:
        layouts[name] = _layout(layer.source)
    layout = layouts[name]
    node = find(layout.trees[layer.index], (_SPEC, proposal.field)) if layout is not None else None
    if layout is None or node is None:
        advice = f"write the field out in {layer.start}"
        return _declined(proposal, "it stands behind an alias", advice)
    spec = None if proposal.field == "active" else kind_named(proposal.address.kind).field(proposal.field)
    names = catalogs.get(spec.group, {}) if spec is not None else {}
    context = Context(text=layout.text, spec=spec, names=names, zone=zone, flow=_in_brackets(layout, layer, node))
    try:
        replacement = replace_value(proposal, node, context)
    except Refusal as refusal:
        return _declined(proposal, str(refusal), f"edit {layer.place(_SPEC, proposal.field)} by hand")
    return _Edit(proposal=proposal, document=layer, replacement=replacement)


def _layer(document: Document, field: str) -> Document | None:
    """Return the overlay that wrote a field last, or the base document; None where none of them writes it."""
    for layer in reversed(document.over):
        if field in (layer.content.get(_SPEC) or {}):
            return layer
    own = _own_spec(document) if document.over else document.content.get(_SPEC, {})
    return document if field in own else None


def _own_spec(document: Document) -> dict[str, Any]:
    """Return the spec that a document's own file writes: its content is what the overlays made of it."""
    found, _ = read_documents(Source(name=document.source.name, data=document.source.data))
    own = next((each.content.get(_SPEC) for each in found if each.index == document.index), None)
    return own if isinstance(own, dict) else {}


def _layout(source: Source) -> Layout | None:
    try:
        return read_layout(_text(source.data))
    except LayoutError:
        return None


def _text(data: bytes) -> str:
    return data.decode("utf-8").removeprefix(_BOM)


def _in_brackets(layout: Layout, document: Document, node: Node) -> bool:
    root = layout.trees[document.index].root
    spec = find(layout.trees[document.index], (_SPEC,))
    return any(each is not None and each.flow and each.start <= node.start < each.end for each in (root, spec))


def _declined(proposal: Proposal, reason: str, advice: str) -> Declined:
    return Declined(address=proposal.address, field=proposal.field, reason=reason, advice=advice)


def _rewrite(path: Path, edits: Sequence[_Edit], layout: Layout | None) -> Iterator[Accepted]:
    """Write one file; yields what was accepted with its new line."""
    assert layout is not None
    source = edits[0].document.source
    pieces: list[str] = []
    lines: dict[int, int] = {}
    position = 0
    in_order = sorted((start, end, text, i) for i, e in enumerate(edits) for start, end, text in e.replacement.pieces)
    for start, end, text, number in in_order:
        pieces.append(layout.text[position:start])
        lines.setdefault(number, sum(piece.count("\n") for piece in pieces) + 1)
        pieces.append(text)
        position = end
    pieces.append(layout.text[position:])
    bom = _BOM if source.data.startswith(_BOM.encode()) else ""
    data = (bom + "".join(pieces)).encode("utf-8", "surrogatepass")
    _check(source, data, edits)
    _replace(path, before=source.data, after=data)
    for number, edit in enumerate(edits):
        asked = edit.proposal
        place = Place(source.name, lines[number])
        yield Accepted(address=asked.address, field=asked.field, before=asked.before, after=asked.after, place=place)


def _check(source: Source, data: bytes, edits: Sequence[_Edit]) -> None:
    """Hold the new text to saying what was asked, and nothing else."""
    before, _ = read_documents(Source(name=source.name, data=source.data))
    wanted = {document.index: copy.deepcopy(document.content) for document in before}
    for edit in edits:
        wanted[edit.document.index][_SPEC][edit.proposal.field] = edit.replacement.value
    after, problems = read_documents(Source(name=source.name, data=data))
    if problems or {document.index: document.content for document in after} != wanted:
        raise ReconcilerError(
            f"{source.name} can't be edited without changing something else in it; it was left as it is",
            hint="edit it by hand",
        )


def _replace(path: Path, *, before: bytes, after: bytes) -> None:
    """Put new bytes in a file's place at once, if it still holds the old ones."""
    target = Path(os.path.realpath(path))
    try:
        if target.read_bytes() != before:
            raise ReconcilerError(f"{path} was changed meanwhile; it was left as it is", hint="run again")
        write_whole(target, after)
    except OSError as error:
        raise ReconcilerError(
            f"{path} could not be written: {error.strerror or error}", hint="make it and its folder writable"
        ) from error


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file's content at once, keeping its permissions; raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(name, path.stat().st_mode & 0o7777)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
