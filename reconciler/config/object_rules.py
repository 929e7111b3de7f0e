"""Rules about one object that no schema can say: fields that need each other, options without an effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from reconciler.config.index import OBJECT_KINDS
from reconciler.config.rules import Rule
from reconciler.config.source import Document
from reconciler.config.wording import join_words, show
from reconciler.kinds.campaign import RUNNING, STATUSES
from reconciler.kinds.spec import FieldSpec, Form, KindSpec
from reconciler.model.address import Reference
from reconciler.model.desired import DesiredObject
from reconciler.model.policy import Policy
from reconciler.model.problem import Problem, Severity
from reconciler.model.values import Scalar

_TYPE = "type"
_STATUS = "status"

_NEEDS = {
    name: {field.name: field.needs for field in spec.fields if field.needs} for name, spec in OBJECT_KINDS.items()
}
"""Fields that have an effect only beside another field's value."""

_DEPENDENT = {name: tuple(f for f in spec.fields if f.kept_when) for name, spec in OBJECT_KINDS.items()}


def check_object(document: Document, desired: DesiredObject, policy: Policy) -> Iterator[Problem]:
    """Yield what is wrong or odd about an object by itself."""
    spec = OBJECT_KINDS[document.kind]
    fields = desired.fields
    for field in _DEPENDENT[document.kind]:
        if field.name in fields:
            yield from _check_dropped(document, spec, field, fields)
    for name, (other, code) in _NEEDS[document.kind].items():
        value = spec.field(other).codes[code]
        if name in fields and fields.get(other) != code:
            yield _problem(
                Rule.INEFFECTIVE_FIELD,
                document,
                name,
                f"`{name}` has no effect without `{other}: {value}`",
                f"add `{other}: {value}`, or leave `{name}` out",
                severity=Severity.WARNING,
            )
    if desired.active is False and fields.get(_STATUS) == RUNNING:
        yield _problem(
            Rule.INACTIVE_RUNNING,
            document,
            _STATUS,
            f"an inactive {document.kind.lower()} is asked to run",
            f"write `active: true`, or `status: {STATUSES[0]}`",
            severity=Severity.WARNING,
        )
    if spec.login and desired.natural_key.casefold() in {login.casefold() for login in policy.protected_logins}:
        yield _problem(
            Rule.PROTECTED_LOGIN,
            document,
            spec.natural_key,
            f"{show(desired.natural_key)} is a protected login: it is never written to",
            "remove the document; a reference to the user is `{name: ...}`",
            severity=Severity.WARNING,
        )


def _check_dropped(
    document: Document, spec: KindSpec, field: FieldSpec, fields: Mapping[str, Scalar | Reference]
) -> Iterator[Problem]:
    """Yield the problem of a field that the API drops for every type the object can have as far as Git says."""
    assert field.kept_when is not None
    if field.kept_when(cast(Mapping[str, Scalar], fields)):
        return
    plain = {name: value for name, value in fields.items() if not isinstance(value, Reference)}
    types = spec.field(_TYPE).codes
    possible = [plain[_TYPE]] if _TYPE in plain else range(len(types))
    if any(field.kept_when({**plain, _TYPE: code}) for code in possible):
        return
    switched_on: dict[str, Scalar] = {each.name: True for each in spec.fields if each.form is Form.BOOLEAN}
    keeping = [code for code in range(len(types)) if field.kept_when({**plain, **switched_on, _TYPE: code})]
    switches = [name for name in switched_on if not field.kept_when({**switched_on, name: False, _TYPE: keeping[0]})]
    condition = f"type {join_words((types[code] for code in keeping), 'or')}"
    condition += "".join(f" with `{name}: true`" for name in switches)
    code = plain.get(_TYPE)
    wrong_type = isinstance(code, int) and code not in keeping
    now = (
        f"type {types[code] if code < len(types) else code}" if isinstance(code, int) else "every type as declared here"
    )
    advice = f"add `{switches[0]}: true`, or leave `{field.name}` out" if switches else f"leave `{field.name}` out"
    yield Problem(
        rule=Rule.DROPPED_FIELD,
        message=f"the API drops `{field.name}` for {now}: it would drift for ever",
        place=document.place("spec", field.name),
        path=f"spec.{field.name}",
        expected=f"`{field.name}` only for {condition}",
        advice=f"leave `{field.name}` out, or change the type" if wrong_type else advice,
    )


def check_lifecycle(document: Document) -> Iterator[Problem]:
    """Yield the names in a lifecycle that can have no effect on this kind, or not both."""
    written: Mapping[str, Any] = document.content["lifecycle"]
    own = {field.name for field in OBJECT_KINDS[document.kind].fields}
    for option in ("ignoreChanges", "operational"):
        for position, name in enumerate(written.get(option, ())):
            path = ("lifecycle", option, position)
            if name not in own:
                owners = [kind for kind, spec in OBJECT_KINDS.items() if name in {field.name for field in spec.fields}]
                yield Problem(
                    rule=Rule.LIFECYCLE_FIELD,
                    message=f"a {document.kind} has no field `{name}`, so this has no effect",
                    place=document.place(*path),
                    path=f"lifecycle.{option}[{position}]",
                    advice=f"`{name}` belongs to {join_words(owners, 'and')}: leave it out here",
                    severity=Severity.WARNING,
                )
            elif option == "operational" and name in written.get("ignoreChanges", ()):
                yield Problem(
                    rule=Rule.LIFECYCLE_FIELD,
                    message=f"`{name}` is in `ignoreChanges` too, so that it cannot be operational",
                    place=document.place(*path),
                    path=f"lifecycle.{option}[{position}]",
                    advice="keep it in one of the two",
                )
    in_spec = document.content.get("spec", {}).get("manageIdentity")
    if in_spec is not None and written.get("manageIdentity", in_spec) != in_spec:
        yield Problem(
            rule=Rule.FIELD_COMBINATION,
            message="`manageIdentity` is true in one place and false in the other",
            place=document.place("lifecycle", "manageIdentity"),
            path="lifecycle.manageIdentity",
            advice="keep it in `lifecycle` only",
        )


def _problem(rule: Rule, document: Document, name: str, message: str, advice: str, *, severity: Severity) -> Problem:
    place = document.place("spec", name)
    return Problem(rule=rule, message=message, place=place, path=f"spec.{name}", advice=advice, severity=severity)
