"""Campaigns: the API document's Campaign entity, Campaign Methods and appendices 1 to 4."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kinds.spec import Activity, FieldSpec, Form, KindSpec
from reconciler.model.values import Scalar

TYPES = ("Predictive", "Progressive", "Preview", "IVR", "Bridge", "Ping", "Inbound", "Coach", "Interaction")
STATUSES = ("Not Running", "Running", "Paused", "Flushed")
ZIP_TONES = ("Beep", "Wav File", "None")
ZIP_TONE_BEEPS = (
    "High",
    "Low",
    "HiLo",
    "LoHi",
    "HiLoHi",
    "LoHiLo",
    "Twinkle",
    "Beethoven",
    "Bingo",
    "OldMacDonald",
    "Mary",
)

PREDICTIVE, PROGRESSIVE, IVR, BRIDGE = (TYPES.index(name) for name in ("Predictive", "Progressive", "IVR", "Bridge"))
BEEP, WAV_FILE = (ZIP_TONES.index(name) for name in ("Beep", "Wav File"))
NOT_RUNNING, RUNNING, PAUSED = (STATUSES.index(name) for name in ("Not Running", "Running", "Paused"))


def keeps_lines(fields: Mapping[str, Scalar]) -> bool:
    """Return whether `maxLines` is applied: types Bridge and IVR only (note under Create Campaign)."""
    return fields.get("type") in (IVR, BRIDGE)


def keeps_wait(fields: Mapping[str, Scalar]) -> bool:
    """Return whether `notReadyWaitTime` is applied: types Predictive and Progressive only (same note)."""
    return fields.get("type") in (PREDICTIVE, PROGRESSIVE)


def keeps_threshold(fields: Mapping[str, Scalar]) -> bool:
    """Return whether `progressiveThreshold` is applied: as `notReadyWaitTime`, with `degradeToProgressive` true."""
    return keeps_wait(fields) and fields.get("degradeToProgressive") is True


CAMPAIGN = KindSpec(
    name="Campaign",
    plural="campaigns",
    path="/management/campaigns",
    natural_key="campaignName",
    fields=(
        FieldSpec(name="campaignName", wire="CampaignName", form=Form.TEXT),
        FieldSpec(name="description", wire="Description", form=Form.TEXT),
        FieldSpec(name="callerId", wire="CallerId", form=Form.TEXT),
        FieldSpec(name="type", wire="Type", form=Form.CODE, codes=TYPES, endpoint="set-type"),
        FieldSpec(name="maxLines", wire="MaxLines", form=Form.INTEGER, kept_when=keeps_lines),
        FieldSpec(name="degradeToProgressive", wire="DegradeToProgressive", form=Form.BOOLEAN),
        FieldSpec(
            name="progressiveThreshold", wire="ProgressiveThreshold", form=Form.INTEGER, kept_when=keeps_threshold
        ),
        FieldSpec(name="targetDropPercent", wire="TargetDropPercent", form=Form.DECIMAL),
        FieldSpec(name="isBlended", wire="IsBlended", form=Form.BOOLEAN),
        FieldSpec(name="autoRecord", wire="AutoRecord", form=Form.BOOLEAN),
        FieldSpec(name="defaultList", wire="DefaultListId", form=Form.REFERENCE, refers_to="List"),
        FieldSpec(name="hoursPerWorkingDay", wire="HoursPerWorkingDay", form=Form.DECIMAL),
        FieldSpec(name="defaultPhoneType", wire="DefaultPhoneType", form=Form.CATALOGUED, group="phoneTypes"),
        FieldSpec(name="teleParamPlanId", wire="TeleParamPlanId", form=Form.CATALOGUED, group="teleParamPlans"),
        FieldSpec(name="schedulePlanId", wire="SchedulePlanId", form=Form.CATALOGUED, group="schedulePlans"),
        FieldSpec(name="zipTone", wire="ZipTone", form=Form.CODE, codes=ZIP_TONES),
        FieldSpec(
            name="zipToneBeep", wire="ZipToneBeep", form=Form.CODE, codes=ZIP_TONE_BEEPS, needs=("zipTone", BEEP)
        ),
        FieldSpec(name="zipToneWav", wire="ZipToneWav", form=Form.TEXT, needs=("zipTone", WAV_FILE)),
        FieldSpec(name="notReadyWaitTime", wire="NotReadyWaitTime", form=Form.INTEGER, kept_when=keeps_wait),
        FieldSpec(name="status", wire="Status", form=Form.CODE, codes=STATUSES, endpoint="set-status"),
    ),
    activity=Activity(method="PATCH", suffix="activityStatus", readable=True),
    required_on_create=("type",),
    echoed=("Active", "Status", "Type"),
)
