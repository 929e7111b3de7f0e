"""`reconciler validate`: check every manifest, offline."""

from __future__ import annotations

import click

from reconciler.cli.options import TEXT, Output, common_options, directory_argument, output_options
from reconciler.cli.session import current
from reconciler.render.formats import VALIDATION_FORMATS, Options


@click.command(name="validate")
@directory_argument
@output_options(tuple(VALIDATION_FORMATS))
@common_options
def command(*, directory: str | None, output: Output) -> int:
    """
    Check every manifest below DIR. Nothing is contacted.

    Checks the YAML, the schema of each kind, references, duplicates, what fields mean together, and the project's
    settings. Every problem is reported at once, with its file, line and column, what was expected and what to do;
    errors end with exit code 1, warnings don't. Every target of the project is checked, with its overlays and catalogs;
    with --target only that one.
    """
    # Not needed for --help, and with it come the YAML and schema libraries.
    from reconciler.cli import manifests  # noqa: PLC0415
    from reconciler.cli.output import deliver, path_in_repository  # noqa: PLC0415
    from reconciler.cli.rendering import validation_renderers  # noqa: PLC0415

    session = current()
    place = session.directory(directory)
    report = manifests.check_manifests(session, place)
    if output.format == TEXT:
        session.screen.problems(report.problems)
    deliver(session.screen, output, validation_renderers(report), options=Options(root=path_in_repository(place)))
    return 0 if report.valid else 1
