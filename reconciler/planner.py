"""
Make a plan: desired, live and ledger in, one frozen value out.

    match       which live object each document means            planning.matching
    compare     each field three ways: Git, target, last applied planning.comparing
    steps       what brings the target over                      planning.objects, switches, memberships, removals
    order       a graph of real dependencies, sorted             planning.order
    guard       risks and objections, with numbers               planning.guard
    show        the request of each step                         planning.showing

Nothing here reads or writes anything: the same input gives the same plan, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from reconciler.errors import ConfigurationError
from reconciler.fingerprint import basis
from reconciler.kinds.codec import display
from reconciler.kinds.registry import KINDS, kind_named
from reconciler.model.assessment import Assessment, Status
from reconciler.model.desired import DesiredInventory
from reconciler.model.floor import Floor
from reconciler.model.knowledge import Knowledge
from reconciler.model.ledger import Ledger
from reconciler.model.live import LiveInventory
from reconciler.model.plan import Notice, Plan
from reconciler.model.policy import Policy
from reconciler.planning.assessing import assess_existing, assess_memberships, assess_missing, assess_unmanaged
from reconciler.planning.bookkeeping import close_emergency, keep_configured, keep_in_step, settle_intents
from reconciler.planning.comparing import FieldComparison, compare
from reconciler.planning.describing import source_of
from reconciler.planning.guard import object_to
from reconciler.planning.links import Evidence, wanted_sets
from reconciler.planning.matching import Binding, match
from reconciler.planning.memberships import own_memberships, plan_set, say_unseen
from reconciler.planning.objects import plan_create, plan_existing
from reconciler.planning.order import deferred_references, in_order
from reconciler.planning.primary import plan_primary
from reconciler.planning.references import name_problems, reference_problems
from reconciler.planning.removals import plan_removals
from reconciler.planning.scope import require_documents
from reconciler.planning.showing import with_requests
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch
from reconciler.planning.surveying import survey
from reconciler.planning.switches import manages_activity


def make_plan(
    *, desired: DesiredInventory, live: LiveInventory, ledger: Ledger, policy: Policy, target: str, url: str
) -> Plan:
    """
    Return the ordered steps that bring the target to what Git asks for, and everything a reviewer should know.

    Raises ReconcilerError when there is nothing to plan on (no documents, an empty selection, a silent target) and
    ConfigurationError with every document that cannot be planned: ambiguous names, references that lead nowhere,
    fields that a create needs.
    """
    require_documents(desired, policy.scope)
    situation = Situation(
        desired=desired,
        live=live,
        ledger=ledger,
        policy=policy,
        bindings=match(desired, live, ledger),
        zone=ZoneInfo(policy.timezone),
    )
    sketch = Sketch(deferred=deferred_references(situation))
    evidence = Evidence(situation)
    sketch.problems.extend(situation.bindings.problems)
    sketch.problems.extend(reference_problems(situation))
    sketch.problems.extend(name_problems(situation))
    sketch.warnings.extend(situation.bindings.notices)
    _plan_objects(situation, sketch, evidence)
    groups = wanted_sets(situation)
    for group in groups:
        plan_set(situation, sketch, evidence, group)
    plan_removals(situation, sketch, evidence)
    own_memberships(situation, sketch, groups)
    say_unseen(situation, sketch, groups)
    if sketch.problems:
        raise ConfigurationError(
            f"{len(sketch.problems)} document problem{'s' if len(sketch.problems) > 1 else ''} against the target",
            problems=sorted(sketch.problems, key=lambda problem: (problem.place, problem.rule, problem.message)),
        )
    sketch.assessments.extend(assess_memberships(situation, evidence, groups))
    sketch.assessments.extend(assess_unmanaged(situation))
    return _finished(situation, sketch, evidence, (target, url))


def _plan_objects(situation: Situation, sketch: Sketch, evidence: Evidence) -> None:
    for address in sorted(situation.bindings.by_address):
        binding = situation.bindings.by_address[address]
        if not situation.selects(binding.desired):
            continue
        if binding.live is None:
            plan_create(situation, sketch, binding)
            sketch.assessments.append(assess_missing(situation, binding))
            continue
        comparisons = compare(situation, binding)
        sketch.count(Knowledge.LIVE, len(comparisons))
        plan_existing(situation, sketch, binding, comparisons)
        if any(item.planned and item.spec.joined_by for item in comparisons):
            plan_primary(situation, sketch, evidence, binding)
        sketch.bookkeeping.extend(keep_in_step(situation, binding, comparisons))
        sketch.assessments.append(assess_existing(situation, binding, comparisons))
        _note_activity(situation, sketch, binding)
        _say_operational(sketch, binding, comparisons)


def _note_activity(situation: Situation, sketch: Sketch, binding: Binding) -> None:
    if binding.live is not None and manages_activity(situation, binding):
        sketch.note(situation.activity(kind_named(binding.live.kind), binding.live))


def _say_operational(sketch: Sketch, binding: Binding, comparisons: Sequence[FieldComparison]) -> None:
    if not binding.is_adopted:
        return
    for item in comparisons:
        if item.operational and not item.settled and not item.planned:
            sketch.warnings.append(
                Notice(
                    rule="operational-adopted",
                    message=f"{binding.desired.address} is adopted with {item.spec.name} "
                    f"{display(item.spec, item.live)} as it is in the target, not {display(item.spec, item.wanted)}: "
                    "floor managers own it between Git changes; --reassert enforces it",
                    address=str(binding.desired.address),
                    source=source_of(binding.desired),
                )
            )


def _finished(situation: Situation, sketch: Sketch, evidence: Evidence, target: tuple[str, str]) -> Plan:
    steps = with_requests(situation, in_order(situation, sketch))
    sketch.bookkeeping.extend(keep_configured(situation))
    sketch.bookkeeping.extend(settle_intents(situation, sketch))
    sketch.bookkeeping.extend(close_emergency(situation, steps))
    objections = [*sketch.objections, *object_to(situation, sketch, evidence, steps)]
    emergency = situation.ledger.emergency
    if emergency is not None and emergency.enabled:
        sketch.warnings.append(
            Notice(
                rule="frozen",
                message=f"the target is frozen: {emergency.by} enabled the global emergency at {emergency.at} "
                f"({emergency.reason}); apply refuses until `emergency disable`",
            )
        )
    return Plan(
        target=target[0],
        url=target[1],
        steps=steps,
        warnings=tuple(sketch.warnings),
        unverifiable=tuple(sketch.unverifiable),
        objections=tuple(sorted(objections, key=lambda item: (item.rule, item.steps, item.message))),
        releases=tuple(sorted(sketch.releases, key=lambda item: item.address)),
        bookkeeping=tuple(sketch.bookkeeping),
        assessments=tuple(sorted(sketch.assessments, key=lambda item: (item.status is Status.UNMANAGED, item.address))),
        unmanaged={
            spec.name: sum(1 for item in sketch.assessments if _is_unmanaged(item, spec.name)) for spec in KINDS
        },
        knowledge=sketch.knowledge(),
        basis=basis(steps, situation.live, situation.ledger, situation.desired.digest),
        timezone=situation.policy.timezone,
        # An empty plan means nothing for anybody, and must stay cheap.
        floor=survey(situation, evidence) if steps else Floor(),
    )


def _is_unmanaged(assessment: Assessment, kind: str) -> bool:
    return assessment.status is Status.UNMANAGED and assessment.address.kind == kind
