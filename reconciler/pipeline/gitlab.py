"""GitLab: notes of a merge request and issues."""

from __future__ import annotations

import urllib.parse

from reconciler.pipeline.forge import Note
from reconciler.pipeline.wire import Wire

LABEL = "reconciler-drift"


class GitLab:
    """One project, and one merge request of it where `number` is given."""

    def __init__(self, wire: Wire, project: str, number: int | None = None) -> None:
        self._wire = wire
        self._base = f"projects/{urllib.parse.quote(project, safe='')}"
        self._number = number
        self._user: int | None = None

    def comments(self) -> list[Note]:
        """Return this account's notes on the merge request."""
        found = self._wire.pages(f"{self._base}/merge_requests/{self._number}/notes?sort=asc&order_by=created_at")
        return [Note(id=str(each["id"]), body=each["body"]) for each in found if each["author"]["id"] == self._me()]

    def add_comment(self, body: str) -> str:
        """Write a note on the merge request."""
        made = self._wire.call("POST", f"{self._base}/merge_requests/{self._number}/notes", {"body": body})
        return str(made["id"])

    def change_comment(self, identity: str, body: str) -> None:
        """Replace a note's text."""
        self._wire.call("PUT", f"{self._base}/merge_requests/{self._number}/notes/{identity}", {"body": body})

    def open_issues(self, key: str) -> list[Note]:
        """Return this account's open issues whose text begins with the key."""
        path = f"{self._base}/issues?state=opened&labels={LABEL}&author_id={self._me()}&sort=asc&order_by=created_at"
        found = self._wire.pages(path)
        return [
            Note(id=str(each["iid"]), body=each["description"] or "")
            for each in found
            if (each["description"] or "").startswith(key)
        ]

    def open_issue(self, key: str, title: str, body: str) -> str:
        """Open an issue with the label by which it is found again."""
        del key
        made = self._wire.call("POST", f"{self._base}/issues", {"title": title, "description": body, "labels": LABEL})
        return str(made["iid"])

    def change_issue(self, identity: str, title: str, body: str) -> None:
        """Replace an issue's title and text."""
        self._wire.call("PUT", f"{self._base}/issues/{identity}", {"title": title, "description": body})

    def close_issue(self, identity: str, reason: str) -> None:
        """Write a note and close."""
        self._wire.call("POST", f"{self._base}/issues/{identity}/notes", {"body": reason})
        self._wire.call("PUT", f"{self._base}/issues/{identity}", {"state_event": "close"})

    def _me(self) -> int:
        if self._user is None:
            self._user = int(self._wire.call("GET", "user")["id"])
        return self._user
