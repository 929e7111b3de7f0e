"""
What the API document does not say, one parameter each.

A `Behaviour` is a server that the document allows. The defaults are the most plausible one; `variants.py` names
others, and the tests run over all of them, because nobody knows beforehand which of them a tenant has.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from types import NoneType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from reconciler.errors import UsageError


def silence(default: Any, meaning: str) -> Any:
    """Declare one parameter: its most plausible value, and what it stands for."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One server that the API document allows; every field is one of the document's silences."""

    # Whole-entity writes
    put_honours_active: bool = silence(False, "PUT of an entity also sets Active")
    put_honours_status: bool = silence(False, "PUT of a campaign also sets Status")
    put_honours_type: bool = silence(True, "PUT of a campaign also sets Type")
    post_honours_active: bool = silence(False, "POST of an entity takes the Active that it carries")
    post_honours_status: bool = silence(False, "POST of a campaign takes the Status that it carries")
    put_resets_omitted: bool = silence(True, "fields that a PUT omits get their default (never UseMaxCallbackDays)")
    new_active: bool = silence(True, "a new object is active, unless POST honours an Active that says otherwise")
    dropped_fields: Literal["keep", "zero"] = silence(
        "keep",
        "what MaxLines, ProgressiveThreshold and NotReadyWaitTime become where the type makes the API ignore them",
    )
    default_list_associates: bool = silence(False, "writing a campaign with a DefaultListId also associates that list")
    duplicate_names: Literal["allowed", "refused"] = silence(
        "allowed", "two campaigns, lists or teams of one name (case ignored)"
    )
    duplicate_logins: Literal["allowed", "refused"] = silence("refused", "two users of one login (case ignored)")
    references_checked: bool = silence(True, "a non-zero DefaultListId, PrimarySupervisorId or TeamId must exist")
    undocumented_codes: Literal["accepted", "refused"] = silence("accepted", "codes the appendix does not list")
    unknown_fields: Literal["ignored", "refused"] = silence("ignored", "properties no entity of the document has")
    user_put_needs_password: bool = silence(True, "PUT of a user without a Password is refused")

    # Narrow writes
    associate_twice: Literal["succeeds", "refused"] = silence("succeeds", "associating what is associated")
    disassociate_absent: Literal["succeeds", "refused"] = silence("succeeds", "disassociating what is not associated")
    skill_again: Literal["updates", "refused"] = silence("updates", "another proficiency for a skill the user has")
    skill_batch: Literal["all-or-nothing", "one-by-one"] = silence(
        "all-or-nothing", "whether the good users of a skills call are done when one of them is refused"
    )
    set_same_status: Literal["succeeds", "refused"] = silence(
        "succeeds", "setting the status or type that a campaign already has"
    )
    set_same_activity: Literal["succeeds", "refused"] = silence(
        "succeeds", "activating what is active, deactivating what is not"
    )
    patch_codes: Literal["name", "number", "either", "enum"] = silence(
        "either", "CampaignStatus and CampaignType: 'Not Running', '0', both, or the identifier NotRunning and '0'"
    )
    inactive_campaigns_run: bool = silence(False, "an inactive campaign may be set to Running, Paused or Flushed")
    deactivate_running: Literal["stops", "keeps", "refused"] = silence(
        "stops", "what deactivating a campaign that is not stopped does (keeps: only where inactive campaigns run)"
    )
    type_while_running: Literal["allowed", "refused"] = silence(
        "allowed", "changing the type of a campaign that is not stopped"
    )
    status_transitions: Literal["any", "stepwise"] = silence(
        "any", "stepwise: a stopped campaign can only be set to Running, before Paused or Flushed"
    )
    list_campaigns: Literal["many", "one"] = silence("many", "whether a list may belong to several campaigns")

    # Users and teams
    user_teams: Literal["many", "one"] = silence("many", "a user's teams; with one, associating moves TeamId too")
    associate_sets_primary: Literal["always", "when-empty", "never"] = silence(
        "when-empty", "with many teams: when associating a user with a team makes that team the user's TeamId"
    )
    primary_change: Literal["adds", "moves"] = silence(
        "adds", "with many teams: whether a TeamId changed by PUT leaves the user in the old team"
    )
    disassociate_primary: Literal["clears", "next", "refused"] = silence(
        "clears", "with many teams: TeamId after leaving the primary team becomes 0, another team of the user's, or no"
    )

    # Emergency
    emergency_again: Literal["succeeds", "refused"] = silence(
        "succeeds", "enabling what is enabled, disabling what is not"
    )
    emergency_restores: bool = silence(False, "disabling starts the campaigns that enabling had stopped")
    emergency_blocks_running: bool = silence(True, "while it is enabled no campaign can be set to Running")

    # Answers
    refusal_status: Literal[200, 400] = silence(200, "HTTP status of an answer with Success false")
    missing_status: Literal["as-refusal", "404"] = silence("as-refusal", "HTTP status for an id that does not exist")
    activity_in_entities: bool = silence(False, "lists, teams and users carry an Active that nobody documented")
    extra_fields: bool = silence(False, "entities carry fields that nobody documented; PUT sets or resets them too")
    narrow_answers: Literal["value", "object"] = silence("value", "Data of a narrow call: true, or {Active: true}")
    code_answers: Literal["name", "number"] = silence("name", "Data after PATCH of status or type: its name or number")
    skill_answer: Literal["flat", "envelope", "per-user"] = silence("flat", "the shape of a SkillUserResult")
    collection_order: Literal["id", "newest"] = silence("id", "the order in which GET of a collection answers")
    inactive_listed: bool = silence(True, "GET of a collection has the inactive objects too ('all existing')")

    # Formats
    dates: Literal["iso", "ms", "uk"] = silence("iso", "2026-05-05T00:00:00, /Date(ms+0000)/ or 05/05/2026 00:00:00")
    dates_accepted: Literal["any", "own"] = silence("any", "dates understood in a request: all three, or its own form")
    decimals: Literal["number", "text"] = silence("number", "decimals in JSON: 2.5 or '2.50'")
    nulls: Literal["null", "omitted", "empty"] = silence("null", "empty values: null, absent, or '' for text")
    property_case: Literal["pascal", "camel"] = silence("pascal", "JSON names: CampaignName or campaignName")

    # Ids
    ids: Literal["per-kind", "shared"] = silence("per-kind", "whether the four kinds count separately")
    first_id: int = silence(1, "the first Id given to a new object")

    # Tokens
    token_seconds: int = silence(1800, "how long a token lives, in seconds")
    token_expiry_field: str | None = silence("Expiry", "the property with the token's expiry (none: there is none)")
    token_expiry_form: Literal["iso", "naive", "ms", "seconds"] = silence(
        "iso", "2026-05-05T10:00:00Z, the same without Z, /Date(ms+0000)/, or the life in seconds"
    )
    token_latest_only: bool = silence(False, "a second login of an account ends its first token")
    token_refusal: Literal[401, 403] = silence(401, "HTTP status for a missing, expired or unknown token")
    login_refusal: Literal[401, 403, 200] = silence(401, "HTTP status for a wrong login (200: with Success false)")
    lock_after: int = silence(0, "wrong passwords in a row after which an account is locked (0: never)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter as a help text needs it."""

    name: str
    values: tuple[str, ...]
    default: str
    meaning: str


@functools.cache
def parameters() -> tuple[Parameter, ...]:
    """List every parameter with its accepted values ('N' for a number), its default and its meaning."""
    hints = get_type_hints(Behaviour)
    return tuple(
        Parameter(
            name=one.name,
            values=_accepted(hints[one.name]),
            default=_shown(one.default),
            meaning=one.metadata["meaning"],
        )
        for one in fields(Behaviour)
    )


def parse_behaviour(settings: Iterable[str], *, base: Behaviour | None = None) -> Behaviour:
    """
    Read settings such as `associate_twice=refused` over `base` (default: the most plausible server).

    Names may be written with dashes. Raises UsageError that names every setting it cannot take.
    """
    hints = get_type_hints(Behaviour)
    chosen: dict[str, Any] = {}
    wrong: list[str] = []
    for setting in settings:
        written, equals, value = setting.partition("=")
        name = written.strip().replace("-", "_")
        if not equals or name not in hints:
            wrong.append(f"{setting!r}: expected NAME=VALUE with a name out of {', '.join(hints)}")
            continue
        try:
            chosen[name] = _value(hints[name], value.strip())
        except ValueError:
            wrong.append(f"{setting!r}: {name} takes {' | '.join(_accepted(hints[name]))}")
    if wrong:
        raise UsageError(
            "the simulator cannot behave like that: " + "; ".join(wrong),
            hint="write each as NAME=VALUE, for example associate_twice=refused",
        )
    return replace(base or Behaviour(), **chosen)


def behaviour_settings(behaviour: Behaviour) -> tuple[str, ...]:
    """Write a behaviour as the settings that differ from the default; `parse_behaviour` reads them back."""
    return tuple(
        f"{one.name}={_shown(getattr(behaviour, one.name))}"
        for one in fields(Behaviour)
        if getattr(behaviour, one.name) != one.default
    )


def _accepted(hint: object) -> tuple[str, ...]:
    if hint is bool:
        return ("true", "false")
    if hint is int:
        return ("N",)
    if get_origin(hint) is Literal:
        return tuple(str(value) for value in get_args(hint))
    return ("TEXT", "none")


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(hint: object, text: str) -> object:
    if hint is bool:
        return {"true": True, "false": False}[text.lower()] if text.lower() in ("true", "false") else _no(text)
    if hint is int:
        return int(text) if text.isascii() and text.isdigit() else _no(text)
    if get_origin(hint) is Literal:
        matching = [value for value in get_args(hint) if str(value) == text]
        return cast(object, matching[0]) if matching else _no(text)
    if NoneType in get_args(hint) and text == "none":
        return None
    return text or _no(text)


def _no(text: str) -> object:
    raise ValueError(text)


PLAIN = Behaviour()
"""The most plausible server."""
