"""A saved plan is what was reviewed, or it is refused."""

from __future__ import annotations

import json
import os
import stat
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler import planfile
from reconciler.errors import ReconcilerError
from reconciler.model.address import Address
from reconciler.model.json_text import digest_of, json_text
from reconciler.model.ledger import EVENTS, Event
from reconciler.model.plan import Action, Plan, Request, Step
from reconciler.model.plan_document import plan_document, plan_from_document
from tests.render.builders import create_campaign, plan_of
from tests.render.showcase import every_action, refused_plan

SCALARS: Mapping[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(), max_size=8),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    object: st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
        max_leaves=3,
    ),
    Address: st.builds(
        Address, st.from_regex(r"[A-Z][a-z]{1,5}", fullmatch=True), st.from_regex(r"[a-z0-9./-]{1,8}", fullmatch=True)
    ),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for any annotation that the model uses."""
    if kind in SCALARS:
        return SCALARS[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        return st.one_of(*map(values_of, arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, arguments))
    if origin is frozenset:
        return st.frozensets(values_of(arguments[0]), max_size=2)
    if origin is not None:
        return st.dictionaries(values_of(arguments[0]), values_of(arguments[1]), max_size=2)
    if kind is Event:
        return st.one_of(*map(values_of, EVENTS))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    names = [item.name for item in fields(kind)] if is_dataclass(kind) else kind._fields
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values_of(hints[name]) for name in names})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(plan=values_of(Plan))
def test_every_plan_comes_back_as_it_was(plan: Plan) -> None:
    """Whatever a plan holds, its document read back through JSON text is the same plan."""
    document = plan_document(plan)
    assert plan_from_document(json.loads(json_text(document))) == plan


@pytest.mark.parametrize("plan", [every_action(), refused_plan(), plan_of()], ids=["full", "refused", "empty"])
def test_a_saved_plan_comes_back(plan: Plan, tmp_path: Path) -> None:
    """What was saved is what is loaded, by value and, saved again, byte for byte."""
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    planfile.save(plan, first)
    loaded = planfile.load(first)
    assert loaded == plan
    planfile.save(loaded, second)
    assert first.read_bytes() == second.read_bytes()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """A plan names people and what is about to change, so nobody else may read it, whatever was there before."""
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o644)
    planfile.save(every_action(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["plan.json"]


def test_the_contract_comes_first_and_in_its_order() -> None:
    """The published keys stand in the published order; what apply needs follows them."""
    document = planfile.document(every_action())
    assert list(document)[:7] == [
        "formatVersion",
        "target",
        "summary",
        "steps",
        "warnings",
        "unverifiable",
        "knowledge",
    ]
    assert document["formatVersion"] == "1.0"
    assert document["target"] == {"name": "production", "url": "https://acme.maxcontact.com"}
    assert document["summary"] == {
        "create": 2,
        "update": 1,
        "adopt": 1,
        "associate": 2,
        "disassociate": 1,
        "activate": 1,
        "deactivate": 1,
        "setStatus": 1,
        "setType": 1,
        "total": 11,
        "unverifiable": 3,
    }
    assert list(document["steps"][0])[:11] == [
        "id",
        "action",
        "kind",
        "name",
        "objectId",
        "risk",
        "reason",
        "source",
        "changes",
        "requests",
        "dependsOn",
    ]
    assert document["steps"][0]["changes"][1] == {
        "field": "fetchWeight",
        "before": None,
        "after": 7,
        "knowledge": "live",
    }


def test_an_association_names_both_its_ends() -> None:
    """Whichever document asked for it, an association is a Membership with a subject and a member."""
    association = next(step for step in every_action().steps if step.relation == "campaign-list")
    implied = replace(association, kind="User", name="jane.doe")
    for step in (association, implied):
        document = planfile.document(plan_of(step))["steps"][0]
        assert document["kind"] == "Membership"
        assert document["subject"] == {"kind": "Campaign", "name": "spring-renewals", "id": None}
        assert document["member"] == {"kind": "List", "name": "renewals-2026q2", "id": None}
        assert plan_from_document(planfile.document(plan_of(step))).steps == (step,)


def test_a_grouped_call_names_all_its_members() -> None:
    """Users who get a skill in one call share one step, which names them together and one by one."""
    step = next(step for step in every_action().steps if step.relation == "skill-user")
    document = planfile.document(plan_of(step))["steps"][0]
    assert document["member"] == {"kind": "User", "name": "jane.doe, sam.jones", "id": None}
    assert [(member["name"], member["id"]) for member in document["members"]] == [("jane.doe", 53), ("sam.jones", 54)]


def edited(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    """Edit a saved plan's document without renewing its digest."""

    def edit(content: bytes) -> bytes:
        document = json.loads(content)
        change(document)
        return json_text(document).encode()

    return edit


def renewed(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    """Edit a saved plan's document and renew its digest."""

    def edit(content: bytes) -> bytes:
        document = json.loads(content)
        document.pop("digest")
        change(document)
        document["digest"] = digest_of(document)
        return json_text(document).encode()

    return edit


def delete_step(document: dict[str, Any]) -> None:
    """Take a step out."""
    document["steps"].pop()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda content: content[:-200], "not a whole JSON document"),
        (lambda content: b"", "not a whole JSON document"),
        (lambda content: b"\xff\xfe" + content, "not a whole JSON document"),
        (lambda content: b"[" * 100_000, "not a whole JSON document"),
        (lambda content: b'{"formatVersion": NaN}', "not a whole JSON document"),
        (lambda content: b"[]", "not a saved plan"),
        (lambda content: b'{"steps": []}', "not a saved plan"),
        (lambda content: b'{"formatVersion": "1.0"}', "changed or damaged"),
        (lambda content: b'{"formatVersion": "1.0", "serial": 1e999}', "not a plan that this version can read"),
        (edited(delete_step), "changed or damaged"),
        (edited(lambda document: document["steps"][0].update(risk="none", name="other")), "changed or damaged"),
        (edited(lambda document: document.update(digest=7)), "changed or damaged"),
        (renewed(lambda document: document.update(formatVersion="2.0")), "format version '2.0'"),
        (renewed(lambda document: document.update(formatVersion=1)), "format version 1"),
        (renewed(lambda document: document["steps"][0].update(action="destroy")), "'destroy' is not one of"),
        (renewed(lambda document: document["steps"][0].update(dependsOn="x")), "steps[0].dependsOn"),
        (renewed(lambda document: document["steps"][0].pop("id")), "id is missing"),
        (renewed(lambda document: document["bookkeeping"][0].update(event="Burnt")), "not an event"),
        (renewed(lambda document: document.update(target=None)), "target: expected an object"),
    ],
)
def test_a_damaged_plan_is_refused(damage: Callable[[bytes], bytes], words: str, tmp_path: Path) -> None:
    """A plan that is cut, edited or of another format is refused with the reason and the way out, and exit code 1."""
    path = tmp_path / "plan.json"
    planfile.save(every_action(), path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ReconcilerError) as caught:
        planfile.load(path)
    assert words in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 1


def test_a_newer_minor_version_is_read(tmp_path: Path) -> None:
    """What a newer minor version adds is ignored, as the format promises."""
    path = tmp_path / "plan.json"
    planfile.save(every_action(), path)
    grow = renewed(lambda document: document.update(formatVersion="1.7", approvals=["manager"]))
    path.write_bytes(grow(path.read_bytes()))
    assert planfile.load(path) == every_action()


def test_layout_is_no_damage(tmp_path: Path) -> None:
    """A plan that a JSON tool laid out anew is still the plan that was reviewed."""
    path = tmp_path / "plan.json"
    planfile.save(every_action(), path)
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=True))
    assert planfile.load(path) == every_action()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A directory, a named pipe or nothing at all is refused at once, not waited for."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, tmp_path / "none.json"):
        with pytest.raises(ReconcilerError, match=r"nothing was sent|could not be read"):
            planfile.load(path)
    for path in (tmp_path, pipe, tmp_path / "no" / "plan.json"):
        with pytest.raises(ReconcilerError, match=r"not a regular file|could not be saved"):
            planfile.save(plan_of(), path)


def test_hostile_text_survives_unchanged(tmp_path: Path) -> None:
    """Control characters, bidirectional overrides and halves of surrogate pairs come back byte for byte."""
    name = "\x1b[2J\u202e\x00|`@all\ud800\n"
    step = replace(next(iter(every_action().steps)), natural_key=name)
    path = tmp_path / "plan.json"
    planfile.save(plan_of(step), path)
    assert planfile.load(path).steps[0].natural_key == name


@pytest.mark.parametrize("action", list(Action))
def test_the_example_plan_touches_every_action(action: Action) -> None:
    """The plan that goldens are made of has a step of each action."""
    assert any(step.action is action for step in every_action().steps if isinstance(step, Step))


def test_a_number_that_a_request_echoes_is_a_number(tmp_path: Path) -> None:
    """A PUT sends back what was read exactly, decimals too, and the saved plan shows it as JSON does."""
    body = {"HoursPerWorkingDay": Decimal("7.5"), "MaxLines": Decimal(3)}
    request = Request(method="PUT", path="/management/campaigns/1", body=body)
    plan = plan_of(replace(create_campaign(), requests=(request,)))
    planfile.save(plan, tmp_path / "a.plan")
    assert json.loads((tmp_path / "a.plan").read_text())["steps"][0]["requests"][0]["body"] == {
        "HoursPerWorkingDay": 7.5,
        "MaxLines": 3,
    }
