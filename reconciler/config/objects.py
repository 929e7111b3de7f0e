"""From a document of an object to the object it desires: canonical values, references, its password's source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from reconciler.config.catalogs import Catalogs
from reconciler.config.index import OBJECT_KINDS, Index, natural_key_of
from reconciler.config.object_rules import check_lifecycle, check_object
from reconciler.config.project import password_source
from reconciler.config.rules import Rule
from reconciler.config.source import Document
from reconciler.config.wording import show
from reconciler.kinds.codec import canonical
from reconciler.kinds.spec import FieldSpec, Form
from reconciler.model.address import Address, Reference
from reconciler.model.desired import DesiredObject, Lifecycle, OnRemoval
from reconciler.model.policy import Policy
from reconciler.model.problem import Problem
from reconciler.model.values import Scalar

_FIELDS: dict[str, dict[str, FieldSpec]] = {
    name: {field.name: field for field in spec.fields} for name, spec in OBJECT_KINDS.items()
}
_AS_WRITTEN: dict[Form, type] = {Form.TEXT: str, Form.INTEGER: int, Form.BOOLEAN: bool}
"""Forms whose canonical value is the value that was written, if it has this very type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the meaning of a document depends on besides itself."""

    index: Index
    catalogs: Catalogs
    policy: Policy
    zone: tzinfo


def build_object(document: Document, context: Context, problems: list[Problem]) -> DesiredObject:
    """Return the object that a valid document desires; adds what is wrong with it to `problems`."""
    content = document.content
    written: dict[str, Any] = content.get("spec", {})
    known = _FIELDS[document.kind]
    natural_key = natural_key_of(document)
    fields: dict[str, Scalar | Reference] = {OBJECT_KINDS[document.kind].natural_key: natural_key}
    for name, value in written.items():
        spec = known.get(name)
        if spec is None:  # active, password, manageIdentity
            continue
        as_written = type(value) is _AS_WRITTEN.get(spec.form)
        fields[name] = value if as_written else _field(spec, value, document, context, problems)
    desired = DesiredObject(
        address=Address(document.kind, document.name),
        natural_key=natural_key,
        fields=fields,
        place=document.start,
        remote_id=_whole(content["metadata"].get("id")),
        active=written.get("active"),
        password=password_source(written["password"]) if "password" in written else None,
        labels=content["metadata"].get("labels", {}),
        lifecycle=read_lifecycle(content.get("lifecycle", {}), manage_identity=written.get("manageIdentity")),
    )
    problems += check_object(document, desired, context.policy)
    if "lifecycle" in content:
        problems += check_lifecycle(document)
    return desired


def _field(
    spec: FieldSpec, value: Any, document: Document, context: Context, problems: list[Problem]
) -> Scalar | Reference:
    if spec.form is Form.REFERENCE:
        reference, problem = context.index.resolve(spec.refers_to, value, document, "spec", spec.name)
        if problem is not None:
            problems.append(problem)
        return reference
    if spec.form is Form.CATALOGUED and isinstance(value, str):
        found = context.catalogs.find(spec.group, value)
        if found is None:
            problems.append(context.catalogs.unknown(spec.group, value, document, "spec", spec.name))
        return found
    try:
        return canonical(spec, value, context.zone)
    except (ValueError, OverflowError):
        problems.append(
            Problem(
                rule=Rule.BAD_DATE if spec.form is Form.MOMENT else Rule.WRONG_TYPE,
                message=f"`{spec.name}` is {show(value)}",
                place=document.place("spec", spec.name),
                path=f"spec.{spec.name}",
                expected="a date (2026-12-31) or date-time (2026-12-31T17:30:00) that exists",
            )
        )
        return None


def read_lifecycle(written: Mapping[str, Any], *, manage_identity: bool | None = None) -> Lifecycle:
    """Return a document's lifecycle; `manageIdentity` may stand in the spec instead."""
    operational = written.get("operational")
    on_removal = written.get("onRemoval")
    return Lifecycle(
        protect=written.get("protect", False),
        ignore_changes=frozenset(written.get("ignoreChanges", ())),
        operational=None if operational is None else frozenset(operational),
        on_removal=None if on_removal is None else OnRemoval(on_removal),
        manage_identity=bool(written.get("manageIdentity", manage_identity)),
    )


def _whole(number: Any) -> int | None:
    return None if number is None else int(number)
