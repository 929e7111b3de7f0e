"""What the simulator was asked, for tests: never a password, a token or a header."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    One request, in the order of processing.

    `at` is in seconds since 1970, `path` starts at /management or /apitoken, `body` holds the properties sent (a
    Password as ***), `status` is the HTTP status answered (0: the connection was dropped), `fault` the rule that
    struck, `processed` tells whether the world was asked at all.
    """

    at: float
    method: str
    path: str
    body: dict[str, object]
    status: int
    fault: str = ""
    processed: bool = True

    @property
    def is_write(self) -> bool:
        """Tell whether it could change the contact centre: anything but a GET."""
        return self.method != "GET"
