"""What to do about the mistakes that people make most."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from reconciler.config.wording import closest

_RENAMED = {
    "id": "an object's Id goes into `metadata.id`",
    "tenantid": "the tenant's Id cannot be managed; leave it out",
    "defaultlistid": "write `defaultList:` with the key of a List, or `{id: N}`",
    "primarysupervisorid": "write `primarySupervisor:` with the key of a User, or `{id: N}`",
    "teamid": "write `team:` with the key of a Team, or `{id: N}`",
}
_SPEC_ONLY = {"spec", "metadata", "lifecycle", "labels"}


def unknown_field_advice(key: str, known: Iterable[str], *, in_spec: bool) -> str:
    """Return what was probably meant by a field that does not exist."""
    known = list(known)
    if in_spec and key.casefold() in _RENAMED:
        return _RENAMED[key.casefold()]
    guess = closest(key, known)
    if guess:
        return f"did you mean `{guess}`?"
    if in_spec and key in _SPEC_ONLY:
        return f"`{key}` stands beside `spec`, not in it"
    return "remove it" if not known else f"known here: {', '.join(known)}"


def wrong_type_advice(value: Any, schema: dict[str, Any]) -> str:
    """Return how to write a value so that it has the type that is expected."""
    wanted = schema.get("type", "")
    if wanted == "string" and isinstance(value, (int, Decimal)):
        return "put it in quotes to make it text"
    if wanted == "boolean" and isinstance(value, str):
        return "write true or false, without quotes (yes, no, on and off are text in YAML 1.2)"
    if wanted in ("integer", "number") and isinstance(value, str):
        return "write a number without quotes, sign or leading zero"
    if wanted == "array":
        return "write a list: `[one, two]`, or one `- ` line each"
    return ""
