"""The file that keeps a world: owner-only, whole, shared by processes, and never replaced when it is unreadable."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.errors import ReconcilerError
from reconciler.simulator.fields import Kind
from reconciler.simulator.service import Service
from reconciler.simulator.snapshot import keep_world, read_world, show_world
from reconciler.simulator.world import Account, Relation, World, new_world
from tests.simulator.calling import Caller


def furnished() -> World:
    """Make a world with something of everything."""
    world = new_world()
    world.add("lists", ListName="A", MaxCallbackDate=datetime(2026, 5, 5, 14, 30), Active=False)
    world.add("campaigns", CampaignName="B", TargetDropPercent=Decimal("2.75"), Status=1, Undroppable=True)
    world.add("teams", TeamName="C")
    world.add("users", Login="d", FirstName="D", LastName="É", TeamId=1, Password="secret")
    world.link(Relation.CAMPAIGN_LISTS, 1, 1)
    world.set_skill(12, 2, 8)
    world.known_skills = {12, 19}
    world.emergency = True
    world.stopped = {1: 2}
    world.accounts["other"] = Account("pw", failures=1)
    return world


def test_a_world_survives_its_json() -> None:
    """All that a world holds is in its JSON and comes back, but for the users' passwords."""
    world = furnished()
    again = read_world(json.loads(json.dumps(keep_world(world))))
    again.revision = world.revision
    assert again.passwords == {}
    world.passwords.clear()
    assert again == world


def test_what_tests_see_holds_no_secret() -> None:
    """The inspected world counts passwords and shows none, nor accounts or tokens."""
    shown = json.dumps(show_world(furnished()))
    assert json.loads(shown)["passwordWrites"] == {"2": 1}
    assert "secret" not in shown
    assert "accounts" not in shown


def test_every_write_is_kept(tmp_path: Path) -> None:
    """What a request changed is in the file when it is answered, and another service goes on with it."""
    data = tmp_path / "deep" / "world.json"
    who = Caller(Service(data=data))
    who.done("POST", "lists", {"ListName": "Kept"})
    assert data.stat().st_mode & 0o777 == 0o600
    another = Caller(Service(data=data))
    another.token = who.token
    assert [each["ListName"] for each in another.done("GET", "lists")] == ["Kept"]
    assert sorted(path.name for path in data.parent.iterdir()) == ["world.json", "world.json.lock"]


def test_reading_writes_nothing(tmp_path: Path) -> None:
    """A GET leaves the file alone."""
    data = tmp_path / "world.json"
    who = Caller(Service(data=data))
    who.login()
    before = data.stat().st_mtime_ns
    who.done("GET", "lists")
    assert data.stat().st_mtime_ns == before


def test_two_services_on_one_file_are_one_server(tmp_path: Path) -> None:
    """Two that take turns see each other's writes, and no Id is given twice."""
    data = tmp_path / "world.json"
    one, two = Caller(Service(data=data)), Caller(Service(data=data))
    ids = [who.done("POST", "lists", {"ListName": "X"})["Id"] for who in (one, two, two, one)]
    assert ids == [1, 2, 3, 4]
    assert len(one.done("GET", "lists")) == 4


def test_many_threads_and_services_lose_nothing(tmp_path: Path) -> None:
    """Concurrent creates through several services on one file all end up in it, each with its own Id."""
    data = tmp_path / "world.json"
    callers = [Caller(Service(data=data)) for _ in range(3)]

    def work(who: Caller) -> None:
        for _ in range(5):
            who.done("POST", "teams", {"TeamName": "X"})

    threads = [threading.Thread(target=work, args=(who,)) for who in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each["Id"] for each in callers[0].done("GET", "teams")] == list(range(1, 16))


def test_another_process_is_seen(tmp_path: Path) -> None:
    """What another process writes is there for the next request."""
    data = tmp_path / "world.json"
    who = Caller(Service(data=data))
    who.login()
    program = (
        "import sys, pathlib; from reconciler.simulator.service import Service\n"
        "with Service(data=pathlib.Path(sys.argv[1])).edit() as world: world.add('lists', ListName='From afar')"
    )
    subprocess.run([sys.executable, "-c", program, str(data)], check=True, timeout=60)
    assert [each["ListName"] for each in who.done("GET", "lists")] == ["From afar"]


def test_a_seed_fills_a_new_file_only(tmp_path: Path) -> None:
    """A world given beside a file is used when the file is made, not when it exists."""
    data = tmp_path / "world.json"
    Service(data=data, world=furnished())
    assert Kind.LISTS in Service(data=data, world=new_world()).world.objects
    assert [row["ListName"] for row in Service(data=data).world.objects[Kind.LISTS].values()] == ["A"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 99}',
        '{"lists": [{"Name": "A"}]}',
        '{"lists": [{"ListName": 5}]}',
        '{"links": {"campaignLists": [1]}}',
        '{"skills": [["a", 1, 2]]}',
        '{"campaigns": [{"CampaignName": "A", "TargetDropPercent": "much"}]}',
        '{"lists": 3}',
    ],
)
def test_a_file_that_is_no_world_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    """An unreadable file is an error that names it and says what to do; its bytes stay."""
    data = tmp_path / "world.json"
    data.write_text(text, encoding="utf-8")
    with pytest.raises(ReconcilerError, match="does not hold the simulator's data") as caught:
        Service(data=data)
    assert str(data) in caught.value.message
    assert "another file" in caught.value.hint
    assert data.read_text(encoding="utf-8") == text
