"""
Every writing call of the API document, as values: method, path and body.

The planner uses it to show what would be sent, apply to send it; the two differ only in how an Id that is not known yet
is resolved (`ids`: a placeholder for people, a number for the wire).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo

from reconciler.kinds.codec import property_name, read_property, wire_value
from reconciler.kinds.registry import kind_named, relation_named
from reconciler.model.address import Address
from reconciler.model.plan import FieldValue, Request
from reconciler.model.values import Plain

IdOf = Callable[[Address], Plain]

ACTIVE = "Active"
PASSWORD = "Password"
EMERGENCY_ENABLE = Request(method="POST", path="/management/globalemergency/enable")
EMERGENCY_DISABLE = Request(method="POST", path="/management/globalemergency/disable")

_CODE_CALLS = {"set-status": ("status", "CampaignStatus"), "set-type": ("type", "CampaignType")}


def entity_path(kind: str, object_id: Plain) -> str:
    """Return the path of one object, below `/webservices/services`."""
    return f"{kind_named(kind).path}/{object_id}"


def create_request(
    kind: str, values: Iterable[FieldValue], *, ids: IdOf, zone: tzinfo, password: str | None = None
) -> Request:
    """Return the POST that creates an object: managed fields only, no `Active` and no `Status`."""
    spec = kind_named(kind)
    body: dict[str, object] = {}
    for value in values:
        field = spec.field(value.name)
        body[field.wire] = wire_value(field, _resolved(value, ids), zone)
    if password is not None:
        body[PASSWORD] = password
    return Request(method="POST", path=spec.path, body=body)


def update_request(
    kind: str,
    object_id: int,
    entity: Mapping[str, object],
    values: Sequence[FieldValue],
    *,
    ids: IdOf,
    zone: tzinfo,
    password: str | None = None,
) -> Request:
    """
    Return the PUT that lays `values` over a freshly read entity.

    PUT replaces the whole entity, so everything the server sent goes back, unknown properties included; only a property
    that the API documents as kept when left out is left out, unless it is one of the values.
    """
    spec = kind_named(kind)
    changed = {value.name: value for value in values}
    body = dict(entity)
    for field in spec.fields:
        name = property_name(entity, field.wire)
        if field.name in changed:
            like = read_property(entity, field.wire)
            body[name] = wire_value(field, _resolved(changed[field.name], ids), zone, like=like)
        elif field.preserved_when_omitted:
            body.pop(name, None)
    if password is not None:
        body[PASSWORD] = password
    return Request(method="PUT", path=entity_path(kind, object_id), body=body)


def activity_request(kind: str, object_id: Plain, *, active: bool) -> Request:
    """Return the call that takes an object in or out of use; each kind has its own verb and spelling."""
    activity = kind_named(kind).activity
    return Request(
        method=activity.method, path=f"{entity_path(kind, object_id)}/{activity.suffix}", body={ACTIVE: active}
    )


def code_request(kind: str, action: str, object_id: Plain, text: str) -> Request:
    """
    Return the PATCH of a campaign's status or type.

    The document declares the value as a string, without saying whether it is the name or the number: `text` is either.
    """
    suffix, name = _CODE_CALLS[action]
    return Request(method="PATCH", path=f"{entity_path(kind, object_id)}/{suffix}", body={name: text})


def association_request(
    relation: str, subject: Plain, members: Sequence[Plain], *, associate: bool, proficiency: int | None = None
) -> Request:
    """Return the call that associates (PUT) or disassociates (DELETE, with a body) members and their subject."""
    spec = relation_named(relation)
    method = "PUT" if associate else "DELETE"
    if not spec.grouped:
        return Request(method=method, path=spec.path.format(subject=subject), body={spec.property: members[0]})
    body: dict[str, object] = {"SkillId": subject}
    if associate:
        body["Proficiency"] = proficiency
    body[spec.property] = list(members)
    return Request(method=method, path=spec.path, body=body)


def _resolved(value: FieldValue, ids: IdOf) -> Plain:
    return ids(value.refers) if value.refers is not None else value.value
