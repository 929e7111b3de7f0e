"""
The change record: who had what done to the target and to the ledger, when, from which commit, approved where.

Every write of the ledger adds one segment: a `RunRecord`, which says who and why, and an `Entry` per step or
correction. Each of them is an entry of one chain of hashes. It holds no secret: fields are named and valued as a plan
shows them to people, which never shows a password.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.values import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field's value before and after, as people read it."""

    field: str
    before: Plain = None
    after: Plain = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """
    Where a run comes from, each empty where it is not known.

    `commit` is the commit of the manifests, `approval` refers to who approved (a pull request's url, a ticket), `actor`
    is whom the pipeline acts for, `plan` is the digest of the plan that is applied.
    """

    commit: str = ""
    approval: str = ""
    actor: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """
    One write of the ledger, which became `serial`.

    `number` counts every entry of the chain. `by` is user@host. `changed` names what is different since the serial
    before, in short; `interrupted` says that the run did not end itself and a later one wrote down what it had done.
    `previous` names the segment before.
    """

    number: int
    serial: int
    lineage: str
    at: str
    by: str
    command: str
    target: str = ""
    url: str = ""
    provenance: Provenance = Provenance()
    interrupted: bool = False
    changed: tuple[str, ...] = ()
    previous: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One step of a plan and how it ended, or one correction of the ledger.

    `object` is KIND/NAME; `concerns` names others that it is about, such as both ends of an association. `requests` are
    the writing requests that were sent, each with what was answered. `number` counts every entry of the chain.
    """

    number: int
    at: str
    action: str
    object: str = ""
    id: int | None = None
    step: str = ""
    status: str = ""
    detail: str = ""
    changes: tuple[FieldChange, ...] = ()
    requests: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """The end of the chain as the ledger knows it: the last segment's name, how many entries, and the last hash."""

    segment: str = ""
    entries: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What one write of the ledger added to the record."""

    run: RunRecord
    entries: tuple[Entry, ...] = ()


NO_LOG = LogHead()
NO_PROVENANCE = Provenance()
