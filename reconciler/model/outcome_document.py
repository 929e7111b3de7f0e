"""What became of an apply, as a JSON document."""

from __future__ import annotations

from typing import Any

from reconciler.model.outcome import ApplyReport, Outcome, Result

APPLY_FORMAT_VERSION = "1.0"


def apply_document(report: ApplyReport) -> dict[str, Any]:
    """Return the report's JSON document; its counts are of outcomes, never of what was planned."""
    return {
        "formatVersion": APPLY_FORMAT_VERSION,
        "target": report.target,
        "succeeded": report.succeeded,
        "interrupted": report.interrupted,
        "serial": report.serial,
        "summary": {result.value: report.count(result) for result in Result} | {"total": len(report.outcomes)},
        "outcomes": [_outcome_document(outcome) for outcome in report.outcomes],
    }


def _outcome_document(outcome: Outcome) -> dict[str, Any]:
    return {
        "step": outcome.step,
        "result": outcome.result.value,
        "detail": outcome.detail,
        "advice": outcome.advice,
        "objectId": outcome.object_id,
        "requests": outcome.requests,
        "seconds": outcome.seconds,
        "notes": list(outcome.notes),
    }
