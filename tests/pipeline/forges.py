"""Forges on loopback: as much of GitHub's API as the action uses, kept in memory."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REPOSITORY = "acme/floor"
TOKEN = "ghs_not-for-anybody-else"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
SOMEBODY = {"login": "somebody", "type": "User"}
NUMBER = 7

Answer = tuple[int, Any]


class FakeGitHub:
    """One repository with one pull request; `forbidden` are (method, path) patterns that answer 403."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.artifacts: list[dict[str, Any]] = []
        self.contents: dict[int, bytes] = {}
        self.merged: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.forbidden: list[tuple[str, str]] = []
        self.login = ""
        self.url = ""
        self._next = 100

    def answer(self, method: str, path: str, body: Any) -> Answer:
        """Answer a call."""
        parts = urlsplit(path)
        place = unquote(parts.path)
        self.requests.append((method, place))
        if any(method == each and re.fullmatch(pattern, place) for each, pattern in self.forbidden):
            return 403, {"message": "Resource not accessible by integration"}
        if place == "/user":
            return (200, {"login": self.login}) if self.login else (403, {"message": "no user"})
        for verb, pattern, act in self._routes():
            found = re.fullmatch(f"/repos/{REPOSITORY}{pattern}", place)
            if verb == method and found:
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                return act(found, query, body)
        return 404, {"message": "Not Found"}

    def _routes(self) -> list[tuple[str, str, Callable[[re.Match[str], dict[str, str], Any], Answer]]]:
        return [
            ("GET", r"/issues/(\d+)/comments", lambda found, query, _: (200, self._comments(int(found[1]), query))),
            ("POST", r"/issues/(\d+)/comments", lambda found, _, body: (201, self._comment(int(found[1]), body))),
            ("PATCH", r"/issues/comments/(\d+)", lambda found, _, body: self._change(self.comments, "id", found, body)),
            ("GET", r"/issues", lambda _, query, __: (200, self._issues(query))),
            ("POST", r"/issues", lambda _, __, body: (201, self._issue(body))),
            ("PATCH", r"/issues/(\d+)", lambda found, _, body: self._change(self.issues, "number", found, body)),
            ("GET", r"/commits/([0-9a-z]+)/pulls", lambda *_: (200, self.merged)),
            ("GET", r"/actions/artifacts", lambda _, query, __: (200, {"artifacts": self._artifacts(query)})),
            ("GET", r"/actions/artifacts/(\d+)/zip", lambda found, *_: (302, f"{self.url}/elsewhere/{found[1]}")),
        ]

    def _comments(self, number: int, query: dict[str, str]) -> list[dict[str, Any]]:
        found = [each for each in self.comments if each["issue"] == number]
        return _page(found, query)

    def _comment(self, number: int, body: Any, user: Any = BOT) -> dict[str, Any]:
        self._next += 1
        self.comments.append({"id": self._next, "issue": number, "body": body["body"], "user": user})
        return self.comments[-1]

    def say(self, text: str, user: Any) -> None:
        """Let somebody comment on the pull request."""
        self._comment(NUMBER, {"body": text}, user)

    def _issues(self, query: dict[str, str]) -> list[dict[str, Any]]:
        wanted = query["labels"]
        found = [each for each in self.issues if each["state"] == query["state"] and wanted in each["labels"]]
        return _page(found, query)

    def _issue(self, body: Any) -> dict[str, Any]:
        self._next += 1
        self.issues.append({"number": self._next, "state": "open", "user": BOT, **body})
        return self.issues[-1]

    def _change(self, rows: list[dict[str, Any]], key: str, found: re.Match[str], body: Any) -> Answer:
        (row,) = [each for each in rows if each[key] == int(found[1])]
        row |= body
        return 200, row

    def _artifacts(self, query: dict[str, str]) -> list[dict[str, Any]]:
        return [each for each in self.artifacts if each["name"] == query["name"]]

    def keep(self, name: str, content: bytes, *, head: str, fork: bool = False, file: str = "reconciler.plan") -> None:
        """Keep an artifact that a run on that commit left."""
        self._next += 1
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(file, content)
        self.contents[self._next] = packed.getvalue()
        run = {"head_sha": head, "repository_id": 1, "head_repository_id": 2 if fork else 1}
        created = f"2026-10-12T09:00:{self._next % 60:02}Z"
        row = {"id": self._next, "name": name, "expired": False, "created_at": created, "workflow_run": run}
        self.artifacts.append(row)


def _page(rows: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
    size, page = int(query["per_page"]), int(query["page"])
    return rows[(page - 1) * size : page * size]


@contextmanager
def serving(forge: FakeGitHub) -> Iterator[str]:
    """Serve a forge on loopback and give its address."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            forge.headers.append(dict(self.headers))
            elsewhere = re.fullmatch(r"/elsewhere/(\d+)", self.path)
            if elsewhere:
                self._send(200, forge.contents[int(elsewhere[1])])
                return
            status, content = forge.answer(self.command, self.path, body)
            if status == 302:
                self.send_response(302)
                self.send_header("Location", content)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._send(status, json.dumps(content).encode())

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forge.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield forge.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
