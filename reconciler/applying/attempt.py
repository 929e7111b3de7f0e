"""
One step's attempt: every request of it goes through here, and so does every line it leaves in the ledger.

An intent makes the facts that a request may change unknown. Here the attempt remembers what was known before, so that a
definite refusal gives it back; whatever else happens, unknown is what the ledger says until an outcome is appended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.applying.run import Run
from reconciler.applying.verifying import is_entity
from reconciler.errors import AmbiguousError, LoginError, MalformedError, ReconcilerError, TargetError, UnreachableError
from reconciler.kinds.registry import kind_named
from reconciler.kinds.requests import PASSWORD, entity_path
from reconciler.model.address import Address
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.ledger import Activated, Bound, Concluded, Event, Flag, Intended, Link, Linked
from reconciler.model.outcome import Result
from reconciler.model.plan import End, FieldValue, Request, Step
from reconciler.model.record import FieldChange
from reconciler.model.secret import Secret
from reconciler.model.values import Plain


class StepStopped(ReconcilerError):
    """A step ends here, other than done; never leaves apply."""

    def __init__(self, message: str, *, advice: str = "", result: Result = Result.FAILED) -> None:
        super().__init__(message, hint=advice)
        self.result = result


class Attempt:
    """
    What one step has sent, changed and found out so far.

    `requests` counts writes; `touched` says that one of them was, or may have been, processed.
    """

    def __init__(self, run: Run, step: Step) -> None:
        self.run = run
        self.step = step
        self.object_id = step.object_id
        self.requests = 0
        self.notes: list[str] = []
        self._sent: list[str] = []
        self.touched = False
        self._intended = False
        self._clean = True
        self._before: dict[Link | Flag, Fact] = {}

    @property
    def secret(self) -> Secret | None:
        """Return the password that this step may send."""
        return self.run.secrets.get(self.step.id)

    def note(self, text: str) -> None:
        """Add a remark to the outcome."""
        if text not in self.notes:
            self.notes.append(text)

    # Ids and values

    def own_id(self) -> int:
        """Return the Id of the step's object: planned, or given by its create."""
        if self.object_id is None:
            self.object_id = self.id_of(self.step.address)
        return self.object_id

    def id_of(self, address: Address) -> int:
        """Return the Id of a document's object; raises StepStopped when it has none yet."""
        found = self.run.id_of(address)
        if found is None:
            raise StepStopped(f"{address} has no Id yet, nothing was sent", advice="make a new plan and apply that")
        return found

    def end_id(self, end: End) -> int:
        """Return the Id of an association's end; raises StepStopped when it has none yet."""
        return self.id_of(end.address) if end.id is None else end.id

    def resolved(self, values: Iterable[FieldValue]) -> tuple[FieldValue, ...]:
        """Return the values with every reference as an Id; raises StepStopped when one has none yet."""
        return tuple(
            value if value.refers is None else replace(value, value=self.id_of(value.refers), refers=None)
            for value in values
        )

    # Requests

    def read(self, kind: str, object_id: int) -> dict[str, object]:
        """Return an entity as it is now."""
        path = entity_path(kind, object_id)
        try:
            entity = self.run.client.read_one(path)
        except TargetError as error:
            raise self._unread(error) from error
        if not is_entity(entity):
            raise self._unread(MalformedError(f"GET {path}: an entity without a usable Id came back"))
        return entity

    def read_all(self, kind: str) -> list[dict[str, object]]:
        """Return a kind's collection as it is now."""
        try:
            return self.run.client.read_all(kind_named(kind).path)
        except TargetError as error:
            raise self._unread(error) from error

    def send(self, request: Request, *, password: Secret | None = None, repeatable: bool = True) -> object:
        """Send one write, whose intent is in the ledger, and return the answer's Data."""
        if not self._intended:
            raise RuntimeError(f"{self.step.id}: a request without an intent")
        body: Mapping[str, object] | None = request.body
        if password is not None:
            # Still wrapped: it is revealed only where the client makes a request of it.
            body = {**(body or {}), PASSWORD: password}
        self.requests += 1
        what = f"{request.method} {request.path}"
        try:
            answer = self.run.client.send(request.method, request.path, body, repeatable=repeatable)
        except AmbiguousError as error:
            self._sent.append(f"{what}: nobody knows whether it was processed")
            self._mark_touched()
            if isinstance(error.__cause__, LoginError):
                self.run.halt(error.message)
            raise
        except MalformedError as error:
            self._sent.append(f"{what}: the answer could not be read")
            self._mark_touched()
            raise AmbiguousError(error.message, hint=error.hint) from error
        except UnreachableError:
            self.requests -= 1
            raise
        except TargetError:
            self._sent.append(f"{what}: refused")
            raise
        self._sent.append(f"{what}: accepted")
        self._mark_touched()
        return answer

    def _mark_touched(self) -> None:
        self.touched = True
        self._clean = False

    def _unread(self, error: TargetError) -> ReconcilerError:
        if isinstance(error, LoginError):
            self.run.halt(error.message)
        if not self.touched:
            return error
        return StepStopped(
            f"the request was sent, but what became of it could not be read: {error.message}",
            advice=error.hint or "plan again: it shows what the target holds",
            result=Result.UNKNOWN,
        )

    def stop_when_stranded(self, refusal: TargetError) -> None:
        """Raise StepStopped when going there and back has gone wrong in this run: once is enough."""
        if self.run.stranded:
            raise StepStopped(
                f"{refusal.message}; whether it held before is not known, and it was not turned there and back to find "
                f"out, since that went wrong for {self.run.stranded}",
                advice="see in the portal what the account may do, then run again",
            ) from refusal

    # Ledger

    def intend(self, *, address: Address | None = None, links: Iterable[Link] = (), flags: Iterable[Flag] = ()) -> None:
        """Write down, durably, what the next requests may change."""
        self._give_back()
        ledger = self.run.ledger
        links, flags = tuple(links), tuple(flags)
        self._before = {link: ledger.link(link) for link in links}
        self._before |= {flag: ledger.is_active(flag.kind, flag.id) for flag in flags}
        step = self.step
        self.append(
            Intended(
                step=step.id,
                action=step.action.value,
                address=address or step.address,
                at=self.run.now(),
                links=links,
                flags=flags,
            )
        )
        self._intended = True
        self._clean = True

    def before(self, fact: Link | Flag) -> Fact:
        """Return what was known before the present intent."""
        return self._before[fact]

    def linked(self, links: Iterable[Link], value: Plain) -> None:
        """Record what associations are now; None when that is not known."""
        links = tuple(links)
        mark = Knowledge.UNKNOWN if value is None else Knowledge.RECORDED
        self.append(Linked(links=links, value=value, mark=mark, at=self.run.now()))
        for link in links:
            self._before.pop(link, None)

    def activated(self, flag: Flag, value: bool) -> None:
        """Record whether an object is active now."""
        self.append(Activated(flag=flag, value=value, mark=Knowledge.RECORDED, at=self.run.now()))
        self._before.pop(flag, None)

    def bind(
        self,
        *,
        object_id: int,
        natural_key: str,
        fields: Mapping[str, Plain],
        address: Address | None = None,
        rotation: int | None = None,
    ) -> None:
        """Record an object's Id and the values that it was given."""
        own = address is None or address == self.step.address
        self.append(
            Bound(
                address=address or self.step.address,
                id=object_id,
                natural_key=natural_key,
                fields=dict(fields),
                at=self.run.now(),
                rotation=rotation,
                custody=self.step.custody if own else None,
            )
        )

    def conclude(self, result: Result, *, detail: str = "") -> None:
        """Close the step in the ledger, or what an earlier run left of it; an unknown outcome keeps its intent."""
        if not self._intended and (result is not Result.DONE or self.step.id not in self.run.ledger.intents):
            return
        self._give_back()
        step = self.step
        ends = (*((step.subject,) if step.subject else ()), *step.members)
        self.append(
            Concluded(
                step=step.id,
                status=result.value,
                at=self.run.now(),
                detail=detail,
                changes=tuple(
                    FieldChange(field=each.field, before=each.before, after=each.after) for each in step.changes
                ),
                requests=tuple(self._sent),
                concerns=tuple(f"{end.kind}/{end.name}" for end in ends),
            )
        )

    def append(self, event: Event) -> None:
        """Append to the journal; raises LedgerError, after which nothing more may be sent."""
        self.run.journal.append(event)

    def _give_back(self) -> None:
        """Restore what was known, if nothing that was sent since the intent can have changed it."""
        if self._clean:
            for fact, known in self._before.items():
                if known.value is None:
                    continue
                if isinstance(fact, Flag):
                    value = known.value if isinstance(known.value, bool) else None
                    self.append(Activated(flag=fact, value=value, mark=known.mark, at=known.at, by=known.by))
                else:
                    self.append(Linked(links=(fact,), value=known.value, mark=known.mark, at=known.at, by=known.by))
        self._before = {}
