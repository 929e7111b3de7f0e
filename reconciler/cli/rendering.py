"""Which function writes which value in which format."""

from __future__ import annotations

from functools import partial

from reconciler.cli.output import Renderers
from reconciler.model.drift import DriftReport
from reconciler.model.outcome import ApplyReport, Result
from reconciler.model.plan import Plan
from reconciler.model.validation import ValidationReport
from reconciler.render.apply_text import apply_text, dry_run_text
from reconciler.render.drift_text import drift_text
from reconciler.render.json import apply_json, drift_json, plan_json, validation_json
from reconciler.render.text import plan_text
from reconciler.render.validation_text import validation_closing_line, validation_text


def plan_renderers(plan: Plan) -> Renderers:
    """Return how a plan is written."""
    return Renderers(text=partial(plan_text, plan), others={"json": partial(plan_json, plan)})


def dry_run_renderers(plan: Plan) -> Renderers:
    """Return how a plan's requests are written; as JSON they are part of the plan."""

    def text(*, colour: bool, now: str) -> str:
        refused = plan_text(plan, colour=colour, now=now) if plan.objections else ""
        return refused + dry_run_text(plan, colour=colour, now=now)

    return Renderers(text=text, others={"json": partial(plan_json, plan)})


def apply_renderers(report: ApplyReport, plan: Plan) -> Renderers:
    """Return how the outcomes of a plan are written; where nothing was attempted the plan has said it all."""

    def text(*, colour: bool, now: str) -> str:
        return apply_text(report, plan=plan, colour=colour)

    def shown(*, colour: bool, now: str) -> str:
        attempted = any(outcome.result is not Result.SKIPPED for outcome in report.outcomes) or report.interrupted
        return text(colour=colour, now=now) if attempted else ""

    return Renderers(text=text, shown=shown, others={"json": partial(apply_json, report)})


def drift_renderers(report: DriftReport, *, everything: bool) -> Renderers:
    """Return how a drift report is written; JSON always holds everything."""
    return Renderers(
        text=partial(drift_text, report, everything=everything), others={"json": partial(drift_json, report)}
    )


def validation_renderers(report: ValidationReport) -> Renderers:
    """Return how the result of a validation is written; its errors and warnings go to standard error."""

    def text(*, colour: bool, now: str) -> str:
        return validation_text(report, colour=colour)

    def shown(*, colour: bool, now: str) -> str:
        return validation_closing_line(report)

    return Renderers(text=text, shown=shown, others={"json": partial(validation_json, report)})
