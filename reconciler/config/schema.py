"""
Check documents against the JSON Schemas.

`jsonschema_rs` says in microseconds whether a document is valid. Only for one that is not, `jsonschema` explains, and
`reconciler.config.explain` turns its findings into sentences.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from reconciler.config.rules import Rule
from reconciler.config.schema_files import KIND_SCHEMAS, load_schema
from reconciler.config.source import Document
from reconciler.config.wording import closest, join_words, show
from reconciler.model.problem import Problem

DOCUMENT_KINDS = {name.capitalize(): name for name in KIND_SCHEMAS}
"""The schema's name by the `kind` that a document writes."""


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(load_schema(schema))


def check_document(document: Document) -> list[Problem]:
    """Return everything that the schema of the document's kind has against it."""
    schema = DOCUMENT_KINDS.get(document.kind)
    if schema is None:
        return [_unknown_kind(document)]
    if _validator(schema).is_valid(document.content):
        return []
    return _explain(document, schema)


def field_accepts(kind: str, field: str, value: Any) -> bool:
    """Return whether the schema of a kind lets a field of its `spec` have a value."""
    return _field_validator(DOCUMENT_KINDS[kind], field).is_valid(value)


@cache
def _field_validator(schema: str, field: str) -> Draft202012Validator:
    whole = load_schema(schema)
    part = whole["properties"]["spec"]["properties"][field]
    return Draft202012Validator({**part, "$id": whole["$id"], "$defs": whole["$defs"]})


def _explain(document: Document, schema: str) -> list[Problem]:
    # Importing jsonschema costs a tenth of a second, and valid manifests never need it.
    from reconciler.config.explain import explain  # noqa: PLC0415

    problems = explain(document, load_schema(schema))
    if problems:
        return problems
    return [
        Problem(rule=Rule.SCHEMA, message=error.message, place=document.place(*error.instance_path))
        for error in _validator(schema).iter_errors(document.content)
    ]


def _unknown_kind(document: Document) -> Problem:
    kinds = join_words((f"`{kind}`" for kind in DOCUMENT_KINDS), "or")
    if "kind" not in document.content:
        return Problem(
            rule=Rule.MISSING_FIELD,
            message="the document has no `kind`",
            place=document.place(),
            path="kind",
            expected=kinds,
            advice="add it; a file that is no manifest belongs outside the directory or in a hidden folder",
        )
    value: Any = document.content["kind"]
    guess = closest(value, DOCUMENT_KINDS) if isinstance(value, str) else ""
    return Problem(
        rule=Rule.UNKNOWN_KIND,
        message=f"`kind` is {show(value)}",
        place=document.place("kind"),
        path="kind",
        expected=kinds,
        advice=f"did you mean `{guess}`?" if guess else "a file that is no manifest belongs outside the directory",
    )
