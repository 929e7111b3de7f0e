"""What a field means: its value, unit and range from the schema, and what the API does with it from the kind's page."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.config.schema_files import KIND_SCHEMAS
from reconciler.config.schema_order import Schema, alternatives, below, kind_schema, resolved
from reconciler.errors import UsageError
from reconciler.kinds.registry import KINDS
from reconciler.kinds.requests import ACTIVE, PASSWORD, code_request
from reconciler.kinds.spec import FieldSpec, Form, KindSpec
from reconciler.model.meaning import Meaning

_SPEC = "spec"
_SIMPLE = {"object": "a mapping", "array": "a list", "boolean": "true or false", "string": "text", "null": "nothing"}
_KINDS: Mapping[str, KindSpec] = {spec.name: spec for spec in KINDS}


def explain(path: str) -> Meaning:
    """
    Return what `KIND` or `KIND.FIELD` means; a field may be one inside another (`Project.targets.url`).

    Raises UsageError, with what was probably meant, when there is no such kind or field.
    """
    first, *fields = path.split(".")
    kind = next((name.capitalize() for name in KIND_SCHEMAS if name == first.casefold()), "")
    schema = kind_schema(kind)
    if schema is None:
        known = ", ".join(name.capitalize() for name in KIND_SCHEMAS)
        raise UsageError(f"there is no kind {first!r}", hint=f"there are {known}")
    if not fields:
        return _meaning((kind,), schema, tuple(_api_of_kind(_KINDS[kind])) if kind in _KINDS else ())
    if fields[0] == _SPEC and len(fields) > 1:
        fields = fields[1:]
    found = _find(schema, kind, fields)
    api = tuple(_api_of_field(_KINDS[kind], fields[0])) if kind in _KINDS and len(fields) == 1 else ()
    return _meaning((kind, *fields), found, api)


def paths(kind: str) -> Iterator[str]:
    """Yield every field of a kind as `explain` takes it, those of the spec first."""
    schema = kind_schema(kind)
    if schema is not None:
        for part in (*below(schema, _SPEC), schema):
            for each in alternatives(part):
                yield from (f"{kind}.{name}" for name in each.get("properties", {}))


def _find(schema: Schema, kind: str, fields: list[str]) -> Schema:
    """Walk down from the spec, else from the document; a list's items and a map's values need no name of their own."""
    for start in (*below(schema, _SPEC), schema):
        here: list[Schema] = [start]
        for name in fields:
            here = [inner for part in here for inner in _named(part, name)]
        if here:
            return here[0]
    known = list(dict.fromkeys(each.partition(".")[2] for each in paths(kind)))
    guesses = difflib.get_close_matches(fields[0], known, n=1)
    hint = f"did you mean {kind}.{guesses[0]}?" if guesses else f"`reconciler explain {kind}` lists them"
    raise UsageError(f"{kind} has no field {'.'.join(fields)!r}", hint=hint)


def _named(part: Schema, name: str) -> Iterator[Schema]:
    for each in alternatives(part):
        if name in each.get("properties", {}):
            yield resolved(each["properties"][name])
        for word in ("additionalProperties", "items"):
            if isinstance(each.get(word), Mapping):
                yield from _named(each[word], name)


def _meaning(path: tuple[str, ...], schema: Schema, api: tuple[str, ...]) -> Meaning:
    inner = [_children(part) for part in (below(schema, _SPEC) if len(path) == 1 else [schema])]
    fields = {name: value for found in inner for name, value in found.items()}
    return Meaning(
        path=".".join(path),
        value=values(schema),
        description=str(schema.get("description", "")),
        api=api,
        fields=tuple(
            Meaning(path=name, value=values(value), description=str(value.get("description", "")))
            for name, value in fields.items()
        ),
    )


def _children(part: Schema) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for each in alternatives(part):
        found |= {name: resolved(value) for name, value in each.get("properties", {}).items() if name not in found}
        if isinstance(each.get("additionalProperties"), Mapping) and not found:
            found |= _children(each["additionalProperties"])
    return found


def values(schema: Schema) -> str:
    """Return what a field may hold, in words: its type, range and names."""
    if "enum" in schema:
        return "one of " + ", ".join(str(each) for each in schema["enum"])
    if "title" in schema and "properties" not in schema:
        return str(schema["title"])
    if "const" in schema:
        return f"always {json.dumps(schema['const'])}"
    if "anyOf" in schema and "type" not in schema:
        return " or ".join(values(resolved(each)) for each in schema["anyOf"])
    kind = schema.get("type", "")
    if kind == "array" and isinstance(schema.get("items"), Mapping):
        return f"a list of: {values(resolved(schema['items']))}"
    if kind == "string" and "maxLength" in schema:
        return f"text, at most {schema['maxLength']} characters"
    return _SIMPLE.get(str(kind)) or _number(schema)


def _number(schema: Schema) -> str:
    name = "a whole number" if schema.get("type") == "integer" else "a number"
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f"{name}, {least} to {most}"
    return name if least is None else f"{name}, {least} or more"


def _api_of_kind(spec: KindSpec) -> Iterator[str]:
    one = f"{spec.path}/{{id}}"
    yield f"created with POST {spec.path}, updated with PUT {one}, which replaces the whole entity"
    yield f"matched by `{spec.natural_key}` where no Id is known; nothing can be deleted"
    if spec.required_on_create:
        yield f"a create needs {', '.join(spec.required_on_create)}" + (
            " and a password source" if spec.password else ""
        )
    if spec.password:
        yield "every update sends the password again, so it needs a source"
    yield _activity(spec)


def _activity(spec: KindSpec) -> str:
    call = f"{spec.activity.method} {spec.path}/{{id}}/{spec.activity.suffix}"
    known = "read back" if spec.activity.readable else "not read back: the ledger remembers what was set"
    return f"`active` is changed with {call}; it is {known}"


def _api_of_field(spec: KindSpec, name: str) -> Iterator[str]:
    if name == ACTIVE.lower():
        yield _activity(spec)
        return
    if name == PASSWORD.lower() and spec.password:
        yield f"`{PASSWORD}` of POST {spec.path} and PUT {spec.path}/{{id}}; never read back, never shown, never kept"
        return
    field = next((each for each in spec.fields if each.name == name), None)
    if field is None:
        return
    yield _transport(spec, field)
    yield from _particulars(spec, field)


def _transport(spec: KindSpec, field: FieldSpec) -> str:
    one = f"{spec.path}/{{id}}"
    if field.endpoint:
        request: Any = code_request(spec.name, field.endpoint, "{id}", "")
        return f"`{field.wire}`: changed with {request.method} {request.path} only; an update sends it back as read"
    again = "; the user's password goes with it" if spec.password else ""
    return f"`{field.wire}` of {spec.name}: read, changed and sent back with PUT {one}{again}"


def _particulars(spec: KindSpec, field: FieldSpec) -> Iterator[str]:
    if field.name == spec.natural_key:
        yield "the natural key: changing it renames the live object"
    if field.name in spec.required_on_create:
        yield "a create needs it"
    if field.codes:
        yield "sent as a number: " + ", ".join(f"{name} = {code}" for code, name in enumerate(field.codes))
    if field.refers_to:
        yield f"sent as the Id of the {field.refers_to.lower()}: its key here, {{id: N}} or {{name: ...}} of a live one"
    if field.joined_by:
        yield "changed with the association where the server does so, else with the update"
    if field.group:
        yield f"an Id, or a name from `{field.group}` of a Catalog; the API can't list them"
    if field.form is Form.MOMENT:
        yield "compared as an instant; without an offset it is read in the target's timezone"
    if field.form is Form.DECIMAL:
        yield "compared as a decimal: 3, 3.0 and 3.00 are the same"
    if field.kept_when is not None:
        yield "the API drops it silently unless the conditions above hold; then it is never compared"
    if field.identity:
        yield "on single sign-on users the identity provider owns it, unless `manageIdentity: true`"
    if field.preserved_when_omitted:
        yield "the API keeps it when an update leaves it out, and so updates do, unless the manifest sets it"
