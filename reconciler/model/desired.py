"""What Git asks for: typed, references by key, every part with its place in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.address import Address, Reference
from reconciler.model.problem import Place
from reconciler.model.values import Scalar


class OnRemoval(StrEnum):
    """What removing a document means: nothing can be deleted, so release it or take it out of use."""

    KEEP = "keep"
    DEACTIVATE = "deactivate"


class Mode(StrEnum):
    """Whether a membership list is the whole truth or only adds to it."""

    AUTHORITATIVE = "authoritative"
    ADDITIVE = "additive"


class PasswordMethod(StrEnum):
    """Where a password comes from."""

    ENVIRONMENT = "env"
    FILE = "file"
    COMMAND = "command"
    GENERATE = "generate"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordSource:
    """
    A place to get a password from, never the password itself.

    `argument` is the variable's name, the file's path or the command with its arguments; empty for `generate`.
    `rotation` is the number whose growth sends the password again; None when the manifest gives none.
    """

    method: PasswordMethod
    argument: tuple[str, ...] = ()
    rotation: int | None = None

    def __str__(self) -> str:
        match self.method:
            case PasswordMethod.ENVIRONMENT:
                return f"environment variable {self.argument[0]}"
            case PasswordMethod.FILE:
                return f"file {self.argument[0]}"
            case PasswordMethod.COMMAND:
                return f"command {self.argument[0]}"
            case PasswordMethod.GENERATE:
                return "a generated password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """How much of an object Git owns; `operational` None means: as the project says."""

    protect: bool = False
    ignore_changes: frozenset[str] = frozenset()
    operational: frozenset[str] | None = None
    on_removal: OnRemoval | None = None
    manage_identity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredObject:
    """
    One campaign, list, team or user as its manifest describes it.

    `fields` holds managed fields only, by camelCase name, canonical (see `reconciler.model.values`), a reference as
    `Reference`. It always holds the natural key's field (`campaignName`, ...), defaulted from the document's name.
    """

    address: Address
    natural_key: str
    fields: Mapping[str, Scalar | Reference]
    place: Place
    remote_id: int | None = None
    active: bool | None = None
    password: PasswordSource | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    lifecycle: Lifecycle = Lifecycle()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a subject; `proficiency` (1 to 10) for skills only."""

    reference: Reference
    place: Place
    proficiency: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredMembership:
    """One relation of one Membership document; a document with `lists` and `teams` yields two."""

    address: Address
    relation: str
    subject: Reference
    members: tuple[Member, ...]
    place: Place
    mode: Mode = Mode.AUTHORITATIVE
    labels: Mapping[str, str] = field(default_factory=dict)
    lifecycle: Lifecycle = Lifecycle()


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredInventory:
    """
    Everything Git asks of one target.

    `digest` is a hash over the documents that were read, so that a saved plan can tell whether they changed. `names`
    are what the target's catalogs call an Id, by group: how a reviewer reads it.
    """

    objects: Mapping[Address, DesiredObject]
    memberships: tuple[DesiredMembership, ...]
    digest: str = ""
    names: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
