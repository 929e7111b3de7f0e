"""Answers: the documented envelope and entities, as JSON or as the XML of a .NET data contract."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import NamedTuple

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.fields import ENTITIES, Field, Kind, Row, Sort, Value
from reconciler.simulator.objects import camel_case
from reconciler.simulator.skills import SkillOutcome
from reconciler.simulator.values import show_date, show_decimal

JSON = "application/json"
XML = "application/xml"
_NAMESPACE = "http://schemas.datacontract.org/2004/07/MaxContact.Management"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


class Reply(NamedTuple):
    """An HTTP response, free of any HTTP library. A body shorter than its Content-Length was cut off."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """Entities to be shown: one, or a collection."""

    kind: Kind
    rows: tuple[Row, ...]
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """The one property that a narrow call has updated."""

    name: str
    value: bool | int | str


Data = Objects | Narrow | None
Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def wanted_format(headers: Mapping[str, str]) -> str:
    """Choose as the document says: JSON on Accept, else on Content-Type, else XML. Names of `headers` in lower case."""
    for name in ("accept", "content-type"):
        value = headers.get(name, "").lower()
        if JSON in value:
            return JSON
        if "/xml" in value:
            return XML
    return XML


def envelope(behaviour: Behaviour, form: str, *, data: Data) -> Reply:
    """Answer a call that was done with a ManagementActionResponse."""
    shown = _data(behaviour, form, data)
    return _reply(form, 200, _enveloped(behaviour, form, shown, success=True, code="Success", detail=""))


def refusal(behaviour: Behaviour, form: str, *, status: int, code: str, detail: str) -> Reply:
    """Answer a call that was refused with a ManagementActionResponse."""
    return _reply(form, status, _enveloped(behaviour, form, None, success=False, code=code, detail=detail))


def skill_result(behaviour: Behaviour, form: str, outcome: SkillOutcome) -> Reply:
    """Answer a skills call with a SkillUserResult, whose shape the document leaves open."""
    code = "Success" if outcome.success else "Error"
    status = 200 if outcome.success else behaviour.refusal_status
    ids: Json = [user for user, _ in outcome.users]
    about: dict[str, Json] = {"SkillId": outcome.skill, "UserIds": ids}
    if behaviour.skill_answer == "envelope":
        shown = _enveloped(
            behaviour, form, _cased(behaviour, form, about), success=outcome.success, code=code, detail=outcome.detail
        )
    else:
        answer: dict[str, Json] = {"Success": outcome.success}
        if behaviour.skill_answer == "flat":
            answer |= {"ResponseCode": code, "ResponseDetail": outcome.detail} | about
        else:
            answer["Results"] = [
                _cased(behaviour, form, {"UserId": user, "Success": not reason, "ResponseDetail": reason})
                for user, reason in outcome.users
            ]
        shown = _cased(behaviour, form, answer)
    return _reply(form, status, shown, root="SkillUserResult")


def token_reply(form: str, properties: dict[str, Json]) -> Reply:
    """Answer a login; the name TokenKey is known from real clients and always spelt so."""
    return _reply(form, 200, properties, root="TokenResponse")


def page(status: int, title: str) -> Reply:
    """Answer with an HTML page, as web servers do in front of or instead of the API."""
    body = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode()
    return Reply(status, {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}, body)


def show_row(behaviour: Behaviour, form: str, kind: Kind, row: Row) -> dict[str, Json]:
    """Show an entity as this server writes it."""
    shown: dict[str, Json] = {}
    for name, written, convert in _columns(behaviour, form, kind):
        value = row[name]
        if convert is not None:
            value = convert(value)  # type: ignore[assignment]
        if value is None and behaviour.nulls == "omitted":
            continue
        shown[written] = value  # type: ignore[assignment]
    return shown


@functools.lru_cache(maxsize=256)
def _columns(
    behaviour: Behaviour, form: str, kind: Kind
) -> tuple[tuple[str, str, Callable[[Value], Json] | None], ...]:
    camel = form == JSON and behaviour.property_case == "camel"
    return tuple(
        (field.name, camel_case(field.name) if camel else field.name, _converter(behaviour, form, field))
        for field in ENTITIES[kind]
        if not field.beyond
        or (field.beyond == "activity" and behaviour.activity_in_entities)
        or (field.beyond == "extra" and behaviour.extra_fields)
    )


def _converter(behaviour: Behaviour, form: str, field: Field) -> Callable[[Value], Json] | None:
    dates = "iso" if form == XML and behaviour.dates == "ms" else behaviour.dates
    decimals = "text" if form == XML else behaviour.decimals
    if field.sort is Sort.DATETIME:
        return lambda value: show_date(value, dates) if isinstance(value, datetime) else None
    if field.sort is Sort.DECIMAL:
        return lambda value: show_decimal(value, decimals) if isinstance(value, Decimal) else None
    if field.sort is Sort.STRING and behaviour.nulls == "empty":
        return lambda value: "" if value is None else str(value)
    return None


def _data(behaviour: Behaviour, form: str, data: Data) -> Json:
    if data is None:
        return None
    if isinstance(data, Narrow):
        if behaviour.narrow_answers == "value":
            return data.value
        return _cased(behaviour, form, {data.name: data.value})
    shown: list[Json] = [show_row(behaviour, form, data.kind, row) for row in data.rows]
    if not data.many:
        return shown[0]
    return shown


def _enveloped(
    behaviour: Behaviour, form: str, data: Json, *, success: bool, code: str, detail: str
) -> dict[str, Json]:
    whole: dict[str, Json] = {"Success": success, "Data": data, "ResponseCode": code, "ResponseDetail": detail}
    if behaviour.nulls == "omitted":
        whole = {name: value for name, value in whole.items() if value is not None}
    return _cased(behaviour, form, whole)


def _cased(behaviour: Behaviour, form: str, properties: dict[str, Json]) -> dict[str, Json]:
    if form == XML or behaviour.property_case == "pascal":
        return properties
    return {camel_case(name): value for name, value in properties.items()}


def _reply(form: str, status: int, shown: dict[str, Json], *, root: str = "ManagementActionResponse") -> Reply:
    if form == JSON:
        body = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    else:
        body = _xml_document(root, shown).encode("utf-8", "surrogatepass")
    return Reply(status, {"Content-Type": f"{form}; charset=utf-8", "Content-Length": str(len(body))}, body)


def _xml_document(root: str, shown: dict[str, Json]) -> str:
    return f'<{root} xmlns="{_NAMESPACE}" xmlns:i="{_INSTANCE}">{"".join(_xml_members(shown))}</{root}>'


def _xml_members(shown: Mapping[str, Json]) -> Iterable[str]:
    """Write members in alphabetical order, as data contracts do."""
    for name in sorted(shown):
        yield _xml_element(name, shown[name])


def _xml_element(name: str, value: Json) -> str:
    if value is None:
        return f'<{name} i:nil="true"/>'
    if isinstance(value, dict):
        inside = "".join(_xml_members(value))
    elif isinstance(value, list):
        inside = "".join(_xml_element(_item_name(each), each) for each in value)
    elif isinstance(value, bool):
        inside = "true" if value else "false"
    else:
        inside = escape(str(value), quote=False).replace("\r", "&#xD;")
    return f"<{name}>{inside}</{name}>"


def _item_name(value: Json) -> str:
    if not isinstance(value, dict):
        return "int"
    for kind, mark in (("Campaign", "CampaignName"), ("List", "ListName"), ("Team", "TeamName"), ("User", "Login")):
        if mark in value:
            return kind
    return "Result"
