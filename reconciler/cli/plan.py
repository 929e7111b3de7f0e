"""`reconciler plan`: what an apply would change."""

from __future__ import annotations

from collections.abc import Iterator

import click

from reconciler.cli.options import (
    Output,
    PlanningOptions,
    common_options,
    directory_argument,
    output_options,
    planning_options,
)
from reconciler.cli.session import Session, current
from reconciler.errors import ConfigurationError, UsageError
from reconciler.model.plan import Plan
from reconciler.render.formats import COMPARISON_FORMATS, PLAN_FORMATS
from reconciler.render.wording import joined

CHANGES = 2
REFUSED = 5


@click.command(name="plan")
@directory_argument
@click.option("--out", metavar="FILE", help="Save the plan, for `reconciler apply FILE`.")
@click.option("--against", metavar="PLANFILE", help="Show what changed since that plan was reviewed, not the plan.")
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit with 2 when there are changes; with --against, when the plan is not the reviewed one.",
)
@output_options(tuple(PLAN_FORMATS))
@planning_options
@common_options
def command(
    *,
    directory: str | None,
    out: str | None,
    against: str | None,
    detailed_exitcode: bool,
    output: Output,
    planning: PlanningOptions,
) -> int:
    """
    Show what an apply would change, step by step.

    Reads the manifests in DIR and the target's campaigns, lists, teams and users, and changes nothing: no request but
    GETs is sent, and the ledger is not written. Risks come first; what can't be verified is said.

    A plan beyond a limit, or against something protected, is shown with what stands against it, and ends with exit
    code 5.

    With --against, the plan made now is compared with one that was saved, object by object: steps that are new, gone or
    changed, with their values and risks then and now. That is what is printed, as text, JSON or Markdown, and what
    --report writes; --out saves the plan made now.
    """
    # Not needed for --help, and with wiring come the YAML, schema and HTTP libraries.
    from reconciler import planfile  # noqa: PLC0415
    from reconciler.cli import wiring  # noqa: PLC0415
    from reconciler.cli.output import deliver  # noqa: PLC0415
    from reconciler.cli.rendering import plan_renderers  # noqa: PLC0415

    session = current()
    reviewed = planfile.load(against) if against is not None else None
    if reviewed is not None:
        _refuse_formats(output)
    plan = wiring.plan_directory(session, session.directory(directory), planning)
    if out is not None:
        planfile.save(plan, out)
    if reviewed is None:
        differs = plan.has_changes
        deliver(session.screen, output, plan_renderers(plan))
    else:
        differs = _compare(session, reviewed, plan, output)
    if out is not None:
        session.screen.say(f"the plan is saved: apply it with `reconciler apply {out}`")
    if plan.objections:
        return REFUSED
    return CHANGES if detailed_exitcode and differs else 0


def _compare(session: Session, reviewed: Plan, plan: Plan, output: Output) -> bool:
    """Show what changed since the reviewed plan; return whether anything did."""
    # Not needed for --help.
    from reconciler.cli.output import deliver  # noqa: PLC0415
    from reconciler.cli.rendering import comparison_renderers  # noqa: PLC0415
    from reconciler.model.comparison import compare_plans  # noqa: PLC0415

    _refuse_target(reviewed, plan)
    found = compare_plans(reviewed, plan)
    deliver(session.screen, output, comparison_renderers(found))
    for warning in (*_moved(reviewed, plan), *(objection.message for objection in plan.objections)):
        session.screen.warn(warning)
    return not found.is_same


def _moved(reviewed: Plan, plan: Plan) -> Iterator[str]:
    """Yield why the reviewed plan would be refused as stale, whether its steps are the same or not."""
    before, now = reviewed.basis, plan.basis
    moved = ["the manifests"] if before.manifests != now.manifests else []
    moved += ["the ledger"] if (before.lineage, before.serial) != (now.lineage, now.serial) else []
    if any(now.fingerprints.get(name, seen) != seen for name, seen in before.fingerprints.items()):
        moved.append("the target")
    if moved:
        yield f"moved since that plan was made: {joined(moved)}; it is stale, and an apply would refuse it"


def _refuse_formats(output: Output) -> None:
    for form in (output.format, *(form for form, _ in output.reports)):
        if form not in COMPARISON_FORMATS:
            raise UsageError(
                f"--against has no {form} format", hint=f"take one of {', '.join(COMPARISON_FORMATS)} for what changed"
            )


def _refuse_target(reviewed: Plan, plan: Plan) -> None:
    if (reviewed.target, reviewed.url) != (plan.target, plan.url):
        raise ConfigurationError(
            f"the reviewed plan is for {reviewed.target} ({reviewed.url}), and this one for {plan.target} ({plan.url})",
            hint="name the plan's target with --target, or review a plan for this one",
        )
