"""
What an answer, or the lack of one, means for the call: a pure table from one to the other.

Follows the section "Responses" of the API document. Where it is silent (status codes, above all): success is a 2xx
status and an envelope whose Success is true; everything else is a failure that shows both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from reconciler.api.call import Answer, Call
from reconciler.api.document import HtmlError, TornError
from reconciler.api.envelope import Envelope, normalise_code, read_envelope
from reconciler.api.plain import plain
from reconciler.api.retry import read_retry_after
from reconciler.api.wire import LostError
from reconciler.errors import AmbiguousError, MalformedError, PendingError, RefusedError, TargetError, UnreachableError
from reconciler.model.secret import Secret

_BUSY_STATUSES = frozenset({408, 425, 429})
_GATEWAY_TIMEOUT = 504
_TOKEN_REFUSED = re.compile(
    r"\b(token|session)\b.{0,40}\b(expired|invalid|missing|required|not (valid|found|recogni[sz]ed))"
    r"|\b(expired|invalid|missing|no)\b.{0,20}\b(token|session)\b"
    r"|\bunauthori[sz]ed\b|\bnot (logged in|authenticated)\b|\bauthentication (failed|required)\b",
    re.I,
)
_WRONG_PLACE = (
    "something else answered in place of the API (a proxy, a login page, a wrong address): check the target's url"
)
_READ_BACK = "read the target again to see whether the change was made"


class Outcome(Enum):
    """How a single attempt ended."""

    DONE = "done"
    REFUSED = "refused"  # a definite no
    UNAUTHORISED = "unauthorised"  # not processed: the token isn't accepted
    BUSY = "busy"  # not processed: try later
    UNSENT = "unsent"  # never reached the server
    DOUBT = "doubt"  # nobody knows whether it was processed
    TORN = "torn"  # answered 2xx, but the body did not arrive whole
    UNCLEAR = "unclear"  # answered whole, but not as documented


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One attempt's outcome: the envelope if it is done, else the error that a caller would see."""

    outcome: Outcome
    envelope: Envelope | None = None
    error: TargetError | None = None
    retry_after: float | None = None

    @property
    def repeatable(self) -> bool:
        """Tell whether another attempt makes sense, for a call that may be repeated."""
        return self.outcome in (Outcome.BUSY, Outcome.UNSENT, Outcome.DOUBT, Outcome.TORN)

    @property
    def certain(self) -> bool:
        """Tell whether the attempt leaves no doubt about what the target did."""
        return self.outcome not in (Outcome.DOUBT, Outcome.TORN, Outcome.UNCLEAR)


def judge(call: Call, answer: Answer, secrets: Iterable[Secret], *, now: float) -> Judgement:
    """Return what the answer means for the call at the time `now`; no message of it holds one of the secrets."""
    secrets = (*secrets, *call.secrets)
    came = f"{call}: {answer.status_text}"
    if 300 <= answer.status < 400:
        return _unclear(call, f"{came}{_redirected(answer, secrets)}; a redirect of the API is not followed")
    try:
        envelope = read_envelope(answer.body, answer.content_type) if answer.body.strip() else None
        flaw = "" if envelope else "the answer is empty"
        outcome = Outcome.UNCLEAR
    except HtmlError:
        envelope, flaw, outcome = None, "an HTML page instead of an answer of the API", Outcome.UNCLEAR
    except TornError as error:
        envelope, flaw, outcome = None, plain(str(error), secrets), Outcome.TORN
    if answer.status >= 300:
        judgement = _judge_failure(call, answer, envelope, secrets)
        return replace(judgement, retry_after=read_retry_after(answer.retry_after, answer.date, now=now))
    if envelope is None:
        return _unclear(call, f"{came}, but {flaw}", outcome=outcome)
    if envelope.success is False:
        detail = _detail(envelope, secrets)
        refused = _refused(call, answer, envelope, secrets)
        return Judgement(outcome=_refusal(f"{envelope.code} {detail}"), error=refused)
    if envelope.success is None and (call.changes or envelope.code or envelope.data is None):
        return _unclear(
            call, f"{came}, but the answer holds no Success that is true or false{_said(envelope, secrets)}"
        )
    return Judgement(outcome=Outcome.DONE, envelope=envelope)


def lost(call: Call, loss: LostError) -> Judgement:
    """Return the judgement on a call that got no answer."""
    reason, hint = loss.reason, loss.hint
    if not loss.sent:
        error = UnreachableError(f"{call}: {reason}; nothing was sent", hint=hint)
        return Judgement(outcome=Outcome.REFUSED if loss.final else Outcome.UNSENT, error=error)
    if loss.final:
        return _unclear(call, f"{call}: {reason}")
    if not call.changes:
        return Judgement(outcome=Outcome.DOUBT, error=UnreachableError(f"{call}: {reason}", hint=hint))
    message = f"{call}: {reason}; whether it was processed is not known"
    sort = PendingError if loss.pending else AmbiguousError
    return Judgement(outcome=Outcome.DOUBT, error=sort(message, hint=_READ_BACK))


def unclear(call: Call, reason: str) -> TargetError:
    """Return the error for a successful answer whose payload is not what the API document promises for the call."""
    error = _unclear(call, f"{call}: {reason}").error
    assert error is not None
    return error


def _judge_failure(call: Call, answer: Answer, envelope: Envelope | None, secrets: tuple[Secret, ...]) -> Judgement:
    refused = _refused(call, answer, envelope, secrets)
    if answer.status in (401, 403):
        return Judgement(outcome=Outcome.UNAUTHORISED, error=refused)
    if answer.status in _BUSY_STATUSES:
        return Judgement(outcome=Outcome.BUSY, error=refused)
    if answer.status < 500:
        detail = _detail(envelope, secrets) if envelope else ""
        return Judgement(outcome=_refusal(detail) if envelope else Outcome.REFUSED, error=refused)
    if call.changes:
        message = f"{refused.message}; whether it was processed is not known"
        sort = PendingError if answer.status == _GATEWAY_TIMEOUT else AmbiguousError
        return Judgement(outcome=Outcome.DOUBT, error=sort(message, hint=_READ_BACK))
    if envelope and envelope.success is False:
        return Judgement(outcome=Outcome.DOUBT, error=refused)
    hint = "the server failed: try again later, or ask its operator"
    return Judgement(outcome=Outcome.DOUBT, error=UnreachableError(refused.message, hint=hint))


def _refusal(detail: str) -> Outcome:
    # No client is known to have met an expired token, so a refusal in words counts like a 401.
    return Outcome.UNAUTHORISED if _TOKEN_REFUSED.search(detail) else Outcome.REFUSED


def _refused(call: Call, answer: Answer, envelope: Envelope | None, secrets: tuple[Secret, ...]) -> RefusedError:
    code = plain(envelope.code, secrets, limit=60) if envelope else ""
    detail = _detail(envelope, secrets) if envelope else ""
    said = _said(envelope, secrets) if envelope else ", without an answer of the API's form"
    hint = ""
    if answer.status == 404 and not envelope:
        hint = "the address is not known there: check the target's url"
    elif answer.status in _BUSY_STATUSES:
        hint = "the server asks for fewer requests: try again later, or lower --parallelism"
    return RefusedError(
        f"{call}: refused with {answer.status_text}{said}", status=answer.status, code=code, detail=detail, hint=hint
    )


def _unclear(call: Call, message: str, *, outcome: Outcome = Outcome.UNCLEAR) -> Judgement:
    # A write may well have been processed before something garbled its answer, so that is a doubt and not a no.
    if call.changes:
        message += "; whether it was processed is not known"
        return Judgement(outcome=outcome, error=AmbiguousError(message, hint=f"{_WRONG_PLACE}; {_READ_BACK}"))
    return Judgement(outcome=outcome, error=MalformedError(message, hint=_WRONG_PLACE))


def _detail(envelope: Envelope, secrets: tuple[Secret, ...]) -> str:
    return plain(envelope.detail, secrets)


def _said(envelope: Envelope, secrets: tuple[Secret, ...]) -> str:
    code = plain(envelope.code, secrets, limit=60)
    detail = _detail(envelope, secrets)
    shown = code if normalise_code(code) not in ("", "success") else ""
    return "".join(f", {part}" for part in (shown,) if part) + (f": {detail}" if detail else "")


def _redirected(answer: Answer, secrets: tuple[Secret, ...]) -> str:
    # The query of a redirect may carry a token of its own.
    target = plain(answer.location.partition("?")[0].partition("#")[0], secrets, limit=120)
    return f" to {target}" if target else ""
