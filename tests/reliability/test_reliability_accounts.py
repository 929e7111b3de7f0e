"""Tokens and logins: an expired token costs nothing, a refused one leads to one new login, a wrong password to none."""

from __future__ import annotations

import pytest

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.faults import parse_faults
from tests.reliability.grounds import Ground


def logins(ground: Ground) -> int:
    """Return how often somebody tried to log in."""
    return sum(request.path.startswith("/apitoken/") for request in ground.tenant.log)


@pytest.mark.parametrize("parallelism", ["1", "4"])
@pytest.mark.parametrize("which", ["3", "12", "20", "31"])
def test_a_token_that_ends_in_the_middle_costs_nothing(which: str, parallelism: str, ground: Ground) -> None:
    """Whichever request meets the end of the token, every step is done, after one new login for each end."""
    ground.tenant.faults = parse_faults(f"* /management/*:{which}=expire")
    applied = ground.run("apply", "-y", "--format", "json", "--parallelism", parallelism)
    assert applied.code == 0, applied
    summary = applied.json["summary"]
    assert summary["failed"] == summary["unknown"] == summary["skipped"] == 0
    assert 2 <= logins(ground) <= 3
    ground.tenant.faults = parse_faults("")
    assert ground.falsehoods() == []


def test_a_short_lived_token_is_renewed_before_it_ends(ground: Ground) -> None:
    """Tokens of a second are replaced in time: no request is ever refused for its token."""
    ground.tenant.behaviour = Behaviour(token_seconds=1)
    ground.tenant.faults = parse_faults("* /management/*=slow:0.06")
    applied = ground.run("apply", "-y", "--parallelism", "1")
    assert applied.code == 0, applied
    assert logins(ground) >= 2
    assert [request for request in ground.tenant.log if request.status in (401, 403)] == []


def test_a_token_of_unknown_life_is_renewed_when_it_is_refused(ground: Ground) -> None:
    """Where the server does not say when a token ends, its refusal leads to a new login, and nothing else."""
    ground.tenant.behaviour = Behaviour(token_seconds=1, token_expiry_field=None)
    ground.tenant.faults = parse_faults("* /management/*=slow:0.06")
    applied = ground.run("apply", "-y", "--parallelism", "1")
    assert applied.code == 0, applied
    assert ground.converge() == []


@pytest.mark.parametrize("words", [("plan",), ("apply", "-y"), ("drift",)], ids=lambda words: str(words[0]))
@pytest.mark.parametrize("behaviour", [Behaviour(), Behaviour(login_refusal=200), Behaviour(login_refusal=403)])
def test_a_wrong_password_is_tried_once(words: tuple[str, ...], behaviour: Behaviour, ground: Ground) -> None:
    """However many collections are to be read at once, a refused login is not tried again: accounts can be locked."""
    ground.tenant.behaviour = behaviour
    with ground.tenant.edit() as world:
        world.accounts = {}
        world.changed()
    refused = ground.run(*words)
    assert refused.code == 1, refused
    assert "login" in refused.err
    assert len(ground.tenant.log) == 1


@pytest.mark.parametrize("status", ["401", "403"])
def test_a_refusal_for_good_stops_after_one_new_login(status: str, ground: Ground) -> None:
    """An account that may write no longer: one new login, then the run stops with a reason, and tries nobody else."""
    ground.tenant.faults = parse_faults(f"* /management/*:14+={status}")
    applied = ground.run("apply", "-y", "--format", "json", "--parallelism", "1")
    assert applied.code == 1, applied
    summary = applied.json["summary"]
    assert summary["failed"] + summary["unknown"] == 1
    assert summary["skipped"] > 5
    assert logins(ground) == 2
    refused = [request for request in ground.tenant.log if request.status == int(status)]
    assert len(refused) == 2
    ground.tenant.faults = parse_faults("")
    assert ground.converge() == []
