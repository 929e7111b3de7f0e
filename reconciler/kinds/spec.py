"""The vocabulary in which a kind describes itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.values import Scalar


class Form(StrEnum):
    """What sort of value a field holds; decides how it is read, compared and sent."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    CODE = "code"
    REFERENCE = "reference"
    CATALOGUED = "catalogued"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """
    One field of an API entity.

    `name` is what a manifest says, `wire` the API's property. `codes` lists the appendix' descriptions by code.
    `refers_to` names the kind a reference points at, `group` the catalog group an id may be named from.
    `endpoint` is the plan action with an endpoint of its own that changes the field (the PUT only echoes it).
    `joined_by` is the relation whose association changes it (a user's primary team).
    `kept_when` tells, from all effective fields of the object, whether the API applies the field at all.
    `identity` marks what an identity provider owns on a single sign-on user.
    `preserved_when_omitted` marks a field that the API keeps when a PUT leaves it out.
    `needs` is another field and the code that it must have for this one to have an effect.
    """

    name: str
    wire: str
    form: Form
    codes: tuple[str, ...] = ()
    refers_to: str = ""
    group: str = ""
    endpoint: str = ""
    joined_by: str = ""
    kept_when: Callable[[Mapping[str, Scalar]], bool] | None = None
    identity: bool = False
    preserved_when_omitted: bool = False
    needs: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """How a kind is taken in and out of use: mind the four spellings and verbs of the API document."""

    method: str
    suffix: str
    readable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSpec:
    """
    One kind of object: its collection's path, its natural key, its fields and its odd corners.

    `required_on_create` names fields without which the API creates nothing useful; `password` says that creating and
    updating send a password; `echoed` are wire properties that a PUT repeats as just read; `login` marks the kind whose
    natural key is a protected login; `identity_flag` names the field that makes an identity provider the owner.
    """

    name: str
    plural: str
    path: str
    natural_key: str
    fields: tuple[FieldSpec, ...]
    activity: Activity
    required_on_create: tuple[str, ...] = ()
    echoed: tuple[str, ...] = ()
    password: bool = False
    login: bool = False
    identity_flag: str = ""

    by_name: Mapping[str, FieldSpec] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Planning looks fields up tens of thousands of times.
        object.__setattr__(self, "by_name", {spec.name: spec for spec in self.fields})

    def field(self, name: str) -> FieldSpec:
        """Return the field of that camelCase name; raises KeyError when the kind has none."""
        return self.by_name[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationSpec:
    """
    One way two objects belong together.

    `path` holds `{subject}` for the subject's Id (a skill's calls have none), `property` is the body's name for the
    member. `grouped` relations take many members in one call. `primary` is the member's field that names its main
    subject and so proves the association.
    """

    name: str
    subject: str
    member: str
    manifest_key: str
    path: str
    property: str
    grouped: bool = False
    primary: str = ""
