"""Azure DevOps: comment threads of a pull request, and work items for drift."""

from __future__ import annotations

import base64
import html
import re
import urllib.parse
from typing import Any

from reconciler.pipeline.forge import Note
from reconciler.pipeline.wire import Wire

VERSION = "api-version=7.1"
PATCH = "application/json-patch+json"
_CLOSED_THREAD = "closed"
_WORD = re.compile(r"[A-Za-z0-9._-]+")


def authorization(token: str) -> str:
    """Return the header's value for a token of a pipeline or a person."""
    return "Basic " + base64.b64encode(f":{token}".encode()).decode("ascii")


class Azure:
    """
    One project, and one pull request of a repository of it where `number` is given.

    A work item is found again by its tag, since its text does not keep a hidden marker. `item_type` and `done` are the
    names that the project's process has for an issue and for its last state.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        project: str,
        repository: str = "",
        number: int | None = None,
        item_type: str = "Issue",
        done: str = "Done",
    ) -> None:
        self._wire = wire
        self._project = urllib.parse.quote(project, safe="")
        place = urllib.parse.quote(repository, safe="")
        self._threads = f"{self._project}/_apis/git/repositories/{place}/pullRequests/{number}/threads"
        self._item_type = item_type
        self._done = done

    def comments(self) -> list[Note]:
        """Return the first comment of each thread that this account began."""
        me = self._wire.call("GET", "_apis/connectionData?api-version=7.1-preview")["authenticatedUser"]["id"]
        found = self._wire.call("GET", f"{self._threads}?{VERSION}")["value"]
        begun = [(each, each["comments"][0]) for each in found if each.get("comments") and not each.get("isDeleted")]
        return [
            Note(id=f"{thread['id']}/{first['id']}", body=first.get("content") or "")
            for thread, first in begun
            if first["author"]["id"] == me
        ]

    def add_comment(self, body: str) -> str:
        """Begin a thread that asks for no answer."""
        comment = {"parentCommentId": 0, "content": body, "commentType": 1}
        made = self._wire.call("POST", f"{self._threads}?{VERSION}", {"comments": [comment], "status": _CLOSED_THREAD})
        return f"{made['id']}/{made['comments'][0]['id']}"

    def change_comment(self, identity: str, body: str) -> None:
        """Replace the text that a thread began with."""
        thread, _, comment = identity.partition("/")
        self._wire.call("PATCH", f"{self._threads}/{thread}/comments/{comment}?{VERSION}", {"content": body})

    def open_issues(self, key: str) -> list[Note]:
        """Return the work items with the key's tag that are not done."""
        done = self._done.replace("'", "''")
        query = (
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "
            f"AND [System.Tags] CONTAINS '{_tag(key)}' AND [System.State] <> '{done}' ORDER BY [System.Id]"
        )
        found = self._wire.call("POST", f"{self._project}/_apis/wit/wiql?{VERSION}", {"query": query})["workItems"]
        # Its text is HTML that the server rewrites: that it is the same can't be told, so it is always updated.
        return [Note(id=str(each["id"]), body="") for each in found]

    def open_issue(self, key: str, title: str, body: str) -> str:
        """Make a work item with the key's tag."""
        operations = [*_text(title, body), _add("/fields/System.Tags", _tag(key))]
        kind = urllib.parse.quote(self._item_type, safe="")
        path = f"{self._project}/_apis/wit/workitems/${kind}?{VERSION}"
        return str(self._wire.call("POST", path, operations, media=PATCH)["id"])

    def change_issue(self, identity: str, title: str, body: str) -> None:
        """Replace a work item's title and text."""
        self._change(identity, _text(title, body))

    def close_issue(self, identity: str, reason: str) -> None:
        """Say why in its history, and move it to its last state."""
        self._change(identity, [_add("/fields/System.History", reason), _add("/fields/System.State", self._done)])

    def _change(self, identity: str, operations: list[dict[str, Any]]) -> None:
        self._wire.call("PATCH", f"{self._project}/_apis/wit/workitems/{identity}?{VERSION}", operations, media=PATCH)


def _tag(key: str) -> str:
    return "-".join(_WORD.findall(key)).strip("-")


def _text(title: str, body: str) -> list[dict[str, Any]]:
    return [_add("/fields/System.Title", title), _add("/fields/System.Description", f"<pre>{html.escape(body)}</pre>")]


def _add(path: str, value: str) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}
