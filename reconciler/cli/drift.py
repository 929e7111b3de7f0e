"""`reconciler drift`: who moved, Git or the target?"""

from __future__ import annotations

import click

from reconciler.cli.completing import complete_documents
from reconciler.cli.options import (
    Output,
    PlanningOptions,
    common_options,
    directory_argument,
    output_options,
    planning_options,
)
from reconciler.cli.session import current
from reconciler.render.formats import DRIFT_FORMATS, Options

DRIFT = 2


@click.command(name="drift")
@directory_argument
@click.option("--all", "everything", is_flag=True, help="List what is in sync, and what nobody declares, as well.")
@click.option("--strict-unknown", is_flag=True, help="Let what can't be told count as drift.")
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="KIND/NAME[.FIELD]",
    shell_complete=complete_documents,
    help="Write the values that moved in the target into the manifests; * and ? match. Repeatable.",
)
@output_options(tuple(DRIFT_FORMATS))
@planning_options
@common_options
def command(
    *,
    directory: str | None,
    everything: bool,
    strict_unknown: bool,
    accepted: tuple[str, ...],
    output: Output,
    planning: PlanningOptions,
) -> int:
    """
    Show who moved since the last apply, Git or the target.

    Changes nothing in the target. Exit code 2 means that somebody changed it. What floor managers own (operational
    fields), what only Git changed, and what nobody can tell is listed, and doesn't count.

    With --accept nothing is listed: the chosen values that moved are written into the manifests, each where it stands,
    overlays included, and shown with file and line. Nothing else in the files changes. Exit code 1 means that a chosen
    value could not be written; nothing to accept is no error.
    """
    # Not needed for --help, and with wiring come the YAML, schema and HTTP libraries.
    from reconciler.cli import accepting, wiring  # noqa: PLC0415
    from reconciler.cli.output import deliver, path_in_repository  # noqa: PLC0415
    from reconciler.cli.rendering import drift_renderers  # noqa: PLC0415
    from reconciler.drift import read_drift  # noqa: PLC0415

    session = current()
    place = session.directory(directory)
    if accepted:
        return accepting.accept(session, place, accepted, planning=planning, output=output)
    plan = wiring.plan_directory(session, place, planning)
    report = read_drift(plan, strict_unknown=strict_unknown)
    options = Options(everything=everything, root=path_in_repository(place))
    deliver(session.screen, output, drift_renderers(report), options=options)
    return DRIFT if report.has_drift else 0
