"""
Write what the documentation repeats from the code: `make docs`. A test tells when it was forgotten.

reference.md comes from the schemas, commands.md from the command line, and in simulator.md what stands between
`<!-- NAME -->` and `<!-- /NAME -->` from the simulator. What pages show as the output of a command is its real output.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from docs.playing import Stage, play
from docs.practice import PASSWORD, practice_tenant
from reconciler.cli.main import reconciler
from reconciler.config.schema_files import KIND_SCHEMAS, read_schema
from reconciler.simulator.app import serving
from reconciler.simulator.behaviour import parameters
from reconciler.simulator.faults import FAULTS
from reconciler.simulator.variants import HARSH, VARIANTS

DOCS = Path(__file__).parent
MADE = "<!-- Made by `make docs`; edit the {source} instead. -->\n\n"
WIDTH = 100

Schema = Mapping[str, Any]


def reference() -> str:
    """Return the page of all kinds and fields."""
    parts = [
        "# Kinds and fields\n",
        MADE.format(source="schemas"),
        "Every document starts with `apiVersion: maxcontact/v1`, a `kind` and `metadata`. What it means to leave a\n"
        "field out, to refer to another document or to remove one stands in [manifests.md](manifests.md).\n",
        "## Metadata\n",
        "Every kind has a name and labels; a campaign, list, team or user may have an Id too.\n",
        *_tables({"$ref": "common.schema.json#/$defs/objectMetadata"}, "metadata"),
    ]
    for name in KIND_SCHEMAS:
        parts.append(_kind(read_schema(name)))
    return "\n".join(parts)


def commands() -> str:
    """Return the page of all commands with their help texts."""
    parts = ["# Commands\n", MADE.format(source="command line")]
    for path, command in walk(reconciler, ("reconciler",)):
        with context_of(command, info_name=" ".join(path), terminal_width=WIDTH, color=False) as context:
            text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts.append(f"## {' '.join(path)}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def context_of(command: click.Command, **more: Any) -> click.Context:
    """Return a command's context with what it inherits when it is really called: click keeps the first help option."""
    return click.Context(command, **{**reconciler.context_settings, **more})


def walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and everything below it, each with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = context_of(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None and not found.hidden:
                yield from walk(found, (*path, name))


def simulator() -> str:
    """Return the simulator's page with its tables made anew."""
    text = (DOCS / "simulator.md").read_text(encoding="utf-8")
    for name, table in (("behaviours", _behaviours()), ("faults", _faults()), ("variants", _variants())):
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        text = f"{before}{mark}\n{table}\n{end}{after}"
    return text


def played(page: str) -> str:
    """Return a page with the real output of its commands."""
    with tempfile.TemporaryDirectory() as folder:
        return play((DOCS / page).read_text(encoding="utf-8"), Stage(folder=Path(folder)))


def played_on_a_tenant(page: str) -> str:
    """Return a guide with the real output of its commands, played on a tenant as ten years leave it."""
    with tempfile.TemporaryDirectory() as folder, serving(practice_tenant()) as url:
        stage = Stage(
            folder=Path(folder),
            environment={"MAXCONTACT_PASSWORD": PASSWORD, "XDG_CACHE_HOME": folder},
            stands_for={"https://acme.maxcontact.com": url},
        )
        return play((DOCS / page).read_text(encoding="utf-8"), stage)


PLAYED_GUIDES = ("memberships", "operational-fields", "passwords", "recipes", "two-tenants")
"""Guides that need no tenant but the embedded simulator."""

PAGES: Mapping[str, Callable[[], str]] = {
    "reference.md": reference,
    "commands.md": commands,
    "simulator.md": simulator,
    "manifests.md": partial(played, "manifests.md"),
    "../README.md": partial(played, "../README.md"),
    "guides/getting-started.md": partial(played_on_a_tenant, "guides/getting-started.md"),
    "guides/adopting.md": partial(played_on_a_tenant, "guides/adopting.md"),
    **{f"guides/{name}.md": partial(played, f"guides/{name}.md") for name in PLAYED_GUIDES},
}


def _kind(schema: Schema) -> str:
    parts = [f"## {schema['title']}\n", f"{schema['description']}\n"]
    for section in ("lifecycle", "spec"):
        if section in schema["properties"]:
            parts += _tables(schema["properties"][section], section)
    return "\n".join(parts)


def _tables(part: Schema, prefix: str) -> Iterator[str]:
    """Yield a table for each mapping with named fields in a part of a schema."""
    for path, owner in _mappings(_resolved(part), prefix):
        rows = "".join(_row(path, name, value) for name, value in owner["properties"].items())
        yield f"| field | value | meaning |\n|---|---|---|\n{rows}"


def _mappings(part: Schema, prefix: str) -> Iterator[tuple[str, Schema]]:
    """Yield the mappings with named fields in a part of a schema, from the outside in."""
    for alternative in part.get("oneOf", ()):
        yield from _mappings(alternative, prefix)
    if "properties" in part:
        yield prefix, part
        for name, value in part["properties"].items():
            inner = _resolved(value)
            if inner.get("type") == "object":
                yield from _mappings(inner, f"{prefix}.{name}")
    if isinstance(part.get("additionalProperties"), Mapping):
        yield from _mappings(part["additionalProperties"], f"{prefix}.*")


def _row(prefix: str, name: str, value: Schema) -> str:
    description = value.get("description", "")
    return f"| `{prefix}.{name}` | {_cell(_values(_resolved(value)))} | {_cell(description)} |\n"


def _values(value: Schema) -> str:
    if "title" in value:
        return str(value["title"])
    if "enum" in value:
        names = [str(each) for each in value["enum"]]
        return "one of " + ", ".join(names) if len(names) < 9 else "a name"
    if "const" in value:
        return f"`{value['const']}`"
    kind = _SIMPLE.get(value.get("type", ""))
    if kind is None and "anyOf" in value:
        return " or ".join(_values(_resolved(each)) for each in value["anyOf"])
    if kind == "a list" and "items" in value:
        return f"a list of: {_values(_resolved(value['items']))}"
    if kind == "text" and "maxLength" in value:
        return f"text, at most {value['maxLength']} characters"
    return kind or _number(value)


_SIMPLE = {"object": "a mapping", "array": "a list", "boolean": "`true` or `false`", "string": "text"}


def _number(value: Schema) -> str:
    name = "a whole number" if value.get("type") == "integer" else "a number"
    least, most = value.get("minimum"), value.get("maximum")
    if least is not None and most is not None:
        return f"{name}, {least} to {most}"
    return name if least is None else f"{name}, {least} or more"


def _resolved(value: Schema) -> Schema:
    """Return what a reference into another schema stands for, with the words of the place that refers."""
    if "$ref" not in value:
        return value
    file, _, pointer = value["$ref"].partition("#/")
    found: Any = read_schema(file.removesuffix(".schema.json"))
    for part in pointer.split("/"):
        found = found[part]
    return {**_resolved(found), **{key: each for key, each in value.items() if key != "$ref"}}


def _behaviours() -> str:
    rows = "".join(
        f"| `{one.name}` | {', '.join(f'**{v}**' if v == one.default else v for v in one.values)}"
        f"{'' if one.default in one.values else f' (**{one.default}**)'} | {_cell(one.meaning)} |\n"
        for one in parameters()
    )
    return f"| parameter | values (default in bold) | what it decides |\n|---|---|---|\n{rows}"


def _faults() -> str:
    rows = "".join(f"| `{name}` | {_cell(meaning)} |\n" for name, meaning in FAULTS.items())
    return f"| fault | what happens |\n|---|---|\n{rows}"


def _variants() -> str:
    return f"{_names(VARIANTS)}\n\nHarsh: {_names(HARSH)}\n"


def _names(names: Mapping[str, object]) -> str:
    return ", ".join(f"`{name}`" for name in names) + "."


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), encoding="utf-8")
