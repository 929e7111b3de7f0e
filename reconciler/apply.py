"""
Executing a plan: the one place that changes the target.

    apply_plan        refuse what must not be applied, get the passwords, then run the graph
      applying.schedule   which step when: workers, dependencies, interruption
      applying.perform    one step: its part, and what an error means for it
        creating replacing switching coding membership primary    what each action sends, and how it makes sure
          applying.attempt    every request, and every line in the ledger, of one step
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from reconciler.applying.perform import perform
from reconciler.applying.progress import Observer, StepFinished, StepStarted
from reconciler.applying.protocols import Journal, Writer
from reconciler.applying.run import Run
from reconciler.applying.schedule import Schedule
from reconciler.errors import LedgerError, RefusalError, SecretError
from reconciler.model.address import Address
from reconciler.model.desired import PasswordMethod, PasswordSource
from reconciler.model.ledger import Activated, Concluded, Event, Ledger, Released
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.model.plan import Action, Plan, Risk, Step
from reconciler.model.secret import Secret


def apply_plan(
    plan: Plan,
    *,
    client: Writer,
    journal: Journal,
    passwords: Callable[[PasswordSource], Secret],
    parallelism: int = 4,
    observer: Observer | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    stop: threading.Event | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> ApplyReport:
    """
    Carry out a plan and return what became of every step, in the plan's order.

    The ledger is locked and the plan re-checked by the caller. At most `parallelism` steps run at a time. Once `stop`
    is set no step starts; those in flight finish and are recorded. `observer` is called from this thread. `clock` gives
    UTC, `sleep` waits seconds. Raises RefusalError (objections, a frozen target), SecretError (every password source
    that gives nothing) and LedgerError (bookkeeping could not be written); in each case nothing was sent.
    """
    if parallelism < 1:
        raise ValueError("parallelism is at least 1")
    refuse_unfit(plan, journal.ledger)
    secrets = resolve_passwords(plan, passwords)
    zone = ZoneInfo(plan.timezone)
    run = Run(
        plan=plan,
        client=client,
        journal=journal,
        clock=clock,
        sleep=sleep,
        zone=zone,
        secrets=secrets,
        gone=_gone(plan, journal.ledger),
    )
    for event in plan.bookkeeping:
        journal.append(stamped(event, run.now()))
    return _carry_out(run, parallelism=parallelism, observer=observer, stop=stop or threading.Event())


def _carry_out(run: Run, *, parallelism: int, observer: Observer | None, stop: threading.Event) -> ApplyReport:
    ending = _Ending(run, observer)
    ending.begin()
    outcomes = Schedule(
        run.plan.steps,
        lambda step: perform(run, step),
        parallelism=parallelism,
        stop=stop,
        halted=lambda: run.halted,
        started=ending.started,
        finished=ending.finished,
    ).run()
    undone = any(outcome.result is not Result.DONE for outcome in outcomes)
    if ending.unwritten is not None and not undone:
        # No outcome would tell.
        raise ending.unwritten
    return ApplyReport(
        target=run.plan.target,
        outcomes=outcomes,
        interrupted=stop.is_set() and undone,
        serial=run.ledger.serial,
    )


def stamped(event: Event, now: str) -> Event:
    """Return a planned event with the time at which it happens: a plan knows no clock."""
    return replace(event, at=now) if isinstance(event, Activated | Concluded) and not event.at else event


def _gone(plan: Plan, ledger: Ledger) -> frozenset[tuple[Address, int]]:
    created = (step.address for step in plan.steps if step.action is Action.CREATE)
    return frozenset((address, ledger.objects[address].id) for address in created if address in ledger.objects)


def refuse_unfit(plan: Plan, ledger: Ledger) -> None:
    """Raise RefusalError if the plan has objections or the target is frozen by an emergency."""
    emergency = ledger.emergency
    if emergency is not None and emergency.enabled:
        raise RefusalError(
            f"{plan.target} is frozen: global emergency was enabled by {emergency.by} at {emergency.at} "
            f"({emergency.reason}); nothing was sent",
            hint="lift it with `emergency disable`, then plan and apply again",
        )
    if plan.objections:
        said = "; ".join(objection.message for objection in plan.objections)
        advice = "; ".join(dict.fromkeys(objection.advice for objection in plan.objections if objection.advice))
        raise RefusalError(f"the plan is refused: {said}; nothing was sent", hint=advice)


def resolve_passwords(plan: Plan, passwords: Callable[[PasswordSource], Secret]) -> dict[str, Secret]:
    """
    Get every password that the plan may send, by step id, before anything is sent.

    A source that several steps name is asked once, `generate` anew for each. A move between teams needs one only on
    servers that do not change the primary team by it, so there a missing one is for the step to say. Raises SecretError
    that lists all others that give nothing.
    """
    found: dict[str, Secret] = {}
    asked: dict[tuple[PasswordMethod, tuple[str, ...]], Secret] = {}
    missing: dict[str, None] = {}
    hints: dict[str, None] = {}
    for step in plan.steps:
        source = step.password
        if source is None or step.action is Action.ADOPT:
            continue
        key = (source.method, source.argument)
        try:
            if source.method is PasswordMethod.GENERATE:
                found[step.id] = passwords(source)
            else:
                found[step.id] = asked[key] = asked.get(key) or passwords(source)
        except SecretError as error:
            if step.primary and step.risk is not Risk.DISRUPTIVE:
                continue
            missing[f"{_whose(step)}: {error.message}"] = None
            hints |= {error.hint: None} if error.hint else {}
    if missing:
        raise SecretError(f"{'; '.join(missing)}; nothing was sent", hint="; ".join(hints))
    return found


def _whose(step: Step) -> str:
    managed = next((end.address for end in step.members if end.managed), None)
    return str(managed if step.relation and managed else step.address)


class _Ending:
    """
    What happens as steps end: the observer hears of it, and records whose steps are all done are released.

    `unwritten` is the ledger's error, if a release could not be recorded.
    """

    def __init__(self, run: Run, observer: Observer | None) -> None:
        self._run = run
        self._observer = observer
        self._count = 0
        self._open = {position: len(set(each.after)) for position, each in enumerate(run.plan.releases)}
        self._waiting: dict[str, list[int]] = {}
        for position, each in enumerate(run.plan.releases):
            for name in set(each.after):
                self._waiting.setdefault(name, []).append(position)
        self.unwritten: LedgerError | None = None

    def begin(self) -> None:
        """Release what waits for no step; raises LedgerError."""
        for position, count in self._open.items():
            if not count:
                self._release(position)

    def started(self, step: Step) -> None:
        """Tell the observer."""
        if self._observer is not None:
            self._observer(StepStarted(step=step))

    def finished(self, step: Step, outcome: Outcome) -> None:
        """Release what waited for this step only, and tell the observer."""
        self._count += 1
        if outcome.result is Result.DONE:
            for position in self._waiting.get(step.id, ()):
                self._open[position] -= 1
                if not self._open[position] and not self._run.halted:
                    self._release_or_halt(position)
        if self._observer is not None:
            total = len(self._run.plan.steps)
            self._observer(StepFinished(step=step, outcome=outcome, finished=self._count, total=total))

    def _release_or_halt(self, position: int) -> None:
        try:
            self._release(position)
        except LedgerError as error:
            self.unwritten = error
            self._run.halt(f"the ledger could not be written, so nothing more is sent: {error.message}")

    def _release(self, position: int) -> None:
        self._run.journal.append(Released(address=self._run.plan.releases[position].address))
