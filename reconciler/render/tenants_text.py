"""How two tenants differ, for people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from reconciler.model.tenant_difference import ObjectDifference, TenantDifference
from reconciler.render.style import Style
from reconciler.render.visible import padded, shortened, visible, width
from reconciler.render.wording import counted


def tenants_text(difference: TenantDifference, *, colour: bool = False) -> str:
    """Return the objects that differ, by kind, and a closing line that counts them."""
    style = Style(colour)
    lines: list[str] = []
    for kind, group in groupby(difference.objects, key=lambda each: each.kind):
        lines.append(style.paint("title", kind))
        for each in group:
            lines += _object(each, difference, style)
        lines.append("")
    lines.append(_closing(difference))
    if difference.unnamed:
        what = counted(difference.unnamed, "value")
        lines.append(f"{what} compared as bare Ids: name them in a Catalog for each target, since Ids differ.")
    return "\n".join(lines) + "\n"


def _object(each: ObjectDifference, difference: TenantDifference, style: Style) -> Iterator[str]:
    name = visible(each.natural_key)
    if each.is_ambiguous:
        places = [
            f"Ids {', '.join(map(str, ids))} in {visible(tenant)}"
            for tenant, ids in ((difference.first, each.first), (difference.second, each.second))
            if ids
        ]
        yield style.paint("warn", f"  ? {name}: several objects of that name ({'; '.join(places)})")
    elif not each.first or not each.second:
        where = difference.first if each.first else difference.second
        sign, role = ("-", "bad") if each.first else ("+", "good")
        yield style.paint(role, f"  {sign} {name}: only in {visible(where)}")
    else:
        yield style.paint("warn", f"  ~ {name}")
        size = max(width(part.field) for part in each.fields)
        for part in each.fields:
            values = f"{shortened(part.first, part.second)} | {shortened(part.second, part.first)}"
            yield f"      {padded(part.field, size)}  {values}"


def _closing(difference: TenantDifference) -> str:
    names = f"{visible(difference.first)} | {visible(difference.second)}"
    if not difference.differs:
        return f"{names}: no difference in {counted(difference.same, 'object')}."
    found = difference.objects
    parts = [
        (sum(1 for each in found if each.fields), "different"),
        (sum(1 for each in found if not each.second), f"only in {visible(difference.first)}"),
        (sum(1 for each in found if not each.first), f"only in {visible(difference.second)}"),
        (sum(1 for each in found if each.is_ambiguous), "ambiguous"),
        (difference.same, "the same"),
    ]
    return f"{names}: " + ", ".join(f"{count:,} {words}" for count, words in parts if count) + "."
