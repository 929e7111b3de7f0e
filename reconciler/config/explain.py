"""Turn what `jsonschema` finds in a document into problems that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from reconciler.config.advice import unknown_field_advice, wrong_type_advice
from reconciler.config.positions import PathPart
from reconciler.config.rules import Rule
from reconciler.config.source import Document
from reconciler.config.wording import closest, expected_range, expected_type, join_words, show, spell_path
from reconciler.model.problem import Problem

Path = tuple[PathPart, ...]
SchemaError = Any
"""A `jsonschema.ValidationError`, whose stubs cannot know that it comes from a validator and so is complete."""


def _is_integer(_checker: Any, value: Any) -> bool:
    if isinstance(value, Decimal):
        return value == value.to_integral_value()
    return isinstance(value, int) and not isinstance(value, bool)


_extend: Any = extend
_VALIDATOR = _extend(
    Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong, by its path: not yet placed in a file. `of_key` points at the key instead of the value."""

    rule: Rule
    path: Path
    message: str
    expected: str = ""
    advice: str = ""
    of_key: bool = False


def explain(document: Document, schema: dict[str, Any]) -> list[Problem]:
    """Return what a schema has against a document, in reading order."""
    findings: dict[Finding, None] = {}
    for error in _VALIDATOR(schema).iter_errors(document.content):
        findings.update(dict.fromkeys(_describe(error)))
    problems = [
        Problem(
            rule=finding.rule,
            message=finding.message,
            place=document.place(*finding.path, of_key=finding.of_key),
            path=spell_path(finding.path),
            expected=finding.expected,
            advice=finding.advice,
        )
        for finding in findings
    ]
    return sorted(problems, key=lambda problem: problem.place)


def _describe(error: SchemaError) -> Iterator[Finding]:
    path: Path = tuple(error.absolute_path)
    if error.instance is None and path:
        yield Finding(
            rule=Rule.NULL_VALUE,
            path=path,
            message=f"`{path[-1]}` has no value",
            expected=expected_type(error.schema),
            advice="give it a value, or leave the whole line out to stop managing the field",
            of_key=True,
        )
        return
    if "propertyNames" in error.relative_schema_path:
        yield _bad_name(error, path)
        return
    yield from _DESCRIBERS.get(str(error.validator), _other)(error, path)


def _name(path: Path) -> str:
    """Return what to call the value at a path: its field, with its number in a list."""
    for position in range(len(path) - 1, -1, -1):
        if isinstance(path[position], str):
            return f"`{spell_path(path[position:])}`"
    return "the document"


def _is_secret(path: Path) -> bool:
    """Return whether a value is not to be shown: a password, or an address that people put one into."""
    return "password" in path or path[-1:] == ("url",)


def _is(error: SchemaError, path: Path) -> str:
    """Return `` `name` is value``, without the value where it may be a secret."""
    return f"{_name(path)} is not right" if _is_secret(path) else f"{_name(path)} is {show(error.instance)}"


def _other(error: SchemaError, path: Path) -> Iterator[Finding]:
    yield Finding(rule=Rule.SCHEMA, path=path, message=_is(error, path), expected=expected_type(error.schema))


def _bad_name(error: SchemaError, path: Path) -> Finding:
    name = str(error.instance)
    return Finding(
        rule=Rule.BAD_FORMAT,
        path=(*path, name),
        message=f"the name {show(name)} in {_name(path)} is not allowed",
        expected=expected_type(error.schema) if "title" in error.schema else "a name of at least 1 character",
        of_key=True,
    )


def _unknown_fields(error: SchemaError, path: Path) -> Iterator[Finding]:
    known = error.schema.get("properties", {})
    for key in error.instance:
        if key in known:
            continue
        if _is_secret(path):  # `password: {hunter2}` is a mapping with the secret for a key
            message, place = "an unknown field in a password source", path
            advice = "name one source: `{env: NAME}`, `{file: PATH}` or `{command: [PROGRAM, ...]}`"
        else:
            message, place = f"unknown field {_name((key,))}", (*path, key)
            advice = unknown_field_advice(key, known, in_spec=path[:1] == ("spec",))
        yield Finding(
            rule=Rule.UNKNOWN_FIELD,
            path=place,
            message=message,
            advice=advice,
            of_key=True,
        )


def _missing(error: SchemaError, path: Path) -> Iterator[Finding]:
    for key in error.validator_value:
        if key not in error.instance:
            schema = error.schema.get("properties", {}).get(key, {})
            yield Finding(
                rule=Rule.MISSING_FIELD,
                path=(*path, key),
                message=f"{_name(path)} has no `{key}`",
                advice=f"add `{key}:` {schema.get('description', '')!s}".rstrip(),
            )


def _wrong_type(error: SchemaError, path: Path) -> Iterator[Finding]:
    if path[-1:] == ("password",):
        yield Finding(
            rule=Rule.PASSWORD_LITERAL,
            path=path,
            message="a password must not stand in a manifest",
            expected=expected_type(error.schema),
            advice="name its source, such as `password: {env: NAME}`, and change the password: Git keeps this one",
        )
        return
    yield Finding(
        rule=Rule.WRONG_TYPE,
        path=path,
        message=_is(error, path),
        expected=expected_type(error.schema),
        advice="" if _is_secret(path) else wrong_type_advice(error.instance, error.schema),
    )


def _out_of_range(error: SchemaError, path: Path) -> Iterator[Finding]:
    schema = error.schema
    kind = "a whole number" if schema.get("type") == "integer" else "a number"
    yield Finding(rule=Rule.OUT_OF_RANGE, path=path, message=_is(error, path), expected=kind + expected_range(schema))


def _unknown_value(error: SchemaError, path: Path) -> Iterator[Finding]:
    known = [error.validator_value] if error.validator == "const" else list(error.validator_value)
    guess = closest(error.instance, (str(each) for each in known)) if isinstance(error.instance, str) else ""
    yield Finding(
        rule=Rule.API_VERSION if path == ("apiVersion",) else Rule.UNKNOWN_VALUE,
        path=path,
        message=_is(error, path),
        expected=join_words((f"`{show(each).strip(chr(34))}`" for each in known), "or"),
        advice=f"did you mean `{guess}`?" if guess and not _is_secret(path) else "",
    )


def _bad_format(error: SchemaError, path: Path) -> Iterator[Finding]:
    expected = error.schema.get("title") or error.schema.get("description", "")
    yield Finding(rule=Rule.BAD_FORMAT, path=path, message=_is(error, path), expected=expected)


_SINGULAR = {"characters": "character", "entries": "entry"}


def _wrong_length(error: SchemaError, path: Path) -> Iterator[Finding]:
    length = len(error.instance)
    unit = "characters" if isinstance(error.instance, str) else "entries"
    bound = error.validator_value
    counted = unit if bound != 1 else _SINGULAR[unit]
    most = str(error.validator).startswith("max")
    yield Finding(
        rule=Rule.TOO_LONG if most else Rule.TOO_SHORT,
        path=path,
        message=f"{_name(path)} has {length} {unit}" if length else f"{_name(path)} is empty",
        expected=f"at {'most' if most else 'least'} {bound} {counted}",
    )


def _repeated(error: SchemaError, path: Path) -> Iterator[Finding]:
    yield Finding(
        rule=Rule.REPEATED, path=path, message=f"{_name(path)} lists something twice", advice="keep one of them"
    )


def _branches(error: SchemaError, path: Path) -> Iterator[Finding]:
    """Explain anyOf and oneOf by the branch that was meant, or by their title when none was."""
    branches: list[list[SchemaError]] = [[] for _ in error.validator_value]
    for inner in error.context or ():
        branches[int(inner.relative_schema_path[0])].append(inner)
    if all(set(each) == {"required"} for each in error.validator_value):
        names = join_words((f"`{each['required'][0]}`" for each in error.validator_value), "or")
        yield Finding(rule=Rule.MISSING_FIELD, path=path, message=f"{_name(path)} names no members", expected=names)
        return
    fitting = [inner for inner in branches if not any(_is_type_error(each) for each in inner)]
    if isinstance(error.instance, dict) and len(fitting) > 1:
        meant = [inner for inner in fitting if not any(_misses_discriminator(each) for each in inner)]
        if len(meant) != 1:
            yield _no_branch(error, path)
            return
        fitting = meant
    if len(fitting) != 1 or not fitting[0]:
        yield from _no_branch_type(error, path)
        return
    for inner in fitting[0]:
        yield from _describe_inner(inner, error, path)


def _describe_inner(inner: SchemaError, error: SchemaError, path: Path) -> Iterator[Finding]:
    """Describe an error of the branch that was meant; a field that another branch knows is named as such."""
    siblings = {name for each in error.validator_value for name in each.get("properties", ())}
    for finding in _describe(inner):
        key = finding.path[-1] if finding.path else ""
        if finding.rule is Rule.UNKNOWN_FIELD and finding.path[:-1] == path and key in siblings:
            subject = inner.schema.get("required", ["it"])[0]
            yield Finding(
                rule=Rule.FIELD_COMBINATION,
                path=finding.path,
                message=f"`{key}` does not go with `{subject}`",
                expected=str(error.schema.get("title", "")),
                of_key=True,
            )
        elif finding.path == path and inner.validator == "pattern":
            yield replace(finding, expected=expected_type(error.schema), advice=_reference_advice(inner))
        else:
            yield finding


def _reference_advice(error: SchemaError) -> str:
    if "key" in str(error.schema.get("title", "")).split():
        return f"a live object that has no document here is written `{{name: {show(error.instance)}}}`"
    return ""


def _is_type_error(error: SchemaError) -> bool:
    return error.validator in ("type", "enum", "const") and not error.relative_path


def _misses_discriminator(error: SchemaError) -> bool:
    """Return whether a branch's first required field, which tells the branches apart, is missing."""
    required = error.validator == "required" and not error.relative_path
    return required and error.validator_value[0] not in error.instance


def _no_branch(error: SchemaError, path: Path) -> Finding:
    keys = [] if _is_secret(path) and set(error.instance) - _SOURCES else list(error.instance)
    has = f" has {join_words((_name((key,)) for key in keys), 'and')}" if keys else " names nothing that is known"
    return Finding(
        rule=Rule.FIELD_COMBINATION, path=path, message=_name(path) + has, expected=str(error.schema.get("title", ""))
    )


_SOURCES = {"env", "file", "command", "generate", "rotation"}


def _no_branch_type(error: SchemaError, path: Path) -> Iterator[Finding]:
    names = [name for each in error.validator_value for name in each.get("enum", ())]
    if names and isinstance(error.instance, str):
        guess = closest(error.instance, names)
        yield Finding(
            rule=Rule.UNKNOWN_VALUE,
            path=path,
            message=_is(error, path),
            expected=expected_type(error.schema),
            advice=f"did you mean `{guess}`?" if guess else "",
        )
        return
    yield from _wrong_type(error, path)


_DESCRIBERS: dict[str, Callable[[SchemaError, Path], Iterator[Finding]]] = {
    "additionalProperties": _unknown_fields,
    "required": _missing,
    "type": _wrong_type,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "enum": _unknown_value,
    "const": _unknown_value,
    "pattern": _bad_format,
    "minLength": _wrong_length,
    "maxLength": _wrong_length,
    "minItems": _wrong_length,
    "minProperties": _wrong_length,
    "uniqueItems": _repeated,
    "anyOf": _branches,
    "oneOf": _branches,
}
