"""The same values as JSON for programs: two spaces, the contract's order, readable characters, a final newline."""

from __future__ import annotations

from reconciler.model.drift import DriftReport, drift_document
from reconciler.model.json_text import json_text
from reconciler.model.outcome import ApplyReport
from reconciler.model.outcome_document import apply_document
from reconciler.model.plan import Plan
from reconciler.model.plan_document import plan_document
from reconciler.model.validation import ValidationReport, validation_document


def plan_json(plan: Plan) -> str:
    """Return the plan's document; it can be applied like a saved plan (`schemas/plan.schema.json`)."""
    return json_text(plan_document(plan))


def drift_json(report: DriftReport) -> str:
    """Return the drift report's document (`schemas/drift.schema.json`)."""
    return json_text(drift_document(report))


def apply_json(report: ApplyReport) -> str:
    """Return the document of what became of an apply."""
    return json_text(apply_document(report))


def validation_json(report: ValidationReport) -> str:
    """Return the document of what a check of the manifests found."""
    return json_text(validation_document(report))
