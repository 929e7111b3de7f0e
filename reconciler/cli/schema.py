"""`reconciler schema`: the JSON Schemas that manifests and outputs are held to."""

from __future__ import annotations

import json

import click

from reconciler.cli.options import common_options
from reconciler.cli.session import current
from reconciler.config.schema_files import MANIFEST, load_schema, schema_names


@click.command(name="schema")
@click.argument("kind", metavar="[KIND]", default=MANIFEST)
@common_options
def command(kind: str) -> int:
    """
    Print the JSON Schema (draft 2020-12) of a kind.

    KIND is Campaign, List, Team, User, Membership, Catalog or Project, or an output: plan, drift. Without it the schema
    for any manifest is printed, which looks at `kind` itself. Each stands alone: save it and point your editor at it.
    """
    known = schema_names()
    if kind.casefold() not in known:
        names = ", ".join(name if name in ("plan", "drift", MANIFEST) else name.capitalize() for name in known)
        raise click.BadParameter(f"there is no schema for {kind!r}, only for {names}", param_hint="KIND")
    current().screen.document(json.dumps(load_schema(kind.casefold()), indent=2, ensure_ascii=False))
    return 0
