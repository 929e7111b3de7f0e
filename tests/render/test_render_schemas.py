"""What a program reads is what the published schemas promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.drift import read_drift
from reconciler.model.plan import Plan
from reconciler.render.json import drift_json, plan_json
from tests.render.builders import plan_of
from tests.render.showcase import every_action, refused_plan

SCHEMAS = Path(__file__).parents[2] / "schemas"
PLANS = {"full": every_action, "refused": refused_plan, "empty": plan_of}


def validator(name: str) -> Draft202012Validator:
    """Return a validator for a published schema."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_documents_are_as_published(plan: Callable[[], Plan]) -> None:
    """Every plan's and drift report's JSON holds to its schema."""
    validator("plan").validate(json.loads(plan_json(plan())))
    validator("drift").validate(json.loads(drift_json(read_drift(plan()))))


def undescribed(schema: Any, where: str = "") -> list[str]:
    """Return the places of properties that have no description."""
    found: list[str] = []
    if isinstance(schema, dict):
        for name, part in schema.get("properties", {}).items():
            told = "description" in part or "$ref" in part or "const" in part
            found += [] if told or where.endswith(("if", "then")) else [f"{where}.{name}"]
        for key, part in schema.items():
            found += undescribed(part, f"{where}.{key}")
    elif isinstance(schema, list):
        for part in schema:
            found += undescribed(part, where)
    return found


@pytest.mark.parametrize("name", ["plan", "drift"])
def test_every_property_is_described(name: str) -> None:
    """An editor can say what each name of an output means."""
    assert undescribed(validator(name).schema) == []


@pytest.mark.parametrize(
    ("name", "break_it"),
    [
        ("plan", lambda document: document.update(formatVersion="2.0")),
        ("plan", lambda document: document.pop("summary")),
        ("plan", lambda document: document["steps"][0].update(action="destroy")),
        ("plan", lambda document: document["steps"][4].update(kind="Campaign")),
        ("plan", lambda document: document["steps"][4].update(subject=None)),
        ("plan", lambda document: document["steps"][0]["changes"][0].pop("knowledge")),
        ("drift", lambda document: document["objects"][0].update(status="gone")),
        ("drift", lambda document: document.update(coverage=101)),
    ],
)
def test_the_schemas_refuse_what_is_not_promised(name: str, break_it: Callable[[dict[str, Any]], object]) -> None:
    """The schemas are no rubber stamp: a document that breaks a promise is invalid."""
    rendered = plan_json(every_action()) if name == "plan" else drift_json(read_drift(every_action()))
    document = json.loads(rendered)
    break_it(document)
    assert not validator(name).is_valid(document)
