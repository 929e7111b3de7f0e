"""How objects are named: by a kind and a key in Git, by an Id in the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

RemoteId = NewType("RemoteId", int)
"""The Id the target gave an object; unique within its kind only."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An object's name in Git: `Campaign/spring-renewals`."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def slug(self) -> str:
        """The form that step ids are made of: `campaign/spring-renewals`."""
        return f"{self.kind.lower()}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `KIND/NAME` back; raises ValueError when there is no slash."""
        kind, slash, name = text.partition("/")
        if not slash or not kind or not name:
            raise ValueError(f"{text!r} is not KIND/NAME")
        return cls(kind, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """
    A manifest's mention of another object.

    Exactly one of `key` (a document here), `id` (a live Id nobody manages here) or `name` (a live natural key) is set;
    a skill, which has no document of its own, carries its `id` and, where a catalog named it, its `name` too.
    """

    kind: str
    key: str = ""
    id: int | None = None
    name: str = ""

    def __str__(self) -> str:
        if self.key:
            return f"{self.kind}/{self.key}"
        if self.name:
            return f'{self.kind} "{self.name}"'
        return f"{self.kind} {self.id}"

    @property
    def address(self) -> Address | None:
        """The document referred to, or None for a live object that nobody manages here."""
        return Address(self.kind, self.key) if self.key else None
