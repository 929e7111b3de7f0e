"""`reconciler graph`: what waits for what in a plan."""

from __future__ import annotations

import os

import click

from reconciler.cli.options import Output, PlanningOptions, common_options, output_options, planning_options
from reconciler.cli.session import current
from reconciler.errors import UsageError
from reconciler.render.formats import GRAPH_FORMATS


@click.command(name="graph")
@click.argument("place", metavar="[DIR or PLANFILE]", required=False)
@output_options(tuple(GRAPH_FORMATS), default="mermaid")
@planning_options
@common_options
def command(*, place: str | None, output: Output, planning: PlanningOptions) -> int:
    """
    Draw the plan's dependency graph: an arrow leads from what is done first to what waits for it.

    Of DIR the plan is made first, as `plan` does; a saved plan is drawn as it is, offline. Mermaid is drawn by GitHub
    and GitLab in a comment or a page, DOT by Graphviz: `reconciler graph --format dot | dot -Tsvg`. Disruptive steps
    have a red border.
    """
    # Not needed for --help, and with them come the YAML, schema and HTTP libraries.
    from reconciler import planfile  # noqa: PLC0415
    from reconciler.cli import wiring  # noqa: PLC0415
    from reconciler.cli.output import deliver  # noqa: PLC0415
    from reconciler.cli.rendering import graph_renderers  # noqa: PLC0415

    session = current()
    if place is None or os.path.isdir(place) or not os.path.lexists(place):
        plan = wiring.plan_directory(session, session.directory(place), planning)
    else:
        if planning.shaping():
            raise UsageError(
                f"{', '.join(planning.shaping())} shapes a plan, and {place} is one already",
                hint="give it to `reconciler plan --out`, or draw the directory",
            )
        plan = planfile.load(place)
    deliver(session.screen, output, graph_renderers(plan))
    return 0
