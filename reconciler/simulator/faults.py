"""
Faults on purpose, so that any client can be tried against them.

A rule is written `METHOD PATH[:WHICH]=FAULT[:ARGUMENT]`, several are parted by `;` or line ends:

    PUT /management/campaigns/*:2=drop-after       the second PUT of any campaign is done, and its answer lost
    POST *=500-before                              every POST fails, nothing is done
    GET /management/lists:1-3=429:0.5              three times "too many requests", with Retry-After
    * *:5+=slow:0.2                                from the fifth request on each takes 0.2 s longer

`METHOD` may be `*`; in `PATH`, which starts at /management or /apitoken, `*` stands for anything. `WHICH` counts the
requests that the rule matches, from 1: `2`, `2-4` or `2+` (default: all). Where several rules strike, the first counts.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from reconciler.errors import UsageError

FAULTS: dict[str, str] = {
    "drop-before": "the connection closes without an answer, nothing was done",
    "drop-after": "the connection closes without an answer, the request was done",
    "500-before": "Internal Server Error, nothing was done",
    "500-after": "Internal Server Error, the request was done",
    "503-before": "Service Unavailable, nothing was done",
    "503-after": "Service Unavailable, the request was done",
    "429": "Too Many Requests, nothing was done; the argument is Retry-After in seconds (default: no such header)",
    "html-before": "an HTML page with status 200, nothing was done",
    "html-after": "an HTML page with status 200, the request was done",
    "truncated": "the request was done, the answer's body breaks off in the middle",
    "slow": "the request is done after so many seconds (the argument; default 1)",
    "refuse": "Success false, nothing was done; the argument is the ResponseDetail",
    "401": "Unauthorised, nothing was done",
    "403": "Forbidden, nothing was done",
    "expire": "all tokens end here, so the request is answered as one without a token",
}
_WITH_ARGUMENT = ("429", "slow", "refuse")
_RULE = re.compile(
    r"(?P<method>\*|[A-Za-z]+)\s+(?P<path>[^\s:=]+)(?::(?P<first>\d+)(?P<last>-\d+|\+)?)?\s*"
    r"=\s*(?P<fault>[a-z0-9-]+)(?::(?P<argument>.*))?"
)


class DroppedConnection(Exception):
    """The connection closed without an answer; `processed` tells whether the request was done before."""

    def __init__(self, when: Literal["before", "after"]) -> None:
        super().__init__(f"connection dropped {when} processing")
        self.when = when

    @property
    def processed(self) -> bool:
        """Tell whether the request was done."""
        return self.when == "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule; `last` None means without end."""

    method: str
    path: str
    first: int = 1
    last: int | None = None
    name: str
    argument: str = ""

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request counts for this rule."""
        return self.method in ("*", method) and fnmatch.fnmatchcase(path, self.path)

    def __str__(self) -> str:
        which = ""
        if self.last is None:
            which = f":{self.first}+" if self.first > 1 else ""
        else:
            which = f":{self.first}" + (f"-{self.last}" if self.last != self.first else "")
        return f"{self.method} {self.path}{which}={self.name}" + (f":{self.argument}" if self.argument else "")


@dataclass(frozen=True, slots=True)
class Faults:
    """A schedule: rules in their order."""

    rules: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        return "; ".join(str(rule) for rule in self.rules)


def parse_faults(text: str | Iterable[str]) -> Faults:
    """Read rules in the grammar above. Raises UsageError that names each it cannot read."""
    texts = [text] if isinstance(text, str) else list(text)
    written = [part.strip() for each in texts for part in re.split(r"[;\n]", each) if part.strip()]
    rules: list[Fault] = []
    wrong: list[str] = []
    for part in written:
        try:
            rules.append(_rule(part))
        except ValueError as problem:
            wrong.append(f"{part!r}: {problem}")
    if wrong:
        raise UsageError(
            "not a fault: " + "; ".join(wrong),
            hint="write METHOD PATH[:WHICH]=FAULT[:ARGUMENT], for example 'PUT /management/campaigns/*:2=drop-after'",
        )
    return Faults(tuple(rules))


def _rule(text: str) -> Fault:
    match = _RULE.fullmatch(text)
    if match is None:
        raise ValueError("expected METHOD PATH[:WHICH]=FAULT[:ARGUMENT]")
    name, argument = match["fault"], match["argument"] or ""
    if name not in FAULTS:
        raise ValueError(f"no fault is called {name}; there are {', '.join(FAULTS)}")
    if argument and name not in _WITH_ARGUMENT:
        raise ValueError(f"{name} takes no argument")
    if argument and name != "refuse":
        try:
            seconds = float(argument)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds < 3600:
            raise ValueError(f"{name} takes seconds, got {argument!r}")
    first, last = _which(match["first"], match["last"])
    return Fault(
        method=match["method"].upper(), path=match["path"], first=first, last=last, name=name, argument=argument
    )


def _which(first: str | None, last: str | None) -> tuple[int, int | None]:
    if first is None:
        return 1, None
    start = int(first)
    if last == "+":
        return start, None
    end = int(last[1:]) if last else start
    if not 1 <= start <= end:
        raise ValueError("requests are counted from 1, as N, N-M or N+")
    return start, end


class FaultSchedule:
    """Faults with the count of what each rule has matched so far; the owner keeps it from concurrent use."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._seen = [0] * len(faults.rules)

    def strike(self, method: str, path: str) -> Fault | None:
        """Count a request, and return the fault that strikes it."""
        struck: Fault | None = None
        for position, rule in enumerate(self.faults.rules):
            if rule.matches(method, path):
                self._seen[position] += 1
                within = rule.first <= self._seen[position] <= (rule.last or self._seen[position])
                if within and struck is None:
                    struck = rule
        return struck
