"""
The token service: log in once, share the token, and never log in a second time in vain.

Follows the sections "Tokens API" and "Password" of the API document. Accounts can be locked by failed logins, so a
login that was refused is never sent again by the same client; and where a fresh token is refused like the one before
it, the matter is closed: a refusal of that kind leads to no further login.
"""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Mapping
from urllib.parse import quote

from reconciler.api.call import Answer, Call
from reconciler.api.document import HtmlError, TornError, read_document
from reconciler.api.judgement import Outcome, judge, lost
from reconciler.api.moments import find_expiry
from reconciler.api.plain import plain
from reconciler.api.retry import Pace
from reconciler.api.tokens import Token, TokenCache, is_token_key
from reconciler.api.wire import LostError, Wire
from reconciler.errors import LoginError, MalformedError, RefusedError, SecretError, TargetError
from reconciler.model.secret import Secret

_LOGGER = logging.getLogger(__name__)
_ASSUMED_LIFE = 600.0  # seconds, for a service that doesn't say when its token expires
_LOGIN_HINT = "check login and password; the login is not tried again, because failed logins can lock an account"
_ROLE_HINT = (
    "a new login did not help: check that the account's role has the API permissions that this call needs, and that "
    "no other program logs in with the same account"
)


class TokenService:
    """Hold the token of one login. Thread-safe: however many threads miss it, one logs in and the others wait."""

    def __init__(self, wire: Wire, pace: Pace, *, login: str, password: Secret, cache: TokenCache | None) -> None:
        self._wire = wire
        self._pace = pace
        self._login = login
        self._authorization = encode_password(password)
        self._secrets = (password, self._authorization)
        self._cache = cache
        self._lock = threading.Lock()
        self._token: Token | None = cache.load() if cache else None
        self._failure: TargetError | None = None
        self._tries = 0
        self._futile: set[int] = set()
        self.logins = 0
        self.expiry_is_told = False

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return everything that must not get into a message."""
        token = self._token
        return (*self._secrets, token.key) if token else self._secrets

    @property
    def expires(self) -> float | None:
        """Return when the token at hand expires, in seconds since 1970; None without a token."""
        return self._token.expires if self._token else None

    def log_in(self) -> None:
        """Log in now, whatever token there is; raises LoginError, UnreachableError or MalformedError."""
        tries = self._tries
        with self._lock:
            self._renew(tries)

    def current(self) -> Secret:
        """Return a token that has not expired, logging in if there is none; raises as `log_in` does."""
        tries = self._tries
        with self._lock:
            if self._token is None or not self._token.is_fresh(self._pace.clock()):
                return self._renew(tries)
            return self._token.key

    def replace(self, refused: Secret, reason: RefusedError) -> Secret:
        """
        Return another token than the one that was refused, logging in unless another thread has done so.

        Raises LoginError, without a request, where a new login was tried before in vain.
        """
        tries = self._tries
        with self._lock:
            if self._cache:
                self._cache.drop(refused)
            if self._token is not None and self._token.key != refused:
                return self._token.key
            if reason.status in self._futile:
                raise LoginError(reason.message, hint=_ROLE_HINT)
            self._token = None
            return self._renew(tries)

    def give_up(self, refused: Secret, reason: RefusedError) -> LoginError:
        """Note that a fresh token was refused like the one before it, and return the error to raise."""
        with self._lock:
            self._futile.add(reason.status)
            if self._cache:
                self._cache.drop(refused)
        return LoginError(f"{reason.message}; logging in again made no difference", hint=_ROLE_HINT)

    def _renew(self, tries: int) -> Secret:
        if self._failure is not None and (
            self._tries != tries or isinstance(self._failure, (LoginError, MalformedError))
        ):
            # Another thread has just failed for all of us, or the answer was a no that stays one.
            raise type(self._failure)(self._failure.message, hint=self._failure.hint)
        try:
            token = self._request()
        except TargetError as error:
            self._failure = error
            raise
        finally:
            self._tries += 1
        self._failure = None
        self._token = token
        if self._cache:
            self._cache.store(token)
        return token.key

    def _request(self) -> Token:
        path = "/apitoken/login/"
        call = Call(method="GET", path=path + quote(self._login, safe=""), shown=path + "***", repeatable=True)
        headers = {"Authorization": self._authorization.reveal()}
        attempts = self._pace.start()
        doubts = 0
        while True:
            self.logins += 1
            try:
                answer = self._wire.exchange(call, headers, secrets=self._secrets)
            except LostError as error:
                judgement = lost(call, error)
            else:
                judgement = judge(call, answer, self._secrets, now=self._pace.clock())
                if 200 <= answer.status < 300:
                    return self._read(call, answer)
                if judgement.outcome in (Outcome.REFUSED, Outcome.UNAUTHORISED):
                    raise self._refused(answer, judgement.error)
            assert judgement.error is not None
            # An attempt that may have reached the service is repeated once only: were the password wrong, more of them
            # could lock the account.
            doubts += judgement.outcome is Outcome.DOUBT
            if not judgement.repeatable or doubts > 1 or not attempts.again(judgement.retry_after):
                raise judgement.error

    def _refused(self, answer: Answer, reason: TargetError | None) -> LoginError:
        said = f": {reason.message.partition(': ')[2]}" if reason else ""
        hint = _LOGIN_HINT
        if answer.status == 404:
            hint = f"check the target's url; {_LOGIN_HINT}"
        return LoginError(f"the login {plain(self._login)!r} was refused{said}", hint=hint)

    def _read(self, call: Call, answer: Answer) -> Token:
        try:
            document = read_document(answer.body, answer.content_type) if answer.body.strip() else ""
        except HtmlError:
            raise self._malformed(call, answer, "an HTML page") from None
        except TornError as error:
            raise self._malformed(call, answer, str(error)) from None
        fields = _token_fields(document)
        key = fields.get("tokenkey")
        now = self._pace.clock()
        if is_token_key(key):
            assert isinstance(key, str)
            told = find_expiry(fields, now=now)
            self.expiry_is_told = told is not None
            expires = told or now + _ASSUMED_LIFE
            _LOGGER.debug("logged in; the token is used for at most %.0f s", expires - now)
            return Token(key=Secret(key), issued=now, expires=expires)
        if isinstance(key, str) and key:
            raise self._malformed(call, answer, "a TokenKey that no cookie can hold")
        judgement = judge(call, answer, self._secrets, now=now)
        if judgement.outcome in (Outcome.REFUSED, Outcome.UNAUTHORISED) or "tokenkey" in fields:
            raise self._refused(answer, judgement.error)
        raise self._malformed(call, answer, "an answer without a TokenKey")

    def _malformed(self, call: Call, answer: Answer, what: str) -> MalformedError:
        hint = "check the target's url: it should be https://NAME.maxcontact.com, without /webservices"
        return MalformedError(f"{call}: {answer.status_text}, but {plain(what, self._secrets)}", hint=hint)


def encode_password(password: Secret) -> Secret:
    """Return the Authorization value: Base64 of the password's ASCII bytes; raises SecretError where there are none."""
    clear = password.reveal()
    if not clear:
        raise SecretError("the target's password is empty", hint="set the source that the target's password names")
    if not clear.isascii():
        raise SecretError(
            "the target's password holds a character that is not ASCII, and the token service takes ASCII only",
            hint="give the account a password of ASCII characters",
        )
    return Secret(base64.b64encode(clear.encode("ascii")).decode("ascii"))


def _token_fields(document: object) -> Mapping[str, object]:
    # Bare, or inside the envelope's Data; as one record, or as the only item of what XML can't tell from an array.
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, Mapping):
        return {}
    fields = {str(name).casefold(): value for name, value in document.items()}
    if "tokenkey" not in fields and isinstance(fields.get("data"), (Mapping, list)):
        return {**fields, **_token_fields(fields["data"])}
    return fields
