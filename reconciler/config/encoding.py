"""What must hold of a file's bytes before they are parsed: UTF-8, and no line break that only YAML 1.1 knows."""

from __future__ import annotations

import re

from reconciler.config.rules import Rule
from reconciler.config.source import Source
from reconciler.model.problem import Place, Problem

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SEPARATORS = (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")


def find_encoding_problem(source: Source) -> Problem | None:
    """Return why a file's bytes cannot be parsed as YAML 1.2, or None."""
    data = source.data
    if data.isascii():
        return None
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _decoding_problem(source, error)
    if not any(separator in data for separator in _SEPARATORS):
        return None
    text = data.decode("utf-8-sig")
    position = min(text.find(each.decode()) for each in _SEPARATORS if each in data)
    return Problem(
        rule=Rule.LINE_SEPARATOR,
        message=f"the line separator U+{ord(text[position]):04X} means different things to different YAML readers",
        place=_place(source.name, text[:position]),
        advice='write it as an escape in double quotes ("\\N", "\\L" or "\\P")',
    )


def unprintable_problem(source: Source) -> Problem | None:
    """Return the problem with the first character that YAML does not allow, or None."""
    text = source.data.decode("utf-8-sig")
    found = _UNPRINTABLE.search(text)
    if found is None:
        return None
    return Problem(
        rule=Rule.CONTROL_CHARACTER,
        message=f"the character U+{ord(found[0]):04X} is not allowed in a manifest",
        place=_place(source.name, text[: found.start()]),
        advice='write it as an escape in double quotes ("\\x07"), or move the file away if it is not meant to be text',
    )


def _decoding_problem(source: Source, error: UnicodeDecodeError) -> Problem:
    before = source.data[: error.start].decode("utf-8", errors="replace")
    if source.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message = "the file is UTF-16, not UTF-8"
    elif b"\x00" in source.data:
        message = "the file is binary, not text"
    else:
        message = f"the byte 0x{source.data[error.start]:02x} is not UTF-8"
    advice = "save the file as UTF-8 text, or move it out of the configuration directory"
    return Problem(rule=Rule.NOT_UTF8, message=message, place=_place(source.name, before), advice=advice)


def _place(name: str, before: str) -> Place:
    """Return the place just after the text `before`."""
    line_start = before.rfind("\n") + 1
    return Place(name, before.count("\n") + 1, len(before) - line_start + 1)
