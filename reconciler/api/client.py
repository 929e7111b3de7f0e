"""
The client: every method of the Management API through three verbs, for a thing that knows nothing of its kinds.

A call goes: token (auth) -> one exchange (wire) -> what it means (judgement) -> again or not (retry) -> payload.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from reconciler.api.auth import TokenService
from reconciler.api.call import Call, make_call
from reconciler.api.judgement import Judgement, Outcome, judge, lost, unclear
from reconciler.api.retry import Pace
from reconciler.api.wire import LostError, Wire
from reconciler.errors import AmbiguousError, RefusedError, TargetError
from reconciler.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What a client has sent so far: requests of each method with their repeats, logins apart."""

    requests: Mapping[str, int]
    logins: int

    @property
    def total(self) -> int:
        """Return the number of all requests, logins included."""
        return sum(self.requests.values()) + self.logins


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """
    What the last answer showed of the server, for a check-up.

    `form` is JSON, XML or other. `server_date` is its Date header and `clock` our own time of the same moment, seconds
    since 1970. `tls` and `certificate_until` are empty without TLS. `token_expires` (seconds since 1970) is our
    assumption unless `expiry_is_told`.
    """

    form: str
    server_date: str
    clock: float
    tls: str
    certificate_until: str
    token_expires: float | None
    expiry_is_told: bool


class Client:
    """
    Call the Management API. Thread-safe; close it after use.

    Paths are those of the API document below `/webservices/services`, such as `/management/campaigns/42/lists`.
    Every method raises UnreachableError (no answer, nothing done), LoginError, RefusedError (the API said no) and
    MalformedError (not the documented answer); writes raise AmbiguousError where the outcome is not known.
    """

    def __init__(self, wire: Wire, tokens: TokenService, pace: Pace) -> None:
        self._wire = wire
        self._tokens = tokens
        self._pace = pace

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._pace.stop()
        self._wire.close()

    def stop_retrying(self) -> None:
        """Let calls in flight end with their present attempt: for a run that was asked to stop."""
        self._pace.stop()

    @property
    def statistics(self) -> Statistics:
        """Return what was sent so far."""
        requests = dict(self._wire.sent)
        logins = self._tokens.logins
        requests["GET"] = requests.get("GET", 0) - logins
        return Statistics(
            requests={method: count for method, count in sorted(requests.items()) if count}, logins=logins
        )

    @property
    def signs(self) -> Signs | None:
        """Return what the last answer showed of the server; None before the first."""
        if self._wire.latest is None:
            return None
        answer, clock = self._wire.latest
        start = answer.body.lstrip()[:1]
        return Signs(
            form="JSON" if start in (b"{", b"[") else "XML" if start == b"<" else "other",
            server_date=answer.date,
            clock=clock,
            tls=answer.tls,
            certificate_until=answer.certificate_until,
            token_expires=self._tokens.expires,
            expiry_is_told=self._tokens.expiry_is_told,
        )

    def login(self) -> None:
        """Log in now, even if a token is at hand; every other method does so by itself when it needs to."""
        self._tokens.log_in()

    def read_all(self, path: str) -> list[dict[str, object]]:
        """Return every entity of a collection (the "Get all" methods, which know no pages)."""
        call = make_call("GET", path, None, repeatable=True)
        data = self._perform(call)
        if data == "":
            return []  # an empty array, in XML
        if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
            # Reading anything else as "none" would plan to create what is there, and a duplicate can't be deleted.
            raise unclear(call, f"the answer's Data is {_name(data)}, not an array of entities")
        return data

    def read_one(self, path: str) -> dict[str, object]:
        """Return one entity; RefusedError if there is none, whichever way the server says so."""
        call = make_call("GET", path, None, repeatable=True)
        data = _single(self._perform(call))
        if data in (None, "", []):
            raise RefusedError(f"{call}: the answer holds no entity: there is none of that Id", status=200)
        if not isinstance(data, dict):
            raise unclear(call, f"the answer's Data is {_name(data)}, not an entity")
        if not any(name.casefold() == "id" for name in data):
            raise unclear(call, "the answer holds no entity with an Id")
        return data

    def send(self, method: str, path: str, body: Mapping[str, object] | None, *, repeatable: bool) -> object:
        """
        Send a write and return the answer's Data: an entity, a scalar, or None.

        `repeatable` says that sending it twice does no more than sending it once. A call that isn't is sent a second
        time only if the first certainly did not reach the server or was turned away for its token; otherwise
        AmbiguousError is raised at once. A repeat that is refused after an attempt of unknown outcome is an
        AmbiguousError too, with the RefusedError as its cause: the refusal may be due to that attempt.
        """
        return _single(self._perform(make_call(method, path, body, repeatable=repeatable)))

    def _perform(self, call: Call) -> object:
        attempts = self._pace.start()
        doubtful = False
        while True:
            judgement = self._attempt(call)
            if judgement.envelope is not None:
                return judgement.envelope.data
            if self._may_repeat(call, judgement) and attempts.again(judgement.retry_after):
                doubtful = doubtful or (call.changes and not judgement.certain)
                continue
            self._pace.hold_for(judgement.retry_after)
            raise _final_error(call, judgement, doubtful=doubtful, attempts=attempts.made)

    def _may_repeat(self, call: Call, judgement: Judgement) -> bool:
        return judgement.outcome is Outcome.UNSENT or (call.repeatable and judgement.repeatable)

    def _attempt(self, call: Call) -> Judgement:
        try:
            token = self._tokens.current()
            judgement = self._exchange(call, token)
            if judgement.outcome is not Outcome.UNAUTHORISED or not isinstance(judgement.error, RefusedError):
                return judgement
            token = self._tokens.replace(token, judgement.error)
            judgement = self._exchange(call, token)
            if judgement.outcome is Outcome.UNAUTHORISED and isinstance(judgement.error, RefusedError):
                raise self._tokens.give_up(token, judgement.error)
        except TargetError as error:
            # The token service has done its own repeating.
            return Judgement(outcome=Outcome.REFUSED, error=error)
        return judgement

    def _exchange(self, call: Call, token: Secret) -> Judgement:
        secrets = (*self._tokens.secrets, token)
        headers = {"Cookie": f"TokenKey={token.reveal()}"}
        try:
            answer = self._wire.exchange(call, headers, secrets=secrets)
        except LostError as error:
            return lost(call, error)
        return judge(call, answer, secrets, now=self._pace.clock())


def _final_error(call: Call, judgement: Judgement, *, doubtful: bool, attempts: int) -> TargetError:
    error = judgement.error
    assert error is not None
    if judgement.outcome is Outcome.BUSY and call.changes and not call.repeatable:
        # Turned away, most probably; but only reading the target makes it certain enough to send a create again.
        ambiguous = AmbiguousError(f"{error.message}; not sent again without reading the target", hint=error.hint)
        ambiguous.__cause__ = error
        return ambiguous
    if doubtful and not isinstance(error, AmbiguousError):
        message = f"{error.message}; but an earlier attempt of the same call may have been processed"
        ambiguous = AmbiguousError(message, hint="read the target again to see whether the change was made")
        ambiguous.__cause__ = error
        return ambiguous
    if attempts > 1 and (judgement.repeatable or judgement.outcome is Outcome.UNSENT):
        error.message = f"{error.message} ({attempts} attempts)"
        error.args = (error.message,)
    return error


def _single(data: object) -> object:
    # No method but the collections returns an array: this is XML's way of wrapping an entity.
    return data[0] if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict) else data


def _name(data: object) -> str:
    match data:
        case None:
            return "missing"
        case dict():
            return "a single object"
        case list():
            return "an array of other things"
        case _:
            return "a plain value"
