"""Request bodies: JSON as the document shows them, or XML as the API's own default format suggests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from xml.etree import ElementTree

from reconciler.simulator.behaviour import PLAIN
from reconciler.simulator.fields import LARGEST_INT, Field, Sort
from reconciler.simulator.refusal import invalid
from reconciler.simulator.values import XmlText, read_value

LARGEST_BODY = 1_000_000
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def read_body(content_type: str, body: bytes) -> dict[str, object]:
    """
    Read a request body into properties.

    An empty body has none. Raises Refused (Invalid Parameters) for what is neither a JSON object nor an XML element.
    """
    if not body:
        return {}
    if len(body) > LARGEST_BODY:
        raise invalid(f"the body has {len(body)} bytes, the most is {LARGEST_BODY}")
    if "json" in content_type:
        return _read_json(body)
    if "xml" in content_type:
        return _read_xml(body)
    raise invalid("the Content-Type must be application/json or application/xml")


def _read_json(body: bytes) -> dict[str, object]:
    try:
        read = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise invalid("the body is not JSON") from None
    if not isinstance(read, dict):
        raise invalid("the body must be a JSON object")
    return read


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _read_xml(body: bytes) -> dict[str, object]:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise invalid("the body must not declare a document type")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise invalid("the body is not XML") from None
    return {child.tag.rpartition("}")[2]: _xml_value(child) for child in root}


def _xml_value(element: ElementTree.Element) -> object:
    if element.get(_NIL) in ("true", "1"):
        return None
    if len(element):
        return [_xml_value(child) for child in element]
    return XmlText(element.text or "")


def required_int(body: Mapping[str, object], name: str) -> int:
    """Take a required int out of a narrow call's body. Raises Refused."""
    if name not in body:
        raise invalid(f"{name} is required")
    value = read_value(Field(name=name, sort=Sort.INT), body[name], PLAIN)
    assert isinstance(value, int)
    return value


def required_flag(body: Mapping[str, object], name: str) -> bool:
    """Take a required boolean out of a narrow call's body. Raises Refused."""
    if name not in body:
        raise invalid(f"{name} is required")
    value = read_value(Field(name=name, sort=Sort.BOOLEAN), body[name], PLAIN)
    assert isinstance(value, bool)
    return value


def required_ints(body: Mapping[str, object], name: str) -> tuple[int, ...]:
    """Take a required array of int out of a narrow call's body, each once, in its order. Raises Refused."""
    raw = body.get(name)
    if not isinstance(raw, list):
        raise invalid(f"{name} must be an array of int, at most {LARGEST_INT} each")
    field = Field(name=name, sort=Sort.INT)
    values = [read_value(field, each, PLAIN) for each in raw]
    return tuple(dict.fromkeys(value for value in values if isinstance(value, int)))


def without_passwords(body: Mapping[str, object]) -> dict[str, object]:
    """Copy a body for a log: a Password is told to be there, and no more."""
    return {name: "***" if name.casefold() == "password" else value for name, value in body.items()}
