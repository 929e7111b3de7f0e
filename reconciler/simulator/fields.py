"""
The entities of the API document, field by field, in the document's order and spelling.

Written from the document on purpose, and shared with nothing: a slip in the client's own tables is found here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

Value = str | int | bool | Decimal | datetime | None
Row = dict[str, Value]

LARGEST_INT = 2**31 - 1


class Kind(StrEnum):
    """The four collections, as the paths spell them."""

    CAMPAIGNS = "campaigns"
    LISTS = "lists"
    TEAMS = "teams"
    USERS = "users"

    @property
    def entity(self) -> str:
        """Name one of them, as the document does: `Campaign`."""
        return self.value[:-1].capitalize()


class Sort(StrEnum):
    """The document's type names."""

    INT = "int"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    STRING = "string"
    DATETIME = "datetime"


_DEFAULTS: dict[Sort, Value] = {
    Sort.INT: 0,
    Sort.DECIMAL: Decimal(0),
    Sort.BOOLEAN: False,
    Sort.STRING: None,
    Sort.DATETIME: None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """
    One property of an entity.

    `most` bounds a number, `longest` a text (characters), `codes` holds the names of an appendix (the code is the
    position), `refers` the collection in which a non-zero value must exist.
    `beyond` marks what the document does not list: the activity flag of three kinds, and extra fields.
    """

    name: str
    sort: Sort
    most: int | None = None
    longest: int | None = None
    codes: tuple[str, ...] = ()
    refers: Kind | None = None
    required: bool = False
    beyond: str = ""

    @property
    def default(self) -> Value:
        """Give the value of a field that nobody has set."""
        return _DEFAULTS[self.sort]


CAMPAIGN_TYPES = (
    "Predictive",
    "Progressive",
    "Preview",
    "IVR",
    "Bridge",
    "Ping",
    "Inbound",
    "Coach",
    "Interaction",
)
CAMPAIGN_STATUSES = ("Not Running", "Running", "Paused", "Flushed")
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
LIST_TYPES = ("Follow Campaign", "Preview", "Acd")

NOT_RUNNING, RUNNING = 0, 1
PREDICTIVE, PROGRESSIVE, IVR, BRIDGE = 0, 1, 3, 4


def _int(name: str, *, codes: tuple[str, ...] = (), refers: Kind | None = None, most: int | None = None) -> Field:
    return Field(name=name, sort=Sort.INT, codes=codes, refers=refers, most=most)


def _text(name: str, *, required: bool = False, longest: int | None = None, beyond: str = "") -> Field:
    return Field(name=name, sort=Sort.STRING, required=required, longest=longest, beyond=beyond)


def _flag(name: str, *, beyond: str = "") -> Field:
    return Field(name=name, sort=Sort.BOOLEAN, beyond=beyond)


def _decimal(name: str, most: int) -> Field:
    return Field(name=name, sort=Sort.DECIMAL, most=most)


_ACTIVITY = _flag("Active", beyond="activity")

ENTITIES: dict[Kind, tuple[Field, ...]] = {
    Kind.CAMPAIGNS: (
        _int("Id"),
        _text("CampaignName", required=True),
        _flag("Active"),
        _text("Description"),
        _text("CallerId"),
        _int("Type", codes=CAMPAIGN_TYPES),
        _int("MaxLines"),
        _flag("DegradeToProgressive"),
        _int("ProgressiveThreshold"),
        _decimal("TargetDropPercent", 100),
        _flag("IsBlended"),
        _flag("AutoRecord"),
        _int("DefaultListId", refers=Kind.LISTS),
        _decimal("HoursPerWorkingDay", 24),
        _int("DefaultPhoneType"),
        _int("TeleParamPlanId"),
        _int("SchedulePlanId"),
        _int("ZipTone", codes=ZIP_TONES),
        _int("ZipToneBeep", codes=ZIP_TONE_BEEPS),
        _text("ZipToneWav"),
        _int("NotReadyWaitTime"),
        _int("Status", codes=CAMPAIGN_STATUSES),
        _flag("Undroppable", beyond="extra"),
    ),
    Kind.LISTS: (
        _int("Id"),
        _text("ListName", required=True, longest=100),
        _text("Description"),
        _int("ListType", codes=LIST_TYPES),
        _flag("CallerIdEnabled"),
        _text("CallerId"),
        _int("MaxCallbackDays"),
        _flag("UseMaxCallbackDays"),
        Field(name="MaxCallbackDate", sort=Sort.DATETIME),
        _int("FetchWeight", most=10),
        _flag("AlertsEnabled"),
        _flag("ScriptingEnabled"),
        _int("ScriptProvider"),
        _int("ScriptId"),
        _text("Script"),
        _int("RecallPlanId"),
        _int("CallingTimePlanId"),
        _int("ResultCodePlanId"),
        _int("IvrPlanId"),
        _int("AnswerMachinePlanId"),
        _int("DoNotCallPlanId"),
        _int("SchedulePlanId"),
        _ACTIVITY,
        _text("DataSource", beyond="extra"),
    ),
    Kind.TEAMS: (
        _int("Id"),
        _int("TenantId"),
        _text("TeamName", required=True),
        _int("PrimarySupervisorId", refers=Kind.USERS),
        _int("MaxCallbacksPerDay"),
        _int("ServiceTime"),
        _decimal("HoursPerWorkingDay", 24),
        _int("WellBeingDeckId"),
        _ACTIVITY,
        _text("Colour", beyond="extra"),
    ),
    Kind.USERS: (
        _int("Id"),
        _text("FirstName", required=True),
        _text("LastName", required=True),
        _text("Login", required=True),
        _int("RolePlanId"),
        _flag("UseRTC"),
        _text("Extension"),
        _int("AutoLogon"),
        _int("TeamId", refers=Kind.TEAMS),
        _int("AgentCapacityPlanId"),
        _flag("SSOActive"),
        _ACTIVITY,
        _text("CostCentre", beyond="extra"),
    ),
}
"""A user's Password is not among them: it is written, never read, and kept apart (`World.passwords`)."""

NAMES: dict[Kind, str] = {
    Kind.CAMPAIGNS: "CampaignName",
    Kind.LISTS: "ListName",
    Kind.TEAMS: "TeamName",
    Kind.USERS: "Login",
}


@functools.cache
def by_name(kind: Kind) -> dict[str, Field]:
    """Index an entity's fields by their exact name."""
    return {field.name: field for field in ENTITIES[kind]}


def blank(kind: Kind) -> Row:
    """Make an entity on which nobody has set anything; its TenantId is the one tenant there is."""
    row: Row = {field.name: field.default for field in ENTITIES[kind]}
    if "TenantId" in row:
        row["TenantId"] = 1
    return row
