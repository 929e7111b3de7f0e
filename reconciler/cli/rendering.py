"""Which function writes which value: the formats that there are, and what is told apart on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from reconciler.cli.options import TEXT
from reconciler.cli.output import Renderers, Rendering
from reconciler.model.address import Address
from reconciler.model.comparison import PlanComparison
from reconciler.model.drift import DriftReport
from reconciler.model.json_text import json_text
from reconciler.model.ledger import Emergency, Ledger
from reconciler.model.outcome import ApplyReport, Result
from reconciler.model.plain_form import to_plain
from reconciler.model.plan import Plan
from reconciler.model.record import RunRecord, Segment
from reconciler.model.validation import ValidationReport
from reconciler.render.apply_text import dry_run_text
from reconciler.render.formats import (
    APPLY_FORMATS,
    COMPARISON_FORMATS,
    DRIFT_FORMATS,
    GRAPH_FORMATS,
    PLAN_FORMATS,
    VALIDATION_FORMATS,
    Options,
)
from reconciler.render.log_text import history_document, history_text, log_document, log_text
from reconciler.render.state_text import (
    state_list_document,
    state_list_text,
    state_show_document,
    state_show_text,
)
from reconciler.render.validation_text import validation_closing_line
from reconciler.render.visible import visible
from reconciler.render.wording import counted

Value = TypeVar("Value")


def _of(formats: Mapping[str, Callable[[Value, Options], str]], value: Value) -> dict[str, Rendering]:
    return {name: partial(render, value) for name, render in formats.items()}


def plan_renderers(plan: Plan) -> Renderers:
    """Return how a plan is written."""
    return Renderers(formats=_of(PLAN_FORMATS, plan))


def comparison_renderers(found: PlanComparison) -> Renderers:
    """Return how what changed since a reviewed plan is written."""
    return Renderers(formats=_of(COMPARISON_FORMATS, found))


def graph_renderers(plan: Plan) -> Renderers:
    """Return how a plan's graph is written."""

    def drawn(draw: Callable[[Plan], str], _: Options) -> str:
        return draw(plan)

    return Renderers(formats={name: partial(drawn, draw) for name, draw in GRAPH_FORMATS.items()})


def dry_run_renderers(plan: Plan) -> Renderers:
    """Return how a plan's requests are written; in the other formats they are part of the plan."""

    def text(options: Options) -> str:
        refused = PLAN_FORMATS[TEXT](plan, options) if plan.objections else ""
        return refused + dry_run_text(plan, colour=options.colour, now=options.now)

    return Renderers(formats=_of(PLAN_FORMATS, plan) | {TEXT: text})


def apply_renderers(report: ApplyReport, plan: Plan) -> Renderers:
    """Return how the outcomes of a plan are written; where nothing was attempted the plan has said it all."""
    formats = {name: partial(render, report, plan) for name, render in APPLY_FORMATS.items()}

    def shown(options: Options) -> str:
        attempted = any(outcome.result is not Result.SKIPPED for outcome in report.outcomes) or report.interrupted
        return formats[TEXT](options) if attempted else ""

    return Renderers(formats=formats, shown=shown)


def drift_renderers(report: DriftReport) -> Renderers:
    """Return how a drift report is written."""
    return Renderers(formats=_of(DRIFT_FORMATS, report))


def validation_renderers(report: ValidationReport) -> Renderers:
    """Return how the result of a validation is written; its errors and warnings go to standard error."""
    return Renderers(formats=_of(VALIDATION_FORMATS, report), shown=lambda _: validation_closing_line(report))


def history_renderers(runs: tuple[RunRecord, ...], kept: frozenset[int]) -> Renderers:
    """Return how the writes of a ledger are written."""
    return Renderers(
        formats={
            TEXT: lambda options: history_text(runs, kept, colour=options.colour),
            "json": lambda _: json_text(history_document(runs, kept)),
        }
    )


def log_renderers(segments: tuple[Segment, ...]) -> Renderers:
    """Return how the change record is written."""
    return Renderers(
        formats={
            TEXT: lambda options: log_text(segments, colour=options.colour),
            "json": lambda _: json_text(log_document(segments)),
        }
    )


def state_list_renderers(ledger: Ledger) -> Renderers:
    """Return how the list of what a ledger knows is written."""
    return Renderers(
        formats={
            TEXT: lambda options: state_list_text(ledger, colour=options.colour),
            "json": lambda _: json_text(state_list_document(ledger)),
        }
    )


def state_show_renderers(ledger: Ledger, address: Address) -> Renderers:
    """Return how everything known of one address is written."""
    return Renderers(
        formats={
            TEXT: lambda options: state_show_text(ledger, address, colour=options.colour),
            "json": lambda _: json_text(state_show_document(ledger, address)),
        }
    )


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
