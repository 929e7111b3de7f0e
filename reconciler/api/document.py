"""
The text of an answer as plain values, whether it came as JSON or as XML.

The API answers in XML unless JSON is asked for, and nobody knows what stands between it and us. So the body itself
decides which it is, not its label. XML is read by local names: namespace and root element are not documented.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NoReturn
from xml.parsers import expat

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python knows codecs that no server means (unicode_escape, idna): only these are taken from a label.
_CHARSETS = re.compile(r"(us-)?ascii|utf-?8|utf-?16([lb]e)?|utf-?32([lb]e)?|iso-8859-\d{1,2}|windows-125\d", re.I)
_XML_DECLARATION = re.compile(rb"""\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.-]{1,40})["']""")
_HTML = re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype\s+html|<html|<head|<body)", re.I | re.S)
_DEEPEST = 100
_PRIMITIVES = frozenset(
    {"anytype", "boolean", "byte", "char", "datetime", "decimal", "double", "float", "guid", "int", "long", "short"}
    | {"string", "unsignedint", "unsignedlong"}
)


class HtmlError(Exception):
    """The body is a page for people."""


class TornError(Exception):
    """The body is neither JSON nor XML, or ends too early; the message says where it stops making sense."""


def read_document(body: bytes, content_type: str) -> object:
    """
    Return the body as dict, list, str, int, Decimal, bool or None.

    From XML come dict, list, str and None only: nothing there tells a number from text. Raises HtmlError for a page,
    and TornError for everything that can't be read whole; an XML document type is refused, so that no entity is
    expanded.
    """
    text = _decode(body, content_type)
    if _HTML.match(text[:5000]):
        raise HtmlError
    if text.lstrip()[:1] == "<":
        return _XmlReader().read(text)
    return _read_json(text)


def _decode(body: bytes, content_type: str) -> str:
    encoding = _encoding(body, content_type)
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        # Replacing the bad bytes would send a damaged name back with the next PUT.
        raise TornError(f"the text is not valid {encoding}") from None


def _encoding(body: bytes, content_type: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return encoding
    labelled = re.search(r"""charset\s*=\s*["']?([\w.-]+)""", content_type, re.I)
    if labelled and _CHARSETS.fullmatch(labelled[1]):
        return labelled[1]
    declared = _XML_DECLARATION.match(body)
    if declared and _CHARSETS.fullmatch(declared[1].decode("ascii")):
        return declared[1].decode("ascii")
    return json.detect_encoding(body)


def _read_json(text: str) -> object:
    try:
        value: object = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise TornError(f"no valid JSON: {error.msg} at character {error.pos} of {len(text)}") from None
    except (ValueError, ArithmeticError):
        raise TornError("no valid JSON: a number in it can't be read") from None
    except RecursionError:
        raise TornError("no valid JSON: nested too deep") from None
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


@dataclass(slots=True)
class _Element:
    name: str
    nil: bool = False
    text: list[str] = field(default_factory=list)
    children: list[tuple[str, object, bool]] = field(default_factory=list)

    def value(self) -> object:
        if self.nil:
            return None
        if not self.children:
            return "".join(self.text)
        if self._is_array():
            return [value for _, value, _ in self.children]
        record: dict[str, object] = {}
        for name, value, _ in self.children:
            record.setdefault(name, value)
        return record

    def _is_array(self) -> bool:
        # XML doesn't mark arrays: children of one name are one if there are several, if they have fields, or if they
        # are named after a primitive type as the usual .NET serialisers do.
        name, _, has_fields = self.children[0]
        if any(other != name for other, _, _ in self.children):
            return False
        return len(self.children) > 1 or has_fields or name.casefold() in _PRIMITIVES


class _XmlReader:
    """Build values while expat reads; no recursion, so depth costs nothing and is bounded anyway."""

    def __init__(self) -> None:
        self._open: list[_Element] = []
        self._root: object = None
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        self._parser = parser

    def read(self, text: str) -> object:
        try:
            self._parser.Parse(text.lstrip(), True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise TornError(f"no valid XML: {reason} at line {error.lineno}, column {error.offset}") from None
        except UnicodeEncodeError:
            raise TornError("no valid XML: half of a surrogate pair") from None
        return self._root

    def _refuse_document_type(self, *_: object) -> None:
        raise TornError("an XML document type, which no API answer needs and which could hide an attack")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) == _DEEPEST:
            raise TornError("no usable XML: nested too deep")
        nil = any(key.rpartition(" ")[2] == "nil" and value in ("true", "1") for key, value in attributes.items())
        self._open.append(_Element(name.rpartition(" ")[2], nil))

    def _characters(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _end(self, _: str) -> None:
        element = self._open.pop()
        if self._open:
            self._open[-1].children.append((element.name, element.value(), bool(element.children)))
        else:
            self._root = element.value()
