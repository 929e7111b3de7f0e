"""`reconciler simulator`: a tenant of one's own behind a port."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.ground import Cli

ROOT = str(Path(__file__).parents[2])


@contextmanager
def simulator(folder: Path, *words: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `reconciler simulator` and give the url that it prints."""
    running = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "simulator", "--port", "0", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": ROOT} | environment,
    )
    assert running.stdout is not None
    try:
        yield running.stdout.readline().strip(), running
    finally:
        running.terminate()
        running.communicate(timeout=10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(number: signal.Signals, floor: Path) -> None:
    """One line on standard output, the url, once it takes requests; a signal ends it well."""
    with simulator(floor) as (url, running):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert httpx.get(f"{url}/simulator/health").json() == {"status": "ok"}
        running.send_signal(number)
        out, err = running.communicate(timeout=10)
    assert running.returncode == 0
    assert out == ""
    assert "log in as simulator" in err
    assert "Traceback" not in err


def test_a_seeded_tenant_is_worked_on_over_http(floor: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """--seed applies a directory without needing its secrets; what comes up is adopted, and then in step."""
    monkeypatch.delenv("FLOOR_PASSWORD")
    with simulator(floor, "--seed", ".", "--data", "tenant.data", RECONCILER_TARGET="simulator") as (url, _):
        world = httpx.get(f"{url}/simulator/world").json()
        assert [row["CampaignName"] for row in world["campaigns"]] == ["spring"]
        assert world["links"]["campaignLists"] == [[1, 1]]
        assert httpx.get(f"{url}/simulator/log").json() == []
        monkeypatch.setenv("RECONCILER_URL", url)
        adopting = cli("plan", "--target", "tenant", "--format", "json").json["summary"]
        assert adopting["adopt"] == 4
        assert adopting["create"] == adopting["update"] == 0
        assert cli("apply", "--target", "tenant", "-y").code == 0
        assert cli("plan", "--target", "tenant", "--detailed-exitcode").code == 0
    assert (floor / "tenant.data").exists()
    assert not (floor / ".reconciler" / "simulator.json").exists()


def test_its_data_survives(floor: Path) -> None:
    """--data keeps the tenant between runs."""
    with simulator(floor, "--data", "tenant.data") as (url, _):
        httpx.post(
            f"{url}/simulator/edit", json={"kind": "lists", "create": {"ListName": "By hand"}}
        ).raise_for_status()
    with simulator(floor, "--data", "tenant.data") as (url, _):
        names = [row["ListName"] for row in httpx.get(f"{url}/simulator/world").json()["lists"]]
    assert names == ["By hand"]


def test_it_behaves_and_fails_as_told(floor: Path) -> None:
    """Behaviours, faults and the account are options."""
    words = ("--behaviour", "associate_twice=refused", "--fault", "GET /management/lists=500-before", "--login", "ann")
    with simulator(floor, *words, MAXCONTACT_SIMULATOR_PASSWORD="pass-of-ann") as (url, running):
        assert httpx.get(f"{url}/simulator/behaviour").json() == {"associate_twice": "refused"}
        assert httpx.get(f"{url}/simulator/faults").json() == ["GET /management/lists=500-before"]
        login = httpx.get(f"{url}/webservices/services/apitoken/login/simulator", headers={"Authorization": "eA=="})
        assert login.status_code == 401
        running.terminate()
        _, err = running.communicate(timeout=10)
    assert "log in as ann" in err
    assert "pass-of-ann" not in err


def test_behaviours_are_listed(cli: Cli) -> None:
    """Every behaviour, its values, its default and what it stands for."""
    done = cli("simulator", "--list-behaviours")
    assert done.code == 0
    assert "associate_twice=succeeds|refused" in done.out
    assert "[default: succeeds]" in done.out


def test_half_an_account_is_wrong_usage(cli: Cli) -> None:
    """A login without a password is a mistake."""
    assert cli("simulator", "--login", "ann").code == 64


def test_a_port_in_use_is_said(floor: Path, cli: Cli) -> None:
    """The port is named, with what to do."""
    with simulator(floor) as (url, _):
        done = cli("simulator", "--port", url.rpartition(":")[2])
    assert done.code == 1
    assert "port" in done.err
