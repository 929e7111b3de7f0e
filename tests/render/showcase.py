"""One plan that touches every action, one report of every status and of every result: what the goldens show."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.address import Address
from reconciler.model.assessment import Assessment, Mover, Status
from reconciler.model.knowledge import Knowledge, KnowledgeCounts
from reconciler.model.ledger import (
    Activated,
    Bound,
    Emergency,
    EmergencySwitched,
    Flag,
    Intended,
    Learned,
    Ledger,
    LedgerMembership,
    Link,
    Linked,
    Owned,
)
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.model.plan import Action, Basis, Notice, Objection, Plan, Release, Risk, Step
from reconciler.model.problem import Place, Problem, Severity
from reconciler.model.validation import ValidationReport
from tests.render.builders import (
    EARLIER,
    adopt_team,
    assessment,
    associate_list,
    associate_skill,
    create_campaign,
    create_list,
    disassociate_list,
    field_assessment,
    switch,
    update_user,
)


def every_status() -> tuple[Assessment, ...]:
    """Return one object in each status."""
    return (
        assessment("Campaign", "spring-renewals", Status.PENDING, "only Git moved: it isn't in the target yet"),
        assessment(
            "Campaign",
            "winback",
            Status.OPERATIONAL,
            "floor managers own what moved",
            fields=(field_assessment("status", "Running", "Paused", applied="Running", operational=True),),
        ),
        assessment(
            "List",
            "lapsed-2025",
            Status.DRIFTED,
            "someone changed the target, and Git moved too",
            fields=(
                field_assessment("fetchWeight", 2, 9, applied=5, mover=Mover.BOTH),
                field_assessment("callerIdEnabled", True, False, applied=True),
            ),
            line=12,
        ),
        assessment("List", "old-leads", Status.MISSING, "the recorded Id 19 is gone"),
        assessment("Team", "renewals-north", Status.IN_SYNC, "the target is as the manifest says"),
        assessment("User", "jane.doe", Status.BLOCKED, "two live users have that login: 53 and 71"),
        assessment(
            "Membership",
            "french-speakers",
            Status.CANNOT_TELL,
            "the API can't read back a user's skills",
            fields=(
                field_assessment(
                    "users/sam.jones", 8, None, applied=5, mover=Mover.NOBODY_KNOWS, knowledge=Knowledge.RECORDED
                ),
                field_assessment("users/jane.doe", 8, None, mover=Mover.NOBODY_KNOWS, knowledge=Knowledge.UNKNOWN),
                replace(
                    field_assessment(
                        "users/kim.lee", 8, None, applied=8, mover=Mover.NOBODY, knowledge=Knowledge.RECORDED
                    ),
                    settled=True,
                ),
            ),
        ),
        replace(
            assessment("Campaign", "#7", Status.UNMANAGED, "no document declares it"),
            natural_key="Christmas 2019",
            place=None,
            labels={},
        ),
    )


def every_step() -> tuple[Step, ...]:
    """Return a step of every action."""
    return (
        create_list(),
        create_campaign(),
        update_user(),
        adopt_team(),
        associate_list(),
        associate_skill(),
        switch(
            Action.SET_STATUS,
            "winback",
            before="Running",
            after="Not Running",
            risk=Risk.DISRUPTIVE,
            risk_reason="stops a running campaign",
        ),
        disassociate_list(),
        switch(
            Action.DEACTIVATE,
            "winback",
            before=True,
            after=False,
            risk=Risk.DISRUPTIVE,
            risk_reason="takes a running campaign out of use",
        ),
        switch(Action.ACTIVATE, "spring-renewals", before=False, after=True, risk=Risk.NONE),
        switch(Action.SET_TYPE, "chase", before="Predictive", after="Preview", risk=Risk.NONE),
    )


def every_action() -> Plan:
    """Return a plan that touches every action, with objections, notices, releases and bookkeeping."""
    return Plan(
        target="production",
        url="https://acme.maxcontact.com",
        steps=every_step(),
        warnings=(
            Notice(
                rule="adopted-operational",
                message="status is taken as it is live: Paused",
                address="Campaign/winback",
                source="campaigns/winback.yaml:9",
            ),
        ),
        unverifiable=(
            Notice(
                rule="unseen-members",
                message="campaign winback may have lists that nobody can see",
                address="Campaign/winback",
                source="memberships/winback.yaml:3",
            ),
        ),
        releases=(Release(address=Address("List", "xmas"), id=31, reason="its document is gone, and it is kept"),),
        bookkeeping=(
            Learned(name="userTeams", value="many"),
            Linked(links=(Link("team-user", 4, 53),), value=True, mark=Knowledge.LIVE, at=EARLIER),
        ),
        assessments=every_status(),
        unmanaged={"Campaign": 1, "User": 3},
        knowledge=KnowledgeCounts(live=812, recorded=96, assumed=0, unknown=7, oldest=EARLIER),
        basis=Basis(lineage="9f1c", serial=4, manifests="sha256:aa", fingerprints={"Campaign#42": "sha256:bb"}),
        timezone="Europe/London",
    )


def refused_plan() -> Plan:
    """Return a plan that a limit refuses."""
    return Plan(
        target="production",
        url="https://acme.maxcontact.com",
        steps=(disassociate_list(),),
        objections=(
            Objection(
                rule="limit-disassociations",
                message="8 of 10 members of winback would be taken off; the limit is 30%",
                advice="check the manifests, or say --allow-mass-change",
                steps=("membership/winback-dialling/disassociate/list/lapsed-2025",),
                overridable=True,
            ),
        ),
    )


def every_result() -> ApplyReport:
    """Return a report in which steps ended in every way."""
    return ApplyReport(
        target="production",
        outcomes=(
            Outcome(step="list/renewals-2026q2/create", result=Result.DONE, object_id=178, requests=1, seconds=0.21),
            Outcome(
                step="campaign/spring-renewals/create",
                result=Result.FAILED,
                detail="Invalid Parameters: TargetDropPercent must not be above 2",
                advice="correct targetDropPercent in campaigns/spring.yaml and plan again",
                requests=1,
                seconds=0.4,
            ),
            Outcome(
                step="membership/spring-renewals-dialling/associate/list/renewals-2026q2",
                result=Result.SKIPPED,
                detail="campaign/spring-renewals/create failed",
            ),
            Outcome(
                step="user/jane.doe/update",
                result=Result.UNKNOWN,
                detail="the connection dropped after the request had left",
                advice="plan again: the next plan asks for it anew",
                requests=3,
                seconds=12.5,
                notes=("sent three times",),
            ),
        ),
        serial=5,
    )


def every_problem() -> ValidationReport:
    """Return a check that found an error with everything there is to say, and a warning with little."""
    return ValidationReport(
        problems=(
            Problem(
                rule="out-of-range",
                message="targetDropPercent is 130",
                place=Place("campaigns/spring.yaml", 14, 9),
                path="spec.targetDropPercent",
                expected="a number from 0 to 100",
                advice="write the percentage of calls that may be dropped, such as 2.5",
            ),
            Problem(
                rule="no-effect",
                message="zipToneBeep has no effect without zipTone: Beep",
                place=Place("campaigns/winback.yaml", 7, 3),
                severity=Severity.WARNING,
            ),
        ),
        files=("campaigns/spring.yaml", "campaigns/winback.yaml", "lists/renewals.yaml"),
        documents=5,
    )


def some_ledger() -> Ledger:
    """Return a ledger that remembers something of every sort."""
    ledger = Ledger(target="production", url="https://acme.maxcontact.com", lineage="9f1c", serial=4)
    team, user = Address("Team", "renewals-north"), Address("User", "jane.doe")
    for event in (
        Bound(address=team, id=4, natural_key="Renewals North", fields={"serviceTime": 20}, at=EARLIER),
        Bound(address=user, id=53, natural_key="jane.doe", fields={"extension": "2041"}, at=EARLIER, rotation=2),
        Owned(
            address=Address("Membership", "renewals-north-agents"),
            membership=LedgerMembership(owned=(("team-user", "Team/renewals-north"),)),
        ),
        Linked(links=(Link("team-user", 4, 53),), value=True, mark=Knowledge.RECORDED, at=EARLIER),
        Linked(links=(Link("skill-user", 12, 53),), value=8, mark=Knowledge.ASSUMED, at=EARLIER, by="floor lead"),
        Activated(flag=Flag("User", 53), value=True, mark=Knowledge.RECORDED, at=EARLIER),
        Intended(
            step="team/renewals-north/deactivate",
            action="deactivate",
            address=team,
            at=EARLIER,
            flags=(Flag("Team", 4),),
        ),
        EmergencySwitched(emergency=Emergency(enabled=True, at=EARLIER, by="ops", reason="power cut")),
    ):
        ledger.record(event)
    return ledger
