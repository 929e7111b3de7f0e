"""Which function writes which value in which format."""

from __future__ import annotations

from functools import partial

from reconciler.cli.output import Renderers
from reconciler.model.address import Address
from reconciler.model.drift import DriftReport
from reconciler.model.json_text import json_text
from reconciler.model.ledger import Emergency, Ledger
from reconciler.model.outcome import ApplyReport, Result
from reconciler.model.plain_form import to_plain
from reconciler.model.plan import Plan
from reconciler.model.validation import ValidationReport
from reconciler.render.apply_text import apply_text, dry_run_text
from reconciler.render.drift_text import drift_text
from reconciler.render.json import apply_json, drift_json, plan_json, validation_json
from reconciler.render.state_text import (
    state_list_document,
    state_list_text,
    state_show_document,
    state_show_text,
)
from reconciler.render.text import plan_text
from reconciler.render.validation_text import validation_closing_line, validation_text
from reconciler.render.visible import visible
from reconciler.render.wording import counted


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


def state_list_renderers(ledger: Ledger) -> Renderers:
    """Return how the list of what a ledger knows is written."""

    def text(*, colour: bool, now: str) -> str:
        return state_list_text(ledger, colour=colour)

    return Renderers(text=text, others={"json": lambda: json_text(state_list_document(ledger))})


def state_show_renderers(ledger: Ledger, address: Address) -> Renderers:
    """Return how everything known of one address is written."""

    def text(*, colour: bool, now: str) -> str:
        return state_show_text(ledger, address, colour=colour)

    return Renderers(text=text, others={"json": lambda: json_text(state_show_document(ledger, address))})


def emergency_text(target: str, emergency: Emergency | None) -> str:
    """Return what is recorded of a global emergency, as sentences."""
    if emergency is None:
        return f"{visible(target)}: no emergency is recorded; the API can't be asked whether one is on."
    told = f"by {visible(emergency.by)} at {visible(emergency.at)} ({visible(emergency.reason)})"
    if emergency.enabled:
        return f"{visible(target)}: enabled {told}. The target is frozen: apply refuses."
    left = counted(len(emergency.statuses), "campaign status", "campaign statuses")
    return f"{visible(target)}: lifted {told}. {left} still to be restored: see `reconciler plan`."


def emergency_json(target: str, emergency: Emergency | None) -> str:
    """Return the same as a JSON document."""
    frozen = emergency is not None and emergency.enabled
    return json_text({"formatVersion": "1.0", "target": target, "frozen": frozen, "emergency": to_plain(emergency)})
