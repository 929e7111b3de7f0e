"""The simulator behind a port: the API and its faults over real connections, and the control routes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.errors import ReconcilerError
from reconciler.simulator.app import serve, serving
from reconciler.simulator.service import ROOT, Service
from tests.simulator.calling import JSON, basic


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """Serve one simulator for this file."""
    with serving(Service()) as url:
        yield url


@pytest.fixture
def client(base_url: str) -> Iterator[httpx.Client]:
    """Give a client of an empty tenant, logged in."""
    with httpx.Client(base_url=base_url, headers={"Accept": JSON}) as client:
        client.delete("/simulator/faults")
        client.put("/simulator/behaviour", json={})
        client.put("/simulator/world", json={})
        key = client.get(f"{ROOT}/apitoken/login/simulator", headers={"Authorization": basic("simulator")})
        client.headers["Cookie"] = f"TokenKey={key.json()['TokenKey']}"
        client.delete("/simulator/log")
        yield client


def api(client: httpx.Client, method: str, path: str, body: object = None) -> httpx.Response:
    """Call the management API."""
    return client.request(method, f"{ROOT}/management/{path}", json=body)


def world(client: httpx.Client) -> dict[str, Any]:
    """Look at the whole world."""
    shown: dict[str, Any] = client.get("/simulator/world").raise_for_status().json()
    return shown


def test_the_api_over_http(client: httpx.Client) -> None:
    """Create, read, associate and disassociate (DELETE with a body) over a real connection."""
    assert api(client, "POST", "lists", {"ListName": "L"}).json()["Data"]["Id"] == 1
    assert api(client, "POST", "campaigns", {"CampaignName": "Ü", "Type": 0}).json()["Data"]["CampaignName"] == "Ü"
    assert api(client, "PUT", "campaigns/1/lists", {"ListId": 1}).json()["Success"] is True
    assert world(client)["links"]["campaignLists"] == [[1, 1]]
    assert api(client, "DELETE", "campaigns/1/lists", {"ListId": 1}).json()["Success"] is True
    assert world(client)["links"]["campaignLists"] == []
    assert client.get("/").status_code == 404


def test_a_login_keeps_its_encoded_slash(client: httpx.Client) -> None:
    """A percent-encoded slash in the login is part of the login."""
    client.put("/simulator/accounts", json={"a/b c": "pw"})
    path = f"{ROOT}/apitoken/login/a%2Fb%20c"
    assert client.get(path, headers={"Authorization": basic("pw")}).status_code == 200
    client.put("/simulator/accounts", json={"simulator": "simulator"})


@pytest.mark.parametrize(("fault", "done"), [("drop-before", False), ("drop-after", True), ("truncated", True)])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
def test_connections_really_break(client: httpx.Client, method: str, fault: str, done: bool) -> None:
    """A drop closes the connection without a byte; a truncated body ends before its length; the next call works."""
    client.post("/simulator/edit", json=[{"kind": "campaigns", "create": {"CampaignName": "C"}}])
    path = {"POST": "campaigns", "PATCH": "campaigns/1/activityStatus", "DELETE": "campaigns/1/lists"}.get(method)
    client.put("/simulator/faults", json=[f"{method} /management/*:1={fault}"])
    with pytest.raises(httpx.RemoteProtocolError, match="without sending"):
        api(client, method, path or "campaigns/1", {"CampaignName": "New", "Active": False, "ListId": 1})
    assert api(client, "GET", "campaigns/1").status_code == 200
    names = [each["CampaignName"] for each in world(client)["campaigns"]]
    expected = {"POST": ["C", "New"], "PUT": ["New"]}.get(method, ["C"]) if done else ["C"]
    assert names == expected
    if method == "PATCH":
        assert world(client)["activity"]["campaigns"] == {"1": not done}


def test_slowness_holds_up_its_own_request_only(client: httpx.Client) -> None:
    """A slow request is late by its seconds."""
    client.put("/simulator/faults", json=["GET /management/lists:1=slow:0.2"])
    started = time.monotonic()
    assert api(client, "GET", "lists").status_code == 200
    assert time.monotonic() - started >= 0.2
    client.put("/simulator/faults", json=["GET /management/lists:1=slow:30"])
    with pytest.raises(httpx.ReadTimeout):
        client.get(f"{ROOT}/management/lists", timeout=0.1)
    assert api(client, "GET", "campaigns").status_code == 200


def test_the_log_tells_what_was_asked(client: httpx.Client) -> None:
    """Requests are listed in order, with their bodies and without passwords, tokens or headers."""
    api(client, "GET", "users")
    body = {"FirstName": "A", "LastName": "B", "Login": "ab", "Password": "s3cret-marked"}
    api(client, "POST", "users", body)
    reply = client.get("/simulator/log")
    entries = reply.json()
    assert [(each["method"], each["path"], each["status"]) for each in entries] == [
        ("GET", "/management/users", 200),
        ("POST", "/management/users", 200),
    ]
    assert entries[1]["body"] == {**body, "Password": "***"}
    assert "s3cret-marked" not in reply.text
    assert client.headers["Cookie"].removeprefix("TokenKey=") not in reply.text
    assert client.delete("/simulator/log").json() == client.get("/simulator/log").json() == []


def test_a_floor_managers_edits(client: httpx.Client) -> None:
    """Edits by hand change objects, links, skills, activity, passwords and the emergency, in one call or many."""
    made = client.post(
        "/simulator/edit",
        json=[
            {"kind": "campaigns", "create": {"CampaignName": "C", "TargetDropPercent": 2.5}},
            {"kind": "lists", "create": {"ListName": "L", "MaxCallbackDate": "2026-05-05T00:00:00"}},
            {"kind": "lists", "create": {"ListName": "M"}},
            {"kind": "teams", "create": {"TeamName": "T"}},
        ],
    )
    assert made.json() == [{"id": 1}, {"id": 1}, {"id": 2}, {"id": 1}]
    edits = [
        {"kind": "campaigns", "id": 1, "set": {"TargetDropPercent": 5, "Status": 2}},
        {"kind": "lists", "id": 1, "set": {"Active": False}},
        {"kind": "lists", "id": 2, "remove": True},
        {"kind": "users", "id": 1, "set": {"Password": "by hand", "TeamId": 1}},
        {"links": "campaignLists", "add": [[1, 1]]},
        {"skill": 12, "user": 1, "proficiency": 8},
        {"emergency": True},
    ]
    assert client.post("/simulator/edit", json=edits).status_code == 200
    shown = world(client)
    assert (shown["campaigns"][0]["TargetDropPercent"], shown["campaigns"][0]["Status"]) == (5, 2)
    assert [each["ListName"] for each in shown["lists"]] == ["L"]
    assert shown["activity"]["lists"] == {"1": False}
    assert shown["links"] == {"campaignLists": [[1, 1]], "campaignTeams": [], "teamUsers": [[1, 1]]}
    assert (shown["skills"], shown["emergency"], shown["passwordWrites"]) == ([[12, 1, 8]], True, {"1": 1})
    client.post("/simulator/edit", json={"links": "campaignLists", "add": [], "remove": [[1, 1]]})
    assert client.post("/simulator/edit", json={"skill": 12, "user": 1, "proficiency": None}).json() == {
        "proficiency": None
    }
    assert (world(client)["links"]["campaignLists"], world(client)["skills"]) == ([], [])


def test_the_world_can_be_replaced(client: httpx.Client) -> None:
    """A world that was read can be put back, and who is logged in stays so."""
    api(client, "POST", "teams", {"TeamName": "T"})
    before = world(client)
    client.put("/simulator/world", json={})
    assert world(client)["teams"] == []
    assert client.put("/simulator/world", json=before).json() == before
    assert api(client, "GET", "teams").json()["Data"][0]["TeamName"] == "T"


def test_the_behaviour_can_be_changed(client: httpx.Client) -> None:
    """Settings take effect with the next request, over a named variant or the plain server."""
    changed = client.put("/simulator/behaviour", json={"variant": "strict", "dates": "uk", "new_active": True})
    assert changed.json()["dates"] == "uk"
    assert "new_active" not in changed.json()
    assert client.get("/simulator/behaviour").json() == changed.json()
    api(client, "POST", "lists", {"ListName": "L"})
    assert api(client, "POST", "lists", {"ListName": "L"}).status_code == 400
    assert client.put("/simulator/behaviour", json={}).json() == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("GET", "nothing", None, 404, "GET /simulator/health"),
        ("PUT", "behaviour", {"dates": "us"}, 400, "iso | ms | uk"),
        ("PUT", "behaviour", {"variant": "best"}, 400, "strict"),
        ("PUT", "faults", ["GET *=never"], 400, "drop-before"),
        ("PUT", "faults", "GET *=401", 400, "array"),
        ("PUT", "world", {"lists": [{"Nope": 1}]}, 400, "ListName"),
        ("PUT", "world", [], 400, "version"),
        ("POST", "edit", {"kind": "lists", "id": 99, "set": {}}, 400, "List 99 does not exist"),
        ("POST", "edit", {"kind": "boats", "create": {}}, 400, "boats"),
        ("POST", "edit", {"colour": "red"}, 400, "colour"),
        ("POST", "edit", {"kind": "lists", "create": {"FetchWeight": "7"}}, 400, "FetchWeight"),
        ("POST", "edit", None, 400, "cannot be done"),
    ],
)
def test_a_control_request_that_makes_no_sense(
    client: httpx.Client, method: str, path: str, body: object, status: int, told: str
) -> None:
    """What can't be done says why, and changes nothing."""
    before = world(client)
    reply = client.request(method, f"/simulator/{path}", content=b"" if body is None else json.dumps(body).encode())
    assert reply.status_code == status
    assert told in reply.text
    assert world(client) == before


def test_a_port_in_use_is_an_error(base_url: str) -> None:
    """Serving on a port that is taken says so and what to do."""
    port = int(base_url.rpartition(":")[2])
    with pytest.raises(ReconcilerError, match=f"port {port}") as caught:
        serve(Service(), port=port)
    assert "another port" in caught.value.hint


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serving_prints_nothing_and_ends_on_a_signal(tmp_path: Path, stop: signal.Signals) -> None:
    """A process that serves tells its port through `on_ready` alone, keeps its data and ends when it is told to."""
    program = (
        "import sys, pathlib\n"
        "from reconciler.simulator.app import serve\n"
        "from reconciler.simulator.service import Service\n"
        "ready = lambda port: pathlib.Path('port').write_text(str(port))\n"
        "try: serve(Service(data=pathlib.Path('world.json')), on_ready=ready)\n"
        "except KeyboardInterrupt: pass\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stdout=-1, stderr=subprocess.STDOUT, env=environment
    )
    try:
        port = ""
        deadline = time.monotonic() + 30
        while not port and time.monotonic() < deadline:
            time.sleep(0.02)
            port = (tmp_path / "port").read_text() if (tmp_path / "port").exists() else ""
        url = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{url}/simulator/health").json() == {"status": "ok"}
        httpx.post(f"{url}/simulator/edit", json={"kind": "teams", "create": {"TeamName": "Kept"}})
        process.send_signal(stop)
        output, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert output == b""
    assert [row["TeamName"] for row in json.loads((tmp_path / "world.json").read_text())["teams"]] == ["Kept"]
