"""
Global emergency: stop every campaign, and freeze the target until somebody lifts it.

The freeze is written to the ledger before the call and outlives every doubt about it: a pipeline must never start a
stopped floor again. Nothing in the API tells whether an emergency is on; campaign statuses hint at it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from reconciler.applying.protocols import Journal, Writer
from reconciler.errors import AmbiguousError, RefusalError, RefusedError, TargetError
from reconciler.kinds.campaign import CAMPAIGN, NOT_RUNNING, RUNNING
from reconciler.kinds.codec import live_object, read_field
from reconciler.kinds.moments import utc
from reconciler.kinds.requests import EMERGENCY_DISABLE, EMERGENCY_ENABLE
from reconciler.model.ledger import Emergency, EmergencySwitched, Ledger
from reconciler.model.plan import Request

_STATUS = CAMPAIGN.field("status")
_FROZEN = "the target stays frozen: apply refuses until `emergency disable`"


def status(ledger: Ledger) -> Emergency | None:
    """Return what is recorded: None when nothing is; `enabled` means frozen, otherwise statuses wait for a plan."""
    return ledger.emergency


def enable(client: Writer, journal: Journal, *, reason: str, who: str, clock: Callable[[], datetime]) -> Emergency:
    """
    Freeze the target, stop all campaigns (the API document's Global Emergency, Enable) and return what is recorded.

    The snapshot keeps the statuses from before the first of several emergencies. `clock` gives UTC. Raises TargetError
    when the campaigns cannot be read (nothing was sent), RefusedError (the freeze is taken back) and AmbiguousError
    (nobody knows; the target stays frozen).
    """
    earlier = journal.ledger.emergency
    now = _read_statuses(client)
    emergency = Emergency(
        enabled=True, at=utc(clock()), by=who, reason=reason, statuses=_snapshot(now, earlier=earlier)
    )
    journal.append(EmergencySwitched(emergency=emergency))
    try:
        _send(client, EMERGENCY_ENABLE)
    except AmbiguousError as doubt:
        if _has_stopped(client, before=now):
            return emergency
        raise AmbiguousError(
            f"whether the global emergency is on is not known; {_FROZEN}: {doubt.message}",
            hint="look at the campaigns in the portal, and run `emergency enable` again to be certain",
        ) from doubt
    except TargetError as error:
        journal.append(EmergencySwitched(emergency=earlier))
        frozen = earlier is not None and earlier.enabled
        error.message = f"{error.message}; {_FROZEN if frozen else 'the target is not frozen'}"
        error.args = (error.message,)
        raise
    return emergency


def disable(client: Writer, journal: Journal, *, who: str, clock: Callable[[], datetime]) -> Emergency | None:
    """
    Lift the emergency (Global Emergency, Disable) and the freeze; return what is left for the next plan to restore.

    An emergency that this ledger knows nothing of is lifted too. Raises RefusedError and AmbiguousError, after which
    the freeze stays, unless every campaign that ran before runs again: no emergency is on then.
    """
    emergency = journal.ledger.emergency
    try:
        _send(client, EMERGENCY_DISABLE)
    except (RefusedError, AmbiguousError) as error:
        if emergency is None or not emergency.enabled:
            raise
        if not _all_run_again(client, emergency):
            error.message = f"{error.message}; {_FROZEN}"
            error.args = (error.message,)
            error.hint = error.hint or "look in the portal whether the emergency is still on, then run this again"
            raise
    return _lift(client, journal, who=who, clock=clock)


def attest_lifted(client: Writer, journal: Journal, *, who: str, clock: Callable[[], datetime]) -> Emergency | None:
    """
    Lift the freeze on the word of somebody who saw in the portal that no emergency is on; only statuses are read.

    Raises RefusalError when the target is not frozen.
    """
    emergency = journal.ledger.emergency
    if emergency is None or not emergency.enabled:
        raise RefusalError("the target is not frozen", hint="there is nothing to lift")
    return _lift(client, journal, who=who, clock=clock)


def _lift(client: Writer, journal: Journal, *, who: str, clock: Callable[[], datetime]) -> Emergency | None:
    emergency = journal.ledger.emergency
    if emergency is None:
        return None
    # If they cannot be read now, the next plan reads them.
    now = _statuses_if_readable(client) or {}
    left = {each: code for each, code in emergency.statuses.items() if now.get(each, NOT_RUNNING) != code}
    lifted = replace(emergency, enabled=False, at=utc(clock()), by=who, statuses=left) if left else None
    journal.append(EmergencySwitched(emergency=lifted))
    return lifted


def _snapshot(now: Mapping[int, int], *, earlier: Emergency | None) -> dict[int, int]:
    """Return the statuses to go back to: what an earlier emergency stopped, and nobody restored, is not 'stopped'."""
    kept = {} if earlier is None else earlier.statuses
    return {each: kept.get(each, code) if code == NOT_RUNNING else code for each, code in sorted(now.items())}


def _read_statuses(client: Writer) -> dict[int, int]:
    statuses: dict[int, int] = {}
    for entity in client.read_all(CAMPAIGN.path):
        try:
            live = live_object(CAMPAIGN, entity)
        except ValueError:
            # A campaign that cannot be told apart must not keep a floor from being stopped.
            continue
        code = _code(entity)
        if code is not None:
            statuses[live.id] = code
    return statuses


def _code(entity: Mapping[str, object]) -> int | None:
    code = read_field(_STATUS, entity, UTC)
    return code if isinstance(code, int) else None


def _has_stopped(client: Writer, *, before: Mapping[int, int]) -> bool:
    """Return whether campaigns that ran just before are all stopped now: the call was processed."""
    ran = [each for each, code in before.items() if code == RUNNING]
    now = _statuses_if_readable(client)
    return bool(ran) and now is not None and all(now.get(each, NOT_RUNNING) == NOT_RUNNING for each in ran)


def _all_run_again(client: Writer, emergency: Emergency) -> bool:
    """Return whether every campaign that ran before the emergency runs now: then none is on."""
    ran = [each for each, code in emergency.statuses.items() if code == RUNNING]
    now = _statuses_if_readable(client)
    return bool(ran) and now is not None and all(now.get(each, RUNNING) == RUNNING for each in ran)


def _statuses_if_readable(client: Writer) -> dict[int, int] | None:
    try:
        return _read_statuses(client)
    except TargetError:
        return None


def _send(client: Writer, request: Request) -> None:
    # Repeatable: it sets a state, whatever the state was.
    client.send(request.method, request.path, request.body, repeatable=True)
