"""A token's life: used until shortly before its end, shared between runs through a file for its owner only."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.model.secret import Secret
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.service import Service
from reconciler.simulator.world import Account


class Now:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.seconds = 1_780_000_000.0

    def __call__(self) -> float:
        return self.seconds


def a_client(service: Service, now: Now, *, login: str = "simulator", cache: Path | None = None) -> Client:
    """Return a client of a tenant."""
    return open_client(
        Connection(url="simulator://", login=login, password=Secret("simulator")),
        transport=CallableTransport(service.handle),
        clock=now,
        token_cache=cache,
    )


def logins(service: Service) -> int:
    """Return how many logins arrived."""
    return sum(request.path.startswith("/apitoken/") for request in service.log)


@pytest.mark.parametrize("form", ["iso", "naive", "ms", "seconds", "none"])
def test_a_token_is_renewed_before_it_expires(form: str) -> None:
    """The token is used until shortly before its expiry, ten minutes if it gives none."""
    now = Now()
    life = 600 if form == "none" else 1800
    behaviour = {
        "iso": Behaviour(),
        "naive": Behaviour(token_expiry_form="naive"),
        "ms": Behaviour(token_expiry_form="ms"),
        "seconds": Behaviour(token_expiry_form="seconds"),
        "none": Behaviour(token_expiry_field=None),
    }[form]
    service = Service(now=now, behaviour=behaviour)
    client = a_client(service, now)
    client.read_all("/management/teams")
    now.seconds += life - 60
    client.read_all("/management/teams")
    assert logins(service) == 1
    now.seconds += 40
    client.read_all("/management/teams")
    assert logins(service) == 2
    assert [request.status for request in service.log] == [200] * 5


def test_a_token_is_shared_between_runs(tmp_path: Path) -> None:
    """A second client of the same url and login uses the cached token; another login or url does not."""
    now = Now()
    service = Service(now=now)
    service.world.accounts["other"] = Account("simulator")
    cache = tmp_path / "made" / "tokens"
    a_client(service, now, cache=cache).read_all("/management/teams")
    a_client(service, now, cache=cache).read_all("/management/teams")
    assert logins(service) == 1
    a_client(service, now, cache=cache, login="other").read_all("/management/teams")
    assert logins(service) == 2
    now.seconds += 1790
    a_client(service, now, cache=cache).read_all("/management/teams")
    assert logins(service) == 3


def test_a_cached_token_is_for_its_owner_only(tmp_path: Path) -> None:
    """The file is 0600 in a directory of 0700, names no login, and isn't trusted once others could write it."""
    now = Now()
    service = Service(now=now)
    cache = tmp_path / "tokens"
    a_client(service, now, cache=cache).read_all("/management/teams")
    (file,) = cache.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert "simulator" not in file.name + file.read_text()
    os.chmod(file, 0o644)
    a_client(service, now, cache=cache).read_all("/management/teams")
    assert logins(service) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_refused_cached_token_is_dropped(tmp_path: Path) -> None:
    """A cached token that the server refuses costs one login and is replaced in the file."""
    now = Now()
    service = Service(now=now)
    a_client(service, now, cache=tmp_path).read_all("/management/teams")
    with service.edit() as world:
        world.tokens = {}
    a_client(service, now, cache=tmp_path).read_all("/management/teams")
    assert logins(service) == 2
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text())["token"] in service.world.tokens


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"token": 1, "issued": 0, "expires": 9e99}', "{" * 9000])
def test_a_damaged_cache_is_ignored(tmp_path: Path, content: str) -> None:
    """Whatever stands in the file, the client logs in instead; an unusable directory is no error either."""
    now = Now()
    service = Service(now=now)
    a_client(service, now, cache=tmp_path).read_all("/management/teams")
    (file,) = tmp_path.iterdir()
    file.write_text(content)
    assert a_client(service, now, cache=tmp_path).read_all("/management/teams") == []
    assert a_client(service, now, cache=file / "below").read_all("/management/teams") == []
    assert logins(service) == 3
