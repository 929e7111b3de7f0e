"""
The document of one live object: what a reviewer needs to see, and nothing that goes without saying.

Left out: what stands at its default (0, false, empty), what the API drops for the campaign's type, what has no effect
beside another field, and a status, which floor managers own. What the API never shows becomes a stub.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from reconciler.exporting.view import View
from reconciler.kinds.codec import canonical, display, read_active, read_field
from reconciler.kinds.registry import kind_named
from reconciler.kinds.spec import FieldSpec, Form, KindSpec
from reconciler.model.live import LiveObject
from reconciler.model.manifest import Entry, Manifest, Written
from reconciler.model.plan import Action
from reconciler.model.values import Scalar

ACTIVE = "active"
PASSWORD = "password"

_HIDDEN = "the API doesn't show it"
_NO_DATE = "0001-"
"""What a .NET service sends for a date that nobody has set is the first day of year 1."""


def describe(view: View, live: LiveObject) -> Manifest:
    """Return an object's document."""
    spec = kind_named(live.kind)
    address = view.address(live)
    names_itself = live.natural_key == address.name
    nameable = view.can_name(live)
    if not nameable:
        view.omit(f"{address} {spec.natural_key}", f"{live.natural_key!r} can't stand in a manifest: bound by its Id")
    ambiguous = len(view.live.ids_named(spec.name, live.natural_key)) > 1
    entries = list(_fields(view, spec, live, writes_name=nameable and not names_itself))
    if spec.password:
        entries.append(_password(view, spec, live))
    return Manifest(
        address=address,
        beside=address,
        id=live.id if ambiguous or not nameable else None,
        lifecycle=() if nameable else (Entry(name="ignoreChanges", value=(spec.natural_key,)),),
        spec=tuple(entries),
    )


def _activity(view: View, live: LiveObject) -> Iterator[Entry]:
    active = view.activity(live)
    if active is False:
        yield Entry(name=ACTIVE, value=False)
    elif active is True and read_active(live.entity) is None:
        # Somebody had this tool see to it: what the ledger alone knows would be lost if Git didn't say it.
        yield Entry(name=ACTIVE, value=True)
    elif active is None:
        view.leave_open(live.kind, ACTIVE)
        yield Entry(name=ACTIVE, value=True, stub=True, note=_HIDDEN)


def _password(view: View, spec: KindSpec, live: LiveObject) -> Entry:
    view.leave_open(spec.name, PASSWORD)
    signs_on_elsewhere = spec.identity_flag and _value(view, spec.field(spec.identity_flag), live) is True
    variable = re.sub(r"[^A-Z0-9]", "_", f"{view.address(live).name.upper()}_PASSWORD")
    if variable[0].isdigit():
        variable = f"_{variable}"
    source: Mapping[str, Scalar] = {"generate": True} if signs_on_elsewhere else {"env": variable}
    return Entry(name=PASSWORD, value=source, stub=True, note="needed before anything of this can be changed")


def _fields(view: View, spec: KindSpec, live: LiveObject, *, writes_name: bool) -> Iterator[Entry]:
    """Yield what is written of an object, in the order of the schema: activity follows the natural key."""
    values = {field.name: _value(view, field, live) for field in spec.fields}
    present = [field for field in spec.fields if _is_applied(field, values)]
    wanted = {field.name for field in present if not _is_default(field, values[field.name])}
    wanted |= {field.needs[0] for field in present if field.needs and field.name in wanted}
    wanted |= set(spec.required_on_create)
    for field in present:
        if field.name == spec.natural_key:
            if writes_name:
                yield Entry(name=field.name, value=live.natural_key)
            yield from _activity(view, live)
        elif view.choice.status if field.endpoint == Action.SET_STATUS else field.name in wanted:
            yield from _field(view, field, values[field.name], live)


def _value(view: View, field: FieldSpec, live: LiveObject) -> Scalar:
    return read_field(field, live.entity, view.zone)


def _is_applied(field: FieldSpec, values: Mapping[str, Scalar]) -> bool:
    """Return whether a field has an effect on an object with these values."""
    if field.kept_when is not None and not field.kept_when(values):
        return False
    return field.needs is None or values[field.needs[0]] == field.needs[1]


def _is_default(field: FieldSpec, value: Scalar) -> bool:
    """Return whether this is what a field has that nobody has set."""
    if field.form is Form.MOMENT:
        return value == "" or (isinstance(value, str) and value.startswith(_NO_DATE))
    return value in (None, "", 0, False)


def _field(view: View, field: FieldSpec, value: Scalar, live: LiveObject) -> Iterator[Entry]:
    try:
        yield Entry(name=field.name, value=_written(view, field, value, live))
    except ValueError as error:
        view.omit(f"{view.address(live)} {field.name}", str(error))


def _written(view: View, field: FieldSpec, value: Scalar, live: LiveObject) -> Written:
    """Return how a value is written; raises ValueError, which says why, for one that no manifest can hold."""
    if field.form is Form.REFERENCE and isinstance(value, int):
        reference = view.refer(field.refers_to, value)
        if reference is None:
            raise ValueError(f"Id {value} is none of the target's {kind_named(field.refers_to).plural}")
        return reference
    written = _scalar(view, field, value)
    understood = field.form not in (Form.REFERENCE, Form.CATALOGUED) or isinstance(value, int) or value is None
    if not understood or not view.accepts(live.kind, field.name, written):
        raise ValueError(f"a manifest can't hold {written!r}")
    return written


def _scalar(view: View, field: FieldSpec, value: Scalar) -> Scalar:
    match field.form:
        case Form.CATALOGUED | Form.INTEGER | Form.DECIMAL if value is None:
            return 0
        case Form.CATALOGUED if isinstance(value, int):
            return view.catalogued(field.group, value)
        case Form.MOMENT if isinstance(value, str):
            return _moment(view, field, value)
        case Form.CODE:
            shown = display(field, value)
            return shown if isinstance(shown, str) else value
        case _:
            return value


def _moment(view: View, field: FieldSpec, value: str) -> str:
    """Return a moment as people in the target's time zone write it, as short as it still means the same instant."""
    try:
        local = datetime.fromisoformat(value).astimezone(view.zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r} is no date") from None
    for shorter in (local.date().isoformat() if local.time().isoformat() == "00:00:00" else "", local.isoformat()):
        if shorter and canonical(field, shorter, view.zone) == value:
            return shorter
    return value
