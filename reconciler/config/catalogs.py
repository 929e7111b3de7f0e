"""Names for Ids that the API cannot list: the Catalog documents that hold for one target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reconciler.config.rules import Rule
from reconciler.config.source import Document
from reconciler.config.wording import closest, join_words, show
from reconciler.model.problem import Problem

CATALOG = "Catalog"
SKILLS = "skills"


@dataclass(slots=True, kw_only=True)
class Catalogs:
    """Ids by group and name; a name that only another target's catalog has is known to be missing here."""

    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    elsewhere: dict[str, dict[str, str]] = field(default_factory=dict)

    def find(self, group: str, name: str) -> int | None:
        """Return the Id of a name in a group, or None."""
        return self.ids.get(group, {}).get(name)

    def names(self) -> dict[str, dict[int, str]]:
        """Return what each Id is called, by group; of several names the first in the alphabet."""
        return {
            group: {number: name for name, number in sorted(names.items(), reverse=True)}
            for group, names in self.ids.items()
        }

    def unknown(self, group: str, name: str, document: Document, *path: str | int) -> Problem:
        """Return the problem of a name that no catalog of the target has."""
        known = self.ids.get(group, {})
        guess = closest(name, known)
        other = self.elsewhere.get(group, {}).get(name)
        if guess:
            advice = f"did you mean `{guess}`?"
        elif other:
            advice = f"only the catalog of the target {other} has it: add it to this target's"
        else:
            advice = f"add it to `spec.{group}` of a Catalog with its Id, or write the Id itself"
        return Problem(
            rule=Rule.UNKNOWN_CATALOG_NAME,
            message=f"no catalog has {show(name)} among its {group}",
            place=document.place(*path),
            path="spec." + ".".join(str(part) for part in path[1:]),
            expected=join_words((f"`{each}`" for each in sorted(known)), "or") if 0 < len(known) <= 12 else "",
            advice=advice,
        )


def gather_catalogs(
    documents: Sequence[Document], *, target: str, targets: Sequence[str]
) -> tuple[Catalogs, list[Problem]]:
    """
    Return the catalogs that hold for a target, and what is wrong with them.

    A catalog that names the target beats one that names none. Without a target (validating only) every catalog counts.
    """
    catalogs = Catalogs()
    problems: list[Problem] = []
    origins: dict[tuple[bool, str, str], Document] = {}
    for document in sorted(documents, key=lambda each: "target" in each.content["spec"]):
        own = document.content["spec"].get("target")
        if own is not None and targets and own not in targets:
            problems.append(_unknown_target(document, own, targets))
        for group, names in document.content["spec"].items():
            if group == "target":
                continue
            if own is not None and target and own != target:
                catalogs.elsewhere.setdefault(group, {}).update(dict.fromkeys(names, own))
                continue
            for name, number in names.items():
                key = (own is not None, group, name)
                first = origins.setdefault(key, document)
                if first is not document and target and catalogs.ids[group][name] != int(number):
                    problems.append(_conflict(document, first, group, name))
                catalogs.ids.setdefault(group, {})[name] = int(number)
    return catalogs, problems


def names_by_id(documents: Sequence[Document], *, target: str) -> dict[str, dict[int, str]]:
    """Return what the catalogs of a target call each Id, by group; of several names the first in the alphabet."""
    return Catalogs(ids=ids_by_name(documents, target=target)).names()


def ids_by_name(documents: Sequence[Document], *, target: str) -> dict[str, dict[str, int]]:
    """Return the Ids that the catalogs of a target name, by group."""
    catalogs, _ = gather_catalogs([each for each in documents if each.kind == CATALOG], target=target, targets=())
    return catalogs.ids


def _unknown_target(document: Document, name: str, targets: Sequence[str]) -> Problem:
    guess = closest(name, targets)
    return Problem(
        rule=Rule.UNKNOWN_TARGET,
        message=f"there is no target {show(name)}",
        place=document.place("spec", "target"),
        path="spec.target",
        expected=join_words(targets, "or"),
        advice=f"did you mean `{guess}`?" if guess else "",
    )


def _conflict(document: Document, first: Document, group: str, name: str) -> Problem:
    return Problem(
        rule=Rule.CATALOG_CONFLICT,
        message=f"{show(name)} has another Id in {first.place('spec', group, name)}",
        place=document.place("spec", group, name),
        path=f"spec.{group}.{name}",
        advice="give it one Id, or say in each catalog which `target` it is for",
    )
