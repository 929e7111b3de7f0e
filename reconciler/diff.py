"""Which fields of two canonical sides differ: the only place that knows deepdiff."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.values import Scalar


def changed_fields(before: Mapping[str, Scalar], after: Mapping[str, Scalar]) -> tuple[str, ...]:
    """
    Return the names of fields whose values differ or that only one side has, sorted.

    Both sides are canonical already, so equal values are equal objects: the comparison itself knows no exception.
    """
    if before == after:
        return ()
    # Loading deepdiff takes longer than a whole plan without differences, which is the usual one.
    from deepdiff import DeepDiff  # noqa: PLC0415

    difference = DeepDiff(dict(before), dict(after), view="tree", ignore_type_in_groups=[], verbose_level=0)
    return tuple(sorted({item.path(output_format="list")[0] for items in difference.values() for item in items}))
