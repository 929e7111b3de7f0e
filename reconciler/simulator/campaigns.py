"""Campaign status and type, the fields that depend on the type, and global emergency."""

from __future__ import annotations

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.fields import (
    BRIDGE,
    CAMPAIGN_STATUSES,
    CAMPAIGN_TYPES,
    IVR,
    LARGEST_INT,
    NOT_RUNNING,
    PREDICTIVE,
    PROGRESSIVE,
    RUNNING,
    Kind,
    Row,
)
from reconciler.simulator.refusal import Refused, invalid
from reconciler.simulator.world import World


def set_status(world: World, behaviour: Behaviour, row: Row, text: object) -> int:
    """Set a campaign's status (Update Campaign Status) and return its code. Raises Refused."""
    status = read_code(behaviour, "CampaignStatus", CAMPAIGN_STATUSES, text)
    if status == row["Status"]:
        _same(behaviour, row, "status")
        return status
    changed = row | {"Status": status}
    check_running(world, behaviour, changed, before=row)
    world.put(Kind.CAMPAIGNS, changed)
    return status


def set_type(world: World, behaviour: Behaviour, row: Row, text: object) -> int:
    """Set a campaign's type (Update Campaign Type) and return its code. Raises Refused."""
    kind = read_code(behaviour, "CampaignType", CAMPAIGN_TYPES, text)
    if kind == row["Type"]:
        _same(behaviour, row, "type")
        return kind
    check_type_change(behaviour, row)
    changed = row | {"Type": kind}
    drop_fields(behaviour, changed, row)
    world.put(Kind.CAMPAIGNS, changed)
    return kind


def read_code(behaviour: Behaviour, name: str, names: tuple[str, ...], text: object) -> int:
    """Read the text of CampaignStatus or CampaignType, in the form that this server takes. Raises Refused."""
    if not isinstance(text, str):
        raise invalid(f"{name} must be a string")
    if behaviour.patch_codes != "name" and text.isascii() and text.isdigit() and int(text) <= LARGEST_INT:
        code = int(text)
        if code < len(names) or behaviour.undocumented_codes == "accepted":
            return code
    if behaviour.patch_codes != "number":
        for code, known in enumerate(names):
            spellings = {known.replace(" ", "").casefold()}
            if behaviour.patch_codes != "enum":
                spellings.add(known.casefold())
            if text.casefold() in spellings:
                return code
    raise invalid(f"{name} {text!r} is not known")


def check_running(world: World, behaviour: Behaviour, row: Row, *, before: Row | None = None) -> None:
    """Refuse a status that the campaign, as it would become, cannot have."""
    status, old = row["Status"], before["Status"] if before else NOT_RUNNING
    if status == NOT_RUNNING:
        return
    if not row["Active"] and not behaviour.inactive_campaigns_run:
        raise Refused("an inactive campaign can't be started")
    if status == old:
        return
    if status == RUNNING and world.emergency and behaviour.emergency_blocks_running:
        raise Refused("global emergency is enabled, no campaign can be started")
    if behaviour.status_transitions == "stepwise" and old == NOT_RUNNING and status != RUNNING:
        raise Refused("a campaign that is not running can only be set to Running")


def check_type_change(behaviour: Behaviour, row: Row) -> None:
    """Refuse another type for a campaign that is not stopped, where the server does."""
    if behaviour.type_while_running == "refused" and row["Status"] != NOT_RUNNING:
        raise Refused("the type can't be changed while the campaign is running")


def drop_fields(behaviour: Behaviour, row: Row, before: Row) -> None:
    """
    Undo the fields that are not applied for the campaign's type (note of Create and Update Campaign).

    MaxLines counts for Bridge and IVR; NotReadyWaitTime for Predictive and Progressive; ProgressiveThreshold for
    those two with DegradeToProgressive.
    """
    paced = row["Type"] in (PREDICTIVE, PROGRESSIVE)
    applied = {
        "MaxLines": row["Type"] in (BRIDGE, IVR),
        "ProgressiveThreshold": paced and bool(row["DegradeToProgressive"]),
        "NotReadyWaitTime": paced,
    }
    for name, counts in applied.items():
        if not counts:
            row[name] = 0 if behaviour.dropped_fields == "zero" else before[name]


def stop_when_deactivated(behaviour: Behaviour, row: Row) -> None:
    """Let a deactivated campaign's status become what this server makes of it. Raises Refused."""
    if row["Status"] == NOT_RUNNING:
        return
    if behaviour.deactivate_running == "refused":
        raise Refused("a running campaign can't be deactivated")
    if behaviour.deactivate_running == "stops" or not behaviour.inactive_campaigns_run:
        row["Status"] = NOT_RUNNING


def set_emergency(world: World, behaviour: Behaviour, *, enabled: bool) -> None:
    """Stop all campaigns, or return to normal (Global Emergency). Raises Refused."""
    if world.emergency is enabled:
        if behaviour.emergency_again == "refused":
            raise Refused(f"global emergency is {'enabled' if enabled else 'disabled'} already")
        return
    world.emergency = enabled
    rows = world.objects[Kind.CAMPAIGNS]
    if enabled:
        for identity, row in rows.items():
            status = row["Status"]
            if isinstance(status, int) and status != NOT_RUNNING:
                world.stopped[identity] = status
                rows[identity] = row | {"Status": NOT_RUNNING}
    else:
        for identity, status in world.stopped.items():
            row = rows.get(identity, {})
            startable = row and (row["Active"] or behaviour.inactive_campaigns_run)
            if behaviour.emergency_restores and startable and row["Status"] == NOT_RUNNING:
                rows[identity] = row | {"Status": status}
        world.stopped.clear()
    world.changed()


def _same(behaviour: Behaviour, row: Row, what: str) -> None:
    if behaviour.set_same_status == "refused":
        raise Refused(f"Campaign {row['Id']} has that {what} already")
