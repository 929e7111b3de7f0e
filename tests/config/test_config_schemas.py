"""The schemas are the one source of truth for a manifest's shape: complete, described, and used by the tool itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
import yaml

from reconciler.config.schema import DOCUMENT_KINDS, check_document
from reconciler.config.schema_files import (
    KIND_SCHEMAS,
    MANIFEST,
    load_schema,
    read_schema,
    schema_folder,
    schema_names,
)
from reconciler.config.source import Source
from reconciler.config.yaml_reader import read_documents
from reconciler.kinds.registry import KINDS, RELATIONS
from reconciler.kinds.spec import FieldSpec, Form, KindSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"
INVALID = Path(__file__).parent / "invalid"
NOT_IN_THE_ENTITY = {"active", "password", "manageIdentity"}
FIELDS = [pytest.param(kind, field, id=f"{kind.name}.{field.name}") for kind in KINDS for field in kind.fields]

REFERENCES = {"DefaultListId": "defaultList", "PrimarySupervisorId": "primarySupervisor", "TeamId": "team"}
CAMEL = {"UseRTC": "useRTC", "SSOActive": "ssoActive"}


def spec_of(kind: str) -> dict[str, Any]:
    """Return the properties that a kind's spec may have."""
    properties: dict[str, Any] = read_schema(kind.lower())["properties"]["spec"]["properties"]
    return properties


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a property with the shared part it refers to laid under it."""
    if "$ref" not in schema:
        return schema
    shared = read_schema("common")["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return resolved(shared) | {name: value for name, value in schema.items() if name != "$ref"}


def properties_below(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property that a schema describes, at any depth."""
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            yield f"{path}/{name}", inner
        for name, inner in schema.items():
            yield from properties_below(inner, f"{path}/{name}")
    elif isinstance(schema, list):
        for number, inner in enumerate(schema):
            yield from properties_below(inner, f"{path}/{number}")


@pytest.mark.parametrize("name", [*KIND_SCHEMAS, MANIFEST, "common"])
def test_a_schema_is_valid_draft_2020_12(name: str) -> None:
    """Editors and validators of other people understand it."""
    schema = read_schema(name)
    assert schema["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema_rs.Draft202012Validator(load_schema(name))


@pytest.mark.parametrize("name", [*KIND_SCHEMAS, "common"])
def test_every_property_is_described(name: str) -> None:
    """An editor shows on hover what a field means; numbers say their unit or range."""
    for path, schema in properties_below(read_schema(name)):
        if "if" in path.split("/"):
            continue
        description = schema.get("description", "")
        assert len(description) > 15, f"{name}{path} has no description"
        assert description.endswith((".", ")")), f"{name}{path}: {description}"
        if schema.get("type") in ("integer", "number"):
            low = str(schema["minimum"])
            assert low in description or {"0": "count", "1": "live Id"}[low] in description, f"{name}{path}"


@pytest.mark.parametrize("name", KIND_SCHEMAS)
def test_unknown_fields_are_refused_everywhere(name: str) -> None:
    """No mapping with named fields takes others: a typo is never ignored."""
    open_mappings = [
        path
        for path, schema in properties_below({"properties": {"document": load_schema(name)}})
        if resolved(schema).get("properties") and "additionalProperties" not in resolved(schema)
    ]
    assert open_mappings == []


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_every_field_of_the_api_can_be_written(kind: KindSpec, field: FieldSpec) -> None:
    """The API's name in camelCase, a reference without its Id; codes by the names of the appendix or a number."""
    expected = REFERENCES.get(field.wire) or CAMEL.get(field.wire) or field.wire[0].lower() + field.wire[1:]
    assert field.name == expected
    schema = resolved(spec_of(kind.name)[field.name])
    if field.form is Form.CODE:
        assert schema["anyOf"] == [{"enum": list(field.codes)}, {"type": "integer", "minimum": 0}]
    types = {
        Form.TEXT: ("string",),
        Form.MOMENT: ("string",),
        Form.INTEGER: ("integer",),
        Form.DECIMAL: ("number",),
        Form.BOOLEAN: ("boolean",),
    }
    if field.form in types and "anyOf" not in schema:
        assert (schema["type"],) == types[field.form]
    if field.form is Form.CATALOGUED:
        assert f"`{field.group}`" in schema["description"]
        assert field.group in read_schema("catalog")["properties"]["spec"]["properties"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_nothing_else_can_be_written(kind: KindSpec) -> None:
    """Beside the entity's fields only what the contract names; never an Id."""
    names = set(spec_of(kind.name))
    assert names - {field.name for field in kind.fields} == (NOT_IN_THE_ENTITY if kind.password else {"active"})
    assert not names & {"id", "Id", "tenantId", "TenantId"}
    required = read_schema(kind.name.lower())["required"]
    assert required == ["apiVersion", "kind", "metadata"], "an adopted object needs no field in particular"


def test_lifecycle_knows_every_field() -> None:
    """What can be ignored or operational is exactly the fields of the kinds."""
    names = read_schema("common")["$defs"]["fieldName"]["enum"]
    assert set(names) == {field.name for kind in KINDS for field in kind.fields}
    for kind in KINDS:
        own = read_schema("project")["properties"]["spec"]["properties"]["operationalFields"]["properties"][kind.name]
        assert own["items"]["enum"] == [name for name in spec_of(kind.name) if name not in NOT_IN_THE_ENTITY]


def test_memberships_know_every_relation() -> None:
    """Each relation has its subject and its list in the schema."""
    branches = read_schema("membership")["properties"]["spec"]["oneOf"]
    pairs = {(branch["required"][0], key) for branch in branches for key in branch["properties"]}
    for relation in RELATIONS:
        assert (relation.subject.lower(), relation.manifest_key) in pairs


@pytest.mark.parametrize("path", sorted(INVALID.rglob("*.y*ml")), ids=lambda path: str(path.relative_to(INVALID)))
def test_the_schema_for_any_manifest_agrees(path: Path) -> None:
    """An editor with manifest.schema.json refuses what the tool refuses for its shape, and nothing else."""
    validator = jsonschema_rs.Draft202012Validator(load_schema(MANIFEST))
    documents, _ = read_documents(Source(name=path.name, data=path.read_bytes()))
    for document in documents:
        assert validator.is_valid(document.content) == (not check_document(document))


def test_schemas_refer_to_each_other_as_files() -> None:
    """An editor that opens schemas/manifest.schema.json from disk finds the others beside it."""
    for entry in schema_folder().iterdir():
        text = entry.read_text(encoding="utf-8")
        references = {each["$ref"] for _, each in references_below(json.loads(text))}
        for reference in references:
            file = reference.partition("#")[0]
            assert not file or (schema_folder() / file).is_file(), f"{entry.name} refers to {reference}"


def references_below(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every part of a schema that refers to another."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield "", schema
        for inner in schema.values():
            yield from references_below(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from references_below(inner)


def test_a_loaded_schema_stands_alone() -> None:
    """`reconciler schema KIND` prints something that can be saved anywhere: no reference leaves it."""
    for name in schema_names():
        schema = load_schema(name)
        embedded = {"", *(part["$id"] for part in schema.get("$defs", {}).values() if "$id" in part)}
        assert {each["$ref"].partition("#")[0] for _, each in references_below(schema)} <= embedded | {schema["$id"]}


def test_the_names_of_schemas() -> None:
    """Every kind, the one for any manifest, and no part that is none by itself."""
    assert {*KIND_SCHEMAS, MANIFEST} <= set(schema_names())
    assert "common" not in schema_names()
    assert set(DOCUMENT_KINDS) == {"Campaign", "List", "Team", "User", "Membership", "Catalog", "Project"}
    with pytest.raises(KeyError):
        read_schema("nothing")


def test_the_example_is_valid_for_a_plain_validator() -> None:
    """The example passes manifest.schema.json as other people's validators read it: no private dialect."""
    root = Path(__file__).parents[2] / "examples" / "config"
    validator = jsonschema.Draft202012Validator(load_schema(MANIFEST))
    checked = 0
    for path in sorted(root.rglob("*.yaml")):
        for document in yaml.load_all(path.read_text(encoding="utf-8"), yaml.BaseLoader):
            assert document is None or set(document) <= {"apiVersion", "kind", "metadata", "lifecycle", "spec"}
        documents, problems = read_documents(Source(name=path.name, data=path.read_bytes()))
        assert not problems
        for each in documents:
            assert list(validator.iter_errors(each.content)) == []
            checked += 1
    assert checked > 50
