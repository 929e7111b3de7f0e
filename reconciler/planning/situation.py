"""Everything that planning looks at, in one value, with the lookups that all of it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from reconciler.kinds.codec import canonical, read_active, read_field
from reconciler.kinds.registry import kind_named
from reconciler.kinds.relations import SKILL, USER_TEAMS
from reconciler.kinds.spec import FieldSpec, KindSpec
from reconciler.model.address import Reference
from reconciler.model.desired import DesiredInventory, DesiredObject
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.ledger import Ledger, create_intended
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.plan import End
from reconciler.model.policy import Policy, UserTeams
from reconciler.model.values import Scalar
from reconciler.planning.matching import Binding, Bindings
from reconciler.planning.scope import in_scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Git, the target, the ledger and the policy, and how documents and live objects belong together."""

    desired: DesiredInventory
    live: LiveInventory
    ledger: Ledger
    policy: Policy
    bindings: Bindings
    zone: tzinfo

    def selects(self, wanted: DesiredObject) -> bool:
        """Return whether a document is in this run's scope."""
        return in_scope(self.policy.scope, wanted.address, wanted.labels)

    @property
    def user_teams(self) -> UserTeams:
        """Return whether a user has one team or many: as configured, else as learned, else nobody knows (AUTO)."""
        if self.policy.user_teams is not UserTeams.AUTO:
            return self.policy.user_teams
        return UserTeams(self.ledger.learned.get(USER_TEAMS, UserTeams.AUTO))

    def end(self, reference: Reference) -> End | None:
        """Return what a reference points at, or None when it cannot be found."""
        if reference.kind == SKILL:
            return End(kind=SKILL, name=reference.name or str(reference.id), id=reference.id)
        if reference.address is not None:
            binding = self.bindings.by_address.get(reference.address)
            if binding is None:
                return None
            live = binding.live
            return End(kind=reference.kind, name=reference.key, id=live.id if live else None, managed=True)
        found = self._live_reference(reference)
        if found is None:
            return None
        claim = self.bindings.of(reference.kind, found.id)
        if claim is not None:
            return End(kind=reference.kind, name=claim.desired.address.name, id=found.id, managed=True)
        return End(kind=reference.kind, name=found.natural_key, id=found.id)

    def end_of(self, kind: str, object_id: int) -> End:
        """Return a live Id as an end: by its document's key if it has one, else by its live name, else by its Id."""
        address = self.bindings.address_of(kind, object_id)
        if address is not None:
            return End(kind=kind, name=address.name, id=object_id, managed=True)
        live = self.live.get(kind, object_id)
        return End(kind=kind, name=live.natural_key if live else str(object_id), id=object_id)

    def _live_reference(self, reference: Reference) -> LiveObject | None:
        if reference.id is not None:
            return self.live.get(reference.kind, reference.id)
        ids = self.live.ids_named(reference.kind, reference.name)
        return self.live.get(reference.kind, ids[0]) if len(ids) == 1 else None

    def will_exist(self, end: End) -> bool:
        """Return whether an end without an Id is going to be created in this run."""
        if end.id is not None or not end.managed:
            return end.id is not None
        binding = self.bindings.by_address.get(end.address)
        return binding is not None and self.selects(binding.desired)

    def value_of(self, live: LiveObject, field: str) -> Scalar:
        """Return a live object's canonical value of a field."""
        return read_field(kind_named(live.kind).field(field), live.entity, self.zone)

    def recorded(self, binding: Binding, field: FieldSpec) -> tuple[bool, Scalar]:
        """Return whether a value was ever applied to a field, and the last one."""
        if binding.record is None or field.name not in binding.record.fields:
            return False, None
        raw = binding.record.fields[field.name]
        wanted = binding.desired.fields.get(field.name)
        if type(raw) is type(wanted) and raw == wanted:
            return True, raw
        try:
            return True, canonical(field, raw, self.zone)
        except ValueError:
            return True, str(raw)

    def is_ours(self, binding: Binding) -> bool:
        """
        Return whether this tool manages an object already: what Git asks for and was never applied is still owed then.

        So it is between a create and what was to follow, wherever a run ended in between: even if that was before the
        answer to the create, of which only the intent tells.
        """
        return binding.record is not None or create_intended(self.ledger, binding.desired.address) is not None

    def activity(self, spec: KindSpec, live: LiveObject) -> Fact:
        """Return what is known of an object's activity: as the server sent it, else as the ledger has it."""
        active = read_active(live.entity)
        if active is not None:
            return Fact(value=active, mark=Knowledge.LIVE)
        return self.ledger.is_active(spec.name, live.id)
