"""Who works where and what dials what, as far as is known: what a change means for people is counted from this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorCampaign:
    """A campaign with what is associated with it; `type` by name, as in `Predictive`."""

    running: bool
    type: str = ""
    lists: frozenset[str] = NOBODY
    teams: frozenset[str] = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """
    The floor just before a plan.

    Everything goes by the name that a plan's steps use for an end of an association: a document's key, else the live
    name. `teams` and `skills` hold logins or user keys; `weights` the fetch weight of each list, 0 to 10. Associations
    are what is known of them, live or recorded: there may be more that nobody can see.
    """

    campaigns: Mapping[str, FloorCampaign] = field(default_factory=dict)
    teams: Mapping[str, frozenset[str]] = field(default_factory=dict)
    skills: Mapping[str, frozenset[str]] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)

    def agents(self, campaign: str) -> frozenset[str]:
        """Return the users of all teams of a campaign."""
        known = self.campaigns.get(campaign)
        return frozenset().union(*(self.teams.get(team, NOBODY) for team in known.teams)) if known else NOBODY

    def share(self, campaign: str, name: str) -> float | None:
        """Return a list's share of a campaign's fetch weight in per cent, None where that is not known."""
        known = self.campaigns.get(campaign)
        if known is None or name not in known.lists or any(each not in self.weights for each in known.lists):
            return None
        total = sum(self.weights[each] for each in known.lists)
        return 100 * self.weights[name] / total if total else None

    def running_with(self, name: str) -> frozenset[str]:
        """Return the running campaigns that dial a list."""
        return frozenset(
            campaign for campaign, known in self.campaigns.items() if known.running and name in known.lists
        )

    @property
    def busy(self) -> frozenset[str]:
        """The users who have a running campaign."""
        running = (name for name, known in self.campaigns.items() if known.running)
        return frozenset().union(*(self.agents(name) for name in running))
