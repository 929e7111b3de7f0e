"""
From a plan to outcomes: show, ask, lock, check again, execute, report.

The order is the safety: nothing is sent before the plan was shown and approved, and nothing before the ledger is held
and everything that the plan rests on was found unchanged.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from reconciler import planfile
from reconciler.api.client import Client
from reconciler.apply import apply_plan, refuse_unfit
from reconciler.cli import wiring
from reconciler.cli.following import following
from reconciler.cli.manifests import read_digest, read_manifests, read_settings
from reconciler.cli.options import Output, PlanningOptions
from reconciler.cli.output import deliver, timestamp
from reconciler.cli.rendering import apply_renderers, dry_run_renderers
from reconciler.cli.session import Session
from reconciler.cli.signals import stopping
from reconciler.config.passwords import resolve_password
from reconciler.config.settings import Settings
from reconciler.errors import ConfigurationError, InterruptedRunError, RefusalError, StaleError
from reconciler.fingerprint import check
from reconciler.model.desired import PasswordSource
from reconciler.model.ledger import Ledger
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.model.plan import Plan, Risk
from reconciler.model.plan_document import DIGEST, summary
from reconciler.model.secret import Secret
from reconciler.render.text import plan_text
from reconciler.render.wording import closing_line
from reconciler.state.journal import Journal

FAILED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How to apply: what the command's options say. `lock_timeout` is in seconds."""

    planning: PlanningOptions
    output: Output
    auto_approve: bool = False
    dry_run: bool = False
    lock_timeout: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proof:
    """What a saved plan has to stand up to; `manifests` is the digest of those that are there now, if any."""

    saved: bool = False
    manifests: str | None = None


def apply_directory(session: Session, directory: str, order: Order) -> int:
    """Plan what a configuration directory asks for, and apply it; return the exit code."""
    loaded = read_manifests(session, directory, parallelism=order.planning.parallelism)
    with wiring.connect(loaded.settings, timeout=order.planning.timeout) as client:
        plan = wiring.make(session, loaded, client, order.planning)
        return _carry_out(session, loaded.settings, client, plan, order, proof=_Proof())


def apply_saved(session: Session, file: str, order: Order) -> int:
    """Apply a plan that was saved, if nothing has moved since; return the exit code."""
    plan = planfile.load(file)
    directory = session.directory()
    settings = read_settings(session, directory, target=plan.target, parallelism=order.planning.parallelism)
    if settings.target is None:
        raise ConfigurationError(
            f"{file} is a plan for the target {plan.target}, and {directory} has no such target",
            hint="name the configuration directory that the plan was made from: --config DIR",
        )
    if (settings.target.name, settings.target.url) != (plan.target, plan.url):
        raise StaleError(
            f"{file} was made for {plan.target} ({plan.url}), and this run is for {settings.target.name} "
            f"({settings.target.url}); nothing was sent",
            hint="name the plan's target with --target, or make a new plan",
        )
    # Without a project or --config the current directory may hold any YAML; then the plan stands for itself.
    has_manifests = bool(settings.targets) or session.config is not None
    manifests = read_digest(session, directory, target=plan.target) if has_manifests else None
    with wiring.connect(settings, timeout=order.planning.timeout) as client:
        return _carry_out(session, settings, client, plan, order, proof=_Proof(saved=True, manifests=manifests))


def _carry_out(session: Session, settings: Settings, client: Client, plan: Plan, order: Order, *, proof: _Proof) -> int:
    target = settings.connection()
    store = wiring.open_ledger(settings)
    ledger = wiring.load_ledger(session, store, target)
    if order.dry_run:
        if proof.saved:
            live = wiring.fetch_live(session, client, target.url)
            check(plan, live=live, ledger=ledger, manifests=proof.manifests)
        deliver(session.screen, order.output, dry_run_renderers(plan))
        refuse_unfit(plan, ledger)
        return 0
    _show(session, plan, order.output)
    refusal = _refusal(session, plan, ledger, order)
    if refusal is not None:
        _deliver(session, order.output, plan, _nothing_done(plan, refusal.message))
        raise refusal
    if not plan.has_changes and not plan.bookkeeping and not store.warnings:
        # With a warning there is something to make good: what a killed run left is taken into the ledger.
        _deliver(session, order.output, plan, _nothing_done(plan, ""))
        return 0
    report: ApplyReport | None = None
    try:
        digest = str(planfile.document(plan)[DIGEST])
        with store.lock(
            command="apply", target=target.name, url=target.url, timeout=order.lock_timeout, plan=digest
        ) as journal:
            wiring.warn_of(session, store)
            live = wiring.fetch_live(session, client, target.url)
            check(plan, live=live, ledger=journal.ledger, manifests=proof.manifests)
            report = _execute(session, settings, client, plan, journal)
        report = replace(report, serial=journal.ledger.serial)
    finally:
        # Even if the ledger could not be folded in the end: what was done is done, and has to be told.
        if report is not None:
            _deliver(session, order.output, plan, report)
    if report.interrupted:
        return InterruptedRunError.exit_code
    return 0 if report.succeeded else FAILED


def _execute(session: Session, settings: Settings, client: Client, plan: Plan, journal: Journal) -> ApplyReport:
    def password(source: PasswordSource) -> Secret:
        return resolve_password(source, environment=os.environ, directory=settings.directory)

    with (
        stopping(client.stop_retrying, machine=session.screen.machine) as stop,
        following(session.screen, len(plan.steps)) as observe,
    ):
        return apply_plan(
            plan,
            client=client,
            journal=journal,
            passwords=password,
            parallelism=settings.parallelism,
            observer=observe,
            stop=stop,
        )


def _show(session: Session, plan: Plan, output: Output) -> None:
    """Show what is about to be approved: on standard output, or beside it where that takes a machine format."""
    if output.format == "text":
        session.screen.result(plan_text(plan, colour=session.screen.colour, now=timestamp()))
    elif session.screen.machine:
        session.screen.event("plan", message=closing_line(plan), summary=summary(plan))
    elif not session.screen.quiet:
        session.screen.details(plan_text(plan, colour=session.screen.error_colour, now=timestamp()))


def _refusal(session: Session, plan: Plan, ledger: Ledger, order: Order) -> RefusalError | None:
    """Return why the plan is not carried out: it must not be, or nobody approved."""
    try:
        refuse_unfit(plan, ledger)
    except RefusalError as error:
        return error
    if order.auto_approve or not plan.has_changes:
        return None
    if not session.screen.answers:
        return RefusalError(
            "there is no terminal to ask for approval on; nothing was sent",
            hint="review the plan, then approve it with -y (--auto-approve)",
        )
    disruptive = sum(step.risk is Risk.DISRUPTIVE for step in plan.steps)
    weight = f", {disruptive} of them disruptive" if disruptive else ""
    steps = f"{len(plan.steps)} step{'s' if len(plan.steps) != 1 else ''}{weight}"
    answer = session.screen.ask(f"\nApply {steps}, to {plan.target} ({plan.url})? Only `yes` is taken: ")
    return None if answer == "yes" else RefusalError("not approved; nothing was sent")


def _nothing_done(plan: Plan, reason: str) -> ApplyReport:
    outcomes = tuple(
        Outcome(step=step.id, result=Result.SKIPPED, detail=reason, object_id=step.object_id) for step in plan.steps
    )
    return ApplyReport(target=plan.target, outcomes=outcomes, serial=plan.basis.serial)


def _deliver(session: Session, output: Output, plan: Plan, report: ApplyReport) -> None:
    deliver(session.screen, output, apply_renderers(report, plan))
