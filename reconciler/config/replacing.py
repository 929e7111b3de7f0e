"""The text that takes a value's place: in its quotes, by name where a name stood, and reading back to the value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from reconciler.config.layout import BLOCKS, Node
from reconciler.config.quoting import bare, quoted, reads_back
from reconciler.config.scalars import resolve_plain
from reconciler.config.writer import scalar_text
from reconciler.kinds.codec import display
from reconciler.kinds.spec import FieldSpec, Form
from reconciler.model.acceptance import Proposal
from reconciler.model.values import Scalar

_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?")
_DATE_LENGTH = len("2026-12-31")


class Refusal(Exception):
    """A value that can't be replaced where it stands; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """
    Where a value stands: in `text`, in brackets or not (`flow`).

    `spec` is None for `active`. `names` are what the catalogs call the Ids of the field's group.
    """

    text: str
    spec: FieldSpec | None
    zone: tzinfo
    names: Mapping[int, str] = field(default_factory=dict)
    flow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """The pieces of text to put in (start, end, text), and what the field then reads as."""

    pieces: tuple[tuple[int, int, str], ...]
    value: Any


def replace_value(proposal: Proposal, node: Node, context: Context) -> Replacement:
    """Return what to write in a value's place; raises Refusal."""
    if node.anchor and not node.is_alias:
        raise Refusal(f"other values may repeat it (`&{node.anchor}`)")
    if context.spec is not None and context.spec.form is Form.REFERENCE:
        return _reference(proposal, node, context)
    if not (node.is_scalar or node.is_alias):
        raise Refusal("a list or mapping stands there")
    value = _as_written(proposal.value, node, context)
    return Replacement(pieces=((node.start, node.end, _scalar(value, node, context)),), value=value)


def _as_written(value: Scalar, node: Node, context: Context) -> Any:
    """Return what the manifest has to say for a canonical value: a name where a name stood."""
    spec = context.spec
    if spec is None:
        return value
    by_number = node.is_scalar and not node.style and isinstance(resolve_plain(node.value), int)
    if spec.form is Form.CODE and not by_number:
        return display(spec, value)
    if spec.form is Form.CATALOGUED and not by_number and isinstance(value, int):
        return context.names.get(value, value)
    if spec.form is Form.MOMENT and isinstance(value, str):
        return _moment(value, node, context.zone)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value


def _moment(canonical: str, node: Node, zone: tzinfo) -> str:
    """Return a date as precisely as it was written: a day, wall-clock time, or an instant."""
    local = datetime.fromisoformat(canonical).astimezone(zone)
    if len(node.value) == _DATE_LENGTH and (local.hour, local.minute, local.second) == (0, 0, 0):
        return local.date().isoformat()
    if not re.search(r"(Z|[+-]\d\d:?\d\d)$", node.value):
        return local.replace(tzinfo=None).isoformat()
    return canonical


def _reference(proposal: Proposal, node: Node, context: Context) -> Replacement:
    assert isinstance(proposal.value, int)
    inner = node.entries[0] if node.is_mapping and len(node.entries) == 1 else None
    if inner is not None and not (proposal.key and node.flow):
        key, value = inner
        if key.value == "name" and proposal.live_name:
            text = _scalar(proposal.live_name, value, context, flow=node.flow)
            return Replacement(pieces=((value.start, value.end, text),), value={"name": proposal.live_name})
        pieces = ((key.start, key.end, "id"), (value.start, value.end, str(proposal.value)))
        return Replacement(pieces=pieces, value={"id": proposal.value})
    if proposal.key:
        text, wanted = _scalar(proposal.key, node, context), proposal.key
        return Replacement(pieces=((node.start, node.end, text),), value=wanted)
    if proposal.live_name:
        text = f"{{name: {_first(_texts(proposal.live_name, node), proposal.live_name, flow=True)}}}"
        return Replacement(pieces=((node.start, node.end, text),), value={"name": proposal.live_name})
    text = f"{{id: {proposal.value}}}"
    return Replacement(pieces=((node.start, node.end, text),), value={"id": proposal.value})


def _scalar(value: Any, node: Node, context: Context, *, flow: bool = False) -> str:
    if not isinstance(value, str):
        return scalar_text(value)
    flow = flow or context.flow
    if node.style in BLOCKS:
        return _in_block(value, node, context)
    return _first(_texts(value, node), value, flow=flow)


def _texts(value: str, node: Node) -> Iterator[str]:
    """Yield the ways to write a text, the style it had first."""
    if node.style == "'" and value.isprintable():
        yield "'" + value.replace("'", "''") + "'"
    if not node.style:
        plain = bare(value, flow=True) or bare(value, flow=False)
        if plain is not None:
            yield plain
        elif node.value[:4].isdigit() and value[:4].isdigit() and "-" in value:
            yield value  # a date that stood without quotes
    try:
        yield quoted(value)
    except ValueError as error:
        raise Refusal("the live value has half of a surrogate pair, which no text file can hold") from error


def _first(candidates: Iterator[str], value: str, *, flow: bool) -> str:
    for text in candidates:
        if reads_back(text, value, flow=flow):
            return text
    raise Refusal("no way to write the live value reads back to it")


def _in_block(value: str, node: Node, context: Context) -> str:
    """Return a block of lines in a block's place, or quotes; the block's own comment stays."""
    raw = context.text[node.start : node.end]
    newline = "\r\n" if "\r\n" in raw else "\n"
    header = _BLOCK_HEADER.match(raw)
    comment = (header[1] or "") if header is not None else ""
    ending = raw[len(raw.rstrip()) :]
    lines = raw.splitlines()[1:]
    indent = next((line[: len(line) - len(line.lstrip(" "))] for line in lines if line.strip()), "")
    if indent and _fits_a_block(value):
        chomping = "" if value.endswith("\n") else "-"
        body = newline.join(f"{indent}{line}" if line else "" for line in value.removesuffix("\n").split("\n"))
        return f"|{chomping}{comment}{newline}{body}{ending or newline}"
    return f"{_first(iter([quoted(value)]), value, flow=False)}{comment}{ending or newline}"


def _fits_a_block(value: str) -> bool:
    lines = value.removesuffix("\n").split("\n")
    edges = bool(lines[0].strip() and lines[-1].strip()) and not lines[0].startswith(" ")
    return edges and all(line.isprintable() for line in lines)
