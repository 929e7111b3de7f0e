"""The values a field can have, and their one plain form for files and screens."""

from __future__ import annotations

from decimal import Decimal

Scalar = str | int | bool | Decimal | None
"""A canonical field value. Moments are UTC text to the second, codes are integers, references are Ids (0: none)."""

Plain = str | int | float | bool | None
"""What JSON can hold of it."""


def plain(value: Scalar) -> Plain:
    """Return the JSON form of a canonical value: an integral decimal as int, any other decimal as float."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
