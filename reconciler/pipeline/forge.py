"""
What this package needs of a place where code is reviewed, and the two habits built on it.

A comment is found again by its hidden marker and updated, never repeated; an issue is opened when drift turns up,
updated while it lasts, and closed when it is gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

MARKER = re.compile(r"<!-- reconciler:[^\n]*?-->")

_UNSAFE = re.compile(r"[^A-Za-z0-9._/-]+|--+|-$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A comment or issue that exists."""

    id: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a comment or issue: `created`, `updated`, `unchanged`, `closed` or `none`."""

    what: str
    id: str = ""


class Comments(Protocol):
    """The comments of one change under review."""

    def comments(self) -> list[Note]:
        """Return the comments that this account wrote, the oldest first."""

    def add_comment(self, body: str) -> str:
        """Write a comment and return its id."""

    def change_comment(self, identity: str, body: str) -> None:
        """Replace a comment's text."""


class Issues(Protocol):
    """The open issues of one project; `key` is the marker by which an issue of ours is found again."""

    def open_issues(self, key: str) -> list[Note]:
        """Return the open issues of that key that this account wrote, the oldest first."""

    def open_issue(self, key: str, title: str, body: str) -> str:
        """Open an issue and return its number."""

    def change_issue(self, identity: str, title: str, body: str) -> None:
        """Replace an issue's title and text."""

    def close_issue(self, identity: str, reason: str) -> None:
        """Say why, and close the issue."""


def keyed(body: str, place: str) -> str:
    """
    Return a report with the place it is about in its hidden marker.

    One pull request may change several configuration directories with targets of the same name. Raises ValueError for
    text without a marker: it could not be found again.
    """
    found = MARKER.match(body)
    if found is None:
        raise ValueError("this is no report in Markdown: it does not begin with a marker")
    place = _UNSAFE.sub("_", place.strip("./"))
    return f"{found[0]}<!-- in {place} -->{body[found.end() :]}" if place else body


def marker_of(body: str) -> str:
    """Return the line by which a report is found again; raises ValueError where there is none."""
    line = body.partition("\n")[0].rstrip()
    if not MARKER.match(line):
        raise ValueError("this is no report in Markdown: it does not begin with a marker")
    return line


def put_comment(forge: Comments, body: str) -> Done:
    """Write the comment, or update the one that is there; one that says the same already is left alone."""
    marker = marker_of(body)
    mine = [note for note in forge.comments() if note.body.partition("\n")[0].rstrip() == marker]
    if not mine:
        return Done(what="created", id=forge.add_comment(body))
    if _same(mine[0].body, body):
        return Done(what="unchanged", id=mine[0].id)
    forge.change_comment(mine[0].id, body)
    return Done(what="updated", id=mine[0].id)


def put_issue(forge: Issues, *, title: str, body: str, wanted: bool) -> Done:
    """Open or update the issue while it is wanted, close every open one when it is not."""
    key = marker_of(body)
    open_ones = forge.open_issues(key)
    if not wanted:
        for note in open_ones:
            forge.close_issue(note.id, "There is no drift any more.")
        return Done(what="closed", id=open_ones[0].id) if open_ones else Done(what="none")
    if not open_ones:
        return Done(what="created", id=forge.open_issue(key, title, body))
    if _same(open_ones[0].body, body):
        return Done(what="unchanged", id=open_ones[0].id)
    forge.change_issue(open_ones[0].id, title, body)
    return Done(what="updated", id=open_ones[0].id)


def _same(one: str, other: str) -> bool:
    """Compare texts as a forge keeps them: line ends its own way, none at the end."""
    return one.replace("\r\n", "\n").strip() == other.strip()
