"""`reconciler explain`: what a kind or a field means."""

from __future__ import annotations

import json

import click

from reconciler.cli.completing import complete_fields
from reconciler.cli.options import TEXT, common_options
from reconciler.cli.session import current


@click.command(name="explain")
@click.argument("field", metavar="KIND[.FIELD]", shell_complete=complete_fields)
@click.option(
    "--format", "form", type=click.Choice([TEXT, "json"]), default=TEXT, show_default=True, help="What to print."
)
@common_options
def command(*, field: str, form: str) -> int:
    """
    Say what a kind or a field means: its value, unit and range, and what the API does with it.

    As `reconciler explain Campaign.targetDropPercent`, or `reconciler explain Campaign` for all its fields. Fields of
    the metadata and the lifecycle, and fields inside others (Project.targets.url), are explained too.
    """
    # Not needed for --help.
    from reconciler.config.meaning import explain  # noqa: PLC0415
    from reconciler.model.meaning import meaning_document  # noqa: PLC0415
    from reconciler.render.meaning_text import meaning_text  # noqa: PLC0415

    session = current()
    meaning = explain(field)
    if form == TEXT:
        session.screen.result(meaning_text(meaning, colour=session.screen.colour))
    else:
        session.screen.document(json.dumps(meaning_document(meaning), indent=2, ensure_ascii=False))
    return 0
