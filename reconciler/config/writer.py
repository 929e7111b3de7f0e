"""
Write manifests as text that the strict reader reads back to the same values, and that other YAML readers do too.

The shape is small: two levels of block mappings, short mappings and lists below. Text stands unquoted only where no
YAML, 1.1 or 1.2, could take it for anything else; the same document gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from reconciler.config.scalars import resolve_plain
from reconciler.config.schema import field_accepts
from reconciler.model.manifest import Entry, Manifest, Written
from reconciler.model.values import Scalar

API_VERSION = "maxcontact/v1"

_PLAIN = re.compile(r"[^\W\d_](?:[\w .()/'&+@%-]*[\w.()/'&+@%-])?\Z")
"""Starts with a letter, and holds nothing that has a meaning inside or outside of brackets."""

_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""What one YAML reader or another takes for no text, in any case."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_LONGEST_LINE = 120


def manifest_text(manifests: Iterable[Manifest], *, header: Iterable[str] = (), continues: bool = False) -> str:
    """Return a file's text: header comments, then the documents, `---` between them; `continues` another text."""
    parts = [_comment(header)]
    documents = int(continues)
    for manifest in manifests:
        text = document_text(manifest)
        if manifest.stub:
            parts.append(_as_comment(f"---\n{text}" if documents else text, after=manifest.remarks))
        else:
            parts.append((f"---\n{_comment(manifest.remarks)}" if documents else _comment(manifest.remarks)) + text)
            documents += 1
    return "".join(part for part in parts if part)


def document_text(manifest: Manifest) -> str:
    """Return one document, without the comments above it."""
    lines = [f"apiVersion: {API_VERSION}", f"kind: {manifest.address.kind}", "metadata:"]
    lines.append(f"  name: {scalar_text(manifest.address.name)}")
    if manifest.id is not None:
        lines.append(f"  id: {manifest.id}")
    for section, entries in (("lifecycle", manifest.lifecycle), ("spec", manifest.spec)):
        if entries:
            only_stubs = all(entry.stub for entry in entries)
            lines.append(f"# {section}:" if only_stubs else f"{section}:")
            for entry in entries:
                lines.extend(_entry(entry, "  "))
    return "\n".join(lines) + "\n"


def scalar_text(value: Scalar) -> str:
    """Return a scalar as it is written on one line; raises ValueError for half of a surrogate pair."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, int):
        return str(value)
    if _PLAIN.match(value) and value.casefold() not in _WORDS:
        return value
    return _quoted(value)


def accepts(kind: str, field: str, value: Scalar) -> bool:
    """Return whether a manifest can hold a value in a field: the schema allows it, and it is read back as written."""
    if isinstance(value, str):
        readable = not any("\ud800" <= character <= "\udfff" for character in value)
    else:
        readable = resolve_plain(scalar_text(value)) == value
    return readable and field_accepts(kind, field, value)


def _number(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return str(int(value)) if whole else f"{value.normalize():f}"


def _quoted(text: str) -> str:
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError("half of a surrogate pair can't be written")
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _entry(entry: Entry, indent: str) -> Iterator[str]:
    mark = "# " if entry.stub else ""
    value = entry.value
    if isinstance(value, str) and "\n" in value and not entry.stub and _is_tame(value):
        yield f"{indent}{entry.name}: |{'' if value.endswith(chr(10)) else '-'}"
        yield from (f"{indent}  {line}" if line else "" for line in value.removesuffix("\n").split("\n"))
    elif isinstance(value, tuple) and value:
        yield f"{indent}{mark}{entry.name}:"
        yield from (f"{indent}{mark}  - {_flow(item)}" for item in value)
    else:
        note = f"  # {harmless(entry.note)}" if entry.note else ""
        yield f"{indent}{mark}{entry.name}: {_flow(value)}{note}"


def _is_tame(text: str) -> bool:
    """Return whether a block of lines says the same as the text: nothing at its edges, and nothing unprintable."""
    lines = text.removesuffix("\n").split("\n")
    return bool(lines[0] and lines[-1]) and all(
        line == line.strip() and line.isprintable() and len(line) <= _LONGEST_LINE for line in lines
    )


def _flow(value: Written) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar_text(name)}: {_flow(inner)}" for name, inner in value.items()) + "}"
    return scalar_text(value)


def harmless(text: str) -> str:
    """Return text from elsewhere as it may stand in a comment: on one line, with nothing in it that can't be seen."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def _comment(lines: Iterable[str]) -> str:
    return "".join(f"# {harmless(line)}".rstrip() + "\n" for line in lines)


def _as_comment(text: str, *, after: Iterable[str]) -> str:
    body = "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
    return "\n" + _comment((*after,)) + "#\n" + body
