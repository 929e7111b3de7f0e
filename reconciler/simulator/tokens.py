"""The token service (API document: Tokens API)."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

from reconciler.simulator.answers import Json, Reply, refusal, token_reply
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.values import milliseconds
from reconciler.simulator.world import Token, World


def login(
    world: World, behaviour: Behaviour, *, written_login: str, authorization: str, form: str, now: float
) -> Reply:
    """
    Answer `GET apitoken/login/{login}`.

    `written_login` is the path segment, percent-encoded; `authorization` the Base64 of the password's ASCII bytes,
    without a scheme.
    """
    name = unquote(written_login)
    account = world.accounts.get(name)
    locked = account is not None and bool(behaviour.lock_after) and account.failures >= behaviour.lock_after
    if account is None or locked or _password(authorization) != account.password:
        if account is not None and not locked:
            account.failures += 1
            world.changed()
        detail = "The account is locked" if locked else "Invalid login or password"
        return refusal(behaviour, form, status=behaviour.login_refusal, code="Error", detail=detail)
    account.failures = 0
    world.tokens = {
        key: token
        for key, token in world.tokens.items()
        if token.expires > now and not (behaviour.token_latest_only and token.login == name)
    }
    key = str(uuid.uuid4())
    world.tokens[key] = Token(login=name, expires=now + behaviour.token_seconds)
    world.changed()
    properties: dict[str, Json] = {"TokenKey": key}
    if behaviour.token_expiry_field:
        properties[behaviour.token_expiry_field] = _expiry(behaviour, now + behaviour.token_seconds)
    return token_reply(form, properties)


def token_holds(world: World, headers: Mapping[str, str], *, now: float) -> bool:
    """Tell whether a request's cookie TokenKey names a token that has not expired. Header names in lower case."""
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == "TokenKey":
            token = world.tokens.get(value)
            return token is not None and token.expires > now
    return False


def _password(authorization: str) -> str | None:
    try:
        return base64.b64decode(authorization.strip(), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None


def _expiry(behaviour: Behaviour, expires: float) -> Json:
    if behaviour.token_expiry_form == "seconds":
        return behaviour.token_seconds
    moment = datetime.fromtimestamp(expires, UTC).replace(tzinfo=None, microsecond=0)
    if behaviour.token_expiry_form == "ms":
        return f"/Date({milliseconds(moment)}+0000)/"
    return moment.isoformat() + ("Z" if behaviour.token_expiry_form == "iso" else "")
