"""GitHub: comments of a pull request, issues, and the plan that was reviewed with a merged one."""

from __future__ import annotations

import io
import urllib.parse
import zipfile
from collections.abc import Mapping
from typing import Any

from reconciler.pipeline.forge import Note
from reconciler.pipeline.wire import ForgeError, Wire

LABEL = "reconciler-drift"
LARGEST_PLAN = 256 * 1024 * 1024


class GitHub:
    """One repository, and one pull request of it where `number` is given."""

    def __init__(self, wire: Wire, repository: str, number: int | None = None) -> None:
        self._wire = wire
        self._base = f"repos/{urllib.parse.quote(repository)}"
        self._number = number
        self._login: str | None = None

    @property
    def has_number(self) -> bool:
        """Whether there is a pull request to comment on."""
        return self._number is not None

    def comments(self) -> list[Note]:
        """Return this account's comments on the pull request."""
        found = self._wire.pages(f"{self._base}/issues/{self._number}/comments")
        return [Note(id=str(each["id"]), body=each["body"] or "") for each in found if self._is_mine(each)]

    def add_comment(self, body: str) -> str:
        """Comment on the pull request."""
        made = self._wire.call("POST", f"{self._base}/issues/{self._number}/comments", {"body": body})
        return str(made["id"])

    def change_comment(self, identity: str, body: str) -> None:
        """Replace a comment's text."""
        self._wire.call("PATCH", f"{self._base}/issues/comments/{identity}", {"body": body})

    def open_issues(self, key: str) -> list[Note]:
        """Return the open issues whose text begins with the key."""
        found = self._wire.pages(f"{self._base}/issues?state=open&labels={LABEL}&sort=created&direction=asc")
        return [
            Note(id=str(each["number"]), body=each["body"] or "")
            for each in found
            if "pull_request" not in each and self._is_mine(each) and (each["body"] or "").startswith(key)
        ]

    def open_issue(self, key: str, title: str, body: str) -> str:
        """Open an issue with the label by which it is found again."""
        del key
        made = self._wire.call("POST", f"{self._base}/issues", {"title": title, "body": body, "labels": [LABEL]})
        return str(made["number"])

    def change_issue(self, identity: str, title: str, body: str) -> None:
        """Replace an issue's title and text."""
        self._wire.call("PATCH", f"{self._base}/issues/{identity}", {"title": title, "body": body})

    def close_issue(self, identity: str, reason: str) -> None:
        """Comment and close."""
        self._wire.call("POST", f"{self._base}/issues/{identity}/comments", {"body": reason})
        self._wire.call("PATCH", f"{self._base}/issues/{identity}", {"state": "closed", "state_reason": "completed"})

    def merged_with(self, commit: str) -> Mapping[str, Any] | None:
        """Return the merged pull request that a commit came in with, None where it came in without one."""
        found = self._wire.call("GET", f"{self._base}/commits/{urllib.parse.quote(commit)}/pulls")
        merged = [each for each in found if each.get("merged_at") and each.get("merge_commit_sha") == commit]
        return merged[0] if merged else None

    def reviewed_plan(self, head: str, artifact: str, file: str) -> bytes | None:
        """
        Return the file of the newest artifact of that name that a run on the commit `head` left, None without one.

        Runs of forks don't count: who may only propose a change has no say in what is applied. Raises ForgeError.
        """
        path = f"{self._base}/actions/artifacts?name={urllib.parse.quote(artifact, safe='')}&per_page=100"
        found = [each for each in self._wire.call("GET", path)["artifacts"] if _is_ours(each, head)]
        if not found:
            return None
        newest = max(found, key=lambda each: each["created_at"])
        content = self._wire.fetch("GET", f"{self._base}/actions/artifacts/{int(newest['id'])}/zip")
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if packed.getinfo(file).file_size > LARGEST_PLAN:
                    raise ForgeError(f"{file} in the artifact {artifact} is too large for a plan")
                return packed.read(file)
        except (zipfile.BadZipFile, KeyError) as error:
            raise ForgeError(f"the artifact {artifact} holds no {file}") from error

    def _is_mine(self, entry: Mapping[str, Any]) -> bool:
        """
        Tell whether this account wrote it: anybody may write a marker, and not have their text replaced.

        A workflow's own token has no user to ask for; what it writes is a bot's.
        """
        author = entry.get("user") or {}
        if self._login is None:
            try:
                self._login = str(self._wire.call("GET", "user")["login"])
            except ForgeError as error:
                if error.status not in (401, 403, 404):
                    raise
                self._login = ""
        if self._login:
            return bool(author.get("login") == self._login)
        return bool(author.get("type") == "Bot")


def _is_ours(artifact: Mapping[str, Any], head: str) -> bool:
    run = artifact.get("workflow_run") or {}
    return (
        not artifact.get("expired")
        and run.get("head_sha") == head
        and run.get("repository_id") is not None
        and run.get("head_repository_id") == run.get("repository_id")
    )
