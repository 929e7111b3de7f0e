"""
Associations: what nobody can read back.

A server may refuse to associate what is associated, or to disassociate what is not. So a refusal where the starting
point is not known says nothing; it is settled by there and back again, which has a known outcome on every server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from reconciler.applying.attempt import Attempt, StepStopped
from reconciler.errors import AmbiguousError, RefusedError, UnreachableError
from reconciler.kinds.campaign import RUNNING
from reconciler.kinds.codec import read_field
from reconciler.kinds.registry import kind_named, relation_named
from reconciler.kinds.relations import SKILL
from reconciler.kinds.requests import association_request
from reconciler.kinds.spec import RelationSpec
from reconciler.model.ledger import Link
from reconciler.model.values import Plain

_MOST_TURNS = 3
"""How often a fact is settled anew when answers keep getting lost."""


@dataclass(slots=True, kw_only=True)
class Association:
    """
    One subject's members of one relation, on their way to be associated (`wanted`) or not.

    `certain` says that the starting point is known, so that a refusal is a refusal. `turned_from` is the member's main
    subject (a user's primary team) from just before it was taken out and put back, or the mirror; None when it was not.
    """

    attempt: Attempt
    relation: RelationSpec
    subject: int
    wanted: bool
    proficiency: int | None = None
    certain: bool = True
    turned_from: int | None = None

    @property
    def value(self) -> Plain:
        """Return what the ledger says once it is done: True, False, or a skill's proficiency."""
        return self.proficiency if self.wanted and self.relation.grouped else self.wanted

    def link(self, member: int) -> Link:
        """Return the fact's name in the ledger."""
        return Link(self.relation.name, self.subject, member)

    def intend(self, members: tuple[int, ...]) -> None:
        """Write the intent for these members."""
        self.attempt.intend(links=[self.link(member) for member in members])

    def settle(self, members: tuple[int, ...]) -> None:
        """Make the fact hold for all members and record it; raises what stopped it."""
        try:
            self._call(members, associate=self.wanted)
        except AmbiguousError as doubt:
            if not isinstance(doubt.__cause__, RefusedError):
                raise
            self._settle_refused(members, doubt.__cause__, certain=False)
        except RefusedError as refusal:
            self._settle_refused(members, refusal, certain=self._is_certain(members))
        else:
            self._record(members, self.value)

    def _settle_refused(self, members: tuple[int, ...], refusal: RefusedError, *, certain: bool) -> None:
        if len(members) > 1:
            # Whether the good ones were done before the refusal is not known: one by one settles it for each.
            self._settle_each(members)
            return
        (member,) = members
        primary = read_primary(self.attempt, self.relation, member) if self.relation.primary else 0
        if primary == self.subject:
            self._primary_tells(member, refusal)
        elif certain:
            raise refusal
        else:
            self._make_certain(member, refusal)
            self.turned_from = primary

    def _settle_each(self, members: tuple[int, ...]) -> None:
        self.attempt.note("refused for all of them together, so sent one by one")
        refusals: dict[int, str] = {}
        for member in members:
            alone = Association(
                attempt=self.attempt,
                relation=self.relation,
                subject=self.subject,
                wanted=self.wanted,
                proficiency=self.proficiency,
                certain=False,
            )
            try:
                alone.settle((member,))
            except RefusedError as refusal:
                refusals[member] = refusal.message
            except StepStopped as stopped:
                refusals[member] = stopped.message
        if refusals:
            which = "; ".join(f"{self.relation.member} {member}: {reason}" for member, reason in refusals.items())
            raise StepStopped(f"refused for {len(refusals)} of {len(members)}, the others are done: {which}")

    def _is_certain(self, members: tuple[int, ...]) -> bool:
        if not self.certain:
            return False
        known = self.attempt.before(self.link(members[0]))
        if known.value is None:
            # No evidence at all: the planner's word stands. An earlier request that was cut off: anything may be.
            return not known.at
        if self.wanted:
            return known.value is False
        return known.value is not False

    def _make_certain(self, member: int, refusal: RefusedError) -> None:
        self.attempt.stop_when_stranded(refusal)
        running = self._subject_runs()
        for turn in range(_MOST_TURNS):
            turned = self._turn_away(member)
            try:
                self._call((member,), associate=self.wanted)
            except AmbiguousError as doubt:
                if turn == _MOST_TURNS - 1 or not isinstance(doubt.__cause__, RefusedError):
                    raise
            except (RefusedError, UnreachableError) as error:
                self._undone(member, error, refusal=refusal, turned=turned)
            else:
                break
        self._record((member,), self.value)
        self.attempt.note(self._remark(running=running))

    def _turn_away(self, member: int) -> bool | None:
        """Send the opposite; return whether it was done, None when nobody knows."""
        try:
            self._call((member,), associate=not self.wanted)
        except AmbiguousError as doubt:
            if isinstance(doubt.__cause__, RefusedError):
                return None
            raise
        except RefusedError:
            return False
        return True

    def _undone(
        self, member: int, error: RefusedError | UnreachableError, *, refusal: RefusedError, turned: bool | None
    ) -> NoReturn:
        """Record what the opposite call, once done, left behind when the wanted one was refused after it."""
        if turned is False:
            raise refusal if isinstance(error, RefusedError) else error
        if turned is None:
            raise error
        self.attempt.run.stranded = f"{self.relation.name} of {self.subject} and {member}"
        before = self.attempt.before(self.link(member)).value
        if self.wanted and self.relation.grouped and isinstance(before, int) and not isinstance(before, bool):
            self._put_back(member, before)
        else:
            self._record((member,), not self.wanted)
        words = ("disassociated", "associated") if self.wanted else ("associated", "disassociated")
        raise StepStopped(
            f"{refusal.message}; then {words[0]} to be certain, and it could not be {words[1]} again: {error.message}",
            advice="run again, or see to it in the portal",
        )

    def _put_back(self, member: int, proficiency: int) -> None:
        """Give a skill back with its former proficiency, since its loss would quietly starve leads."""
        request = association_request(
            self.relation.name, self.subject, (member,), associate=True, proficiency=proficiency
        )
        try:
            self.attempt.send(request)
        except AmbiguousError:
            self._record((member,), None)
        except (RefusedError, UnreachableError):
            self._record((member,), False)
        else:
            self._record((member,), proficiency)
            self.attempt.note(f"{self.relation.member} {member} has the former proficiency {proficiency} again")

    def _primary_tells(self, member: int, refusal: RefusedError) -> None:
        """
        Settle a refusal by the member's main subject, which is this one: that proves that the association holds.

        Taking a user out of the primary team and back could lose it, so this comes before any such thing.
        """
        what, whose = self.relation.primary, f"{self.relation.member} {member}"
        if self.wanted:
            self._record((member,), True)
            self.attempt.note(f"refused, but the primary {what} of {whose} proves that it holds")
            return
        raise StepStopped(
            f"{refusal.message}; it is the primary {what} of {whose}, which this server does not let go",
            advice=f"give the {self.relation.member.lower()} another primary {what} first",
        ) from refusal

    def _subject_runs(self) -> bool:
        if self.relation.subject == SKILL:
            return False
        spec = kind_named(self.relation.subject)
        status = next((field for field in spec.fields if field.endpoint == "set-status"), None)
        if status is None:
            return False
        entity = self.attempt.read(spec.name, self.subject)
        return read_field(status, entity, self.attempt.run.zone) == RUNNING

    def _remark(self, *, running: bool) -> str:
        words = "taken off and put back" if self.wanted else "put on and taken off"
        text = f"refused at first, its state being unknown: {words} to be certain"
        return f"{text}, for a moment, on a running {self.relation.subject.lower()}" if running else text

    def _call(self, members: tuple[int, ...], *, associate: bool) -> None:
        level = self.proficiency
        if associate and level is None and self.relation.grouped:
            # To take a skill away for certain it has to be given first; with which proficiency does not matter.
            level = 1
        request = association_request(self.relation.name, self.subject, members, associate=associate, proficiency=level)
        self.attempt.send(request)

    def _record(self, members: tuple[int, ...], value: Plain) -> None:
        self.attempt.linked([self.link(member) for member in members], value)


def read_primary(attempt: Attempt, relation: RelationSpec, member: int) -> int:
    """Return the Id of a member's main subject (a user's primary team), 0 for none."""
    spec = kind_named(relation.member)
    shown = read_field(spec.field(relation.primary), attempt.read(spec.name, member), attempt.run.zone)
    return shown if isinstance(shown, int) else 0


def make_association(attempt: Attempt, *, wanted: bool) -> tuple[Association, tuple[int, ...]]:
    """Return the step's association with all Ids resolved, and its members."""
    step = attempt.step
    if step.subject is None or not step.members:
        raise StepStopped("the step names no ends, nothing was sent", advice="make a new plan and apply that")
    association = Association(
        attempt=attempt,
        relation=relation_named(step.relation),
        subject=attempt.end_id(step.subject),
        wanted=wanted,
        proficiency=step.proficiency,
        certain=step.certain,
    )
    return association, tuple(attempt.end_id(member) for member in step.members)
