"""
The envelope around every answer: ManagementActionResponse, and SkillUserResult, whose shape is not documented.

Follows the section "ManagementActionResponse" of the API document. Property names are read in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.api.document import read_document

# After `Success`, the names that a SkillUserResult might use for the same thing.
_VERDICT_NAMES = ("success", "succeeded", "successful", "issuccess", "issuccessful", "result")
_DETAIL_NAMES = ("responsedetail", "detail", "message", "errormessage", "error")
_FAILURE_CODES = frozenset({"error", "invalidparameters"})
_TRUTHS = {"true": True, "1": True, "success": True, "false": False, "0": False, "failure": False, "error": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """
    An answer's verdict and payload.

    `success` is None where the body gives no verdict, or contradicts itself. Of a body without any sign of an envelope
    (a bare entity, say) `data` is the whole. `data` never holds a password.
    """

    success: bool | None
    data: object
    code: str = ""
    detail: str = ""


def read_envelope(body: bytes, content_type: str) -> Envelope:
    """Parse an answer; raises what `read_document` raises."""
    return open_envelope(read_document(body, content_type))


def open_envelope(document: object) -> Envelope:
    """Find the verdict in a parsed answer."""
    if isinstance(document, list) and document and all(_own_verdict(item) is not None for item in document):
        # One result for each user of a skills call.
        return _judge_each(document)
    if not isinstance(document, Mapping):
        return Envelope(success=None, data=_without_password(document))
    fields = {str(name).casefold(): value for name, value in document.items()}
    success = _own_verdict(document)
    code = _text(fields.get("responsecode"))
    detail = next((found for name in _DETAIL_NAMES if (found := _text(fields.get(name)))), "")
    if success is None and "data" not in fields and not code:
        return Envelope(success=None, data=_without_password(document))
    if success is None and "success" not in fields and code:
        success = normalise_code(code) == "success"
    if success and normalise_code(code) in _FAILURE_CODES:
        success = None
    nested = next((fields[name] for name in ("data", "results") if isinstance(fields.get(name), list)), None)
    if success is not None and nested and any(_explicit_failure(item) for item in nested):
        # A SkillUserResult may carry its verdicts one by one; a single no among them is a no.
        each = _judge_each(nested)
        return Envelope(success=False, data=each.data, code=code, detail=detail or each.detail)
    return Envelope(success=success, data=_without_password(fields.get("data")), code=code, detail=detail)


def normalise_code(code: str) -> str:
    """Return a ResponseCode without case and spaces: "Invalid Parameters" and "invalidparameters" are one."""
    return "".join(code.split()).casefold()


def _own_verdict(item: object) -> bool | None:
    if not isinstance(item, Mapping):
        return None
    fields = {str(name).casefold(): value for name, value in item.items()}
    for name in _VERDICT_NAMES:
        if name in fields:
            return _truth(fields[name])
    return None


def _explicit_failure(item: object) -> bool:
    if not isinstance(item, Mapping):
        return False
    return any(str(name).casefold() == "success" and _truth(value) is False for name, value in item.items())


def _judge_each(items: list[object]) -> Envelope:
    failed = [item for item in items if _own_verdict(item) is False]
    detail = f"{len(failed)} of {len(items)} were refused" if failed else ""
    for item in failed:
        fields = {str(name).casefold(): value for name, value in item.items()} if isinstance(item, Mapping) else {}
        detail += "".join(f"; {text}" for name in _DETAIL_NAMES if (text := _text(fields.get(name))))
    return Envelope(success=not failed, data=_without_password(items), detail=detail)


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, (str, int)):
        return _TRUTHS.get(str(value).strip().casefold())
    return None


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _without_password(data: object) -> object:
    # The document says that a password is never sent back; a server that does must not get it into a ledger or report.
    if isinstance(data, Mapping):
        return {name: value for name, value in data.items() if str(name).casefold() != "password"}
    if isinstance(data, list):
        return [_without_password(item) if isinstance(item, Mapping) else item for item in data]
    return data
