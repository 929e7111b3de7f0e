"""A caller of the simulator that knows nothing of our client: it speaks as the API document does."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from reconciler.simulator.answers import Reply
from reconciler.simulator.behaviour import PLAIN, Behaviour
from reconciler.simulator.fields import Kind
from reconciler.simulator.service import ROOT, Service

JSON = "application/json"
XML = "application/xml"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def basic(password: str) -> str:
    """Write a password as the token service wants it: Base64 of its ASCII bytes, and nothing else."""
    return base64.b64encode(password.encode("ascii")).decode("ascii")


def read_reply(reply: Reply) -> dict[str, Any]:
    """Read an answer in either format; names get the document's case back only where XML has it anyway."""
    if JSON in reply.headers["Content-Type"]:
        read: dict[str, Any] = json.loads(reply.body)
        return read
    root = _element(ElementTree.fromstring(reply.body))
    assert isinstance(root, dict)
    return root


def _element(element: ElementTree.Element) -> Any:
    if element.get(NIL) == "true":
        return None
    names = [child.tag.rpartition("}")[2] for child in element]
    if names and set(names) <= {"Campaign", "List", "Team", "User", "Result", "int"}:
        return [_element(child) for child in element]
    if names:
        return {name: _element(child) for name, child in zip(names, element, strict=True)}
    return {"true": True, "false": False}.get(element.text or "", element.text or "")


def value_of(answer: Mapping[str, Any], name: str) -> Any:
    """Take a property whatever its case."""
    return {key.casefold(): value for key, value in answer.items()}.get(name.casefold())


@dataclass
class Caller:
    """One logged-in caller of one simulated tenant."""

    service: Service
    form: str = JSON
    password: str = "simulator"
    token: str = field(default="", init=False)

    def login(self) -> Reply:
        """Ask for a token and keep it."""
        path = f"{ROOT}/apitoken/login/simulator"
        reply = self.service.handle("GET", path, {"Accept": JSON, "Authorization": basic(self.password)})
        if reply.status == 200:
            self.token = json.loads(reply.body).get("TokenKey", "")
        return reply

    def send(self, method: str, path: str, body: object = None) -> Reply:
        """Send one request below /management; the body goes as JSON."""
        if not self.token:
            self.login()
        headers = {"Accept": self.form, "Cookie": f"TokenKey={self.token}"}
        if body is not None:
            headers["Content-Type"] = JSON
        sent = b"" if body is None else json.dumps(body).encode()
        return self.service.handle(method, f"{ROOT}/management/{path}", headers, sent)

    def done(self, method: str, path: str, body: object = None) -> Any:
        """Send a request that must be done, and return its Data."""
        reply = self.send(method, path, body)
        answer = read_reply(reply)
        assert reply.status == 200, answer
        assert value_of(answer, "Success") is True, answer
        return value_of(answer, "Data")

    def refused(self, method: str, path: str, body: object = None, *, code: str = "Error") -> str:
        """Send a request that must be refused and change nothing, and return its ResponseDetail."""
        before = self.service.world.revision
        answer = read_reply(self.send(method, path, body))
        assert value_of(answer, "Success") is False, answer
        assert value_of(answer, "ResponseCode") == code, answer
        assert self.service.world.revision == before
        detail = value_of(answer, "ResponseDetail")
        assert isinstance(detail, str)
        return detail


def caller(behaviour: Behaviour = PLAIN, *, form: str = JSON) -> Caller:
    """Make a small tenant and somebody who is logged in: two of each kind, the vendor's user being the third user."""
    service = Service(behaviour=behaviour)
    world = service.world
    for number in (1, 2):
        world.add(Kind.LISTS, ListName=f"List {number}")
        world.add(Kind.TEAMS, TeamName=f"Team {number}")
        world.add(Kind.CAMPAIGNS, CampaignName=f"Campaign {number}")
        world.add(Kind.USERS, Login=f"user{number}", FirstName="A", LastName="B", RolePlanId=2, Password="first")
    logged_in = Caller(service, form)
    logged_in.login()
    return logged_in
