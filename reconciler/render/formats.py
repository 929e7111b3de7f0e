"""Which formats there are for which value, so that the command line can offer exactly these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.model.comparison import PlanComparison
from reconciler.model.drift import DriftReport
from reconciler.model.outcome import ApplyReport
from reconciler.model.plan import Plan
from reconciler.model.validation import ValidationReport
from reconciler.render.apply_text import apply_text
from reconciler.render.comparison import comparison_json, comparison_markdown, comparison_text
from reconciler.render.drift_text import drift_text
from reconciler.render.graph import plan_dot, plan_mermaid
from reconciler.render.html import plan_html
from reconciler.render.html_reports import apply_html, drift_html, validation_html
from reconciler.render.json import apply_json, drift_json, plan_json, validation_json
from reconciler.render.junit import drift_junit, validation_junit
from reconciler.render.markdown import plan_markdown
from reconciler.render.markdown_reports import apply_markdown, drift_markdown, validation_markdown
from reconciler.render.sarif import drift_sarif, validation_sarif
from reconciler.render.text import plan_text
from reconciler.render.validation_text import validation_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    What a rendering may depend on besides the value.

    `colour` paints text for a terminal; `now` (UTC, ISO 8601) is what ages are counted from; `everything` lists what
    needs no attention too (`drift --all`); `root` is the configuration directory's path inside its repository, which
    SARIF's places start with.
    """

    colour: bool = False
    now: str = ""
    everything: bool = False
    root: str = ""


PLAN_FORMATS: Mapping[str, Callable[[Plan, Options], str]] = {
    "text": lambda plan, options: plan_text(plan, colour=options.colour, now=options.now),
    "json": lambda plan, options: plan_json(plan),
    "markdown": lambda plan, options: plan_markdown(plan, now=options.now),
    "html": lambda plan, options: plan_html(plan, now=options.now),
}

DRIFT_FORMATS: Mapping[str, Callable[[DriftReport, Options], str]] = {
    "text": lambda report, options: drift_text(
        report, colour=options.colour, now=options.now, everything=options.everything
    ),
    "json": lambda report, options: drift_json(report),
    "markdown": lambda report, options: drift_markdown(report, now=options.now, everything=options.everything),
    "html": lambda report, options: drift_html(report, now=options.now),
    "junit": lambda report, options: drift_junit(report, now=options.now),
    "sarif": lambda report, options: drift_sarif(report, now=options.now, root=options.root),
}

COMPARISON_FORMATS: Mapping[str, Callable[[PlanComparison, Options], str]] = {
    "text": lambda comparison, options: comparison_text(comparison, colour=options.colour),
    "json": lambda comparison, options: comparison_json(comparison),
    "markdown": lambda comparison, options: comparison_markdown(comparison),
}

GRAPH_FORMATS: Mapping[str, Callable[[Plan], str]] = {"mermaid": plan_mermaid, "dot": plan_dot}

APPLY_FORMATS: Mapping[str, Callable[[ApplyReport, Plan | None, Options], str]] = {
    "text": lambda report, plan, options: apply_text(report, plan=plan, colour=options.colour),
    "json": lambda report, plan, options: apply_json(report),
    "markdown": lambda report, plan, options: apply_markdown(report, plan=plan),
    "html": lambda report, plan, options: apply_html(report, plan=plan),
}

VALIDATION_FORMATS: Mapping[str, Callable[[ValidationReport, Options], str]] = {
    "text": lambda report, options: validation_text(report, colour=options.colour),
    "json": lambda report, options: validation_json(report),
    "markdown": lambda report, options: validation_markdown(report),
    "html": lambda report, options: validation_html(report),
    "junit": lambda report, options: validation_junit(report),
    "sarif": lambda report, options: validation_sarif(report, root=options.root),
}
