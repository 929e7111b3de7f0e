"""How an operation says no."""

from __future__ import annotations

ERROR = "Error"
INVALID = "Invalid Parameters"


class Refused(Exception):
    """
    The operation was refused and nothing was changed.

    `code` is one of the document's response codes; `missing` tells that the object in the path does not exist.
    """

    def __init__(self, detail: str, *, code: str = ERROR, missing: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.missing = missing


def invalid(detail: str) -> Refused:
    """Make the refusal of a request that is wrong in itself, whatever the world holds."""
    return Refused(detail, code=INVALID)
